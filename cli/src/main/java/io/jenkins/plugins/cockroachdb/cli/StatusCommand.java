package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.CloudApi;
import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Shows both clusters and the streams between them. Changes nothing. */
@Command(
        name = "status",
        description = "Shows both clusters and the replication streams of the pair. Changes nothing.",
        footerHeading = "%nExamples:%n",
        footer = {"  failback status", "  failback status --api-url http://127.0.0.1:8080"})
final class StatusCommand implements Callable<Integer> {

    private final Shell shell;

    @Mixin
    private ConnectionOptions connection;

    StatusCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws InterruptedException {
        Settings settings = Settings.of(shell, connection);
        try (CloudSession session = CloudSession.open(settings, shell.retries())) {
            return show(settings, Questions.ask(session.api(), settings));
        }
    }

    private int show(Settings settings, Questions questions) throws InterruptedException {
        StatusText text = new StatusText(settings.originalPrimaryId(), settings.activeId());
        List<CloudException> failures = new ArrayList<>();
        await(questions.originalPrimary(), failures).map(Answer::value).ifPresent(text::addOriginalPrimary);
        await(questions.active(), failures).map(Answer::value).ifPresent(text::addActive);
        await(questions.streams(), failures).ifPresent(text::addStreams);
        text.lines().forEach(shell.console()::out);
        // When nothing can be read, the cause is one: the first error tells it.
        failures.stream().limit(text.lines().isEmpty() ? 1 : failures.size()).forEach(this::report);
        return failures.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private void report(CloudException failure) {
        shell.console().err("What happened: " + failure.whatHappened());
        shell.console().err("What holds:    " + failure.whatHolds());
        shell.console().err("What to do:    " + failure.whatToDo());
    }

    private static <T> Optional<T> await(CompletableFuture<T> answer, List<CloudException> failures)
            throws InterruptedException {
        try {
            return Optional.of(answer.get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CloudException failure) {
                failures.add(failure);
                return Optional.empty();
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** What is asked of the cloud, all at once. */
    private record Questions(
            CompletableFuture<Answer<Cluster>> originalPrimary,
            CompletableFuture<Answer<Cluster>> active,
            CompletableFuture<Answer<List<ReplicationStream>>> streams) {

        static Questions ask(CloudApi api, Settings settings) {
            try {
                return new Questions(
                        api.cluster(settings.originalPrimaryId()),
                        api.cluster(settings.activeId()),
                        api.streams(StreamFilter.live()
                                .touching(settings.originalPrimaryId())
                                .andCompleted()));
            } catch (IllegalArgumentException e) {
                throw new UsageException(e.getMessage());
            }
        }
    }
}
