package io.jenkins.plugins.cockroachdb.simulator;

import java.util.regex.Pattern;

/** The calls of the Cloud API that the simulator answers, each with its method and path. */
public enum Operation {
    /** The organization to which the key belongs. */
    GET_ORGANIZATION("GET", "/api/v1/organization"),
    /** One page of the clusters that the key may see. */
    LIST_CLUSTERS("GET", "/api/v1/clusters"),
    /** One cluster. */
    GET_CLUSTER("GET", "/api/v1/clusters/{id}"),
    /** One page of a cluster's nodes. */
    LIST_NODES("GET", "/api/v1/clusters/{id}/nodes"),
    /** The disruption that somebody has set on a cluster; needs more than the role of a developer. */
    GET_DISRUPTION("GET", "/api/v1/clusters/{id}/disrupt"),
    /** One page of replication streams. */
    LIST_STREAMS("GET", "/api/v1/physical-replication-streams"),
    /** One replication stream. */
    GET_STREAM("GET", "/api/v1/physical-replication-streams/{id}"),
    /** Starts a stream, which erases its standby. */
    CREATE_STREAM("POST", "/api/v1/physical-replication-streams"),
    /** Cuts a stream over or cancels it. */
    UPDATE_STREAM("PATCH", "/api/v1/physical-replication-streams/{id}");

    private final String method;
    private final Pattern path;

    Operation(String method, String path) {
        this.method = method;
        this.path = Pattern.compile(path.replace("{id}", "(?<id>[^/]+)"));
    }

    /** Whether a request of this kind can change anything. */
    public boolean isWrite() {
        return !method.equals("GET");
    }

    String method() {
        return method;
    }

    Pattern path() {
        return path;
    }
}
