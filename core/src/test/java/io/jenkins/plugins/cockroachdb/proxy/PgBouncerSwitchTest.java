package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;

/** A planned switch under load with transaction pooling: nobody sees an error, and nothing is written in two places. */
class PgBouncerSwitchTest extends DrivenPgBouncer {

    private static final int WRITERS = 8;

    private final AtomicInteger acknowledgements = new AtomicInteger();

    @RepeatedTest(5)
    void noClientSeesAnErrorAndEveryAcknowledgedWriteIsOnTheServerOfItsTime() throws Exception {
        CompletableFuture<Void> stop = new CompletableFuture<>();
        ConcurrentSkipListSet<String> acknowledged = new ConcurrentSkipListSet<>();
        List<CompletableFuture<Void>> writers = IntStream.range(0, WRITERS)
                .mapToObj(writer -> CompletableFuture.runAsync(() -> writeUntil(stop, writer, acknowledged), io))
                .toList();
        awaitMoreAcknowledgements();

        get(proxy.fence(DRAIN, LIMIT));
        List<String> onActive = written(active);
        assertThat(onActive).as("on A").containsExactlyElementsOf(acknowledged);
        // These come anew, and wait in their login.
        CompletableFuture<String> late = clientAsks();
        awaitWaiting(WRITERS + 1);
        assertThat(written(original)).as("on P before the release").isEmpty();
        get(proxy.release(LIMIT));
        assertThat(get(late)).isEqualTo("P");
        awaitMoreAcknowledgements();
        stop.complete(null);
        for (CompletableFuture<Void> writer : writers) {
            get(writer);
        }

        assertThat(written(active)).as("on A at the end").isEqualTo(onActive);
        List<String> everywhere = new ArrayList<>(onActive);
        everywhere.addAll(written(original));
        assertThat(everywhere).containsExactlyInAnyOrderElementsOf(acknowledged);
    }

    /** Half of the writers keep their connection, the others come anew each time. */
    private void writeUntil(CompletableFuture<Void> stop, int writer, ConcurrentSkipListSet<String> acknowledged) {
        try {
            int written = 0;
            while (!stop.isDone()) {
                try (Connection client = pgBouncer.connect()) {
                    do {
                        String id = writer + "-" + written++;
                        write(client, id);
                        acknowledged.add(id);
                        acknowledgements.incrementAndGet();
                    } while (writer % 2 == 0 && !stop.isDone());
                }
            }
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }

    private void awaitMoreAcknowledgements() {
        int enough = acknowledgements.get() + 10 * WRITERS;
        while (acknowledgements.get() < enough) {
            Thread.onSpinWait();
        }
    }
}
