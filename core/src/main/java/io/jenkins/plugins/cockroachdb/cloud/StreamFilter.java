package io.jenkins.plugins.cockroachdb.cloud;

/**
 * Which streams to list. Immutable; start with {@link #live()} and narrow or widen it.
 *
 * @param primaryClusterId only streams with this source; null for any
 * @param standbyClusterId only streams with this target; null for any
 * @param clusterId only streams that touch this cluster; null for any
 * @param withCompleted whether to include COMPLETED streams, which the API hides otherwise
 */
public record StreamFilter(String primaryClusterId, String standbyClusterId, String clusterId, boolean withCompleted) {

    /** All streams that the API shows without being asked for completed ones. */
    public static StreamFilter live() {
        return new StreamFilter(null, null, null, false);
    }

    /** Only streams from this source. */
    public StreamFilter from(String primaryClusterId) {
        return new StreamFilter(primaryClusterId, standbyClusterId, clusterId, withCompleted);
    }

    /** Only streams to this target. */
    public StreamFilter to(String standbyClusterId) {
        return new StreamFilter(primaryClusterId, standbyClusterId, clusterId, withCompleted);
    }

    /** Only streams that touch this cluster as source or target. */
    public StreamFilter touching(String clusterId) {
        return new StreamFilter(primaryClusterId, standbyClusterId, clusterId, withCompleted);
    }

    /** Completed streams too. */
    public StreamFilter andCompleted() {
        return new StreamFilter(primaryClusterId, standbyClusterId, clusterId, true);
    }
}
