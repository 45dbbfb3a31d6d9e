package io.jenkins.plugins.cockroachdb.cloud;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the cloud answered, and when, by both clocks.
 *
 * @param value what it answered
 * @param cloudTime the server's clock in its {@code Date} header, whole seconds; null when the header was missing or
 *     unreadable
 * @param sentAt our clock just before the request was handed to the transport
 * @param receivedAt our clock when the answer was complete
 */
public record Answer<T>(T value, Instant cloudTime, Instant sentAt, Instant receivedAt) {

    private static final Duration HALF_A_SECOND = Duration.ofMillis(500);

    /** The same answer with its value read differently. */
    public <R> Answer<R> map(Function<? super T, ? extends R> reading) {
        return new Answer<>(reading.apply(value), cloudTime, sentAt, receivedAt);
    }

    /**
     * How far the cloud's clock is ahead of ours (negative: behind). The {@code Date} header has whole seconds and was
     * written at an unknown moment between sending and receiving, so the middle of both intervals is compared; the true
     * skew is within half a second plus half the round trip of the result. Empty when the answer had no date.
     */
    public Optional<Duration> skew() {
        if (cloudTime == null) {
            return Optional.empty();
        }
        Instant ours = sentAt.plus(Duration.between(sentAt, receivedAt).dividedBy(2));
        return Optional.of(Duration.between(ours, cloudTime.plus(HALF_A_SECOND)));
    }

    /**
     * The {@linkplain #skew skew} that there is at least: zero when the clocks may well agree, because the answer took as long as
     * they seem to differ.
     */
    public Optional<Duration> leastSkew() {
        Duration uncertain = Duration.between(sentAt, receivedAt).dividedBy(2).plus(HALF_A_SECOND);
        return skew().map(skew -> {
            Duration certain = skew.abs().minus(uncertain);
            if (certain.isNegative()) {
                return Duration.ZERO;
            }
            return skew.isNegative() ? certain.negated() : certain;
        });
    }
}
