package io.jenkins.plugins.cockroachdb.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Makes answers, each with the date of the cloud's clock. */
final class Responder {

    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private final InstantSource clock;

    Responder(InstantSource clock) {
        this.clock = clock;
    }

    HttpResponse json(int status, JsonNode body) {
        return answer(status, "application/json", body.toString(), Map.of());
    }

    /** An error with a gRPC status as its body. */
    HttpResponse error(int status, int code, String message, Map<String, String> headers) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("code", code).put("message", message).putArray("details");
        return answer(status, "application/json", body.toString(), headers);
    }

    /** A page of something between client and cloud that knows nothing of the API. */
    HttpResponse html(int status, String text) {
        return answer(status, "text/html", "<html><body><h1>" + text + "</h1></body></html>", Map.of());
    }

    /** A 307 without a body. */
    HttpResponse redirect(String location) {
        return answer(307, "text/plain", "", Map.of("Location", location));
    }

    private HttpResponse answer(int status, String contentType, String body, Map<String, String> headers) {
        Map<String, String> all = new TreeMap<>(headers);
        all.put("Date", HTTP_DATE.format(clock.instant()));
        all.put("Content-Type", contentType);
        return new HttpResponse(status, all, body.getBytes(StandardCharsets.UTF_8));
    }
}
