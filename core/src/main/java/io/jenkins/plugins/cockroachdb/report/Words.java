package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The words that page and summary share. */
final class Words {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Words() {}

    static String time(Instant instant) {
        return TIME.format(instant);
    }

    static String duration(Duration duration) {
        if (duration.compareTo(Duration.ofMinutes(1)) < 0) {
            return duration.toSeconds() + (duration.toMillisPart() < 100 ? "" : "." + duration.toMillisPart() / 100)
                    + " s";
        }
        return (duration.toHours() == 0 ? "" : duration.toHours() + " h ")
                + duration.toMinutesPart() + " min "
                + duration.toSecondsPart() + " s";
    }

    /** How it ended, to follow "Failback". */
    static String outcome(Outcome outcome) {
        if (outcome == null) {
            return "not ended";
        }
        return switch (outcome) {
            case TIMED_OUT -> "timed out";
            case IN_DOUBT -> "in doubt";
            default -> outcome.kind();
        };
    }

    static String rto(Measures measures) {
        return measures.rto() == null ? "not measured" : duration(measures.rto());
    }

    static String rpo(Rpo rpo) {
        return switch (rpo.kind()) {
            case NO_CUTOVER -> "no cutover";
            case ZERO -> "0";
            case BOUND -> "at most " + duration(rpo.atMost());
            case UNKNOWN -> "unknown";
        };
    }

    static String writePause(Measures measures) {
        if (measures.fencedSince() != null) {
            return (measures.writePause() == null ? "" : duration(measures.writePause()) + ", and ")
                    + "not over, since " + time(measures.fencedSince());
        }
        return measures.writePause() == null ? "none by this failback" : duration(measures.writePause());
    }

    /**
     * Text in which everything can be seen: what prints nothing, or changes the direction of what prints, is written as its code
     * point. Line breaks and tabs stay.
     *
     * @param text null is a thing that nobody knew
     */
    static String visible(String text) {
        if (text == null) {
            return "unknown";
        }
        StringBuilder visible = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (isVisible(point)) {
                visible.appendCodePoint(point);
            } else {
                visible.append(String.format(Locale.ROOT, "[U+%04X]", point));
            }
        });
        return visible.toString();
    }

    private static boolean isVisible(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL -> point == '\n' || point == '\t';
            case Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
