package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.failback.Observer;
import io.jenkins.plugins.cockroachdb.failback.Sight;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Reads the cloud for commands that wait for the answer. */
final class Clouds {

    private Clouds() {}

    /**
     * The answer.
     *
     * @throws CloudException if there is none
     */
    static <T> T answer(CompletableFuture<T> coming) throws CloudException {
        try {
            return coming.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof CloudException failure) {
                throw failure;
            }
            throw e;
        }
    }

    /**
     * Both clusters and their streams.
     *
     * @throws FailedException if they cannot be read
     */
    static Sight.Cloud look(CloudSession session, Settings settings, Shell shell) {
        Sight sight = new Observer(
                        session.api(), settings.originalPrimaryId(), settings.activeId(), List.of(), shell.clock())
                .look(Duration.ZERO)
                .join();
        return sight.cloud()
                .orElseThrow(
                        () -> new FailedException(sight.failure().orElseThrow().getMessage()));
    }
}
