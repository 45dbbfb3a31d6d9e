package io.jenkins.plugins.cockroachdb.simulator;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Every answer has the fields that the official schema of version 2024-09-16 requires, and no field that it does not know,
 * each of the type it should have. The tables are copied from the schema.
 */
class ContractTest {

    private static final String ORGANIZATION =
            """
            id         required string
            label      required string
            name       required string
            created_at required date-time
            cockroach_cloud_service_principals optional object
            """;

    private static final String CLUSTER =
            """
            id                        required uuid
            name                      required string
            cockroach_version         required string
            upgrade_status            required FINALIZED|MAJOR_UPGRADE_RUNNING|UPGRADE_AVAILABLE|PENDING_FINALIZATION|ROLLBACK_RUNNING
            plan                      required BASIC|STANDARD|ADVANCED
            cloud_provider            required GCP|AWS|AZURE
            state                     required CREATING|CREATED|CREATION_FAILED|DELETED|LOCKED
            creator_id                required string
            operation_status          required UNSPECIFIED|CRDB_PATCH_RUNNING|CRDB_PATCH_FAILED|MAINTENANCE_RUNNING
            config                    required object
            regions                   required array
            cidr_range                required string
            labels                    required object
            is_customer_cloud_account required boolean
            account_id                optional string
            created_at                optional date-time
            updated_at                optional date-time
            deleted_at                optional date-time
            sql_dns                   optional string
            network_visibility        optional PUBLIC|PRIVATE
            """;

    private static final String REGION =
            """
            name                 required string
            sql_dns              required string
            ui_dns               required string
            node_count           required int32
            internal_dns         required string
            private_endpoint_dns required string
            primary              optional boolean
            """;

    private static final String DEDICATED =
            """
            machine_type     required string
            num_virtual_cpus required int32
            storage_gib      required int32
            memory_gib       required number
            disk_iops        required int32
            """;

    private static final String NODE =
            """
            name        required string
            region_name required string
            status      required LIVE|NOT_READY
            """;

    private static final String DISRUPTION =
            """
            regional_disruptor_specifications required array
            """;

    private static final String DISRUPTED_REGION =
            """
            region_code     required string
            is_whole_region required boolean
            azs             optional array
            pods            optional array
            """;

    private static final String STREAM =
            """
            id                      required uuid
            status                  required STARTING|REPLICATING|FAILING_OVER|COMPLETED|CANCELED
            primary_cluster_id      required string
            standby_cluster_id      required string
            created_at              required date-time
            replicated_time         optional date-time
            replication_lag_seconds optional int32
            retained_time           optional date-time
            failover_at             optional date-time
            activated_at            optional date-time
            canceled_at             optional date-time
            """;

    private static final String ERROR =
            """
            code    required int32
            message required string
            details required array
            """;

    private final Pair pair = new Pair();
    private final Caller caller = pair.caller;

    @Test
    void organization() {
        meets(ORGANIZATION, caller.get("/api/v1/organization").ok());
    }

    @Test
    void cluster() {
        meetsCluster(caller.get(Caller.CLUSTERS + "/" + pair.active).ok());
    }

    @Test
    void clusters() {
        JsonNode list = caller.get(Caller.CLUSTERS + "?pagination.limit=1").ok();
        meets("clusters required array\npagination optional object", list);
        meets("next_page optional string\nprevious_page optional string", list.path("pagination"));
        list.path("clusters").forEach(ContractTest::meetsCluster);
    }

    @Test
    void nodes() {
        JsonNode list =
                caller.get(Caller.CLUSTERS + "/" + pair.active + "/nodes").ok();
        meets("nodes required array\npagination optional object", list);
        assertThat(list.path("nodes")).hasSize(3).allSatisfy(node -> meets(NODE, node));
    }

    @Test
    void nodesThatAreNotReady() {
        pair.cloud.changeCluster(
                pair.active,
                cluster -> cluster.withNodes(List.of(new ClusterSpec.Node("node-0", "us-west-2", "NOT_READY"))));
        JsonNode list =
                caller.get(Caller.CLUSTERS + "/" + pair.active + "/nodes").ok();
        assertThat(list.path("nodes").findValuesAsText("status")).containsExactly("NOT_READY");
        assertThat(caller.get(Caller.CLUSTERS + "/" + pair.active)
                        .ok()
                        .at("/regions/0/node_count")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void disruption() {
        String path = Caller.CLUSTERS + "/" + pair.active + "/disrupt";
        meets(DISRUPTION, caller.get(path).ok());
        assertThat(caller.get(path).ok().path("regional_disruptor_specifications"))
                .isEmpty();

        pair.cloud.changeCluster(pair.active, cluster -> cluster.withDisruptedRegions("us-west-2"));

        assertThat(caller.get(path).ok().path("regional_disruptor_specifications"))
                .hasSize(1)
                .allSatisfy(region -> meets(DISRUPTED_REGION, region));
    }

    @Test
    void streamsInEveryStatus() {
        List<JsonNode> streams = new ArrayList<>();
        JsonNode created = caller.create(pair.active, pair.originalPrimary).ok();
        String id = created.path("id").asText();
        streams.add(created);
        pair.time.advance(ofMinutes(6));
        streams.add(caller.stream(id));
        pair.time.advance(ofHours(6));
        streams.add(caller.stream(id));
        streams.add(caller.cutOver(id, pair.time.instant().minusSeconds(60)).ok());
        pair.time.advance(ofMinutes(4));
        streams.add(caller.stream(id));
        String second = pair.replicatingStream();
        streams.add(caller.cancel(second).ok());

        assertThat(streams)
                .extracting(stream -> stream.path("status").asText())
                .containsExactly("STARTING", "REPLICATING", "REPLICATING", "FAILING_OVER", "COMPLETED", "CANCELED");
        assertThat(streams).allSatisfy(stream -> meets(STREAM, stream));
    }

    @Test
    void listedStreams() {
        JsonNode list = caller.get(Caller.STREAMS + "?show_completed=true").ok();
        meets("physical_replication_streams required array\npagination optional object", list);
        assertThat(list.path("physical_replication_streams")).isNotEmpty().allSatisfy(stream -> meets(STREAM, stream));
    }

    @Test
    void aLagOfTwoThousandYearsStillFitsIntoItsType() {
        Pair pair = new Pair(CloudSettings.defaults().withScanReplicatedTime(CloudSettings.ScanReplicatedTime.ZERO));
        String id = pair.reverseStream();
        pair.time.advance(ofMinutes(6));
        meets(STREAM, pair.caller.stream(id));
        assertThat(pair.caller.stream(id).path("replication_lag_seconds").asInt())
                .isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void errors() {
        meets(ERROR, caller.get("/nowhere").body());
        meets(ERROR, caller.get(Caller.CLUSTERS + "/nobody").body());
        meets(ERROR, caller.get(Caller.CLUSTERS + "?x=y").body());
    }

    @Test
    void everyAnswerIsJsonWithTheDateOfTheCloud() {
        for (String path : List.of(Caller.CLUSTERS, "/nowhere")) {
            HttpResponse response = caller.get(path).response();
            assertThat(response.header("content-type")).contains("application/json");
            assertThat(response.header("date")).contains("Sun, 01 Mar 2026 12:00:00 GMT");
        }
    }

    private static void meetsCluster(JsonNode cluster) {
        meets(CLUSTER, cluster);
        meets("dedicated optional object\nserverless optional object", cluster.path("config"));
        meets(DEDICATED, cluster.at("/config/dedicated"));
        assertThat(cluster.path("regions")).isNotEmpty().allSatisfy(region -> meets(REGION, region));
    }

    /** Checks a document against lines of name, presence and type. */
    private static void meets(String schema, JsonNode json) {
        assertThat(json.isObject()).as("%s is an object", json).isTrue();
        List<String> known = new ArrayList<>();
        for (String line : schema.strip().split("\n")) {
            String[] words = line.strip().split("\\s+");
            known.add(words[0]);
            JsonNode value = json.get(words[0]);
            if (value != null) {
                hasType(words[0], words[2], value);
            } else {
                assertThat(words[1]).as("%s in %s", words[0], json).isEqualTo("optional");
            }
        }
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            assertThat(known).contains(field.getKey());
        }
    }

    private static void hasType(String name, String type, JsonNode value) {
        boolean right =
                switch (type) {
                    case "string", "uuid", "date-time" -> value.isTextual();
                    case "int32" -> value.isInt();
                    case "number" -> value.isNumber();
                    case "boolean" -> value.isBoolean();
                    case "array" -> value.isArray();
                    case "object" -> value.isObject();
                    default -> List.of(type.split("\\|")).contains(value.asText());
                };
        assertThat(right).as("%s is %s: %s", name, type, value).isTrue();
        if (type.equals("uuid")) {
            assertThatCode(() -> UUID.fromString(value.asText())).doesNotThrowAnyException();
        }
        if (type.equals("date-time")) {
            assertThatCode(() -> Instant.parse(value.asText())).doesNotThrowAnyException();
        }
    }
}
