package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import java.util.Objects;

/**
 * The two clusters of a failback, as they were read.
 *
 * @param originalPrimary P: served before the failover; the failback erases it and goes home to it
 * @param active A: serves now
 */
public record Pair(Cluster originalPrimary, Cluster active) {

    public Pair {
        Objects.requireNonNull(originalPrimary, "originalPrimary");
        Objects.requireNonNull(active, "active");
    }

    /** Whether the stream flows from A to P. */
    public boolean isReverse(ReplicationStream stream) {
        return stream.primaryClusterId().equals(active.id())
                && stream.standbyClusterId().equals(originalPrimary.id());
    }

    /** Whether the stream flows from P to A. */
    public boolean isForward(ReplicationStream stream) {
        return stream.primaryClusterId().equals(originalPrimary.id())
                && stream.standbyClusterId().equals(active.id());
    }

    /** A cluster as a person knows it: by name when it is of the pair, by id otherwise. */
    public String nameOf(String clusterId) {
        if (clusterId.equals(originalPrimary.id())) {
            return originalPrimary.name();
        }
        return clusterId.equals(active.id()) ? active.name() : clusterId;
    }

    /** A stream as a person knows it, to be used within a sentence. */
    public String describe(ReplicationStream stream) {
        return "stream " + stream.id() + " from " + nameOf(stream.primaryClusterId()) + " to "
                + nameOf(stream.standbyClusterId());
    }
}
