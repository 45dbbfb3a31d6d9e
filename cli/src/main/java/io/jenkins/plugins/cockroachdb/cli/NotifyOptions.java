package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Notification;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import picocli.CommandLine.Option;

/** Who else is told how a run ended. */
final class NotifyOptions {

    @Option(
            names = "--notify",
            paramLabel = "FILE",
            description = "An executable that is called with the outcome after the end; before FAILBACK_NOTIFY.")
    private Path hook;

    /**
     * The notification that is wanted; empty when none is.
     *
     * @throws UsageException if it could not be sent
     */
    Optional<Notification> notification(Shell shell, Variables variables, ScheduledExecutorService timer) {
        Optional<Notification> notification = Optional.ofNullable(hook)
                .or(() -> variables.get("FAILBACK_NOTIFY").map(Path::of))
                .map(file ->
                        new Notification(file, shell.directory(), shell.environment(), ProcessBuilder::start, timer));
        notification.flatMap(Notification::check).ifPresent(problem -> {
            throw new UsageException(problem);
        });
        return notification;
    }
}
