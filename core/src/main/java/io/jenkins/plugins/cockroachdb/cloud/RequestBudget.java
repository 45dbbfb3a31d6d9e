package io.jenkins.plugins.cockroachdb.cloud;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Spaces the requests of one API key, whoever sends them: 2 per second steadily, 5 per second near a cutover. The server
 * allows 10 per second and user, and other programs may use the key too.
 *
 * <p>It is a bucket of tokens that a timer refills, so a jump of the wall clock cannot stall it. Every request takes a
 * token. Reads that somebody waits for may come in a burst, but no more than {@value #PER_SECOND} requests within any second;
 * polls in the background never do, they get one token between two refills; when both wait they take turns, so that neither
 * starves. A write never waits, it may leave a debt that the others pay.
 */
public final class RequestBudget {

    /** How much a request may run ahead of the steady rate. */
    public enum Urgency {
        /** A poll: evenly spaced. */
        BACKGROUND,
        /** A read that somebody waits for: up to {@value #BURST} after a quiet time, {@value #PER_SECOND} within a second. */
        READ,
        /** A write: at once, because the proof that allows it does not keep. */
        WRITE
    }

    /** Requests per second away from any cutover. */
    public static final int STEADY_PER_SECOND = 2;

    /** Requests per second while a cutover is near. */
    public static final int NEAR_CUTOVER_PER_SECOND = 5;

    /** Within any second: with a write, less than the server's 10. */
    private static final int PER_SECOND = 8;

    /** What a person waits for at a gate: two examinations of 8 reads, and the looks around them. */
    private static final int BURST = 24;

    private final ScheduledExecutorService timer;

    // All guarded by this.
    private final Deque<Turn> reads = new ArrayDeque<>();
    private final Deque<Turn> background = new ArrayDeque<>();
    private int tokens = BURST;
    private int lastSecond; // requests within it
    private boolean refilling;
    private boolean backgroundServed; // since the last refill
    private boolean backgroundWasLast;
    private int pauses;
    private boolean nearCutover;

    /** @param timer refills the bucket; may be shared */
    public RequestBudget(ScheduledExecutorService timer) {
        this.timer = timer;
    }

    /** A request that has, or will get, its turn. */
    public final class Turn {
        private final Urgency urgency;
        private final Runnable request;

        private Turn(Urgency urgency, Runnable request) {
            this.urgency = urgency;
            this.request = request;
        }

        /** Runs the request as soon as the budget allows: at once on this thread, or later on the timer's. */
        public void await() {
            if (urgency == Urgency.WRITE) {
                synchronized (RequestBudget.this) {
                    take();
                }
                request.run();
                return;
            }
            synchronized (RequestBudget.this) {
                (urgency == Urgency.READ ? reads : background).add(this);
            }
            serve();
        }

        /** Leaves the queue; without effect once the turn has come. */
        public void giveUp() {
            synchronized (RequestBudget.this) {
                if (!reads.remove(this)) {
                    background.remove(this);
                }
            }
        }
    }

    /** A turn for a request, which begins to count with {@link Turn#await}. */
    public Turn turn(Urgency urgency, Runnable request) {
        return new Turn(urgency, request);
    }

    /** Holds every read and poll back for a while, as a server's Retry-After asks. Pauses overlap, they do not add up. */
    public void pause(Duration time) {
        synchronized (this) {
            pauses++;
        }
        timer.schedule(
                () -> {
                    synchronized (this) {
                        pauses--;
                    }
                    serve();
                },
                time.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    /** Switches to the rate near a cutover and back. */
    public synchronized void nearCutover(boolean near) {
        nearCutover = near;
    }

    private void serve() {
        for (Turn turn = next(); turn != null; turn = next()) {
            turn.request.run();
        }
    }

    private synchronized Turn next() {
        if (pauses > 0 || tokens < 1 || lastSecond >= PER_SECOND) {
            return null;
        }
        boolean backgroundMay = !background.isEmpty() && !backgroundServed;
        boolean toBackground = backgroundMay && (reads.isEmpty() || !backgroundWasLast);
        Turn turn = toBackground ? background.poll() : reads.poll();
        if (turn != null) {
            backgroundWasLast = toBackground;
            backgroundServed |= toBackground;
            take();
        }
        return turn;
    }

    private void take() {
        tokens--;
        lastSecond++;
        timer.schedule(this::secondOver, 1, TimeUnit.SECONDS);
        if (!refilling) {
            refilling = true;
            refillLater();
        }
    }

    private void secondOver() {
        synchronized (this) {
            lastSecond--;
        }
        serve();
    }

    private void refillLater() {
        int perSecond = nearCutover ? NEAR_CUTOVER_PER_SECOND : STEADY_PER_SECOND;
        timer.schedule(this::refill, TimeUnit.SECONDS.toNanos(1) / perSecond, TimeUnit.NANOSECONDS);
    }

    private void refill() {
        synchronized (this) {
            tokens++;
            backgroundServed = false;
            refilling = tokens < BURST;
            if (refilling) {
                refillLater();
            }
        }
        serve();
    }
}
