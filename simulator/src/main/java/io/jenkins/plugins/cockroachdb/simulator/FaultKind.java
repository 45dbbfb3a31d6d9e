package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Duration;

/** What can go wrong between a client and the cloud. */
public enum FaultKind {
    /** The right answer, late: after 2 s, unless the fault says otherwise. */
    LATENCY(true, Duration.ofSeconds(2), null),
    /** 429, with Retry-After: 1. */
    TOO_MANY_REQUESTS(false, Duration.ZERO, "1"),
    /** 408. */
    REQUEST_TIMEOUT(false, Duration.ZERO, null),
    /** 500; the message echoes the key. */
    INTERNAL_ERROR(false, Duration.ZERO, null),
    /** 502 with a proxy's HTML page. */
    BAD_GATEWAY(false, Duration.ZERO, null),
    /** 503. */
    UNAVAILABLE(false, Duration.ZERO, null),
    /** 503 with Retry-After: 0, which makes some clients send a write again by themselves. */
    UNAVAILABLE_RETRY_AT_ONCE(false, Duration.ZERO, "0"),
    /** 504, although the request has taken effect. */
    GATEWAY_TIMEOUT_AFTER_EFFECT(true, Duration.ZERO, null),
    /** 307 to the same place on the same server, which makes some clients send a write again by themselves. */
    REDIRECT(false, Duration.ZERO, null),
    /** The connection breaks before the cloud has seen the request. */
    RESET_BEFORE_EFFECT(false, Duration.ZERO, null),
    /** The connection breaks although the request has taken effect. */
    RESET_AFTER_EFFECT(true, Duration.ZERO, null),
    /** The right status and nothing more. */
    EMPTY_BODY(true, Duration.ZERO, null),
    /** Half of the answer; its length promises all of it. */
    TRUNCATED_BODY(true, Duration.ZERO, null),
    /** The right status with a page that is not JSON and echoes the key. */
    MALFORMED_BODY(true, Duration.ZERO, null),
    /** JSON with the right fields and other types than they should have. */
    WRONG_TYPES(true, Duration.ZERO, null),
    /** The right answer in more than 4 MiB. */
    OVERSIZED_BODY(true, Duration.ZERO, null),
    /** The right answer, a byte a second unless the fault says otherwise, and so long that no time-out waits for its end. */
    SLOW_DRIP(true, Duration.ofSeconds(1), null),
    /** No answer at all, on a connection that stays open. */
    NO_ANSWER(true, Duration.ZERO, null);

    private final boolean effect;
    private final Duration delay;
    private final String retryAfter;

    FaultKind(boolean effect, Duration delay, String retryAfter) {
        this.effect = effect;
        this.delay = delay;
        this.retryAfter = retryAfter;
    }

    /** Whether the cloud has acted on the request all the same. */
    public boolean hasEffect() {
        return effect;
    }

    Duration delay() {
        return delay;
    }

    String retryAfter() {
        return retryAfter;
    }
}
