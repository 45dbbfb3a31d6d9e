package io.jenkins.plugins.cockroachdb.proxy;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The time that some work with connections has. When it is over, every connection under it is closed, which ends whatever
 * reads or writes on it: blocking I/O has no better way to be stopped.
 */
final class Deadline implements AutoCloseable {

    private final ScheduledExecutorService timer;
    private final ScheduledFuture<?> alarm;
    private final List<Closeable> guarded = new ArrayList<>();
    private boolean over;

    Deadline(ScheduledExecutorService timer, Duration limit) {
        this.timer = timer;
        this.alarm = timer.schedule(this::cut, limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * From now on the resource is closed when the time is over.
     *
     * @throws SocketTimeoutException if it is over already
     */
    synchronized void guard(Closeable resource) throws SocketTimeoutException {
        if (over) {
            close(resource);
            throw new SocketTimeoutException("the time is over");
        }
        guarded.add(resource);
    }

    /** Ends the time at once. */
    synchronized void cut() {
        over = true;
        guarded.forEach(Deadline::close);
        guarded.clear();
    }

    synchronized boolean isOver() {
        return over;
    }

    /** How much time is left; never negative. */
    Duration left() {
        return isOver() ? Duration.ZERO : Duration.ofNanos(Math.max(0, alarm.getDelay(TimeUnit.NANOSECONDS)));
    }

    /**
     * Returns after the while, or as soon as the time is over.
     *
     * @return whether there is time left
     */
    boolean pause(Duration length) {
        ScheduledFuture<?> end = timer.schedule(() -> {}, length.toNanos(), TimeUnit.NANOSECONDS);
        try {
            guard(() -> end.cancel(false));
            // The timer's own future, so that whoever plays time also says how one waits for it.
            end.get();
        } catch (SocketTimeoutException | CancellationException e) {
            end.cancel(false); // the time is over
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cut();
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing was done that could fail", e);
        }
        return !isOver();
    }

    /** The work is done: nothing is closed any more because of the time. */
    @Override
    public synchronized void close() {
        alarm.cancel(false);
        guarded.clear();
    }

    private static void close(Closeable resource) {
        try {
            resource.close();
        } catch (IOException ignored) {
            // whoever uses it learns of it by its own read or write
        }
    }
}
