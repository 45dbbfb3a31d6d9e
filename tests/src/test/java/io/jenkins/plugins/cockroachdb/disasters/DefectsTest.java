package io.jenkins.plugins.cockroachdb.disasters;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.disasters.Twist.When;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Defects that disasters have found, each with its schedule. */
class DefectsTest {

    @Test
    void ofTwoLiveStreamsTheNewestIsKept() {
        Play.Result result = play(new Twist.Past(Twist.History.TWO_LIVE));

        assertThat(result.outcomes()).startsWith(Outcome.FAILED).endsWith(Outcome.COMPLETED);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aFenceThatClosesLateLeavesNobodyShutOutUnseen(int command) {
        for (int late : List.of(42, 60, 90)) {
            play(
                    new Twist.LateCommand(When.at(Moment.FENCING), 0, command, Duration.ofSeconds(late)),
                    new Twist.Abort(When.after(Moment.FENCING, Duration.ofSeconds(30))));
        }
    }

    private static Play.Result play(Twist... twists) {
        Play.Result result = Play.of(Schedule.with(twists), true);
        assertThat(result.violations())
                .as(() -> String.join("\n", result.trace()))
                .isEmpty();
        return result;
    }
}
