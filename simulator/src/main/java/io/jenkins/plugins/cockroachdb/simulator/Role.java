package io.jenkins.plugins.cockroachdb.simulator;

/** What a key may do with a cluster. Every role may read the cluster and its streams. */
public enum Role {
    /** Everything: creating a stream needs this role on both clusters, changing one on either. */
    CLUSTER_ADMIN,
    /** Reads, the disruption included. */
    CLUSTER_OPERATOR_WRITER,
    /** Reads, but not the disruption. */
    CLUSTER_DEVELOPER
}
