package io.jenkins.plugins.cockroachdb.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.ClusterHealth;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import java.time.Instant;

/** What was read of a pair, for a program. Fields that are not known are null; times are of ISO 8601. */
final class PairJson {

    private PairJson() {}

    /** What every command that only looks begins with: the verdict, both clusters, the checks. */
    static ObjectNode of(Prospect prospect) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("canRun", prospect.canRun());
        json.set("originalPrimary", cluster(prospect.cloud().pair().originalPrimary()));
        json.set("active", cluster(prospect.cloud().pair().active()));
        ArrayNode proxies = json.putArray("proxies");
        prospect.proxies().forEach(proxy -> proxies.add(proxy(proxy)));
        ArrayNode checks = json.putArray("checks");
        prospect.checks().forEach(check -> checks.add(check(check)));
        return json;
    }

    static ObjectNode stream(ReplicationStream stream) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", stream.id());
        json.put("status", stream.statusName());
        json.put("primaryClusterId", stream.primaryClusterId());
        json.put("standbyClusterId", stream.standbyClusterId());
        json.put("createdAt", time(stream.createdAt()));
        json.put("replicatedTime", time(stream.replicatedTime()));
        json.put("replicationLagSeconds", stream.replicationLagSeconds());
        json.put("retainedTime", time(stream.retainedTime()));
        json.put("failoverAt", time(stream.failoverAt()));
        json.put("activatedAt", time(stream.activatedAt()));
        json.put("canceledAt", time(stream.canceledAt()));
        return json;
    }

    /** Counts that nobody knows are null. */
    static ObjectNode proxy(ProxyStatus proxy) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", proxy.name());
        json.put("traffic", proxy.traffic().name());
        json.put("sessionsActive", proxy.sessionsActive() < 0 ? null : proxy.sessionsActive());
        json.put("sessionsOriginal", proxy.sessionsOriginal() < 0 ? null : proxy.sessionsOriginal());
        json.put("detail", proxy.detail());
        return json;
    }

    private static ObjectNode cluster(Cluster cluster) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", cluster.id());
        json.put("name", cluster.name());
        json.put("state", cluster.state());
        json.put("operationStatus", cluster.operationStatus());
        json.put("upgradeStatus", cluster.upgradeStatus());
        json.put("version", cluster.version());
        json.put("provider", cluster.cloudProvider());
        ArrayNode regions = json.putArray("regions");
        cluster.regions().forEach(region -> regions.add(region.name()));
        json.put("sqlDns", cluster.sqlDns());
        ClusterHealth health = ClusterHealth.of(cluster);
        json.put("health", health.state().name());
        json.put("reason", health.reason());
        return json;
    }

    private static ObjectNode check(Check check) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", check.name());
        json.put("verdict", check.verdict().name());
        json.put("reason", check.reason());
        json.put("remedy", check.remedy());
        return json;
    }

    private static String time(Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
