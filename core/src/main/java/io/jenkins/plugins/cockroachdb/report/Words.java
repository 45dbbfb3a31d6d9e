package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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

    static String lag(long seconds) {
        return duration(Duration.ofSeconds(seconds));
    }

    /** "1 step", "2 steps". */
    static String count(int count, String thing) {
        return count + " " + thing + (count == 1 ? "" : "s");
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

    static String rto(Measures.Recovery recovery) {
        if (recovery == null) {
            return "not measured";
        }
        return duration(recovery.time()) + (recovery.verified() ? "" : ", to the release's answer; not verified");
    }

    static String rpo(Rpo rpo) {
        return switch (rpo.kind()) {
            case NO_CUTOVER -> "no cutover";
            case ZERO -> "0";
            case DISCARDED -> duration(rpo.span()) + ", discarded as asked for";
            case BOUND -> "at most " + duration(rpo.span());
            case UNKNOWN -> "unknown";
        };
    }

    /** Every driver, in order, with when it took over. */
    static List<String> drivers(FailbackRecord record) {
        List<String> drivers = new ArrayList<>();
        for (Entry entry : record.entries()) {
            if (entry instanceof Entry.Began began) {
                drivers.add(began.driver() + ", from " + time(began.at()));
            } else if (entry instanceof Entry.Resumed resumed) {
                drivers.add(resumed.driver() + ", resumed at " + time(resumed.at()));
            }
        }
        return drivers;
    }

    /** The examination that counts; empty when there was none. */
    static Optional<Entry.Examined> lastExamination(FailbackRecord record) {
        return record.entries().stream()
                .filter(Entry.Examined.class::isInstance)
                .map(Entry.Examined.class::cast)
                .reduce((first, second) -> second);
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
