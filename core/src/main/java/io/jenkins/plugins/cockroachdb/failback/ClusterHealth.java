package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.Cluster;

/**
 * Whether a cluster may take part in a failback now, by its own words in the Cloud API.
 *
 * @param state never null
 * @param reason a clause that follows the cluster's name, such as "is CREATED and idle"; never null
 */
public record ClusterHealth(State state, String reason) {

    /** The kinds of health. */
    public enum State {
        /** Usable, and nothing runs. */
        HEALTHY,
        /** Usable later: something runs that ends by itself. */
        BUSY,
        /** Somebody has to act first. */
        UNHEALTHY
    }

    /**
     * Reads {@code state}, {@code operation_status} and {@code upgrade_status}. A word that is not known counts as busy or
     * unhealthy, never as healthy.
     */
    public static ClusterHealth of(Cluster cluster) {
        String state = words(cluster.state());
        if (state.equals("LOCKED") || state.equals("CREATING")) {
            return new ClusterHealth(State.BUSY, "is " + state);
        }
        if (!state.equals("CREATED")) {
            return new ClusterHealth(State.UNHEALTHY, "is " + state + ", not CREATED");
        }
        String operation = cluster.operationStatus() == null ? "UNSPECIFIED" : cluster.operationStatus();
        if (operation.endsWith("_FAILED")) {
            return new ClusterHealth(State.UNHEALTHY, "has a failed operation: " + operation);
        }
        if (!operation.equals("UNSPECIFIED")) {
            return new ClusterHealth(State.BUSY, "is busy: " + operation);
        }
        String upgrade = words(cluster.upgradeStatus());
        return switch (upgrade) {
            case "FINALIZED", "UPGRADE_AVAILABLE" -> new ClusterHealth(State.HEALTHY, "is CREATED and idle");
            case "PENDING_FINALIZATION" -> new ClusterHealth(
                    State.UNHEALTHY, "has an upgrade that is not finalized: " + upgrade);
            default -> new ClusterHealth(State.BUSY, "is being upgraded or rolled back: " + upgrade);
        };
    }

    private static String words(String value) {
        return value == null ? "in no known state" : value;
    }
}
