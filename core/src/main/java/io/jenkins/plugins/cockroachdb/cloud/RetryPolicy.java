package io.jenkins.plugins.cockroachdb.cloud;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long one request may take and how a read is repeated. A write is bound by the same times but never repeated.
 *
 * @param attempts the most times that a read is sent
 * @param attemptLimit from sending to the complete answer, for each attempt
 * @param deadline from the call to its end, all attempts, pauses and the wait for the budget included; a list of several
 *     pages has it for each page
 * @param firstPause upper end of the first pause; it doubles each time
 * @param longestPause upper end of every pause that we choose ourselves
 * @param longestRetryAfter a server that asks for more is not waited for within a call, and pauses the key this long
 */
public record RetryPolicy(
        int attempts,
        Duration attemptLimit,
        Duration deadline,
        Duration firstPause,
        Duration longestPause,
        Duration longestRetryAfter) {

    /** Five attempts of at most 30 s, all within two minutes; pauses of up to 0.5 s, 1 s, 2 s, 4 s. */
    public static final RetryPolicy DEFAULT = new RetryPolicy(
            5,
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            Duration.ofMillis(500),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60));

    /** The pause after the given number of failed attempts: exponential with full jitter. */
    Duration pauseAfter(int failedAttempts, RandomGenerator random) {
        int doublings = Math.min(failedAttempts - 1, 30);
        long ceiling = Math.min(firstPause.toMillis() << doublings, longestPause.toMillis());
        return Duration.ofMillis(random.nextLong(ceiling + 1));
    }
}
