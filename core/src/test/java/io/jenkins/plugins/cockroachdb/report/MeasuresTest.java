package io.jenkins.plugins.cockroachdb.report;

import static io.jenkins.plugins.cockroachdb.report.TestRecord.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is expected of the records is computed by hand. */
class MeasuresTest {

    private final TestRecord record = new TestRecord();

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }

    @Test
    void homeThroughProxies() {
        Measures measures = Measures.of(TestRecord.home());

        assertThat(measures.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(measures.recovery()).isEqualTo(new Measures.Recovery(seconds(210 - 112), true));
        assertThat(measures.rpo().kind()).isEqualTo(Rpo.Kind.ZERO);
        assertThat(measures.writePause()).isEqualTo(seconds(203 - 100));
        assertThat(measures.fencedSince()).isNull();
        assertThat(measures.lossWindows()).isEmpty();
        assertThat(measures.duration()).isEqualTo(seconds(211));
    }

    // ---- Recovery time

    @Test
    void withoutAVerificationTheRecoveryEndsWhenTheLastProxyWasReleased() {
        Measures measures = record.cuttingOver()
                .seen(200, "COMPLETED", null, "fenced")
                .both(201, 203, Call.RELEASE, Entry.Result.UNKNOWN)
                .seen(204, "COMPLETED", null, "mixed")
                .call(220, 221, Call.RELEASE, "edge", Entry.Result.DONE)
                .call(222, 230, Call.RELEASE, "core", Entry.Result.DONE)
                .verifiedNot(231)
                .measures();

        assertThat(measures.recovery()).isEqualTo(new Measures.Recovery(seconds(230 - 112), false));
        assertThat(measures.writePause()).isEqualTo(seconds(230 - 100));
    }

    @Test
    void aReleaseThatLeavesAProxyBehindIsNoRecovery() {
        Measures measures = record.cuttingOver()
                .seen(200, "COMPLETED", null, "fenced")
                .call(201, 203, Call.RELEASE, "edge", Entry.Result.DONE)
                .call(201, 203, Call.RELEASE, "core", Entry.Result.UNKNOWN)
                .measures();

        assertThat(measures.recovery()).isNull();
        assertThat(measures.fencedSince()).isEqualTo(at(100));
    }

    @Test
    void aVerificationOfALaterRunDoesNotStretchTheRecovery() {
        Measures measures =
                record.cuttingOver().released().resumed(9000).verified(9010).measures();

        assertThat(measures.recovery()).isEqualTo(new Measures.Recovery(seconds(203 - 112), false));
    }

    @Test
    void theRecoveryCountsFromTheFirstProofOfAFenceThatALaterRunProvedAgain() {
        Measures measures = record.fenced()
                .resumed(130)
                .seen(131, "REPLICATING", 120L, "fenced")
                .proven(132)
                .seen(150, "REPLICATING", 140L, "fenced")
                .cutover(151, 152, Entry.Result.DONE)
                .released()
                .verified(210)
                .measures();

        assertThat(measures.recovery().time()).isEqualTo(seconds(210 - 112));
        assertThat(measures.rpo().kind()).isEqualTo(Rpo.Kind.ZERO);
    }

    @Test
    void afterAnUnfenceTheRecoveryCountsFromTheNewFence() {
        Measures measures = record.fenced()
                .both(130, 132, Call.UNFENCE, Entry.Result.DONE)
                .seen(133, "REPLICATING", 120L, "on A")
                .both(140, 143, Call.FENCE, Entry.Result.DONE)
                .proven(145)
                .seen(160, "REPLICATING", 150L, "fenced")
                .cutover(161, 162, Entry.Result.DONE)
                .released()
                .verified(210)
                .measures();

        assertThat(measures.recovery().time()).isEqualTo(seconds(210 - 145));
        assertThat(measures.writePause()).isEqualTo(seconds((132 - 100) + (203 - 140)));
        assertThat(measures.rpo().kind()).isEqualTo(Rpo.Kind.ZERO);
    }

    // ---- Write pause

    @Test
    void anUnfenceThatTheStreamForbadeChangesNothing() {
        Measures measures = record.fenced()
                .both(130, 132, Call.UNFENCE, Entry.Result.REFUSED)
                .seen(150, "REPLICATING", 120L, "fenced")
                .cutover(151, 152, Entry.Result.DONE)
                .both(155, 156, Call.UNFENCE, Entry.Result.REFUSED)
                .released()
                .verified(210)
                .measures();

        assertThat(measures.recovery().time()).isEqualTo(seconds(210 - 112));
        assertThat(measures.rpo().kind()).isEqualTo(Rpo.Kind.ZERO);
        assertThat(measures.writePause()).isEqualTo(seconds(203 - 100));
    }

    @Test
    void anOpeningAfterARefusedUnfenceIsPartOfThePause() {
        Measures measures = record.fenced()
                .both(130, 132, Call.UNFENCE, Entry.Result.REFUSED)
                .seen(140, "FAILING_OVER", null, "on A")
                .both(141, 143, Call.FENCE, Entry.Result.DONE)
                .released()
                .measures();

        assertThat(measures.writePause()).isEqualTo(seconds(203 - 100));
    }

    @Test
    void abortedUnderTheFence() {
        Measures measures = record.fenced()
                .then(new Entry.AbortRequested(at(120), "lead"))
                .both(121, 123, Call.UNFENCE, Entry.Result.DONE)
                .seen(124, "REPLICATING", 120L, "on A")
                .ended(125, Outcome.ABORTED)
                .measures();

        assertThat(measures.recovery()).isNull();
        assertThat(measures.rpo().kind()).isEqualTo(Rpo.Kind.NO_CUTOVER);
        assertThat(measures.writePause()).isEqualTo(seconds(23));
    }

    @Test
    void thePauseLastsUntilTheLastProxyIsPutBack() {
        record.fenced().call(121, 123, Call.UNFENCE, "edge", Entry.Result.DONE);
        assertThat(record.measures().fencedSince()).isEqualTo(at(100));

        record.call(140, 145, Call.UNFENCE, "core", Entry.Result.DONE);
        assertThat(record.measures().writePause()).isEqualTo(seconds(45));
        assertThat(record.measures().fencedSince()).isNull();
    }

    // ---- Lost writes

    @Test
    void withoutProxiesThereIsABound() {
        Measures measures = record.seen(60, "REPLICATING", 30L, null)
                .cutover(61, 64, Entry.Result.DONE)
                .seen(90, "COMPLETED", null, null)
                .ended(91, Outcome.COMPLETED)
                .measures();

        assertThat(measures.recovery()).isNull();
        assertThat(measures.writePause()).isNull();
        assertThat(measures.rpo().kind()).isEqualTo(Rpo.Kind.BOUND);
        assertThat(measures.rpo().span()).isEqualTo(seconds(64 - 30));
        assertThat(measures.rpo().because()).contains("no proxy told");
        assertThat(measures.lossWindows()).containsExactly(measures.rpo().because());
    }

    @Test
    void whatHadNotArrivedBeforeTheCutoverMayBeLost() {
        Rpo rpo =
                record.fenced().cutover(151, 152, Entry.Result.DONE).released().rpo();

        assertThat(rpo.kind()).isEqualTo(Rpo.Kind.BOUND);
        assertThat(rpo.span()).isEqualTo(seconds(152 - 90));
    }

    @Test
    void whatAnotherStreamHadReplicatedProvesNothing() {
        Rpo rpo = record.fenced()
                .then(new Entry.Seen(at(150), "s-0", "REPLICATING", at(149), 1L, "fenced"))
                .seen(150, "REPLICATING", 90L, "fenced")
                .cutover(151, 152, Entry.Result.DONE)
                .released()
                .rpo();

        assertThat(rpo.kind()).isEqualTo(Rpo.Kind.BOUND);
    }

    @Test
    void theFenceOfAnEarlierRunProvesNothing() {
        Rpo rpo = record.fenced()
                .resumed(130)
                .seen(150, "REPLICATING", 140L, "fenced")
                .cutover(151, 152, Entry.Result.DONE)
                .released()
                .rpo();

        assertThat(rpo.kind()).isEqualTo(Rpo.Kind.BOUND);
        assertThat(rpo.span()).isEqualTo(seconds(152 - 140));
    }

    @Test
    void aFenceThatNoRunWatchedAfterTheCutoverWasAskedForIsNoProof() {
        Rpo rpo = record.cuttingOver()
                .resumed(400)
                .seen(402, "COMPLETED", null, "fenced")
                .both(403, 404, Call.RELEASE, Entry.Result.DONE)
                .seen(405, "COMPLETED", null, "on P")
                .rpo();

        assertThat(rpo.kind()).isEqualTo(Rpo.Kind.BOUND);
        assertThat(rpo.span()).isEqualTo(seconds(402 - 153));
        assertThat(rpo.because()).contains("no run watched the fence");
    }

    @Test
    void aRunThatWasResumedWhenEverybodyWasHomeWatchedTheFenceToItsEnd() {
        assertThat(record.cuttingOver().released().resumed(400).rpo().kind()).isEqualTo(Rpo.Kind.ZERO);
    }

    @Test
    void nothingIsSaidOfAFenceThatHasNotBeenSeenSinceTheRunThatAskedForTheCutover() {
        assertThat(record.cuttingOver().resumed(400).rpo().kind()).isEqualTo(Rpo.Kind.UNKNOWN);
    }

    @Test
    void anEndedRunWatchesNothing() {
        assertThat(record.cuttingOver().rpo().kind()).as("at work").isEqualTo(Rpo.Kind.ZERO);
        assertThat(record.ended(160, Outcome.IN_DOUBT).rpo().kind()).isEqualTo(Rpo.Kind.UNKNOWN);
    }

    @Test
    void aRunAfterEverybodyWasHomeChangesNothingAboutTheTimeBefore() {
        Rpo rpo = record.cuttingOver()
                .resumed(190)
                .released()
                .ended(205, Outcome.STRANDED)
                .resumed(9000)
                .rpo();

        assertThat(rpo.span()).isEqualTo(seconds(200 - 153));
    }

    @Test
    void aCutoverThatMayNotHaveTakenPlaceIsNotSaidToHaveLostNothing() {
        record.fenced().seen(150, "REPLICATING", 120L, "fenced").cutover(151, 152, Entry.Result.UNKNOWN);
        assertThat(record.rpo().kind()).isEqualTo(Rpo.Kind.UNKNOWN);
        assertThat(record.measures().fencedSince()).isEqualTo(at(100));

        record.seen(160, "FAILING_OVER", null, "fenced");
        assertThat(record.rpo().kind()).isEqualTo(Rpo.Kind.ZERO);
    }

    @Test
    void aRefusedCutoverIsNone() {
        record.fenced().seen(150, "REPLICATING", 120L, "fenced").cutover(151, 152, Entry.Result.REFUSED);
        assertThat(record.rpo().kind()).isEqualTo(Rpo.Kind.NO_CUTOVER);

        record.cutover(153, 154, Entry.Result.NOT_TAKEN);
        assertThat(record.rpo().kind()).isEqualTo(Rpo.Kind.NO_CUTOVER);
    }

    @Test
    void anOpeningDuringTheCutoverExtendsTheBoundUntilEveryProxyIsFencedAgain() {
        record.cuttingOver()
                .then(new Entry.FenceOpened(at(160), "edge", "came back"))
                .then(new Entry.LossWindow(at(161), "Clients could write."));
        assertThat(record.rpo().kind()).isEqualTo(Rpo.Kind.UNKNOWN);

        record.then(new Entry.Calling(at(161), Call.FENCE, "edge"))
                .then(new Entry.Calling(at(161), Call.FENCE, "core"))
                .then(new Entry.Called(at(163), Call.FENCE, "edge", Entry.Result.DONE, ""));
        assertThat(record.rpo().kind()).isEqualTo(Rpo.Kind.UNKNOWN);

        record.then(new Entry.Called(at(165), Call.FENCE, "core", Entry.Result.DONE, ""));
        assertThat(record.rpo().kind()).isEqualTo(Rpo.Kind.BOUND);
        assertThat(record.rpo().span()).isEqualTo(seconds(165 - 120));
        assertThat(record.measures().lossWindows()).contains("Clients could write.");
        assertThat(record.measures().fencedSince()).isEqualTo(at(100));
    }

    @Test
    void anOpeningBeforeTheCutoverIsMadeGoodByANewProof() {
        Measures measures = record.fenced()
                .then(new Entry.FenceOpened(at(120), "edge", "came back"))
                .seen(120, "REPLICATING", 90L, "mixed")
                .call(121, 125, Call.FENCE, "edge", Entry.Result.DONE)
                .proven(126)
                .seen(160, "REPLICATING", 150L, "fenced")
                .cutover(161, 162, Entry.Result.DONE)
                .released()
                .measures();

        assertThat(measures.rpo().kind()).isEqualTo(Rpo.Kind.ZERO);
        assertThat(measures.recovery().time()).isEqualTo(seconds(203 - 126));
        assertThat(measures.writePause()).isEqualTo(seconds(203 - 100));
    }

    @Test
    void anOpeningBeforeTheCutoverThatNoNewProofMadeGoodIsABound() {
        Rpo rpo = record.fenced()
                .seen(140, "REPLICATING", 120L, "fenced")
                .then(new Entry.FenceOpened(at(145), "edge", "came back"))
                .cutover(151, 152, Entry.Result.DONE)
                .released()
                .rpo();

        assertThat(rpo.kind()).isEqualTo(Rpo.Kind.BOUND);
    }

    @Test
    void aCutoverTimeDiscardsWhatCameBetweenItAndTheFence() {
        Measures measures = record.fenced()
                .then(new Entry.CutoverTimeAsked(at(120), at(54)))
                .cutover(121, 122, Entry.Result.DONE)
                .released()
                .measures();

        assertThat(measures.rpo().kind()).isEqualTo(Rpo.Kind.DISCARDED);
        assertThat(measures.rpo().span()).isEqualTo(seconds(114 - 54));
        assertThat(measures.lossWindows()).containsExactly(measures.rpo().because());
    }

    @Test
    void aCutoverTimeAfterTheFenceDiscardsNothing() {
        Rpo rpo = record.fenced()
                .seen(150, "REPLICATING", 120L, "fenced")
                .then(new Entry.CutoverTimeAsked(at(151), at(116)))
                .cutover(151, 152, Entry.Result.DONE)
                .released()
                .rpo();

        assertThat(rpo.kind()).isEqualTo(Rpo.Kind.ZERO);
    }

    @Test
    void ofTwoCutoversThatMayHaveTakenEffectTheWorseCounts() {
        Rpo rpo = record.fenced()
                .then(new Entry.CutoverTimeAsked(at(115), at(54)))
                .cutover(116, 117, Entry.Result.UNKNOWN)
                .seen(150, "REPLICATING", 120L, "fenced")
                .cutover(151, 152, Entry.Result.DONE)
                .released()
                .rpo();

        assertThat(rpo.kind()).isEqualTo(Rpo.Kind.DISCARDED);
        assertThat(rpo.span()).isEqualTo(seconds(114 - 54));
    }

    @Test
    void aCutoverTimeWithoutProxiesIsABoundOrUnknown() {
        record.seen(60, "REPLICATING", 30L, null)
                .then(new Entry.CutoverTimeAsked(at(61), at(20)))
                .cutover(61, 64, Entry.Result.DONE)
                .seen(90, "COMPLETED", null, null);
        assertThat(record.rpo().span()).isEqualTo(seconds(64 - 20));

        Rpo ahead = new TestRecord()
                .seen(60, "REPLICATING", 30L, null)
                .then(new Entry.CutoverTimeAsked(at(61), at(300)))
                .cutover(61, 64, Entry.Result.DONE)
                .seen(310, "COMPLETED", null, null)
                .rpo();
        assertThat(ahead.kind()).isEqualTo(Rpo.Kind.UNKNOWN);
        assertThat(ahead.because()).contains("10:05:00");
    }

    @Test
    void aCutoverOfSomebodyElseIsNotJudged() {
        assertThat(record.seen(5, "COMPLETED", null, "on P").rpo().kind()).isEqualTo(Rpo.Kind.UNKNOWN);
    }

    @Test
    void aCanceledForwardStreamDoesNotUndoTheCutover() {
        Rpo rpo = record.cuttingOver()
                .released()
                .then(new Entry.Seen(at(300), "f-1", "CANCELED", null, null, "on P"))
                .rpo();

        assertThat(rpo.kind()).isEqualTo(Rpo.Kind.ZERO);
    }

    @Test
    void aCanceledStreamLosesNothing() {
        assertThat(record.cuttingOver()
                        .seen(160, "CANCELED", null, "fenced")
                        .rpo()
                        .kind())
                .isEqualTo(Rpo.Kind.NO_CUTOVER);
    }
}
