package io.jenkins.plugins.cockroachdb.failback;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A major version of CockroachDB, such as v24.3.
 *
 * @param year of the century
 * @param number within the year, from 1
 */
record MajorVersion(int year, int number) implements Comparable<MajorVersion> {

    private static final Pattern TEXT = Pattern.compile("v?(\\d{1,3})\\.(\\d{1,2})(\\..*)?");

    /** The major version in a text such as {@code v24.3.1}; empty if there is none. */
    static Optional<MajorVersion> in(String text) {
        Matcher matcher = TEXT.matcher(text == null ? "" : text);
        return matcher.matches()
                ? Optional.of(new MajorVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    @Override
    public int compareTo(MajorVersion other) {
        return year != other.year ? Integer.compare(year, other.year) : Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return "v" + year + "." + number;
    }
}
