package io.jenkins.plugins.cockroachdb.simulator;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A whole answer, before the wire does anything to it. What carries it adds the length and whatever keeps the connection.
 *
 * @param status the HTTP status
 * @param headers names in any case; a copy that ignores case is kept
 * @param body empty if there is none; not copied, so leave it unchanged
 */
public record HttpResponse(int status, Map<String, String> headers, byte[] body) {

    /** Keeps a copy of the headers. */
    public HttpResponse {
        Objects.requireNonNull(body, "body");
        headers = Headers.copyOf(headers);
    }

    /** The value of a header, its name in any case. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** The body read as UTF-8. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    HttpResponse withBody(byte[] other) {
        return new HttpResponse(status, headers, other);
    }

    @Override
    public String toString() {
        return status + " (" + body.length + " bytes)";
    }
}
