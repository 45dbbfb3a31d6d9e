package io.jenkins.plugins.cockroachdb.simulator;

/**
 * A cloud with a pair of clusters in a known situation.
 *
 * @param cloud the cloud
 * @param key an API key with every right on both clusters
 * @param originalPrimaryId the cluster that served before the failover
 * @param activeId the cluster that serves now
 */
public record Scene(SimulatedCloud cloud, String key, String originalPrimaryId, String activeId) {}
