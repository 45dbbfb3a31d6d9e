package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.disasters.Twist.CrashPoint;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * The life of a driver's process: its timer and its clock. Everything in which others could see that it lived is a scheduling
 * point, and at each of them it can die. From then on nothing of it happens any more; what it had sent is on its way.
 */
final class Life extends AbstractExecutorService implements ScheduledExecutorService, InstantSource {

    /** Ends what the process is doing when it dies. */
    static final class Dead extends Error {
        private static final long serialVersionUID = 1L;

        Dead() {
            super("the process is dead", null, false, false);
        }
    }

    /** Asked at each scheduling point whether the process dies there. */
    interface Fate {
        boolean diesAt(CrashPoint point);
    }

    final String name;
    private final VirtualTime time;
    private final Turns turns;
    private final Fate fate;
    private final Runnable onDeath;
    private final Map<CrashPoint, Integer> points = new EnumMap<>(CrashPoint.class);
    private Duration ahead;
    private final Instant born;
    private boolean alive = true;

    /**
     * @param ahead how far its clock is ahead of the true time
     * @param onDeath called once
     */
    Life(String name, VirtualTime time, Turns turns, Duration ahead, Fate fate, Runnable onDeath) {
        this.name = name;
        this.time = time;
        this.turns = turns;
        this.ahead = ahead;
        this.fate = fate;
        this.onDeath = onDeath;
        born = time.instant();
    }

    /** When it began, in true time. */
    Instant born() {
        return born;
    }

    boolean isAlive() {
        return alive;
    }

    /**
     * Here the process may die.
     *
     * @throws Dead if it does, or is dead already
     */
    void point(CrashPoint point) {
        checkAlive();
        points.merge(point, 1, Integer::sum);
        if (fate.diesAt(point)) {
            die();
            throw new Dead();
        }
    }

    /** The process dies. */
    void die() {
        end();
        onDeath.run();
    }

    /** How many scheduling points of a kind it has passed. */
    int passed(CrashPoint point) {
        return points.getOrDefault(point, 0);
    }

    void checkAlive() {
        if (!alive) {
            throw new Dead();
        }
    }

    /** The process ends: its run is over, or it is dead. */
    void end() {
        alive = false;
    }

    void jump(Duration by) {
        ahead = ahead.plus(by);
    }

    @Override
    public Instant instant() {
        return time.instant().plus(ahead);
    }

    /** Runs it if the process lives. */
    void run(Runnable task) {
        if (alive) {
            try {
                point(CrashPoint.TASK);
                task.run();
            } catch (Dead dead) {
                // nothing more happens
            }
        }
    }

    // ---- Threads that block

    /** Runs what blocks, as threads of the process. */
    Executor threads() {
        return work -> turns.begin(() -> {
            if (alive) {
                try {
                    work.run();
                } catch (Dead dead) {
                    // nothing more happens
                }
            }
        });
    }

    /**
     * Blocks a thread of the process.
     *
     * @throws Dead if the process dies meanwhile, or has died
     */
    void await(BooleanSupplier ready) {
        checkAlive();
        turns.await(() -> !alive || ready.getAsBoolean());
        checkAlive();
    }

    /** What came of it, between two tasks of the process. */
    <T> CompletableFuture<T> hears(CompletableFuture<T> result) {
        CompletableFuture<T> heard = new CompletableFuture<>();
        result.whenComplete((value, failure) -> execute(() -> {
            if (failure != null) {
                heard.completeExceptionally(failure);
            } else {
                heard.complete(value);
            }
        }));
        heard.whenComplete((value, failure) -> {
            if (heard.isCancelled()) {
                result.cancel(true);
            }
        });
        return heard;
    }

    /** A timer's future, which a thread of the process can wait for. */
    private final class Alarm<V> implements ScheduledFuture<V> {
        private final ScheduledFuture<V> alarm;

        Alarm(ScheduledFuture<V> alarm) {
            this.alarm = alarm;
        }

        @Override
        public V get() throws InterruptedException, ExecutionException {
            await(alarm::isDone);
            return alarm.get();
        }

        @Override
        public V get(long timeout, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return alarm.getDelay(unit);
        }

        @Override
        public int compareTo(Delayed other) {
            return alarm.compareTo(other);
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return alarm.cancel(mayInterruptIfRunning);
        }

        @Override
        public boolean isCancelled() {
            return alarm.isCancelled();
        }

        @Override
        public boolean isDone() {
            return alarm.isDone();
        }
    }

    // ---- Its timer

    @Override
    public void execute(Runnable task) {
        time.execute(() -> run(task));
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        return new Alarm<>(time.schedule(() -> run(task), delay, unit));
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        return new Alarm<>(time.schedule(
                () -> {
                    AtomicReference<V> value = new AtomicReference<>();
                    run(() -> value.set(called(task)));
                    return value.get();
                },
                delay,
                unit));
    }

    private static <V> V called(Callable<V> task) {
        try {
            return task.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long first, long period, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void shutdown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Runnable> shutdownNow() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isShutdown() {
        return !alive;
    }

    @Override
    public boolean isTerminated() {
        return !alive;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return !alive;
    }
}
