package io.jenkins.plugins.cockroachdb.cloud;

import java.util.List;

/**
 * A cluster as the Cloud API describes it. Enumerated fields are kept as the words of the API, because unknown future
 * words must be shown, not lost.
 *
 * @param id never null
 * @param name never null
 * @param state CREATED when usable, LOCKED while an exclusive operation runs; null if absent
 * @param operationStatus UNSPECIFIED or null is idle, {@code *_RUNNING} busy, {@code *_FAILED} failed
 * @param upgradeStatus FINALIZED and UPGRADE_AVAILABLE are normal; null if absent
 * @param version CockroachDB version such as {@code v24.3.1}; null if absent
 * @param plan physical cluster replication needs ADVANCED; null if absent
 * @param cloudProvider GCP, AWS or AZURE; null if absent
 * @param cidrRange IPv4 range, only on GCP Advanced clusters, otherwise empty; null if absent
 * @param regions in the API's order, possibly empty, never null
 * @param sqlDns DNS name of the SQL interface; null if absent
 */
public record Cluster(
        String id,
        String name,
        String state,
        String operationStatus,
        String upgradeStatus,
        String version,
        String plan,
        String cloudProvider,
        String cidrRange,
        List<Region> regions,
        String sqlDns) {

    public Cluster {
        regions = List.copyOf(regions);
    }

    /**
     * A region of a cluster.
     *
     * @param name such as {@code us-east-1}; never null
     * @param sqlDns DNS name of the region's SQL interface; null if absent
     */
    public record Region(String name, String sqlDns) {}
}
