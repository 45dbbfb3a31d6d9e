package io.jenkins.plugins.cockroachdb.disasters;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * Threads that take turns, so that code that blocks can be played on virtual time. Exactly one of them runs: whoever waits lets events
 * happen, one after the other, until somebody can go on. Who that is depends on nothing but what happened, so that a seed is played
 * the same way each time.
 */
final class Turns {

    private static final ExecutorService THREADS = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "turn");
        thread.setDaemon(true);
        return thread;
    });

    /** A thread that cannot go on, or work that has not begun. */
    private static final class Waiting {
        private final BooleanSupplier ready;
        private final Runnable work;
        private final Semaphore turn = new Semaphore(0);

        /** @param work what has not begun; null for a thread */
        Waiting(BooleanSupplier ready, Runnable work) {
            this.ready = ready;
            this.work = work;
        }
    }

    private final Runnable event;
    private final List<Waiting> waiting = new ArrayList<>();
    private Throwable failure;

    /** @param event lets the next event happen */
    Turns(Runnable event) {
        this.event = event;
    }

    /**
     * Lets events happen until it is done. Only for the thread that plays.
     *
     * @throws RuntimeException what an event or some work has thrown
     */
    void play(BooleanSupplier done) {
        await(() -> failure != null || done.getAsBoolean());
        if (failure instanceof Error error) {
            throw error;
        } else if (failure != null) {
            throw (RuntimeException) failure; // neither events nor work throw anything else
        }
    }

    /** Lets whoever can go on without any event do so first. */
    void letOthersEnd() {
        await(() -> true);
    }

    /** Returns when it is ready; until then others have the turn. Not for events, which nobody may wait in. */
    void await(BooleanSupplier ready) {
        Waiting me = new Waiting(ready, null);
        waiting.add(me);
        Waiting next = next();
        if (next != me) {
            give(next);
            me.turn.acquireUninterruptibly();
        }
    }

    /** Has work begin, on a thread of its own, when what happens now is over. */
    void begin(Runnable work) {
        waiting.add(new Waiting(() -> true, work));
    }

    private Waiting next() {
        while (true) {
            for (int i = 0; i < waiting.size(); i++) {
                if (waiting.get(i).ready.getAsBoolean()) {
                    return waiting.remove(i);
                }
            }
            guarded(event);
        }
    }

    private void guarded(Runnable part) {
        try {
            part.run();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    private void give(Waiting next) {
        if (next.work == null) {
            next.turn.release();
        } else {
            THREADS.execute(() -> work(next.work));
        }
    }

    /** A thread whose work is done serves for the next work. */
    private void work(Runnable first) {
        Runnable work = first;
        while (work != null) {
            guarded(work);
            Waiting next = next();
            work = next.work;
            if (work == null) {
                next.turn.release();
            }
        }
    }
}
