package io.jenkins.plugins.cockroachdb.cloud;

/** What can be asked of the Cloud API; the first word of every error. */
public enum Operation {
    GET_ORGANIZATION("read the organization"),
    LIST_CLUSTERS("list the clusters"),
    GET_CLUSTER("read the cluster"),
    LIST_NODES("list the nodes of the cluster"),
    GET_DISRUPTION("read the disruption of the cluster"),
    LIST_STREAMS("list the replication streams"),
    GET_STREAM("read the replication stream"),
    CREATE_STREAM("create the replication stream"),
    UPDATE_STREAM("update the replication stream");

    private final String words;

    Operation(String words) {
        this.words = words;
    }

    /** What it does, to follow "cannot". */
    public String words() {
        return words;
    }

    /** Whether it changes something in the cloud. A write is sent exactly once. */
    public boolean isWrite() {
        return this == CREATE_STREAM || this == UPDATE_STREAM;
    }
}
