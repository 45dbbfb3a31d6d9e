package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Time that runs as many times as fast as the system's: a clock, and timers that go with it. Two processes with the same
 * beginning and the same scale have the same time. For what needs real time, such as servers and networks, and may not take long.
 *
 * @param beginning when this time and the system's were the same
 * @param scale how many times as fast
 */
public record ScaledTime(Instant beginning, int scale) implements InstantSource {

    @Override
    public Instant instant() {
        return beginning.plus(Duration.between(beginning, Instant.now()).multipliedBy(scale));
    }

    /** What the system's clock shows at an instant of this time. */
    public Instant onSystemClock(Instant instant) {
        return beginning.plus(Duration.between(beginning, instant).dividedBy(scale));
    }

    /** A new timer with one thread, which keeps no process alive. */
    public ScheduledExecutorService timer() {
        return new Timer(scale);
    }

    private static final class Timer extends ScheduledThreadPoolExecutor {
        private final int scale;

        Timer(int scale) {
            super(1, task -> {
                Thread thread = new Thread(task, "scaled timer");
                thread.setDaemon(true);
                return thread;
            });
            this.scale = scale;
        }

        private long scaled(long time, TimeUnit unit) {
            return unit.toNanos(time) / scale;
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            return super.schedule(command, scaled(delay, unit), TimeUnit.NANOSECONDS);
        }

        @Override
        public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
            return super.schedule(callable, scaled(delay, unit), TimeUnit.NANOSECONDS);
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initial, long period, TimeUnit unit) {
            return super.scheduleAtFixedRate(
                    command, scaled(initial, unit), scaled(period, unit), TimeUnit.NANOSECONDS);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initial, long delay, TimeUnit unit) {
            return super.scheduleWithFixedDelay(
                    command, scaled(initial, unit), scaled(delay, unit), TimeUnit.NANOSECONDS);
        }
    }
}
