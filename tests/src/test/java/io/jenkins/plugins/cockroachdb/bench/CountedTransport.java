package io.jenkins.plugins.cockroachdb.bench;

import io.jenkins.plugins.cockroachdb.cloud.Transport;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * A real network beside virtual time: it counts the requests under way, so that time can stand still until everybody has
 * dealt with the answers.
 */
final class CountedTransport implements Transport {

    private final Transport transport;
    private int underWay;

    CountedTransport(Transport transport) {
        this.transport = transport;
    }

    @Override
    public Exchange send(Request request) {
        count(1);
        Exchange exchange = transport.send(request);
        CompletableFuture<Response> response = new CompletableFuture<>();
        exchange.response().whenComplete((answer, failure) -> {
            if (failure != null) {
                response.completeExceptionally(failure);
            } else {
                response.complete(answer);
            }
            count(-1);
        });
        return new Exchange() {
            @Override
            public CompletableFuture<Response> response() {
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
    }

    /** Moves time from task to task, only while no request is under way. */
    void runUntil(BooleanSupplier end, VirtualTime time) throws InterruptedException {
        awaitNothingUnderWay();
        while (!end.getAsBoolean()) {
            if (!time.runNext()) {
                throw new IllegalStateException("nothing more happens after " + time.instant());
            }
            awaitNothingUnderWay();
        }
    }

    private synchronized void count(int more) {
        underWay += more;
        notifyAll();
    }

    private synchronized void awaitNothingUnderWay() throws InterruptedException {
        while (underWay > 0) {
            wait();
        }
    }
}
