package io.jenkins.plugins.cockroachdb.cloud;

/**
 * A node of a cluster.
 *
 * @param name never null
 * @param regionName null if absent
 * @param status LIVE or NOT_READY, or a future word; null if absent
 */
public record ClusterNode(String name, String regionName, String status) {}
