package io.jenkins.plugins.cockroachdb.failback.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.StreamStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The cutover and the cancellation of a stream. */
class UpdateStreamTest extends SteppedWorld {

    private static final StepContract CUT_OVER = CloudSteps.INITIATE_FAILBACK;
    private static final StepContract CANCEL = CloudSteps.CANCEL_STREAM;

    private static Map<String, Object> cutover(String streamId) {
        return Map.of("streamId", streamId, "confirmCutover", P);
    }

    private StepFailedException refused(Map<String, Object> given) {
        StepFailedException failure = failure(CUT_OVER, given);
        assertThat(failure.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(failure).hasMessageContaining("Nothing was sent");
        assertThat(patches()).isZero();
        return failure;
    }

    private String ago(Duration duration) {
        return time.instant().minus(duration).toString();
    }

    // ---- The cutover

    @Test
    void cutsOver() {
        String id = replicating();

        Map<String, Object> stream = result(CUT_OVER, cutover(id));

        assertThat(stream)
                .containsEntry("id", id)
                .containsEntry("status", "FAILING_OVER")
                .containsEntry("failoverAt", null)
                .containsEntry("caughtUp", false);
        assertThat(patches()).isEqualTo(1);
        assertThat(CUT_OVER.leftBehind(CUT_OVER.arguments(cutover(id)), life.progress()))
                .contains("goes on in the cloud. Keep the fence");
    }

    @Test
    void theNameOfTheClusterThatWillServeIsComparedExactly() {
        assertThat(refused(Map.of("streamId", replicating(), "confirmCutover", A)))
                .hasMessageContaining("After the cutover " + P + " will serve");
    }

    @Test
    void aStreamThatStartsOrScansIsNotReady() {
        assertThat(refused(cutover(liveSince(Duration.ofMinutes(1))))).hasMessageContaining("is STARTING");
    }

    @Test
    void theInitialScanIsNeverWaived() {
        Map<String, Object> scanning = with(cutover(liveSince(Duration.ofMinutes(6))), "maxLagSeconds", -1);

        assertThat(refused(scanning)).hasMessageContaining("has not replicated anything yet");
    }

    @Test
    void theLagLimitIsWaivedByMinusOneAlone() {
        String id = replicating();
        cloud.loseHeartbeat(id);
        time.advance(Duration.ofMinutes(10));

        assertThat(refused(cutover(id))).hasMessageContaining("and may be 90 s");
        refused(with(cutover(id), "maxLagSeconds", 0));
        assertThat(result(CUT_OVER, with(cutover(id), "maxLagSeconds", -1))).containsEntry("status", "FAILING_OVER");
    }

    @Test
    void whatMustBeReplicatedReplacesTheLagLimit() {
        String id = replicating();
        String writtenLast = time.instant().toString();
        assertThat(refused(with(cutover(id), "replicatedAfter", writtenLast)))
                .hasMessageContaining("not up to " + writtenLast);
        refused(with(with(cutover(id), "replicatedAfter", writtenLast), "maxLagSeconds", -1));

        time.advance(Duration.ofMinutes(1));
        cloud.loseHeartbeat(id);
        time.advance(Duration.ofMinutes(10));
        assertThat(result(CUT_OVER, with(cutover(id), "replicatedAfter", writtenLast)))
                .containsEntry("status", "FAILING_OVER");
    }

    @Test
    void aProofOfTheFenceKeepsForTenSeconds() {
        String id = replicating();

        assertThat(refused(with(cutover(id), "fenceProvenAt", ago(Duration.ofSeconds(11)))))
                .hasMessageContainingAll("the proof keeps for 10 s", "Prove the fence again");
        refused(with(cutover(id), "fenceProvenAt", ago(Duration.ofSeconds(-60))));
        assertThat(result(CUT_OVER, with(cutover(id), "fenceProvenAt", ago(Duration.ofSeconds(2)))))
                .containsEntry("status", "FAILING_OVER");
    }

    @Test
    void aProofThatWentStaleWhileReadingOrSavingIsNone() {
        String id = replicating();
        Map<String, Object> fenced = with(cutover(id), "fenceProvenAt", ago(Duration.ZERO));
        world.faults.on(Operation.GET_CLUSTER, 1, Fault.latency(Duration.ofSeconds(12)));
        refused(fenced);

        Map<String, Object> fencedAgain = with(cutover(id), "fenceProvenAt", ago(Duration.ZERO));
        life = newLife();
        life.onSave = () -> time.advance(Duration.ofSeconds(12));
        refused(fencedAgain);
    }

    @Test
    void cutsOverToATime() {
        String past = replicating();
        String time = ago(Duration.ofMinutes(30));
        assertThat(result(CUT_OVER, with(cutover(past), "failoverAt", time)))
                .containsEntry("status", "FAILING_OVER")
                .containsEntry("failoverAt", time);
    }

    @Test
    void cutsOverAtATimeThatIsAhead() {
        String id = replicating();
        String ahead = ago(Duration.ofMinutes(-30));

        assertThat(result(CUT_OVER, with(cutover(id), "failoverAt", ahead))).containsEntry("failoverAt", ahead);
    }

    @Test
    void aTimeThatTheApiDoesNotTakeIsRefused() {
        String id = replicating();

        assertThat(refused(with(cutover(id), "failoverAt", ago(Duration.ofMinutes(-61)))))
                .hasMessageContaining("more than an hour after");
        assertThat(refused(with(cutover(id), "failoverAt", ago(Duration.ofHours(5)))))
                .hasMessageContaining("the earliest that stream " + id + " can go back to");
    }

    @Test
    void aCutoverThatSomebodyElseAskedForIsNoneOfOurs() {
        String id = replicating();
        result(CUT_OVER, cutover(id));
        life = newLife();

        StepFailedException running = failure(CUT_OVER, cutover(id));
        time.advance(Duration.ofMinutes(10));
        StepFailedException completed = failure(CUT_OVER, cutover(id));

        assertThat(List.of(running.outcome(), completed.outcome())).containsOnly(Outcome.IN_DOUBT);
        assertThat(running).hasMessageContainingAll("is FAILING_OVER", "somebody else", "awaitStreamStatus");
        assertThat(patches()).isEqualTo(1);
    }

    @Test
    void aStreamThatIsCanceledNeverCutsOver() {
        String id = replicating();
        result(CANCEL, Map.of("streamId", id));
        life = newLife();

        assertThat(outcome(CUT_OVER, cutover(id))).isEqualTo(Outcome.FAILED);
        assertThat(patches()).isEqualTo(1);
    }

    @Test
    void ofTwoLiveStreamsNoneCutsOver() {
        String id = replicating();
        replicating();

        assertThat(outcome(CUT_OVER, cutover(id))).isEqualTo(Outcome.FAILED);
        assertThat(patches()).isZero();
    }

    @Test
    void whatTheServerRefusesFailsInItsWords() {
        String id = replicating();
        world.faults.on(Operation.UPDATE_STREAM, 1, Fault.of(FaultKind.TOO_MANY_REQUESTS));

        StepFailedException failure = failure(CUT_OVER, cutover(id));

        assertThat(failure.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(failure).hasMessageContainingAll("too many requests", "Nothing was changed");
        assertThat(patches()).isEqualTo(1);
    }

    @Test
    void aSuccessorOfARefusalDoesNotSendAgain() {
        String id = replicating();
        world.faults.on(Operation.UPDATE_STREAM, 1, Fault.of(FaultKind.TOO_MANY_REQUESTS));
        failure(CUT_OVER, cutover(id));

        life = life.next();
        assertThat(outcome(CUT_OVER, cutover(id))).isEqualTo(Outcome.IN_DOUBT);
        assertThat(patches()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void goesOnToADefiniteAnswer(FaultKind kind) {
        String id = replicating();
        world.faults.on(Operation.UPDATE_STREAM, 1, Fault.of(kind));

        if (kind == FaultKind.TOO_MANY_REQUESTS) {
            assertThat(outcome(CUT_OVER, cutover(id))).isEqualTo(Outcome.FAILED);
        } else {
            assertThat(result(CUT_OVER, cutover(id)).get("status")).isIn("FAILING_OVER", "COMPLETED");
            assertThat(patches()).isEqualTo(kind.hasEffect() ? 1 : 2);
        }
    }

    @Test
    void isInDoubtWhenNoAnswerIsDefinite() {
        String id = replicating();
        world.faults.always(Operation.UPDATE_STREAM, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
        Instant begin = time.instant();

        StepFailedException failure = failure(CUT_OVER, cutover(id));

        assertThat(failure.outcome()).isEqualTo(Outcome.IN_DOUBT);
        assertThat(failure).hasMessageContainingAll("is still REPLICATING", "Keep the fence");
        assertThat(Duration.between(begin, time.instant())).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(6));
        assertThat(patches()).isBetween(10, 40);
    }

    @Test
    void aRefusalAfterAnUnknownAnswerProvesNothing() {
        String id = replicating();
        world.faults.on(Operation.UPDATE_STREAM, 1, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
        world.faults.on(Operation.UPDATE_STREAM, 2, Fault.of(FaultKind.TOO_MANY_REQUESTS));

        assertThat(result(CUT_OVER, cutover(id))).containsEntry("status", "FAILING_OVER");
        assertThat(patches()).isEqualTo(3);
    }

    @Test
    void anEffectThatShowsLateIsFound() {
        SteppedWorld slow = new SteppedWorld(CloudSettings.defaults().withEffectDelay(Duration.ofSeconds(90)));
        String id = slow.replicating();
        slow.world.faults.on(Operation.UPDATE_STREAM, 1, Fault.of(FaultKind.RESET_AFTER_EFFECT));

        assertThat(slow.result(CUT_OVER, cutover(id))).containsEntry("status", "FAILING_OVER");
        assertThat(slow.cloud.status(id)).isEqualTo(StreamStatus.FAILING_OVER);
    }

    @Test
    void withoutAFreshProofOfTheFenceNothingIsSentAgain() {
        String id = replicating();
        world.faults.on(Operation.UPDATE_STREAM, 1, Fault.of(FaultKind.RESET_BEFORE_EFFECT));

        assertThat(outcome(CUT_OVER, with(cutover(id), "fenceProvenAt", ago(Duration.ofSeconds(1)))))
                .isEqualTo(Outcome.IN_DOUBT);
        assertThat(patches()).isEqualTo(1);
    }

    @Test
    void whatIsNotReadyAnyMoreIsNotSentAgain() {
        String id = replicating();
        world.faults.on(
                Operation.UPDATE_STREAM,
                1,
                Fault.of(FaultKind.RESET_BEFORE_EFFECT).withDelay(Duration.ofSeconds(29)));
        life.onSave = () -> cloud.loseHeartbeat(id);

        assertThat(outcome(CUT_OVER, with(cutover(id), "maxLagSeconds", 40))).isEqualTo(Outcome.IN_DOUBT);
        assertThat(patches()).isEqualTo(1);
    }

    @Test
    void isInDoubtWhenTheStreamCannotBeReadAnyMore() {
        String id = replicating();
        world.faults.on(Operation.UPDATE_STREAM, 1, Fault.of(FaultKind.RESET_AFTER_EFFECT));
        life.onSave = () -> world.faults.always(Operation.GET_STREAM, Fault.of(FaultKind.UNAVAILABLE));
        assertThat(outcome(CUT_OVER, cutover(id))).isEqualTo(Outcome.IN_DOUBT);

        world.faults.clear();
        life = life.next();
        assertThat(result(CUT_OVER, cutover(id)).get("status")).isIn("FAILING_OVER", "COMPLETED");
        assertThat(patches()).isEqualTo(1);
    }

    @Test
    void aLateSuccessorDoesNotSendAgain() {
        String id = replicating();
        life.saved = Progress.sending(time.instant(), id).toMap();
        time.advance(Duration.ofHours(3));

        assertThat(outcome(CUT_OVER, cutover(id))).isEqualTo(Outcome.IN_DOUBT);
        assertThat(patches()).isZero();
    }

    @Test
    void aSuccessorFindsThatSomebodyCanceledTheStream() {
        String id = replicating();
        result(CANCEL, Map.of("streamId", id));
        life.saved = Progress.sending(time.instant().plusSeconds(60), id).toMap();

        assertThat(outcome(CUT_OVER, cutover(id))).isEqualTo(Outcome.FAILED);
    }

    // ---- The cancellation

    @Test
    void cancels() {
        String id = replicating();

        assertThat(result(CANCEL, Map.of("streamId", id))).containsEntry("status", "CANCELED");
        assertThat(patches()).isEqualTo(1);
        assertThat(CANCEL.leftBehind(CANCEL.arguments(Map.of("streamId", id)), life.progress()))
                .contains("nothing flows any more");
    }

    @Test
    void whatIsCanceledStaysSo() {
        String id = replicating();
        result(CANCEL, Map.of("streamId", id));
        life = newLife();

        assertThat(result(CANCEL, Map.of("streamId", id))).containsEntry("status", "CANCELED");
        assertThat(patches()).isEqualTo(1);
    }

    @Test
    void onlyAStreamThatReplicatesCanBeCanceled() {
        String starting = liveSince(Duration.ofMinutes(1));
        assertThat(outcome(CANCEL, Map.of("streamId", starting))).isEqualTo(Outcome.REFUSED);
        assertThat(patches()).isZero();
    }

    @Test
    void aCutoverCannotBeCanceled() {
        String id = replicating();
        result(CUT_OVER, cutover(id));
        life = newLife();

        assertThat(outcome(CANCEL, Map.of("streamId", id))).isEqualTo(Outcome.IN_DOUBT);
        assertThat(patches()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void cancelsWhateverBecomesOfTheAnswer(FaultKind kind) {
        String id = replicating();
        world.faults.on(Operation.UPDATE_STREAM, 1, Fault.of(kind));

        if (kind == FaultKind.TOO_MANY_REQUESTS) {
            assertThat(outcome(CANCEL, Map.of("streamId", id))).isEqualTo(Outcome.FAILED);
        } else {
            assertThat(result(CANCEL, Map.of("streamId", id))).containsEntry("status", "CANCELED");
            assertThat(patches()).isEqualTo(kind.hasEffect() ? 1 : 2);
        }
    }

    @Test
    void aCancellationWithoutADefiniteAnswerIsInDoubt() {
        String id = replicating();
        world.faults.always(Operation.UPDATE_STREAM, Fault.of(FaultKind.UNAVAILABLE));

        StepFailedException failure = failure(CANCEL, Map.of("streamId", id));

        assertThat(failure.outcome()).isEqualTo(Outcome.IN_DOUBT);
        assertThat(failure).hasMessageContaining("Run cockroachCancelStream again");
    }
}
