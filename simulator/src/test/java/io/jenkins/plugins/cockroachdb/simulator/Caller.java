package io.jenkins.plugins.cockroachdb.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/** Somebody with a key who calls the API of a cloud directly. */
record Caller(SimulatedCloud cloud, String key) {

    static final String CLUSTERS = "/api/v1/clusters";
    static final String STREAMS = "/api/v1/physical-replication-streams";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** An answer with its body parsed. */
    record Reply(HttpResponse response, JsonNode body) {

        /** The body of an answer that must be a 200. */
        JsonNode ok() {
            assertThat(response.status()).as("status of " + body).isEqualTo(200);
            return body;
        }

        /** Asserts a refusal with a gRPC status body. */
        void refused(int status, int code, String partOfMessage) {
            assertThat(response.status()).as("status of " + body).isEqualTo(status);
            assertThat(body.path("code").asInt()).as("code of " + body).isEqualTo(code);
            assertThat(body.path("message").asText()).contains(partOfMessage);
            assertThat(body.path("details").isArray()).isTrue();
        }
    }

    Reply get(String target) {
        return send("GET", target, "", Map.of());
    }

    Reply create(String primaryId, String standbyId) {
        return post("{\"primary_cluster_id\":\"%s\",\"standby_cluster_id\":\"%s\"}".formatted(primaryId, standbyId));
    }

    /** Creates a stream that must be accepted, and returns its id. */
    String created(String primaryId, String standbyId) {
        return create(primaryId, standbyId).ok().path("id").asText();
    }

    Reply post(String body) {
        return send("POST", STREAMS, body, Map.of("Content-Type", "application/json"));
    }

    Reply patch(String streamId, String body) {
        return send("PATCH", STREAMS + "/" + streamId, body, Map.of("Content-Type", "application/json"));
    }

    Reply cutOver(String streamId) {
        return patch(streamId, "{\"status\":\"FAILING_OVER\"}");
    }

    Reply cutOver(String streamId, Object failoverAt) {
        return patch(streamId, "{\"status\":\"FAILING_OVER\",\"failover_at\":\"%s\"}".formatted(failoverAt));
    }

    Reply cancel(String streamId) {
        return patch(streamId, "{\"status\":\"CANCELED\"}");
    }

    /** A stream that must be there. */
    JsonNode stream(String streamId) {
        return get(STREAMS + "/" + streamId).ok();
    }

    String status(String streamId) {
        return stream(streamId).path("status").asText();
    }

    Reply send(String method, String target, String body, Map<String, String> headers) {
        Map<String, String> all = new HashMap<>(headers);
        all.putIfAbsent("Authorization", "Bearer " + key);
        HttpResponse response = cloud.handle(new HttpRequest(method, target, all, body.getBytes(UTF_8)));
        try {
            return new Reply(response, JSON.readTree(response.body().length == 0 ? "{}" : response.text()));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
