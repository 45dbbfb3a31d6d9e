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
 * token, and urgency decides how empty the bucket may be: a poll in the background needs a full one and so never comes in
 * bursts; a read that somebody waits for needs one token; a write never waits, it may leave a debt that the polls pay.
 */
public final class RequestBudget {

    /** How much a request may run ahead of the steady rate. */
    public enum Urgency {
        /** A poll: evenly spaced, after everybody else. */
        BACKGROUND,
        /** A read that somebody waits for: up to {@value #BURST} at once. */
        READ,
        /** A write: at once, because the proof that allows it does not keep. */
        WRITE
    }

    /** Requests per second away from any cutover. */
    public static final int STEADY_PER_SECOND = 2;

    /** Requests per second while a cutover is near. */
    public static final int NEAR_CUTOVER_PER_SECOND = 5;

    private static final int BURST = 5;

    private final ScheduledExecutorService timer;
    private final Deque<Turn> reads = new ArrayDeque<>();
    private final Deque<Turn> background = new ArrayDeque<>();
    private int tokens = BURST;
    private boolean refilling;
    private int pauses;
    private boolean nearCutover;

    /** @param timer refills the bucket; may be shared */
    public RequestBudget(ScheduledExecutorService timer) {
        this.timer = timer;
    }

    /** A request that waits for its turn. */
    public final class Turn {
        private final Runnable request;

        private Turn(Runnable request) {
            this.request = request;
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

    /** Runs the request as soon as the budget allows: at once on this thread, or later on the timer's. */
    public Turn whenAllowed(Urgency urgency, Runnable request) {
        Turn turn = new Turn(request);
        if (urgency == Urgency.WRITE) {
            synchronized (this) {
                take();
            }
            request.run();
            return turn;
        }
        synchronized (this) {
            (urgency == Urgency.READ ? reads : background).add(turn);
        }
        serve();
        return turn;
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
        if (pauses > 0 || tokens < 1) {
            return null;
        }
        Turn turn = !reads.isEmpty() ? reads.poll() : tokens == BURST ? background.poll() : null;
        if (turn != null) {
            take();
        }
        return turn;
    }

    private void take() {
        tokens--;
        if (!refilling) {
            refilling = true;
            refillLater();
        }
    }

    private void refillLater() {
        int perSecond = nearCutover ? NEAR_CUTOVER_PER_SECOND : STEADY_PER_SECOND;
        timer.schedule(this::refill, TimeUnit.SECONDS.toNanos(1) / perSecond, TimeUnit.NANOSECONDS);
    }

    private void refill() {
        synchronized (this) {
            tokens++;
            refilling = tokens < BURST;
            if (refilling) {
                refillLater();
            }
        }
        serve();
    }
}
