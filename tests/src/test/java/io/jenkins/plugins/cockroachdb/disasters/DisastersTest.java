package io.jenkins.plugins.cockroachdb.disasters;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.disasters.Twist.Crash;
import io.jenkins.plugins.cockroachdb.disasters.Twist.CrashPoint;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The disasters of the build: the same seeds each time, other ones each time, and a crash at every scheduling point. */
class DisastersTest {

    private static final int FIXED = 1_800;
    private static final int FRESH = 200;

    @Test
    void theSameSeedsAndSchedulesViolateNothingAndReachEverything() {
        Fleet fleet = Fleet.play(1, FIXED, result -> {});
        assertThat(fleet.failures()).as(() -> told(fleet)).isEmpty();

        for (Schedule schedule : Directed.schedules()) {
            Play.Result result = Play.of(schedule);
            assertThat(result.violations()).as("%s", schedule).isEmpty();
            fleet.coverage().add(result.coverage());
        }
        assertThat(Expected.gaps(fleet.coverage())).isEmpty();
    }

    @Test
    void freshSeedsViolateNothing() {
        long first = 1_000_000L + System.nanoTime() % 1_000_000_000L;
        System.out.println("Fresh seeds: bin/disasters --first " + first + " --seeds " + FRESH);
        Fleet fleet = Fleet.play(first, FRESH, result -> {});

        assertThat(fleet.failures()).as(() -> told(fleet)).isEmpty();
    }

    @Test
    void i6ACrashAtEverySchedulingPointChangesNothing() {
        Play.Result undisturbed = Play.of(Schedule.with());
        assertThat(undisturbed.outcomes()).containsExactly(Outcome.COMPLETED);
        List<String> failures = new ArrayList<>();
        for (Map.Entry<CrashPoint, Integer> points : undisturbed.points().entrySet()) {
            for (int i = 1; i <= points.getValue(); i++) {
                // Once again while the second process works: at a point that moves through its life.
                Schedule twice = Schedule.with(
                        new Crash(points.getKey(), i, Duration.ofSeconds(7L * i % 900)),
                        new Crash(points.getKey(), i + 1 + i % 60, Duration.ofSeconds(3)));
                Play.Result result = Play.of(twice);
                if (!result.violations().isEmpty()) {
                    failures.add(twice + " " + result.violations());
                }
            }
        }
        assertThat(undisturbed.points().keySet()).containsExactlyElementsOf(Arrays.asList(CrashPoint.values()));
        assertThat(failures).isEmpty();
    }

    @Test
    void aSeedIsPlayedTheSameWayEachTime() {
        for (long seed = 1; seed <= 20; seed++) {
            assertThat(Play.of(Schedule.of(seed), true).trace())
                    .isEqualTo(Play.of(Schedule.of(seed), true).trace());
        }
    }

    private static String told(Fleet fleet) {
        StringBuilder told = new StringBuilder();
        fleet.failures().stream().limit(3).forEach(failure -> told.append(Disasters.told(failure))
                .append('\n'));
        return told.toString();
    }
}
