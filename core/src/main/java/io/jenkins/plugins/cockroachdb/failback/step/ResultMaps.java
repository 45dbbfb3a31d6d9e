package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.ClusterHealth;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What steps return: plain values under fixed keys, in maps and lists that can be serialized. */
final class ResultMaps {

    private ResultMaps() {}

    /**
     * @param cloudNow the cloud's clock when it was read; null if unknown
     * @param maxLag the largest lag of a stream that has caught up
     */
    static Map<String, Object> stream(ReplicationStream stream, Instant cloudNow, Duration maxLag) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("id", stream.id());
        map.put("status", stream.statusName());
        map.put("primaryClusterId", stream.primaryClusterId());
        map.put("standbyClusterId", stream.standbyClusterId());
        map.put("createdAt", text(stream.createdAt()));
        map.put("replicatedTime", text(stream.replicatedTime()));
        map.put("replicationLagSeconds", stream.replicationLagSeconds());
        map.put("retainedTime", text(stream.retainedTime()));
        map.put("failoverAt", text(stream.failoverAt()));
        map.put("activatedAt", text(stream.activatedAt()));
        map.put("canceledAt", text(stream.canceledAt()));
        map.put(
                "caughtUp",
                stream.status() == StreamStatus.REPLICATING
                        && stream.lag(cloudNow)
                                .filter(lag -> lag.compareTo(maxLag) <= 0)
                                .isPresent());
        return map;
    }

    static Map<String, Object> cluster(Cluster cluster) {
        ClusterHealth health = ClusterHealth.of(cluster);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("id", cluster.id());
        map.put("name", cluster.name());
        map.put("state", cluster.state());
        map.put("operationStatus", cluster.operationStatus());
        map.put("upgradeStatus", cluster.upgradeStatus());
        map.put("version", cluster.version());
        map.put("provider", cluster.cloudProvider());
        map.put(
                "regions",
                new ArrayList<>(
                        cluster.regions().stream().map(Cluster.Region::name).toList()));
        map.put("sqlDns", cluster.sqlDns());
        map.put("health", health.state().name());
        map.put("reason", health.reason());
        return map;
    }

    static Map<String, Object> checks(List<Check> checks) {
        List<Map<String, Object>> each = new ArrayList<>();
        for (Check check : checks) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("name", check.name());
            map.put("verdict", check.verdict().name());
            map.put("reason", check.reason());
            map.put("remedy", check.remedy());
            each.add(map);
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("ok", checks.stream().noneMatch(Check::failed));
        result.put("checks", each);
        return result;
    }

    /** ISO 8601. */
    private static String text(Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
