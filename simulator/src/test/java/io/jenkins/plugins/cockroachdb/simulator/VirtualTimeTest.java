package io.jenkins.plugins.cockroachdb.simulator;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final VirtualTime time = new VirtualTime(START);
    private final List<String> ran = new ArrayList<>();

    @Test
    void timeStandsStillUntilItIsMoved() {
        time.schedule(() -> ran.add("late"), 1, SECONDS);
        assertThat(time.instant()).isEqualTo(START);

        time.advance(Duration.ofMillis(999));
        assertThat(ran).isEmpty();

        time.advance(Duration.ofMillis(1));
        assertThat(ran).containsExactly("late");
        assertThat(time.instant()).isEqualTo(START.plusSeconds(1));
    }

    @Test
    void tasksRunInTheOrderOfTheirInstantsAndThenInThatOfTheirScheduling() {
        time.schedule(() -> ran.add("second, first given"), 2, SECONDS);
        time.schedule(() -> ran.add("first"), 1, SECONDS);
        time.schedule(() -> ran.add("second, then given"), 2, SECONDS);

        time.advance(Duration.ofSeconds(2));

        assertThat(ran).containsExactly("first", "second, first given", "second, then given");
    }

    @Test
    void aTaskSeesTheInstantForWhichItWasScheduledAndMayScheduleMore() {
        List<Instant> seen = new ArrayList<>();
        time.schedule(
                () -> {
                    seen.add(time.instant());
                    time.schedule(() -> seen.add(time.instant()), 3, SECONDS);
                },
                1,
                SECONDS);

        time.advance(Duration.ofSeconds(10));

        assertThat(seen).containsExactly(START.plusSeconds(1), START.plusSeconds(4));
        assertThat(time.instant()).isEqualTo(START.plusSeconds(10));
    }

    @Test
    void runNextJumpsToTheNextTask() {
        time.schedule(() -> ran.add("tomorrow"), 24, HOURS);
        assertThat(time.nextDue()).contains(START.plus(Duration.ofDays(1)));

        assertThat(time.runNext()).isTrue();

        assertThat(ran).containsExactly("tomorrow");
        assertThat(time.instant()).isEqualTo(START.plus(Duration.ofDays(1)));
        assertThat(time.nextDue()).isEmpty();
        assertThat(time.runNext()).isFalse();
    }

    @Test
    void executeMeansNowButNotBeforeTimeIsAskedToRun() {
        time.execute(() -> ran.add("now"));
        assertThat(ran).isEmpty();

        time.advance(Duration.ZERO);

        assertThat(ran).containsExactly("now");
        assertThat(time.instant()).isEqualTo(START);
    }

    @Test
    void aNegativeDelayMeansNow() {
        time.schedule(() -> ran.add("now"), -5, SECONDS);
        time.runNext();
        assertThat(time.instant()).isEqualTo(START);
    }

    @Test
    void theLongestDelayThatCanBeAskedForDoesNotOverflow() {
        ScheduledFuture<?> never = time.schedule(() -> ran.add("never"), Long.MAX_VALUE, HOURS);
        assertThat(never.getDelay(NANOSECONDS)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aCancelledTaskLeavesTheQueue() {
        ScheduledFuture<?> task = time.schedule(() -> ran.add("never"), 1, SECONDS);
        assertThat(task.cancel(false)).isTrue();

        assertThat(time.nextDue()).isEmpty();
        time.advance(Duration.ofSeconds(2));
        assertThat(ran).isEmpty();
    }

    @Test
    void aPeriodicTaskRunsUntilItIsCancelled() {
        List<Instant> seen = new ArrayList<>();
        ScheduledFuture<?> task = time.scheduleAtFixedRate(() -> seen.add(time.instant()), 0, 1, MINUTES);

        time.advance(Duration.ofSeconds(150));
        assertThat(seen).containsExactly(START, START.plusSeconds(60), START.plusSeconds(120));
        assertThat(task.getDelay(SECONDS)).isEqualTo(30);

        task.cancel(false);
        time.advance(Duration.ofHours(1));
        assertThat(seen).hasSize(3);
    }

    @Test
    void aPeriodicTaskThatCancelsItselfDoesNotComeBack() {
        List<ScheduledFuture<?>> self = new ArrayList<>();
        self.add(time.scheduleWithFixedDelay(
                () -> {
                    ran.add("once");
                    self.get(0).cancel(false);
                },
                1,
                1,
                SECONDS));

        time.advance(Duration.ofMinutes(1));

        assertThat(ran).containsExactly("once");
    }

    @Test
    void aFixedDelayCountsFromTheEndOfATaskThatMovesTimeItselfAndAFixedRateFromItsBeginning() {
        List<Long> delayed = new ArrayList<>();
        time.scheduleWithFixedDelay(
                () -> {
                    delayed.add(Duration.between(START, time.instant()).toSeconds());
                    if (delayed.size() == 1) {
                        time.advance(Duration.ofSeconds(4));
                    }
                },
                0,
                10,
                SECONDS);

        time.advance(Duration.ofSeconds(30));

        assertThat(delayed).containsExactly(0L, 14L, 24L);
    }

    @Test
    void timeCannotGoBack() {
        assertThatThrownBy(() -> time.advanceTo(START.minusNanos(1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> time.advance(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFailureThatNobodyElseWouldSeeIsThrownToWhoeverMovesTime() {
        time.execute(() -> {
            throw new IllegalStateException("broken");
        });
        assertThatThrownBy(() -> time.advance(Duration.ZERO)).hasMessage("broken");
    }

    @Test
    void aFailureThatAFutureHoldsIsNot() {
        Future<?> submitted = time.submit(() -> {
            throw new IllegalStateException("broken");
        });
        ScheduledFuture<?> scheduled = time.schedule(
                () -> {
                    throw new IllegalStateException("broken too");
                },
                1,
                SECONDS);

        time.advance(Duration.ofSeconds(1));

        assertThatThrownBy(submitted::get).hasRootCauseMessage("broken");
        assertThatThrownBy(scheduled::get).hasRootCauseMessage("broken too");
    }

    @Test
    void completableFuturesRunOnIt() {
        CompletableFuture<Instant> later =
                CompletableFuture.supplyAsync(time::instant, task -> time.schedule(task, 5, SECONDS));
        assertThat(later).isNotDone();

        time.advance(Duration.ofSeconds(5));

        assertThat(later).isCompletedWithValue(START.plusSeconds(5));
    }

    @Test
    void otherThreadsMaySchedule() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Thread thread = new Thread(() -> {
                for (int n = 0; n < 1000; n++) {
                    time.schedule(() -> ran.add("task"), n, SECONDS);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }

        time.advance(Duration.ofSeconds(1000));

        assertThat(ran).hasSize(8000);
    }

    @Test
    void afterShutdownNothingNewIsTakenAndPeriodicTasksEnd() {
        time.schedule(() -> ran.add("single"), 1, SECONDS);
        time.scheduleAtFixedRate(() -> ran.add("periodic"), 1, 1, SECONDS);

        time.shutdown();

        assertThatThrownBy(() -> time.execute(() -> ran.add("new"))).isInstanceOf(RejectedExecutionException.class);
        assertThat(time.isTerminated()).isFalse();
        time.advance(Duration.ofMinutes(1));
        assertThat(ran).containsExactly("single");
        assertThat(time.awaitTermination(1, SECONDS)).isTrue();
    }

    @Test
    void shutdownNowHandsBackWhatHasNotRun() {
        time.schedule(() -> ran.add("single"), 1, SECONDS);
        assertThat(time.shutdownNow()).hasSize(1);
        assertThat(time.isTerminated()).isTrue();
        assertThat(time.runNext()).isFalse();
    }
}
