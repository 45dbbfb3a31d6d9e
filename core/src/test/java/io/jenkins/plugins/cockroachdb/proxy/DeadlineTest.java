package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlineTest {

    private static final Duration LONG = Duration.ofHours(1);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void end() {
        timer.shutdownNow();
    }

    @Test
    void pauseEndsWithTheTime() {
        Deadline deadline = new Deadline(timer, Duration.ofMillis(20));

        assertThat(deadline.pause(LONG)).isFalse();
        assertThat(deadline.pause(LONG)).isFalse();
        assertThat(deadline.isOver()).isTrue();
    }

    @Test
    void pauseLeavesTimeForMore() {
        Deadline deadline = new Deadline(timer, LONG);

        assertThat(deadline.pause(Duration.ofMillis(1))).isTrue();
        assertThat(deadline.left()).isPositive();
    }

    @Test
    void interruptedThreadHasNoTimeLeft() {
        Deadline deadline = new Deadline(timer, LONG);

        Thread.currentThread().interrupt();

        assertThat(deadline.pause(LONG)).isFalse();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(deadline.isOver()).isTrue();
    }
}
