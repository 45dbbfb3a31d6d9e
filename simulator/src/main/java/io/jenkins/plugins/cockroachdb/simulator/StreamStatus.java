package io.jenkins.plugins.cockroachdb.simulator;

/** The states of a replication stream, with the API's own words. */
public enum StreamStatus {
    /** The clusters are being connected; the standby is erased already. */
    STARTING,
    /** The initial scan, and the replication after it. */
    REPLICATING,
    /** A cutover was asked for and is not finished. */
    FAILING_OVER,
    /** Cut over: both clusters take writes, each for itself. */
    COMPLETED,
    /** Given up, by a request or for want of a heartbeat; the standby stays empty. */
    CANCELED;

    /** Whether the stream still occupies its clusters. */
    public boolean isLive() {
        return this != COMPLETED && this != CANCELED;
    }
}
