package io.jenkins.plugins.cockroachdb.failback.step;

import static io.jenkins.plugins.cockroachdb.failback.step.StreamParameters.STREAM;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.cloud.StreamUpdate;
import io.jenkins.plugins.cockroachdb.failback.Futures;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Tells a stream what to become, and ends when that was answered. A PATCH to the same end may be repeated without harm: one
 * whose answer is missing is looked for, and sent again as long as everything still speaks for it, until there is a definite
 * answer or it is in doubt (R5).
 */
abstract class UpdateStreamContract extends StepContract {

    /** Between two PATCHes when the fate of the first is unknown: time for the first to show. */
    private static final Duration AGAIN = Duration.ofSeconds(10);

    UpdateStreamContract(String name, String help, Parameter<?>... own) {
        super(name, help, own);
    }

    abstract StreamUpdate update(Arguments arguments);

    /** Whether a stream of that status is, or was, what the update makes of it. */
    abstract boolean isDone(StreamStatus status);

    /** Whether a stream that was so already, before anything was sent, is a good end as well. */
    abstract boolean acceptsWhatIsDone();

    /** Reads the stream, and refuses what the caller got wrong about it. */
    abstract CompletableFuture<Answer<ReplicationStream>> examine(Arguments arguments, StepRun run);

    /**
     * Why the PATCH must not be sent to a stream that is REPLICATING; empty when it may be.
     *
     * @param now by our clock
     */
    abstract Optional<String> objection(Arguments arguments, Answer<ReplicationStream> seen, Instant now);

    @Override
    final CompletableFuture<Map<String, Object>> perform(Arguments arguments, StepRun run) {
        Progress saved = run.progress();
        return switch (saved.phase()) {
            case SENDING -> settle(arguments, run, saved.deadline(), run.now());
            case ANSWERED -> settled(arguments, run);
            default -> run.read(() -> examine(arguments, run)).thenCompose(seen -> begin(arguments, run, seen));
        };
    }

    private CompletableFuture<Map<String, Object>> begin(
            Arguments arguments, StepRun run, Answer<ReplicationStream> seen) {
        if (isDone(seen.value().status()) && acceptsWhatIsDone()) {
            return CompletableFuture.completedFuture(result(seen));
        }
        refuse(arguments, seen, run.now());
        Instant deadline = run.now().plus(StepRun.PATIENCE);
        return run.save(Progress.sending(deadline, arguments.get(STREAM))).thenCompose(kept -> {
            refuse(arguments, seen, run.now()); // saving may have taken its time
            return sendFirst(arguments, run, deadline);
        });
    }

    private CompletableFuture<Map<String, Object>> sendFirst(Arguments arguments, StepRun run, Instant deadline) {
        return send(arguments, run).exceptionallyCompose(failure -> {
            Throwable cause = Futures.cause(failure);
            if (cause instanceof CloudException.FateUnknown unknown) {
                run.note(unknown.getMessage() + " The stream is read until " + deadline + ".");
                return settle(arguments, run, deadline, run.now());
            }
            if (cause instanceof CloudException) {
                // Whoever learns of the refusal may undo the fence: a successor must not send again.
                return run.save(Progress.sending(run.now(), arguments.get(STREAM)))
                        .thenCompose(kept -> CompletableFuture.failedFuture(cause));
            }
            return CompletableFuture.failedFuture(cause);
        });
    }

    private void refuse(Arguments arguments, Answer<ReplicationStream> seen, Instant now) {
        ReplicationStream stream = seen.value();
        Optional<String> why =
                switch (stream.status()) {
                    case REPLICATING -> objection(arguments, seen, now);
                    case STARTING -> Optional.of(
                            "Stream " + stream.id() + " is STARTING, and only one that is REPLICATING"
                                    + " can be updated. Wait for it with awaitStreamStatus.");
                    case UNRECOGNIZED -> Optional.of("Stream " + stream.id() + " is " + stream.statusName()
                            + ", which this version does not know. Look at it in the Cloud Console.");
                    case FAILING_OVER, COMPLETED, CANCELED -> throw deadEnd(stream);
                };
        why.ifPresent(reason -> {
            throw new StepFailedException(Outcome.REFUSED, reason + " Nothing was sent.");
        });
    }

    /** The stream went another way, and cannot be updated any more. */
    private static StepFailedException deadEnd(ReplicationStream stream) {
        String is = "Stream " + stream.id() + " is " + stream.statusName();
        return stream.status() == StreamStatus.CANCELED
                ? new StepFailedException(
                        Outcome.FAILED,
                        is + ": it never cuts over, and nothing flows to cluster " + stream.standbyClusterId()
                                + " any more. Find out who or what canceled it before a new stream is created.")
                : new StepFailedException(
                        Outcome.IN_DOUBT,
                        is + ": somebody else asked for the cutover. Find out who did. Put no client back on cluster "
                                + stream.primaryClusterId() + ", and wait for COMPLETED with awaitStreamStatus.");
    }

    private CompletableFuture<Map<String, Object>> send(Arguments arguments, StepRun run) {
        return run.api()
                .updateStream(arguments.get(STREAM), update(arguments))
                .thenCompose(answer -> done(run, answer));
    }

    private static CompletableFuture<Map<String, Object>> done(StepRun run, Answer<ReplicationStream> answer) {
        return run.save(Progress.answered(answer.value().id())).thenApply(kept -> result(answer));
    }

    private CompletableFuture<Map<String, Object>> settled(Arguments arguments, StepRun run) {
        return run.read(() -> run.stream(arguments.get(STREAM)))
                .thenApply(UpdateStreamContract::result)
                .exceptionallyCompose(failure -> unread(arguments, failure, run.progress()));
    }

    /**
     * Reads until the stream shows what became of it, and sends again what has no effect.
     *
     * @param deadline until when
     * @param lastSent when the PATCH was, or may have been, sent last
     */
    private CompletableFuture<Map<String, Object>> settle(
            Arguments arguments, StepRun run, Instant deadline, Instant lastSent) {
        return run.read(() -> run.stream(arguments.get(STREAM)), deadline)
                .thenCompose(seen -> {
                    StreamStatus status = seen.value().status();
                    if (isDone(status)) {
                        return done(run, seen);
                    }
                    if (status == StreamStatus.FAILING_OVER || !status.isLive()) {
                        throw deadEnd(seen.value());
                    }
                    if (!run.now().isBefore(deadline)) {
                        throw inDoubt(
                                arguments,
                                "Stream " + seen.value().id() + " is still "
                                        + seen.value().statusName() + ".",
                                run.progress());
                    }
                    boolean again = status == StreamStatus.REPLICATING
                            && !run.now().isBefore(lastSent.plus(AGAIN))
                            && objection(arguments, seen, run.now()).isEmpty();
                    return again
                            ? send(arguments, run).exceptionallyCompose(failure -> {
                                if (!(Futures.cause(failure) instanceof CloudException)) {
                                    return CompletableFuture.failedFuture(Futures.cause(failure));
                                }
                                // Also after a refusal: what was refused may be the second of two, because the first
                                // took effect.
                                run.note(Futures.cause(failure).getMessage());
                                return settle(arguments, run, deadline, run.now());
                            })
                            : run.soon().thenCompose(later -> settle(arguments, run, deadline, lastSent));
                })
                .exceptionallyCompose(failure -> unread(arguments, failure, run.progress()));
    }

    /** A write that may have taken effect is in doubt once the stream cannot be read. */
    private <T> CompletableFuture<T> unread(Arguments arguments, Throwable failure, Progress progress) {
        return CompletableFuture.failedFuture(
                Futures.cause(failure) instanceof CloudException cloud
                        ? inDoubt(arguments, cloud.getMessage(), progress)
                        : Futures.cause(failure));
    }

    private StepFailedException inDoubt(Arguments arguments, String why, Progress progress) {
        return new StepFailedException(Outcome.IN_DOUBT, why + " " + leftBehind(arguments, progress));
    }

    private static Map<String, Object> result(Answer<ReplicationStream> answer) {
        return ResultMaps.stream(answer.value(), answer.cloudTime(), Settings.DEFAULT.maxLag());
    }
}
