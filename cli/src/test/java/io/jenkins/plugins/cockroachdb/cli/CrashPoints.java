package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.Transport;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Journal;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Tells of every point at which a run can die so that the next run finds another situation: before and after every entry of
 * the record, and before and after every request that changes something. Points have names such as {@code before Calling 2}.
 */
final class CrashPoints {

    private final Consumer<String> reached;
    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    CrashPoints(Consumer<String> reached) {
        this.reached = reached;
    }

    Shell around(Shell shell) {
        return shell.withAround(this::around, this::around);
    }

    private String next(String what) {
        return what + " " + counts.merge(what, 1, Integer::sum);
    }

    private Journal around(Journal journal) {
        return new Journal() {
            @Override
            public FailbackRecord record() {
                return journal.record();
            }

            @Override
            public void append(Entry entry) {
                String point = next(entry.getClass().getSimpleName());
                reached.accept("before " + point);
                journal.append(entry);
                reached.accept("after " + point);
            }
        };
    }

    private Transport around(Transport transport) {
        return request -> {
            if (request.method().equals("GET")) {
                return transport.send(request);
            }
            String point = next(request.method());
            reached.accept("before " + point);
            Transport.Exchange exchange = transport.send(request);
            CompletableFuture<Transport.Response> response = exchange.response().thenApply(answer -> {
                reached.accept("after " + point);
                return answer;
            });
            return new Transport.Exchange() {
                @Override
                public CompletableFuture<Transport.Response> response() {
                    return response;
                }

                @Override
                public void abandon() {
                    exchange.abandon();
                }

                @Override
                public boolean maybeSent() {
                    return exchange.maybeSent();
                }
            };
        };
    }
}
