package io.jenkins.plugins.cockroachdb.failback.step;

import static io.jenkins.plugins.cockroachdb.failback.step.StreamParameters.STREAM;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.cloud.StreamUpdate;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Asks for the cutover, the point of no return (R5). A stream that is not ready (R3) is refused, and with {@code fenceProvenAt}
 * every PATCH, a repeated one too, goes out while that proof is fresh or not at all.
 */
final class InitiateFailbackContract extends UpdateStreamContract {

    /** How old the proof of the fence may be. */
    private static final Duration PROOF_KEEPS = Duration.ofSeconds(10);

    /** The farthest cutover time that the API takes. */
    private static final Duration FARTHEST_FAILOVER = Duration.ofHours(1);

    private static final Parameter<String> CONFIRM_CUTOVER = Parameter.text(
            "confirmCutover", "Name of the cluster that will serve, exactly as the Cloud Console shows it.");

    private static final Parameter<Optional<Instant>> FAILOVER_AT = Parameter.instantOr(
            "latest", "failoverAt", "The moment to cut over to: writes after it are discarded. At most an hour ahead.");

    private static final Parameter<Instant> REPLICATED_AFTER = Parameter.instant(
            "replicatedAfter",
            "The moment up to which everything has to be replicated (the fence instant), instead of the largest lag.");

    private static final Parameter<Instant> FENCE_PROVEN_AT = Parameter.instant(
            "fenceProvenAt",
            "When every proxy was seen fenced, by our clock; nothing is sent more than 10 s after it.");

    private static final Parameter<Optional<Duration>> MAX_LAG = Parameter.secondsOrWaived(
            "maxLagSeconds", 90, "The largest lag of a stream that may cut over; -1 waives the limit.");

    InitiateFailbackContract() {
        super(
                "initiateFailback",
                "Asks for the cutover: the standby becomes a cluster of its own, which will serve.",
                STREAM,
                CONFIRM_CUTOVER,
                FAILOVER_AT,
                REPLICATED_AFTER,
                FENCE_PROVEN_AT,
                MAX_LAG);
    }

    @Override
    StreamUpdate update(Arguments arguments) {
        return arguments.get(FAILOVER_AT).map(StreamUpdate::failOverAt).orElseGet(StreamUpdate::failOver);
    }

    @Override
    boolean isDone(StreamStatus status) {
        return status == StreamStatus.FAILING_OVER || status == StreamStatus.COMPLETED;
    }

    @Override
    boolean acceptsWhatIsDone() {
        // Somebody else asked for it, perhaps with another fence and another cutover time.
        return false;
    }

    @Override
    CompletableFuture<Answer<ReplicationStream>> examine(Arguments arguments, StepRun run) {
        return run.stream(arguments.get(STREAM)).thenCompose(seen -> run.look(run.observer(
                        seen.value().standbyClusterId(), seen.value().primaryClusterId()))
                .thenApply(cloud -> {
                    String name = cloud.pair().originalPrimary().name();
                    if (!arguments.get(CONFIRM_CUTOVER).equals(name)) {
                        throw new StepFailedException(
                                Outcome.REFUSED,
                                "After the cutover " + name + " will serve, and confirmCutover names another cluster."
                                        + " Nothing was sent. Make sure that this is the right stream, and give the name of "
                                        + name + " exactly.");
                    }
                    return seen;
                }));
    }

    @Override
    Optional<String> objection(Arguments arguments, Answer<ReplicationStream> seen, Instant now) {
        return lateness(arguments, now)
                .or(() -> unreadiness(arguments, seen))
                .or(() -> impossibleTime(arguments, seen, now));
    }

    private static Optional<String> lateness(Arguments arguments, Instant now) {
        return arguments
                .find(FENCE_PROVEN_AT)
                .filter(proven -> Duration.between(proven, now).abs().compareTo(PROOF_KEEPS) > 0)
                .map(proven -> "The fence was proven at " + proven + ", and it is " + now
                        + " now: the proof keeps for " + PROOF_KEEPS.toSeconds()
                        + " s. Prove the fence again, and run initiateFailback right after.");
    }

    private static Optional<String> unreadiness(Arguments arguments, Answer<ReplicationStream> seen) {
        ReplicationStream stream = seen.value();
        if (stream.caughtUpTo().isEmpty()) {
            return Optional.of("Stream " + stream.id() + " has not replicated anything yet: a cutover now could lose"
                    + " everything. Wait for it with awaitStreamStatus.");
        }
        Instant upTo = stream.caughtUpTo().get();
        Optional<Instant> needed = arguments.find(REPLICATED_AFTER);
        if (needed.isPresent()) {
            return needed.filter(upTo::isBefore)
                    .map(instant -> "Stream " + stream.id() + " has replicated up to " + upTo + ", not up to " + instant
                            + ". Wait for it with awaitStreamStatus and replicatedAfter.");
        }
        Optional<Duration> lag = stream.lag(seen.cloudTime());
        return arguments
                .get(MAX_LAG)
                .filter(limit ->
                        lag.filter(behind -> behind.compareTo(limit) <= 0).isEmpty())
                .map(limit -> "The lag of stream " + stream.id() + " is "
                        + lag.map(behind -> behind.toSeconds() + " s").orElse("unknown") + ", and may be "
                        + limit.toSeconds() + " s. Wait for it with awaitStreamStatus.");
    }

    private static Optional<String> impossibleTime(Arguments arguments, Answer<ReplicationStream> seen, Instant now) {
        Instant cloudNow = seen.cloudTime() == null ? now : seen.cloudTime();
        ReplicationStream stream = seen.value();
        return arguments.get(FAILOVER_AT).flatMap(time -> {
            if (time.isAfter(cloudNow.plus(FARTHEST_FAILOVER))) {
                return Optional.of("The cutover time " + time + " is more than an hour after " + cloudNow
                        + ", the time in the cloud. Give an earlier one, or wait.");
            }
            return stream.canGoBackTo(time)
                    ? Optional.empty()
                    : Optional.of("The cutover time " + time + " is before " + stream.retainedTime()
                            + ", the earliest that stream " + stream.id()
                            + " can go back to. Give a later one, or 'latest'.");
        });
    }

    @Override
    public String leftBehind(Arguments arguments, Progress progress) {
        String cutover = "The cutover of stream " + arguments.get(STREAM) + " to " + arguments.get(CONFIRM_CUTOVER);
        return switch (progress.phase()) {
            case SENDING -> cutover
                    + " was asked for, and it is not known whether that took effect. Keep the fence, and put no client back on"
                    + " the active cluster. Read the stream with cockroachStreamStatus: if it is REPLICATING for minutes, run"
                    + " initiateFailback again; else wait for COMPLETED with awaitStreamStatus.";
            case ANSWERED -> cutover
                    + " goes on in the cloud. Keep the fence, and wait for COMPLETED with awaitStreamStatus.";
            default -> NOTHING_LEFT;
        };
    }
}
