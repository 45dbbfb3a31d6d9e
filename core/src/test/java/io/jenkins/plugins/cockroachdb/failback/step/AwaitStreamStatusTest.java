package io.jenkins.plugins.cockroachdb.failback.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Waiting for a stream, through restarts. */
class AwaitStreamStatusTest extends SteppedWorld {

    private static final StepContract AWAIT = CloudSteps.AWAIT_STREAM_STATUS;

    private Map<String, Object> completed(String streamId, int timeoutSeconds) {
        return Map.of("streamId", streamId, "status", "COMPLETED", "timeoutSeconds", timeoutSeconds);
    }

    private void cutOver(String streamId) {
        Life ours = life;
        life = newLife();
        result(CloudSteps.INITIATE_FAILBACK, Map.of("streamId", streamId, "confirmCutover", P));
        life = ours;
    }

    @Test
    void replicatingMeansCaughtUpToo() {
        String id = liveSince(Duration.ZERO);
        Instant begin = time.instant();

        assertThat(result(AWAIT, Map.of("streamId", id)))
                .containsEntry("status", "REPLICATING")
                .containsEntry("caughtUp", true);
        assertThat(Duration.between(begin, time.instant())).isGreaterThan(Duration.ofMinutes(7)); // start and scan
        assertThat(life.seen).contains("STARTING", "REPLICATING");
    }

    @Test
    void aWaivedLagWaitsForTheStatusAlone() {
        String id = liveSince(Duration.ZERO);

        assertThat(result(AWAIT, Map.of("streamId", id, "maxLagSeconds", -1)))
                .containsEntry("status", "REPLICATING")
                .containsEntry("caughtUp", false);
    }

    @Test
    void whoAsksForItGetsTheStreamWhenTheTimeIsUp() {
        String id = replicating();

        Map<String, Object> given =
                Map.of("streamId", id, "status", "COMPLETED", "timeoutSeconds", 5, "returnOnTimeout", true);
        assertThat(result(AWAIT, given)).containsEntry("status", "REPLICATING").containsEntry("id", id);
    }

    @Test
    void waitsForWhatMustBeReplicated() {
        String id = replicating();
        Instant writtenLast = time.instant();

        Map<String, Object> stream = result(AWAIT, Map.of("streamId", id, "replicatedAfter", writtenLast.toString()));

        assertThat(Instant.parse((String) stream.get("replicatedTime"))).isAfterOrEqualTo(writtenLast);
    }

    @Test
    void waitsForTheEndOfTheCutover() {
        String id = replicating();
        cutOver(id);

        assertThat(result(AWAIT, completed(id, 3600))).containsEntry("status", "COMPLETED");
    }

    @Test
    void endsInTime() {
        String id = liveSince(Duration.ZERO);
        Instant begin = time.instant();

        StepFailedException failure = failure(AWAIT, Map.of("streamId", id, "timeoutSeconds", 60));

        assertThat(failure.outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(failure).hasMessageContainingAll("last seen STARTING", "goes on by itself");
        assertThat(Duration.between(begin, time.instant())).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(62));
    }

    @Test
    void aCutoverThatIsNotOverInTimeIsInDoubtAndNotTimedOut() {
        String id = replicating();
        cutOver(id);

        assertThat(outcome(AWAIT, completed(id, 60))).isEqualTo(Outcome.IN_DOUBT);
    }

    @Test
    void aCutoverThatCannotBeReadIsInDoubt() {
        String id = replicating();
        cutOver(id);
        cloud.revokeKey(world.scene.key());

        assertThat(outcome(AWAIT, completed(id, 60))).isEqualTo(Outcome.IN_DOUBT);
    }

    @Test
    void aCutoverThatNobodyAskedForTimesOut() {
        assertThat(outcome(AWAIT, completed(replicating(), 60))).isEqualTo(Outcome.TIMED_OUT);
    }

    @Test
    void aCutoverThatSomebodyElseAskedForEndsTheWaitForItsStream() {
        String id = replicating();
        cutOver(id);

        assertThat(outcome(AWAIT, Map.of("streamId", id))).isEqualTo(Outcome.IN_DOUBT);
    }

    @Test
    void aStreamThatIsCanceledFails() {
        String id = liveSince(Duration.ofMinutes(6));
        CompletableFuture<Map<String, Object>> end = start(AWAIT, Map.of("streamId", id));
        time.advance(Duration.ofSeconds(20));
        life = newLife();
        result(CloudSteps.CANCEL_STREAM, Map.of("streamId", id));

        assertThat(world.failure(end))
                .isInstanceOfSatisfying(StepFailedException.class, failure -> assertThat(failure.outcome())
                        .isEqualTo(Outcome.FAILED))
                .hasMessageContaining("was canceled");
    }

    @Test
    void aKeyThatIsTakenAwayFails() {
        String id = liveSince(Duration.ZERO);
        CompletableFuture<Map<String, Object>> end = start(AWAIT, Map.of("streamId", id));
        time.advance(Duration.ofMinutes(1));
        cloud.revokeKey(world.scene.key());

        assertThat(world.failure(end))
                .isInstanceOfSatisfying(StepFailedException.class, failure -> assertThat(failure.outcome())
                        .isEqualTo(Outcome.FAILED));
    }

    @Test
    void aSilentCloudIsSatOut() {
        String id = liveSince(Duration.ZERO);
        world.faults.always(Operation.GET_STREAM, Fault.of(FaultKind.UNAVAILABLE));
        world.faults.always(Operation.LIST_STREAMS, Fault.of(FaultKind.UNAVAILABLE));
        time.schedule(world.faults::clear, 20, TimeUnit.MINUTES);

        assertThat(result(AWAIT, Map.of("streamId", id))).containsEntry("caughtUp", true);
    }

    @Test
    void aRestartDoesNotMoveTheDeadline() {
        String id = liveSince(Duration.ZERO);
        Map<String, Object> wanted = Map.of("streamId", id, "timeoutSeconds", 120);
        Instant begin = time.instant();
        CompletableFuture<Map<String, Object>> first = start(AWAIT, wanted);
        time.advance(Duration.ofSeconds(90));
        first.cancel(true);

        life = life.next();
        assertThat(outcome(AWAIT, wanted)).isEqualTo(Outcome.TIMED_OUT);
        assertThat(Duration.between(begin, time.instant())).isBetween(Duration.ofSeconds(120), Duration.ofSeconds(122));
    }

    @Test
    void aSuccessorAfterTheDeadlineLooksOnceAtLeast() {
        String id = liveSince(Duration.ZERO);
        Map<String, Object> wanted = Map.of("streamId", id, "timeoutSeconds", 120);
        life.saved = Progress.waiting(time.instant().plusSeconds(120)).toMap();
        time.advance(Duration.ofHours(1));

        life = life.next();
        assertThat(result(AWAIT, wanted)).containsEntry("caughtUp", true);
    }

    @Test
    void aStopEndsTheWaitAtOnce() {
        String id = liveSince(Duration.ZERO);
        CompletableFuture<Map<String, Object>> end = start(AWAIT, Map.of("streamId", id));
        time.advance(Duration.ofMinutes(1));

        end.cancel(true);
        int requests = world.endpoint.log().size();
        time.advance(Duration.ofMinutes(10));

        assertThat(world.endpoint.log().size()).isLessThanOrEqualTo(requests + 1);
        assertThat(AWAIT.leftBehind(AWAIT.arguments(Map.of("streamId", id)), life.progress()))
                .contains(id, "goes on by itself");
    }
}
