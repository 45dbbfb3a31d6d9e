package io.jenkins.plugins.cockroachdb.proxy;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The text of a description, taken apart: {@code KIND:PLACE?PARAMETER=VALUE&...}, with %XX for what would be misread. */
final class DescriptionText {

    private static final String EXAMPLES = "Write KIND:PLACE?PARAMETER=VALUE&..., such as"
            + " haproxy:/run/haproxy/admin.sock?backend=cockroach_backend&primary=primary&standby=standby,"
            + " pgbouncer:/run/pgbouncer?database=app&file=/etc/pgbouncer/databases.ini"
            + "&primary=HOST:26257&standby=HOST:26257&user=failback or hook:/usr/local/bin/move-traffic.";

    private static final int CLUSTER_PORT = 26257;
    private static final Pattern SECRET = Pattern.compile("(?i)((?:password|pass|pwd|secret)=)[^&]*");

    private final String text;
    private final String kind;
    private final String place;
    private final Map<String, String> parameters = new LinkedHashMap<>();

    private DescriptionText(String text, String kind, String place) {
        this.text = text;
        this.kind = kind;
        this.place = place;
    }

    /** @throws IllegalArgumentException if it is none */
    static DescriptionText of(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("\"" + shown(text) + "\" describes no proxy. " + EXAMPLES);
        }
        String rest = text.substring(colon + 1);
        int mark = rest.indexOf('?');
        DescriptionText description =
                new DescriptionText(text, text.substring(0, colon), mark < 0 ? rest : rest.substring(0, mark));
        if (description.place.isEmpty()) {
            throw description.wrong("it does not say where the proxy is");
        }
        if (mark >= 0) {
            for (String pair : rest.substring(mark + 1).split("&", -1)) {
                description.add(pair);
            }
        }
        return description;
    }

    private void add(String pair) {
        int equals = pair.indexOf('=');
        if (equals < 1) {
            throw wrong("\"" + pair + "\" is not PARAMETER=VALUE");
        }
        String value;
        try {
            // A plus is a plus here: nobody thinks of forms when typing a path.
            value = URLDecoder.decode(pair.substring(equals + 1).replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw wrong(pair.substring(0, equals) + " has a % that is not followed by two hexadecimal digits");
        }
        if (parameters.put(pair.substring(0, equals), value) != null) {
            throw wrong("it has " + pair.substring(0, equals) + " twice");
        }
    }

    String kind() {
        return kind;
    }

    /** Between the kind and the parameters; never empty. */
    String place() {
        return place;
    }

    /** A parameter, which counts as known from then on. */
    Optional<String> take(String name) {
        return Optional.ofNullable(parameters.remove(name)).filter(value -> !value.isEmpty());
    }

    /** @throws IllegalArgumentException if it is not there */
    String require(String name) {
        return take(name).orElseThrow(() -> wrong("it lacks " + name));
    }

    /**
     * The parameter {@code clients}: where applications connect to the proxy.
     *
     * @throws IllegalArgumentException if it is no address
     */
    Optional<PgAddress> takeClients() {
        return takeCluster("clients");
    }

    /**
     * A parameter that says where a cluster, or what stands for one, listens: CockroachDB's port where there is none.
     *
     * @throws IllegalArgumentException if it is no address
     */
    Optional<PgAddress> takeCluster(String name) {
        return take(name).map(place -> {
            try {
                return PgAddress.of(place, CLUSTER_PORT);
            } catch (IllegalArgumentException e) {
                throw wrong(name + ": " + e.getMessage());
            }
        });
    }

    /** Every parameter that nobody took, empty ones too. */
    Map<String, String> takeRest() {
        Map<String, String> rest = Map.copyOf(parameters);
        parameters.clear();
        return rest;
    }

    /** @throws IllegalArgumentException if there is a parameter that nobody took */
    void requireAllTaken() {
        if (!parameters.isEmpty()) {
            throw wrong("a " + kind + " has no parameter "
                    + parameters.keySet().iterator().next());
        }
    }

    /** @param why follows "The proxy description TEXT is wrong:" */
    IllegalArgumentException wrong(String why) {
        return new IllegalArgumentException(
                "The proxy description \"" + shown(text) + "\" is wrong: " + why + ". " + EXAMPLES);
    }

    /** Without the password of somebody who wrote it where only its place belongs. */
    private static String shown(String text) {
        return SECRET.matcher(text).replaceAll("$1***");
    }
}
