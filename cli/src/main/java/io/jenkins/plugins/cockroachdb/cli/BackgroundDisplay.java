package io.jenkins.plugins.cockroachdb.cli;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Shows everything on a thread of its own. A terminal that takes nothing any more, because of Ctrl-S, a pager or a connection that
 * went to sleep, would otherwise hold a failback up in the middle of its cutover.
 */
final class BackgroundDisplay implements Display {

    /** How long the end of a command waits for whoever reads. */
    private static final long PATIENCE_SECONDS = 10;

    private final Display display;
    private final AtomicReference<Progress> latest = new AtomicReference<>();
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread daemon = new Thread(task, "display");
                daemon.setDaemon(true);
                return daemon;
            });

    /** @param display where everything is shown */
    BackgroundDisplay(Display display) {
        this.display = display;
    }

    @Override
    public void show(Event event) {
        thread.execute(() -> display.show(event));
    }

    /** Only the latest progress is worth showing. */
    @Override
    public void show(Progress progress) {
        if (latest.getAndSet(progress) == null) {
            thread.execute(() -> display.show(latest.getAndSet(null)));
        }
    }

    @Override
    public void awaitShown() throws InterruptedException {
        try {
            thread.submit(() -> {}).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing can fail in doing nothing", e);
        }
    }

    @Override
    public void conclude(Conclusion conclusion) {
        Future<?> shown = thread.submit(() -> display.conclude(conclusion));
        try {
            shown.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            // Nobody reads. The record holds it, and the exit code tells it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
