package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A clock and a timer whose time moves only when told to: hours pass in microseconds, and every run is the same.
 *
 * <p>Tasks run on the thread that calls {@link #advance}, {@link #advanceTo} or {@link #runNext}, one at a time, in the
 * order of their instants and, at the same instant, in the order in which they were scheduled. While a task runs, the
 * clock shows the instant for which it was scheduled. Any thread may schedule, cancel and read the clock; only one thread
 * at a time should move time.
 *
 * <p>An exception of a task given to {@link #execute} is thrown to whoever moves time, because nobody else would see it;
 * that of any other task is kept in its future, as with every executor.
 */
public final class VirtualTime extends AbstractExecutorService implements ScheduledExecutorService, InstantSource {

    private final Object lock = new Object();
    private final TreeSet<Task<?>> queue = new TreeSet<>();
    private final Instant start;
    private long now; // nanoseconds since the start, as every due time: cheaper than instants
    private long scheduled;
    private boolean shutdown;

    /**
     * Starts time.
     *
     * @param start what the clock shows first
     */
    public VirtualTime(Instant start) {
        this.start = Objects.requireNonNull(start, "start");
    }

    /** What the clock shows. */
    @Override
    public Instant instant() {
        synchronized (lock) {
            return start.plusNanos(now);
        }
    }

    /** When the next task is due; empty if nothing is scheduled. */
    public Optional<Instant> nextDue() {
        synchronized (lock) {
            return queue.isEmpty() ? Optional.empty() : Optional.of(start.plusNanos(queue.first().due));
        }
    }

    /**
     * Moves time forward by a duration and runs every task that falls due, those included that are scheduled meanwhile.
     *
     * @param duration not negative; zero runs what is due now
     */
    public void advance(Duration duration) {
        advanceTo(instant().plus(duration));
    }

    /**
     * Moves time forward to an instant and runs every task that falls due until then, those included that are scheduled
     * meanwhile.
     *
     * @throws IllegalArgumentException if the instant is in the past
     */
    public void advanceTo(Instant target) {
        if (target.isBefore(instant())) {
            throw new IllegalArgumentException("time cannot go back from " + instant() + " to " + target);
        }
        long nanos = Duration.between(start, target).toNanos();
        boolean ran;
        do {
            ran = runFirstDueBy(nanos);
        } while (ran);
        synchronized (lock) {
            now = Math.max(now, nanos);
        }
    }

    /**
     * Moves time to the next task and runs it.
     *
     * @return false if nothing is scheduled; then time stays
     */
    public boolean runNext() {
        return runFirstDueBy(Long.MAX_VALUE);
    }

    private boolean runFirstDueBy(long limit) {
        Task<?> task;
        synchronized (lock) {
            if (queue.isEmpty() || queue.first().due > limit) {
                return false;
            }
            task = queue.pollFirst();
            now = Math.max(now, task.due);
        }
        task.run();
        task.throwToMover();
        return true;
    }

    @Override
    public void execute(Runnable command) {
        schedule(new Task<>(Executors.callable(command), 0, true), 0);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return schedule(new Task<>(Executors.callable(command), 0, false), unit.toNanos(delay));
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        return schedule(new Task<>(callable, 0, false), unit.toNanos(delay));
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initialDelay, long period, TimeUnit unit) {
        return schedule(
                new Task<>(Executors.callable(command), positive(unit.toNanos(period)), false),
                unit.toNanos(initialDelay));
    }

    /** The same as {@link #scheduleAtFixedRate}: in virtual time a task takes no time, unless it moves time itself. */
    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initialDelay, long delay, TimeUnit unit) {
        return schedule(
                new Task<>(Executors.callable(command), -positive(unit.toNanos(delay)), false),
                unit.toNanos(initialDelay));
    }

    private <V> Task<V> schedule(Task<V> task, long delayNanos) {
        synchronized (lock) {
            if (shutdown) {
                throw new RejectedExecutionException("virtual time was shut down");
            }
            task.due = Math.addExact(now, Math.max(0, delayNanos));
            enqueue(task);
            return task;
        }
    }

    private void enqueue(Task<?> task) {
        task.order = scheduled++;
        queue.add(task);
    }

    /** Refuses new tasks and ends periodic ones; a single task that waits still runs when its time comes. */
    @Override
    public void shutdown() {
        synchronized (lock) {
            shutdown = true;
            List.copyOf(queue).stream().filter(Task::isPeriodic).forEach(task -> task.cancel(false));
        }
    }

    @Override
    public List<Runnable> shutdownNow() {
        synchronized (lock) {
            shutdown = true;
            List<Runnable> waiting = new ArrayList<>(queue);
            queue.clear();
            return waiting;
        }
    }

    @Override
    public boolean isShutdown() {
        synchronized (lock) {
            return shutdown;
        }
    }

    @Override
    public boolean isTerminated() {
        synchronized (lock) {
            return shutdown && queue.isEmpty();
        }
    }

    /** Answers at once: no waiting moves virtual time. */
    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isTerminated();
    }

    private static long positive(long nanos) {
        if (nanos <= 0) {
            throw new IllegalArgumentException("a period must be positive");
        }
        return nanos;
    }

    private final class Task<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {

        /** As with the JDK's own timer: 0 runs once, positive is a fixed rate, negative a fixed delay; nanoseconds. */
        private final long period;

        private final boolean failureToMover;
        private long due;
        private long order;

        Task(Callable<V> work, long period, boolean failureToMover) {
            super(Objects.requireNonNull(work));
            this.period = period;
            this.failureToMover = failureToMover;
        }

        @Override
        public void run() {
            if (!isPeriodic()) {
                super.run();
            } else if (runAndReset()) {
                synchronized (lock) {
                    // A task can be cancelled, or time shut down, after its run and before this line.
                    if (!shutdown && !isCancelled()) {
                        due = period > 0 ? due + period : now - period;
                        enqueue(this);
                    }
                }
            }
        }

        void throwToMover() {
            if (!failureToMover || isCancelled()) {
                return;
            }
            try {
                get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) e.getCause(); // a Runnable throws nothing else
            } catch (InterruptedException e) {
                throw new IllegalStateException("a finished task does not wait", e);
            }
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            synchronized (lock) {
                boolean cancelled = super.cancel(mayInterruptIfRunning);
                queue.remove(this);
                return cancelled;
            }
        }

        @Override
        public boolean isPeriodic() {
            return period != 0;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            synchronized (lock) {
                return unit.convert(due - now, TimeUnit.NANOSECONDS);
            }
        }

        @Override
        public int compareTo(Delayed other) {
            if (other instanceof Task<?> task) {
                int byTime = Long.compare(due, task.due);
                return byTime != 0 ? byTime : Long.compare(order, task.order);
            }
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }
}
