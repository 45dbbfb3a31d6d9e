package io.jenkins.plugins.cockroachdb.simulator;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The parameters of a query, read strictly: each at most once, each of its type, and none that nobody asks for. Read every
 * parameter, then call {@link #end()}. Every method throws {@link ApiException} for what is wrong.
 */
final class Query {

    private static final Pattern RFC_3339 =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)");

    private final Map<String, String> unread = new TreeMap<>();

    Query(String query) {
        for (String parameter : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            String[] nameAndValue = parameter.split("=", 2);
            if (nameAndValue.length < 2) {
                throw ApiException.invalid("query parameter without a value: " + parameter);
            }
            if (unread.put(decoded(nameAndValue[0]), decoded(nameAndValue[1])) != null) {
                throw ApiException.invalid("query parameter given twice: " + nameAndValue[0]);
            }
        }
    }

    /** A text; empty if it is absent or blank, which the real API does not tell apart. */
    Optional<String> text(String name) {
        return Optional.ofNullable(unread.remove(name)).filter(value -> !value.isBlank());
    }

    /** A boolean, false if absent. */
    boolean flag(String name) {
        String value = unread.remove(name);
        if (value == null || value.equals("false")) {
            return false;
        }
        if (value.equals("true")) {
            return true;
        }
        throw ApiException.invalid(name + " must be true or false, not " + value);
    }

    /** A word of an enum. */
    <E extends Enum<E>> Optional<E> word(String name, Class<E> words) {
        return Optional.ofNullable(unread.remove(name)).map(value -> {
            try {
                return Enum.valueOf(words, value);
            } catch (IllegalArgumentException e) {
                throw ApiException.invalid(
                        name + " must be one of " + Arrays.toString(words.getEnumConstants()) + ", not " + value);
            }
        });
    }

    /** A number above zero. */
    Optional<Integer> positive(String name) {
        return Optional.ofNullable(unread.remove(name)).map(value -> {
            try {
                int number = Integer.parseInt(value);
                if (number > 0) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // falls through to the refusal
            }
            throw ApiException.invalid(name + " must be a whole number above zero, not " + value);
        });
    }

    /** A time. */
    Optional<Instant> time(String name) {
        return Optional.ofNullable(unread.remove(name)).map(value -> time(name, value));
    }

    /** Refuses parameters that nobody has read. */
    void end() {
        if (!unread.isEmpty()) {
            throw ApiException.invalid(
                    "unknown query parameter: " + unread.keySet().iterator().next());
        }
    }

    /** An RFC 3339 time, from wherever in a request. */
    static Instant time(String name, String value) {
        try {
            if (RFC_3339.matcher(value).matches()) { // ISO 8601, which Java parses, allows more
                return OffsetDateTime.parse(value).toInstant();
            }
        } catch (DateTimeException e) {
            // no such day or hour; refused below
        }
        throw ApiException.invalid(name + " must be a time such as 2026-01-02T15:04:05Z, not " + value);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("query is not percent-encoded: " + text);
        }
    }
}
