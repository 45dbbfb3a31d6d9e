package io.jenkins.plugins.cockroachdb.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ScaledTimeTest {

    private static final Instant BEGINNING = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void anHourOfItIsAMinuteOfTheSystemsClock() {
        ScaledTime time = new ScaledTime(BEGINNING, 60);

        assertThat(time.onSystemClock(BEGINNING.plus(Duration.ofHours(1)))).isEqualTo(BEGINNING.plusSeconds(60));
        assertThat(time.onSystemClock(time.instant())).isBetween(Instant.now().minusSeconds(60), Instant.now());
    }

    @Test
    void itsTimersGoWithIt() throws Exception {
        ScaledTime time = new ScaledTime(Instant.now(), 1_000_000);
        ScheduledExecutorService timer = time.timer();
        Instant before = time.instant();

        timer.schedule(() -> {}, 1, TimeUnit.DAYS).get(30, TimeUnit.SECONDS);

        assertThat(Duration.between(before, time.instant()))
                .isGreaterThan(Duration.ofHours(23)); // the clock may be slewed meanwhile
        timer.shutdownNow();
    }
}
