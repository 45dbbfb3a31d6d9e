package io.jenkins.plugins.cockroachdb.simulator;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;

/**
 * Where a request leads.
 *
 * @param operation what it asks for
 * @param id the cluster or stream in its path; null where the path names none
 */
record Route(Operation operation, String id) {

    /** The route of a request; empty if the API has no such path and method. */
    static Optional<Route> of(HttpRequest request) {
        String path = request.path();
        for (Operation operation : Operation.values()) {
            Matcher matcher = operation.path().matcher(path);
            if (operation.method().equals(request.method()) && matcher.matches()) {
                return Optional.of(
                        new Route(operation, matcher.groupCount() == 0 ? null : decoded(matcher.group("id"))));
            }
        }
        return Optional.empty();
    }

    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return segment; // not percent-encoded as it should be: no id looks like this, so it will not be found
        }
    }
}
