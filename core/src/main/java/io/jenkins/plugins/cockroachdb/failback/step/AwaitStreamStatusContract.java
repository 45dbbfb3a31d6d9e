package io.jenkins.plugins.cockroachdb.failback.step;

import static io.jenkins.plugins.cockroachdb.failback.step.StreamParameters.STREAM;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.cloud.WaitException;
import io.jenkins.plugins.cockroachdb.failback.Futures;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Waits for a stream. The deadline is saved: a restart does not move it. */
final class AwaitStreamStatusContract extends StepContract {

    private static final Parameter<StreamStatus> STATUS = Parameter.oneOf(
            List.of(
                    StreamStatus.STARTING,
                    StreamStatus.REPLICATING,
                    StreamStatus.FAILING_OVER,
                    StreamStatus.COMPLETED,
                    StreamStatus.CANCELED),
            StreamStatus.REPLICATING,
            "status",
            "The status to wait for; REPLICATING means caught up as well.");

    private static final Parameter<Instant> REPLICATED_AFTER = Parameter.instant(
            "replicatedAfter", "The moment up to which everything has to be replicated, instead of the largest lag.");

    private static final Parameter<Duration> TIMEOUT =
            Parameter.seconds("timeoutSeconds", 90_000, 1, "How long to wait at most, restarts included.");

    private static final Parameter<Optional<Duration>> MAX_LAG = Parameter.secondsOrWaived(
            "maxLagSeconds",
            90,
            "The largest lag with which the stream counts as caught up; -1 to wait for the status alone.");

    private static final Parameter<Boolean> RETURN_ON_TIMEOUT = Parameter.flag(
            "returnOnTimeout",
            "Whether to return the stream as it was seen last, instead of failing, when the time is up.");

    AwaitStreamStatusContract() {
        super(
                "awaitStreamStatus",
                "Waits until a replication stream has caught up, or has another status.",
                STREAM,
                STATUS,
                MAX_LAG,
                REPLICATED_AFTER,
                TIMEOUT,
                RETURN_ON_TIMEOUT);
    }

    @Override
    void check(Arguments arguments) {
        if (arguments.find(REPLICATED_AFTER).isPresent() && arguments.get(STATUS) != StreamStatus.REPLICATING) {
            throw wrong("Parameter replicatedAfter goes together with status REPLICATING alone.");
        }
    }

    @Override
    CompletableFuture<Map<String, Object>> perform(Arguments arguments, StepRun run) {
        Progress saved = run.progress();
        if (saved.phase() == Progress.Phase.WAITING) {
            return await(arguments, run, saved.deadline());
        }
        Instant deadline = run.now().plus(arguments.get(TIMEOUT));
        return run.save(Progress.waiting(deadline)).thenCompose(kept -> await(arguments, run, deadline));
    }

    private static CompletableFuture<Map<String, Object>> await(Arguments arguments, StepRun run, Instant deadline) {
        return run.await(arguments.get(STREAM), condition(arguments), deadline)
                .thenApply(answer -> result(arguments, answer.value(), answer.cloudTime()))
                .exceptionallyCompose(failure -> {
                    if (!(Futures.cause(failure) instanceof WaitException wait)) {
                        return CompletableFuture.failedFuture(Futures.cause(failure));
                    }
                    boolean isEnough = arguments.get(RETURN_ON_TIMEOUT)
                            && wait instanceof WaitException.DeadlinePassed
                            && wait.lastSeen().isPresent();
                    return isEnough
                            ? CompletableFuture.completedFuture(
                                    result(arguments, wait.lastSeen().get(), null))
                            : CompletableFuture.failedFuture(
                                    new StepFailedException(outcome(arguments.get(STATUS), wait), wait.getMessage()));
                });
    }

    private static Map<String, Object> result(Arguments arguments, ReplicationStream stream, Instant cloudNow) {
        return ResultMaps.stream(stream, cloudNow, arguments.get(MAX_LAG).orElse(Settings.DEFAULT.maxLag()));
    }

    private static StreamCondition condition(Arguments arguments) {
        StreamStatus wanted = arguments.get(STATUS);
        if (wanted != StreamStatus.REPLICATING) {
            return StreamCondition.status(wanted);
        }
        return arguments
                .find(REPLICATED_AFTER)
                .map(StreamCondition::replicatedAfter)
                .orElseGet(() -> arguments
                        .get(MAX_LAG)
                        .map(StreamCondition::caughtUp)
                        .orElseGet(() -> StreamCondition.status(wanted)));
    }

    /** Only what ended before the cutover may say so: whoever reads it may put clients back on the active cluster. */
    private static Outcome outcome(StreamStatus wanted, WaitException wait) {
        if (wait instanceof WaitException.StreamCanceled) {
            return Outcome.FAILED;
        }
        boolean seenAfter =
                wait.lastSeen().filter(stream -> isCutover(stream.status())).isPresent();
        boolean unseen = wait.lastSeen().isEmpty() || wait.getCause() != null;
        if (seenAfter || (isCutover(wanted) && unseen)) {
            return Outcome.IN_DOUBT;
        }
        return wait instanceof WaitException.DeadlinePassed ? Outcome.TIMED_OUT : Outcome.FAILED;
    }

    private static boolean isCutover(StreamStatus status) {
        return status == StreamStatus.FAILING_OVER || status == StreamStatus.COMPLETED;
    }

    @Override
    public String leftBehind(Arguments arguments, Progress progress) {
        return "Waiting changed nothing, and stream " + arguments.get(STREAM)
                + " goes on by itself. Run awaitStreamStatus again to go on waiting.";
    }
}
