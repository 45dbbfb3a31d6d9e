package io.jenkins.plugins.cockroachdb.cloud;

/**
 * The status of a replication stream. There is no FAILED.
 *
 * <p>Source: schema ReplicationStreamStatus.Type of the official OpenAPI document.
 */
public enum StreamStatus {
    /** Peering and connectivity check, about five minutes. */
    STARTING,
    /** Data flows; covers the initial scan, so it does <em>not</em> mean caught up. */
    REPLICATING,
    /** The cutover runs, or waits for its {@code failover_at}. */
    FAILING_OVER,
    /** The standby became a cluster of its own; both clusters accept writes. */
    COMPLETED,
    /** Ended without a cutover, by a person or after 24 hours without a heartbeat. */
    CANCELED,
    /** A word that this version does not know; {@link ReplicationStream#statusName()} has it. */
    UNRECOGNIZED;

    /** The status of that name, {@link #UNRECOGNIZED} when there is none. */
    public static StreamStatus named(String name) {
        for (StreamStatus status : values()) {
            if (status.name().equals(name)) {
                return status;
            }
        }
        return UNRECOGNIZED;
    }

    /** Whether the stream may still replicate or cut over. What is not recognized counts as live: the careful side. */
    public boolean isLive() {
        return this != COMPLETED && this != CANCELED;
    }
}
