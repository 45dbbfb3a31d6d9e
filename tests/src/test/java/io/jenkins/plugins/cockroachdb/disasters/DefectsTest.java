package io.jenkins.plugins.cockroachdb.disasters;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.disasters.Twist.When;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Defects that disasters have found, each with its schedule. */
class DefectsTest {

    /** Of the kind that has the most, at least. */
    private static final int COMMANDS_OF_A_FENCE = 30;

    @Test
    void ofTwoLiveStreamsTheNewestIsKept() {
        Play.Result result = play(new Twist.Past(Twist.History.TWO_LIVE));

        assertThat(result.outcomes()).startsWith(Outcome.FAILED).endsWith(Outcome.COMPLETED);
    }

    @ParameterizedTest
    @EnumSource(Edge.Kind.class)
    void aFenceThatClosesLateLeavesNobodyShutOutUnseen(Edge.Kind kind) {
        for (int command = 1; command <= COMMANDS_OF_A_FENCE; command++) {
            for (int late : List.of(42, 60, 90)) {
                play(
                        new Twist.Proxies(List.of(kind)),
                        new Twist.LateCommand(When.at(Moment.FENCING), 0, command, Duration.ofSeconds(late)),
                        new Twist.Abort(When.after(Moment.FENCING, Duration.ofSeconds(30))));
            }
        }
    }

    @Test
    void anUnansweredPostIsNotSentAgainBecauseAnOldStreamIsSeen() {
        Play.Result result = play(
                new Twist.Past(Twist.History.REVERSE_CANCELED),
                new Twist.Outage(When.at(Moment.CREATING), Duration.ofSeconds(27), FaultKind.UNAVAILABLE));

        assertThat(result.outcomes()).containsExactly(Outcome.IN_DOUBT, Outcome.COMPLETED);
    }

    @Test
    void aProxyThatOpensWhileTheCloudIsAwayIsClosedAgain() {
        play(
                new Twist.Outage(
                        When.after(Moment.PATCHED, Duration.ofSeconds(1)),
                        Duration.ofMinutes(20),
                        FaultKind.RESET_BEFORE_EFFECT),
                new Twist.Restart(When.after(Moment.PATCHED, Duration.ofMinutes(1)), 0, Duration.ofSeconds(4), false));
    }

    @Test
    void aProxyThatOpensWhileASlowCloudIsReadIsSeenRightAfterThat() {
        play(
                new Twist.Outage(When.at(Moment.PATCHED), Duration.ofMinutes(20), FaultKind.NO_ANSWER),
                new Twist.Restart(
                        When.after(Moment.PATCHED, Duration.ofSeconds(48)), 0, Duration.ofSeconds(23), false));
    }

    @Test
    void aProxyThatSomebodyOpensWithinItsReleaseIsNotReleasedWithoutAWord() {
        for (int after = 0; after < 400; after += 20) {
            play(
                    new Twist.ReProtect(),
                    new Twist.UnfencedByHand(When.after(Moment.RELEASING, Duration.ofMillis(after)), 0));
        }
    }

    @Test
    void aRecordThatDidNotReleaseDoesNotReProtect() {
        Play.Result result = play(
                new Twist.ReProtect(),
                new Twist.SecondDriver(When.at(Moment.PATCHING), false),
                new Twist.Killed(When.at(Moment.PATCHED), Duration.ofMinutes(54)),
                new Twist.Restart(When.at(Moment.PATCHED), 0, Duration.ofSeconds(28), false));

        assertThat(result.outcomes()).containsExactly(Outcome.UNPROTECTED, Outcome.UNPROTECTED);
        assertThat(result.trace())
                .anySatisfy(line -> assertThat(line).contains("jenkins#3   ENDS", "Somebody else let clients go"));
    }

    @Test
    void aProxyThatSomebodyElseFencedAfterItsReleaseMayHaveBeenOpen() {
        List<String> ends = new ArrayList<>();
        for (int after = 500; after < 2500; after += 25) {
            Play.Result result = play(
                    new Twist.ReProtect(),
                    new Twist.SecondDriver(When.at(Moment.RELEASING), false),
                    new Twist.Restart(
                            When.after(Moment.COMPLETED, Duration.ofMillis(after)), 0, Duration.ofSeconds(16), false));
            result.trace().stream()
                    .filter(line -> line.contains("jenkins#1   ENDS UNPROTECTED"))
                    .forEach(ends::add);
        }

        assertThat(ends).anySatisfy(line -> assertThat(line).contains("was fenced by somebody else"));
    }

    @Test
    void anUnfenceThatOpensLateOpensNoFenceThatFollows() {
        play(
                new Twist.Past(Twist.History.PLANNED_SWITCHOVER),
                new Twist.Proxies(List.of(Edge.Kind.HOOK)),
                new Twist.SentAtFirst(0, false, false),
                new Twist.LateCommand(When.at(Moment.UNFENCING), 0, 3, Duration.ofMillis(59_550)));
    }

    @Test
    void aRunThatTakesOverWithoutTheCloudClosesAProxyThatOpensInPart() {
        Play.Result result = play(
                new Twist.Outage(
                        When.after(Moment.PATCHED, Duration.ofMillis(100)),
                        Duration.ofMinutes(9),
                        FaultKind.RESET_BEFORE_EFFECT),
                new Twist.Restart(When.after(Moment.PATCHED, Duration.ofSeconds(5)), 0, Duration.ofSeconds(16), true),
                new Twist.Killed(When.after(Moment.PATCHED, Duration.ofSeconds(9)), Duration.ofSeconds(4)));

        assertThat(result.trace())
                .anySatisfy(line -> assertThat(line).contains("jenkins#2   > Fence[proxies=[edge-1]"))
                .anySatisfy(line -> assertThat(line).contains("jenkins#2   | LossWindow"));
        int fenced = first(result, "jenkins#2   > Fence[proxies=[edge-1]");
        assertThat(fenced).isLessThan(first(result, "jenkins#2   | Seen["));
    }

    private static int first(Play.Result result, String words) {
        return IntStream.range(0, result.trace().size())
                .filter(line -> result.trace().get(line).contains(words))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aCutoverTimeThatTheStreamDoesNotRetainIsRefusedBeforeTheFence() {
        Play.Result result = play(
                new Twist.FailoverAt(Duration.ZERO),
                new Twist.RequestFault(Operation.UPDATE_STREAM, 1, FaultKind.UNAVAILABLE_RETRY_AT_ONCE));

        assertThat(result.outcomes()).startsWith(Outcome.REFUSED).doesNotContain(Outcome.IN_DOUBT);
    }

    private static Play.Result play(Twist... twists) {
        Play.Result result = Play.of(Schedule.with(twists), true);
        assertThat(result.violations())
                .as(() -> String.join("\n", result.trace()))
                .isEmpty();
        return result;
    }
}
