package io.jenkins.plugins.cockroachdb.simulator;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A request as it arrives, whatever carried it. Its text form shows no header, because one of them holds the key.
 *
 * @param method such as GET, in capitals
 * @param target the path and, after a question mark, the query if there is one; percent-encoded
 * @param headers names in any case; a copy that ignores case is kept
 * @param body empty if there is none; not copied, so leave it unchanged
 */
public record HttpRequest(String method, String target, Map<String, String> headers, byte[] body) {

    /** Keeps a copy of the headers. */
    public HttpRequest {
        Objects.requireNonNull(method, "method");
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(body, "body");
        headers = Headers.copyOf(headers);
    }

    /** The value of a header, its name in any case. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** The target without its query. */
    String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** The query after the question mark; empty if there is none. */
    String query() {
        int query = target.indexOf('?');
        return query < 0 ? "" : target.substring(query + 1);
    }

    /** The bearer token; empty if there is none. */
    Optional<String> bearer() {
        return header("Authorization")
                .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(value -> value.substring(7).trim());
    }

    @Override
    public String toString() {
        return method + " " + target;
    }
}
