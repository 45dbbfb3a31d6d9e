package io.jenkins.plugins.cockroachdb.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A terminal of endless height that knows the few sequences that the program may use, and refuses every other. */
final class Screen {

    private static final Pattern TOKEN = Pattern.compile("\u001b\\[([0-9?]*)([A-Za-z])|[\r\n]|[^\u001b\r\n]+");

    private final List<StringBuilder> lines = new ArrayList<>(List.of(new StringBuilder()));
    private int row;
    private int column;

    void print(String text) {
        Matcher token = TOKEN.matcher(text);
        int read = 0;
        while (token.find() && token.start() == read) {
            read = token.end();
            switch (token.group().charAt(0)) {
                case '\u001b' -> steer(token.group(1), token.group(2));
                case '\r' -> column = 0;
                case '\n' -> nextLine();
                default -> write(token.group());
            }
        }
        if (read != text.length()) {
            throw new AssertionError("not understood: " + text.substring(read));
        }
    }

    List<String> lines() {
        return lines.stream().map(StringBuilder::toString).toList();
    }

    private void steer(String parameter, String command) {
        switch (command) {
            case "A" -> row = Math.max(0, row - Integer.parseInt(parameter));
            case "J" -> {
                lines.subList(row + 1, lines.size()).clear();
                lines.get(row).setLength(column);
            }
            case "l", "h" -> {
                if (!parameter.equals("?7")) {
                    throw new AssertionError("a terminal is changed for good: " + parameter + command);
                }
            }
            default -> throw new AssertionError("unknown: " + command);
        }
    }

    private void nextLine() {
        row++;
        column = 0;
        if (row == lines.size()) {
            lines.add(new StringBuilder());
        }
    }

    private void write(String text) {
        StringBuilder line = lines.get(row);
        line.replace(column, Math.min(line.length(), column + text.length()), text);
        column += text.length();
    }
}
