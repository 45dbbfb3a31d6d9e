package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Duration;
import java.util.Objects;

/**
 * What happens to one request.
 *
 * @param kind what goes wrong
 * @param delay how long after the request the answer or the break comes; of {@link FaultKind#SLOW_DRIP} the time between
 *     two bytes; without meaning for {@link FaultKind#NO_ANSWER}
 * @param retryAfter the Retry-After header of a 429 or 503: seconds or an HTTP date; null for none
 */
public record Fault(FaultKind kind, Duration delay, String retryAfter) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the delay is negative, or zero between the bytes of a drip
     */
    public Fault {
        Objects.requireNonNull(kind, "kind");
        if (delay.isNegative() || (kind == FaultKind.SLOW_DRIP && delay.isZero())) {
            throw new IllegalArgumentException("the delay is too short: " + delay);
        }
    }

    /** A fault with the delay and header that are usual for its kind. */
    public static Fault of(FaultKind kind) {
        return new Fault(kind, kind.delay(), kind.retryAfter());
    }

    /** The right answer after a while. */
    public static Fault latency(Duration delay) {
        return of(FaultKind.LATENCY).withDelay(delay);
    }

    /** With another {@link #delay()}. */
    public Fault withDelay(Duration value) {
        return new Fault(kind, value, retryAfter);
    }

    /** With another {@link #retryAfter()}. */
    public Fault withRetryAfter(String value) {
        return new Fault(kind, delay, value);
    }
}
