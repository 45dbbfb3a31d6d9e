package io.jenkins.plugins.cockroachdb.proxy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The tables that HAProxy prints: each row by the names in the header, because columns are added and moved between versions. */
final class HaProxyTable {

    private static final String HEADER = "# ";

    private HaProxyTable() {}

    /**
     * Rows of {@code show servers state}, also as a server-state-file has them.
     *
     * @throws ProxyFailure if it is no such table
     */
    static List<Map<String, String>> serversState(String text) throws ProxyFailure {
        String version = text.lines().findFirst().orElse("");
        if (!version.equals("1")) {
            throw new ProxyFailure(
                    "A table of server states begins with \"" + version + "\", which is not version 1.",
                    "Check that this is HAProxy, 1.8 or newer.");
        }
        return rows(text.substring(text.indexOf('\n') + 1), line -> List.of(line.split(" ")));
    }

    /**
     * Rows of {@code show stat}.
     *
     * @throws ProxyFailure if it is no such table
     */
    static List<Map<String, String>> statistics(String text) throws ProxyFailure {
        return rows(text, HaProxyTable::commaSeparated);
    }

    private static List<Map<String, String>> rows(String text, Function<String, List<String>> values)
            throws ProxyFailure {
        List<String> lines = text.lines().filter(line -> !line.isEmpty()).toList();
        if (lines.isEmpty() || !lines.get(0).startsWith(HEADER)) {
            throw new ProxyFailure(
                    "A table has no header, and begins with \"" + (lines.isEmpty() ? "" : lines.get(0)) + "\".",
                    "Check that this is HAProxy, 1.8 or newer.");
        }
        List<String> names = values.apply(lines.get(0).substring(HEADER.length()));
        List<Map<String, String>> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            List<String> fields = values.apply(line);
            Map<String, String> row = new HashMap<>();
            for (int i = 0; i < Math.min(names.size(), fields.size()); i++) {
                row.put(names.get(i), fields.get(i));
            }
            rows.add(row);
        }
        return rows;
    }

    /** A field that holds a comma or a quote stands in quotes, and a quote in it is doubled. */
    private static List<String> commaSeparated(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                boolean doubled = quoted && i + 1 < line.length() && line.charAt(i + 1) == '"';
                if (doubled) {
                    field.append('"');
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }

    /** @throws ProxyFailure if there is no such column */
    static String text(Map<String, String> row, String column) throws ProxyFailure {
        String value = row.get(column);
        if (value == null) {
            throw new ProxyFailure(
                    "A table of HAProxy has no column " + column + ".", "Check that this is HAProxy, 1.8 or newer.");
        }
        return value;
    }

    /** @throws ProxyFailure if there is no such column, or no number in it */
    static int number(Map<String, String> row, String column) throws ProxyFailure {
        String value = text(row, column);
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new ProxyFailure(
                    "HAProxy's column " + column + " holds \"" + value + "\", which is no number.",
                    "Check that this is HAProxy, 1.8 or newer.");
        }
    }
}
