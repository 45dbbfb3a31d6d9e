package io.jenkins.plugins.cockroachdb.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** The API's JSON documents. */
final class Documents {

    private static final String CREATOR =
            UUID.nameUUIDFromBytes("creator".getBytes(StandardCharsets.UTF_8)).toString();

    private Documents() {}

    static ObjectNode organization() {
        return object().put(
                        "id",
                        UUID.nameUUIDFromBytes("organization".getBytes(StandardCharsets.UTF_8))
                                .toString())
                .put("label", "simulated")
                .put("name", "Simulated Organization")
                .put("created_at", "2024-02-01T08:00:00.124816Z");
    }

    /** A list under its name, and the token of the next page if there is one. */
    static <T> ObjectNode page(String name, Page<T> page, Function<T, ObjectNode> document) {
        ObjectNode list = object();
        ArrayNode items = list.putArray(name);
        page.items().forEach(item -> items.add(document.apply(item)));
        ObjectNode pagination = list.putObject("pagination");
        page.next().ifPresent(token -> pagination.put("next_page", token));
        return list;
    }

    static ObjectNode cluster(ClusterSpec cluster) {
        ObjectNode json = object().put("id", cluster.id())
                .put("name", cluster.name())
                .put("cockroach_version", cluster.version())
                .put("upgrade_status", cluster.upgradeStatus())
                .put("plan", cluster.plan())
                .put("cloud_provider", cluster.provider())
                .put("account_id", "")
                .put("state", cluster.state())
                .put("creator_id", CREATOR)
                .put("cidr_range", cluster.cidrRange())
                .put("sql_dns", cluster.sqlDns())
                .put("network_visibility", "PUBLIC")
                .put("is_customer_cloud_account", false)
                .put("created_at", time(cluster.createdAt()))
                .put("updated_at", time(cluster.createdAt()));
        if (cluster.operationStatus() != null) {
            json.put("operation_status", cluster.operationStatus());
        }
        json.putObject("labels");
        json.putObject("config")
                .putObject("dedicated")
                .put("machine_type", "m6i.xlarge")
                .put("num_virtual_cpus", 4)
                .put("storage_gib", 150)
                .put("memory_gib", 16.0)
                .put("disk_iops", 2250);
        ArrayNode regions = json.putArray("regions");
        for (String region : cluster.regions()) {
            regions.addObject()
                    .put("name", region)
                    .put("sql_dns", cluster.sqlDns())
                    .put("ui_dns", "admin-" + cluster.sqlDns())
                    .put("internal_dns", "internal-" + cluster.sqlDns())
                    .put("private_endpoint_dns", "private-" + cluster.sqlDns())
                    .put("node_count", (int) cluster.nodes().stream()
                            .filter(node -> node.region().equals(region))
                            .count());
        }
        return json;
    }

    static ObjectNode node(ClusterSpec.Node node) {
        return object().put("name", node.name())
                .put("region_name", node.region())
                .put("status", node.status());
    }

    static ObjectNode disruption(ClusterSpec cluster) {
        ObjectNode json = object();
        ArrayNode regions = json.putArray("regional_disruptor_specifications");
        cluster.disruptedRegions()
                .forEach(
                        region -> regions.addObject().put("region_code", region).put("is_whole_region", true));
        return json;
    }

    /** A stream as it is at an instant: which fields it has depends on its status. */
    static ObjectNode stream(ReplicationStream stream, Instant at) {
        StreamStatus status = stream.status(at);
        ObjectNode json = object().put("id", stream.id())
                .put("status", status.name())
                .put("primary_cluster_id", stream.primaryId())
                .put("standby_cluster_id", stream.standbyId())
                .put("created_at", time(stream.createdAt()));
        if (status == StreamStatus.REPLICATING) {
            json.put("retained_time", time(stream.retainedTime(at)));
            Optional<Instant> replicatedTime = stream.replicatedTime(at).or(() -> scanReplicatedTime(stream));
            replicatedTime.ifPresent(replicated -> json.put("replicated_time", time(replicated))
                    .put("replication_lag_seconds", seconds(Duration.between(replicated, at))));
        }
        if (status == StreamStatus.CANCELED) {
            json.put("canceled_at", time(stream.canceledAt()));
        }
        if (status == StreamStatus.COMPLETED) {
            json.put("activated_at", time(ReplicationStream.wholeSeconds(stream.activatedAt())));
        }
        if (stream.failoverAt() != null && !at.isBefore(stream.cutoverAt())) {
            json.put("failover_at", time(stream.failoverAt()));
        }
        return json;
    }

    private static Optional<Instant> scanReplicatedTime(ReplicationStream stream) {
        return switch (stream.pace().scanReplicatedTime()) {
            case ABSENT -> Optional.empty();
            case ZERO -> Optional.of(ReplicationStream.NOTHING);
            case EPOCH -> Optional.of(Instant.EPOCH);
            case CREATED_AT -> Optional.of(ReplicationStream.wholeSeconds(stream.createdAt()));
        };
    }

    /** An int32, as the schema wants it, even for a lag of two thousand years. */
    private static int seconds(Duration lag) {
        return (int) Math.min(Integer.MAX_VALUE, lag.toSeconds());
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MICROS).toString();
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
