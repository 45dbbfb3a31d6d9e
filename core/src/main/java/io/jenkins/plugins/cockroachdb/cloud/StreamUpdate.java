package io.jenkins.plugins.cockroachdb.cloud;

import java.time.Instant;
import java.util.Objects;

/**
 * What a stream is told to do. The API allows it only while the stream is REPLICATING.
 *
 * @param status FAILING_OVER or CANCELED
 * @param failoverAt the cutover time; null for the latest consistent one, and always when canceling
 */
public record StreamUpdate(StreamStatus status, Instant failoverAt) {

    public StreamUpdate {
        if (status != StreamStatus.FAILING_OVER && status != StreamStatus.CANCELED) {
            throw new IllegalArgumentException("A stream can be told FAILING_OVER or CANCELED, not " + status);
        }
        if (status == StreamStatus.CANCELED && failoverAt != null) {
            throw new IllegalArgumentException("A canceled stream has no cutover time");
        }
    }

    /** Cut over to everything that was replicated. */
    public static StreamUpdate failOver() {
        return new StreamUpdate(StreamStatus.FAILING_OVER, null);
    }

    /**
     * Cut over to a time: at most one hour ahead, or back to {@code retained_time}. Writes after it are discarded; if
     * {@code retained_time} moves past it meanwhile, the server cuts over to {@code retained_time} without saying so.
     */
    public static StreamUpdate failOverAt(Instant time) {
        return new StreamUpdate(StreamStatus.FAILING_OVER, Objects.requireNonNull(time, "time"));
    }

    /** End the stream without a cutover. */
    public static StreamUpdate cancel() {
        return new StreamUpdate(StreamStatus.CANCELED, null);
    }
}
