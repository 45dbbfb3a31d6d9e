package io.jenkins.plugins.cockroachdb.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CadenceTest {

    private static final Instant START = SimulatedWorld.START;

    /** The stream was last seen scanning at 0 s, and at 4 s that everything up to 1 s has arrived. */
    private static final Cadence CAUGHT_UP = Cadence.UNSEEN.after(scanning(0)).after(replicating(4, 1));

    @Test
    void anUnseenStreamIsLookedAtSteadily() {
        assertThat(pause(Cadence.UNSEEN, 0, true)).isEqualTo(5);
    }

    @Test
    void startingIsLookedAtEverMoreRarely() {
        Cadence cadence = Cadence.UNSEEN.after(stream(2, "STARTING", null, null));

        assertThat(looks(cadence, 2, 110, false)).containsExactly(7.0, 14.0, 28.0, 56.0, 86.0);
    }

    @Test
    void howLongItHasBeenStartingIsTheCloudsToSay() {
        Cadence justSeen = Cadence.UNSEEN.after(stream(600, "STARTING", null, null));

        assertThat(pause(justSeen, 600, false)).isEqualTo(30);
    }

    @Test
    void theInitialScanIsLookedAtEveryTenSeconds() {
        assertThat(looks(Cadence.UNSEEN.after(scanning(0)), 0, 40, true)).containsExactly(5.0, 10.0, 20.0, 30.0, 40.0);
    }

    @Test
    void whereNobodyIsFencedTheIntervalIsSteady() {
        assertThat(looks(CAUGHT_UP, 4, 40, false)).containsExactly(9.0, 14.0, 19.0, 24.0, 29.0, 34.0, 39.0);
    }

    @Test
    void underAFenceTheNextMoveIsAwaitedCloselyFromTheFirstMomentOn() {
        // Before 31 s nothing later than 1 s can show, if strides are 30 s.
        List<Double> looks = looks(CAUGHT_UP, 14, 37, true);

        assertThat(looks).startsWith(19.0, 24.0, 29.0, 31.0, 31.4, 31.8, 32.2, 32.6, 33.0, 33.4, 33.8, 34.2);
        assertThat(looks.subList(12, looks.size())).containsExactly(34.6, 35.2, 36.4);
    }

    @Test
    void theStrideIsLearnedFromTwoMoves() {
        Cadence moved = CAUGHT_UP.after(replicating(12, 1)).after(replicating(13, 11));

        assertThat(looks(moved, 17, 24, true)).startsWith(21.0, 22.0, 22.4, 22.8, 23.2, 23.6);
    }

    @Test
    void whatMayHaveBeenTwoMovesTeachesNoStride() {
        Cadence moved = CAUGHT_UP.after(replicating(70, 61));

        assertThat(pause(moved, 89, true)).isEqualTo(2); // until 61 s + 30 s
    }

    @Test
    void anExpectationThatIsWrongCostsNoMoreThanTheSteadyInterval() {
        for (int looked = 4; looked < 1000; looked++) {
            assertThat(pause(CAUGHT_UP, looked, true)).isBetween(0.4, 5.0);
        }
        Cadence afterAJump = CAUGHT_UP.after(replicating(899, 1)).after(replicating(900, 899));
        assertThat(pause(afterAJump, 950, true)).isEqualTo(5);
    }

    @Test
    void cloudTimesAreReadByOurClock() {
        Duration ahead = Duration.ofHours(1);
        Answer<ReplicationStream> theirs = replicating(4, 1);
        ReplicationStream stream = theirs.value();
        Answer<ReplicationStream> answer = new Answer<>(
                new ReplicationStream(
                        stream.id(),
                        stream.statusName(),
                        stream.primaryClusterId(),
                        stream.standbyClusterId(),
                        stream.createdAt().plus(ahead),
                        stream.replicatedTime().plus(ahead),
                        null,
                        null,
                        null,
                        null,
                        null),
                theirs.cloudTime().plus(ahead),
                theirs.sentAt(),
                theirs.receivedAt());

        assertThat(pause(Cadence.UNSEEN.after(answer), 28, true)).isEqualTo(3); // until 1 s + 30 s
    }

    @Test
    void aCutoverIsLookedAtMoreCloselyOnceItMayBeOver() {
        Cadence cutOver = CAUGHT_UP.after(replicating(10, 1)).after(stream(11, "FAILING_OVER", null, null));

        List<Double> looks = looks(cutOver, 11, 138, true);

        assertThat(looks).startsWith(13.0, 15.0, 19.0, 24.0).endsWith(124.0, 129.0, 131.0, 133.0, 135.0, 137.0);
    }

    @Test
    void aCutoverOfUnknownAgeMayBeOverAnyMoment() {
        Cadence cutOver = Cadence.UNSEEN.after(stream(11, "FAILING_OVER", null, null));

        assertThat(looks(cutOver, 11, 19, true)).containsExactly(13.0, 15.0, 17.0, 19.0);
    }

    @Test
    void aCutoverInTheFutureTakesMinutesFromThenOn() {
        Cadence cutOver = CAUGHT_UP.after(stream(11, "FAILING_OVER", null, 600L));

        assertThat(pause(cutOver, 300, false)).isEqualTo(5);
        assertThat(pause(cutOver, 650, true)).isEqualTo(5);
        assertThat(pause(cutOver, 730, true)).isEqualTo(2);
    }

    @Test
    void whatIsOverIsLookedAtSteadily() {
        assertThat(pause(CAUGHT_UP.after(stream(11, "CANCELED", null, null)), 12, true))
                .isEqualTo(5);
    }

    private static double pause(Cadence cadence, double looked, boolean nearCutover) {
        return cadence.pauseAfter(at(looked), nearCutover).toMillis() / 1000.0;
    }

    /** The looks after one that showed nothing new, up to a second. */
    private static List<Double> looks(Cadence cadence, double first, double last, boolean nearCutover) {
        List<Double> looks = new ArrayList<>();
        for (double next = first + pause(cadence, first, nearCutover);
                next <= last;
                next = Math.round((next + pause(cadence, next, nearCutover)) * 1000) / 1000.0) {
            looks.add(next);
        }
        return looks;
    }

    private static Answer<ReplicationStream> scanning(long at) {
        return stream(at, "REPLICATING", null, null);
    }

    private static Answer<ReplicationStream> replicating(long at, long upTo) {
        return stream(at, "REPLICATING", upTo, null);
    }

    /** All in seconds since the start, which is when the stream was created. */
    private static Answer<ReplicationStream> stream(long at, String status, Long upTo, Long failoverAt) {
        return new Answer<>(
                new ReplicationStream(
                        "id",
                        status,
                        "from",
                        "to",
                        START,
                        upTo == null ? null : at(upTo),
                        null,
                        null,
                        failoverAt == null ? null : at(failoverAt),
                        null,
                        null),
                // In the middle of the second, where the Date header says most exactly what time it is.
                at(at).minusMillis(500),
                at(at),
                at(at));
    }

    private static Instant at(double seconds) {
        return START.plusMillis(Math.round(seconds * 1000));
    }
}
