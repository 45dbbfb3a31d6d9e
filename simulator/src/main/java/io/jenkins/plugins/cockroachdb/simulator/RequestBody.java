package io.jenkins.plugins.cockroachdb.simulator;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;

/**
 * The JSON object in a request, read strictly: texts only, and none that nobody asks for. Read every field, then call
 * {@link #end()}. Every method throws {@link ApiException} for what is wrong.
 */
final class RequestBody {

    private static final ObjectReader STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    private final ObjectNode unread;

    RequestBody(HttpRequest request) {
        String type = request.header("Content-Type").orElse("none");
        if (!type.split(";", 2)[0].trim().equalsIgnoreCase("application/json")) {
            throw ApiException.invalid("Content-Type must be application/json, not " + type);
        }
        if (!(parsed(request.body()) instanceof ObjectNode object)) {
            throw ApiException.invalid("the body must be a JSON object");
        }
        unread = object;
    }

    private static JsonNode parsed(byte[] body) {
        try {
            return STRICT.readTree(body);
        } catch (IOException e) {
            throw ApiException.invalid("the body is not JSON");
        }
    }

    /** A text; empty if absent. */
    Optional<String> text(String name) {
        JsonNode value = unread.remove(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw ApiException.invalid(name + " must be a string, not " + value);
        }
        return Optional.of(value.textValue());
    }

    /** A text that must be there. */
    String required(String name) {
        return text(name)
                .filter(value -> !value.isBlank())
                .orElseThrow(() -> ApiException.invalid(name + " is required"));
    }

    /** Refuses fields that nobody has read. */
    void end() {
        if (!unread.isEmpty()) {
            throw ApiException.invalid("unknown field: " + unread.fieldNames().next());
        }
    }
}
