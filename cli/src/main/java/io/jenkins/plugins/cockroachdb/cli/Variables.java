package io.jenkins.plugins.cockroachdb.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The environment variables, and below them those of the file {@code .env} in the current directory. The file has a line
 * {@code NAME=VALUE} for each; {@code export} before it, quotes around the value and comments are allowed, and lines of any
 * other form are skipped, as the tools do that users share the file with.
 */
record Variables(Map<String, String> values) {

    private static final String FILE = ".env";

    Variables {
        values = Map.copyOf(values);
    }

    /** @throws UsageException if the file cannot be read */
    static Variables of(Shell shell) {
        Map<String, String> values = new HashMap<>();
        Path file = shell.directory().resolve(FILE);
        // A directory of that name is usually a Python environment.
        if (Files.isRegularFile(file)) {
            try {
                text(file).lines().forEach(line -> put(line.strip(), values));
            } catch (IOException e) {
                throw new UsageException("The file " + file + " cannot be read.");
            }
        }
        values.putAll(shell.environment());
        return new Variables(values);
    }

    /** What is set under the first of these names that is set; blank counts as not set. */
    Optional<String> get(String... names) {
        for (String name : names) {
            String value = values.getOrDefault(name, "").strip();
            if (!value.isEmpty()) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    /** With another value under that name; null leaves it as it is. */
    Variables with(String name, String value) {
        if (value == null) {
            return this;
        }
        Map<String, String> others = new HashMap<>(values);
        others.put(name, value);
        return new Variables(others);
    }

    /** Without the values, which hold secrets. */
    @Override
    public String toString() {
        return values.size() + " variables";
    }

    private static String text(Path file) throws IOException {
        // Not Files.readString, which fails on the first byte of another encoding.
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    private static void put(String line, Map<String, String> values) {
        String assignment = line.startsWith("export ") ? line.substring("export ".length()) : line;
        int equals = assignment.indexOf('=');
        if (equals > 0 && !line.startsWith("#")) {
            values.put(
                    assignment.substring(0, equals).strip(),
                    value(assignment.substring(equals + 1).strip()));
        }
    }

    private static String value(String text) {
        if (text.startsWith("\"") || text.startsWith("'")) {
            int end = text.indexOf(text.charAt(0), 1);
            if (end > 0) {
                return text.substring(1, end);
            }
        }
        if (text.startsWith("#")) {
            return "";
        }
        int comment = text.indexOf(" #");
        return comment < 0 ? text : text.substring(0, comment).strip();
    }
}
