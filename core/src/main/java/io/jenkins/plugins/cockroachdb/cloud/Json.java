package io.jenkins.plugins.cockroachdb.cloud;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The JSON of the Cloud API. Strict on what we rely on, because an empty object taken for "no streams" would let a cluster
 * be erased; tolerant of everything else. Trees are read by hand: that gives errors that name the field, and none of the
 * start-up cost of reflection.
 */
final class Json {

    private static final ObjectReader READER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .build()
            .reader()
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private Json() {}

    /** The body is not what it should be; the message is a clause that follows "the answer". */
    static final class Unexpected extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unexpected(String clause) {
            super(clause, null, false, false);
        }
    }

    /** @throws Unexpected if the body is empty or not JSON */
    static JsonNode parse(byte[] body) {
        if (new String(body, StandardCharsets.UTF_8).isBlank()) {
            throw new Unexpected("is empty");
        }
        try {
            return READER.readTree(body);
        } catch (JsonProcessingException e) {
            throw new Unexpected("is not JSON");
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory", e);
        }
    }

    static Organization organization(JsonNode node) {
        Fields fields = new Fields("organization", node);
        return new Organization(fields.text("id"), fields.text("name"), fields.textOrNull("label"));
    }

    static Cluster cluster(JsonNode node) {
        Fields fields = new Fields("cluster", node);
        return new Cluster(
                fields.text("id"),
                fields.text("name"),
                fields.textOrNull("state"),
                fields.textOrNull("operation_status"),
                fields.textOrNull("upgrade_status"),
                fields.textOrNull("cockroach_version"),
                fields.textOrNull("plan"),
                fields.textOrNull("cloud_provider"),
                fields.textOrNull("cidr_range"),
                fields.has("regions") ? fields.list("regions", Json::region) : List.of(),
                fields.textOrNull("sql_dns"));
    }

    private static Cluster.Region region(JsonNode node) {
        Fields fields = new Fields("region", node);
        return new Cluster.Region(fields.text("name"), fields.textOrNull("sql_dns"));
    }

    static ClusterNode node(JsonNode node) {
        Fields fields = new Fields("node", node);
        return new ClusterNode(fields.text("name"), fields.textOrNull("region_name"), fields.textOrNull("status"));
    }

    static Disruption disruption(JsonNode node) {
        return new Disruption(
                new Fields("disruption", node).list("regional_disruptor_specifications", Json::disruptedRegion));
    }

    private static Disruption.DisruptedRegion disruptedRegion(JsonNode node) {
        Fields fields = new Fields("disrupted region", node);
        return new Disruption.DisruptedRegion(fields.text("region_code"), fields.flag("is_whole_region"));
    }

    static ReplicationStream stream(JsonNode node) {
        Fields fields = new Fields("replication stream", node);
        return new ReplicationStream(
                fields.text("id"),
                fields.text("status"),
                fields.text("primary_cluster_id"),
                fields.text("standby_cluster_id"),
                fields.time("created_at"),
                fields.timeOrNull("replicated_time"),
                fields.wholeNumberOrNull("replication_lag_seconds"),
                fields.timeOrNull("retained_time"),
                fields.timeOrNull("failover_at"),
                fields.timeOrNull("activated_at"),
                fields.timeOrNull("canceled_at"));
    }

    static byte[] body(NewStream stream) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("primary_cluster_id", stream.primaryClusterId());
        body.put("standby_cluster_id", stream.standbyClusterId());
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    static byte[] body(StreamUpdate update) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("status", update.status().name());
        if (update.failoverAt() != null) {
            body.put("failover_at", update.failoverAt().toString());
        }
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A page of a list: its elements and the token of the next page, null at the end. */
    record Page<T>(List<T> elements, String next) {

        static <T> Page<T> read(JsonNode node, String listField, Function<JsonNode, T> element) {
            Fields fields = new Fields("list", node);
            String next = fields.has("pagination")
                    ? new Fields("pagination", node.get("pagination")).textOrNull("next_page")
                    : null;
            return new Page<>(fields.list(listField, element), next == null || next.isEmpty() ? null : next);
        }
    }

    /** One object of an answer; {@code what} names it in complaints. Null stands for absent, as in protobuf's JSON. */
    private record Fields(String what, JsonNode object) {

        Fields {
            if (!object.isObject()) {
                throw new Unexpected("has " + kindOf(object) + " where the " + what + " should be");
            }
        }

        boolean has(String name) {
            return object.hasNonNull(name);
        }

        String text(String name) {
            String text = textOrNull(name);
            if (text == null || text.isBlank()) {
                throw new Unexpected("lacks the field \"" + name + "\" of the " + what);
            }
            return text;
        }

        String textOrNull(String name) {
            if (!has(name)) {
                return null;
            }
            JsonNode value = object.get(name);
            if (!value.isTextual()) {
                throw wrong(name, "text", value);
            }
            return value.textValue();
        }

        Instant time(String name) {
            text(name);
            return timeOrNull(name);
        }

        Instant timeOrNull(String name) {
            String text = textOrNull(name);
            try {
                return text == null ? null : OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException e) {
                throw wrong(name, "a time", object.get(name));
            }
        }

        Integer wholeNumberOrNull(String name) {
            if (!has(name)) {
                return null;
            }
            JsonNode value = object.get(name);
            if (!value.isIntegralNumber() || !value.canConvertToInt()) {
                throw wrong(name, "a whole number", value);
            }
            return value.intValue();
        }

        boolean flag(String name) {
            if (!has(name)) {
                return false;
            }
            JsonNode value = object.get(name);
            if (!value.isBoolean()) {
                throw wrong(name, "true or false", value);
            }
            return value.booleanValue();
        }

        <T> List<T> list(String name, Function<JsonNode, T> element) {
            JsonNode list = object.path(name);
            if (!list.isArray()) {
                throw wrong(name, "a list", list);
            }
            List<T> elements = new ArrayList<>(list.size());
            list.forEach(node -> elements.add(element.apply(node)));
            return List.copyOf(elements);
        }

        private Unexpected wrong(String name, String wanted, JsonNode value) {
            return new Unexpected(
                    "has " + kindOf(value) + " in the field \"" + name + "\" of the " + what + ", not " + wanted);
        }

        private static String kindOf(JsonNode value) {
            return switch (value.getNodeType()) {
                case MISSING -> "nothing";
                case NULL -> "null";
                case OBJECT -> "an object";
                case ARRAY -> "a list";
                default -> value.toString();
            };
        }
    }
}
