package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Instant;

/**
 * A stream to plant in a cloud, with its history.
 *
 * @param primaryId the cluster that is copied
 * @param standbyId the cluster that is erased and then written
 * @param createdAt when it was created, not in the future
 * @param activatedAt when it was COMPLETED; null if it was not
 * @param canceledAt when it was CANCELED; null if it was not
 */
public record StreamSpec(
        String primaryId, String standbyId, Instant createdAt, Instant activatedAt, Instant canceledAt) {

    /**
     * Checks the order of the times.
     *
     * @throws IllegalArgumentException if the stream ends before it was created, or in two ways
     */
    public StreamSpec {
        if (activatedAt != null && canceledAt != null) {
            throw new IllegalArgumentException("a stream is either completed or canceled");
        }
        if ((activatedAt != null && activatedAt.isBefore(createdAt))
                || (canceledAt != null && canceledAt.isBefore(createdAt))) {
            throw new IllegalArgumentException("a stream cannot end before it was created");
        }
    }

    /** A stream that goes on from its creation at the cloud's pace: it may be STARTING, scanning or replicating by now. */
    public static StreamSpec live(String primaryId, String standbyId, Instant createdAt) {
        return new StreamSpec(primaryId, standbyId, createdAt, null, null);
    }

    /** A stream that ended with a cutover. */
    public static StreamSpec completed(String primaryId, String standbyId, Instant createdAt, Instant activatedAt) {
        return new StreamSpec(primaryId, standbyId, createdAt, activatedAt, null);
    }

    /** A stream that was given up. */
    public static StreamSpec canceled(String primaryId, String standbyId, Instant createdAt, Instant canceledAt) {
        return new StreamSpec(primaryId, standbyId, createdAt, null, canceledAt);
    }
}
