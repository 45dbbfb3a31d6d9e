package io.jenkins.plugins.cockroachdb.jenkins;

import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.report.Headline;
import io.jenkins.plugins.cockroachdb.report.Measures;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** The record of one failback, as pages show it. Everything is plain text. */
public final class FailbackReport {

    private final String name;
    private final Headline headline;
    private final Duration recovery;
    private final Duration lostWrites;
    private final String outcome;

    private FailbackReport(String name, Headline headline, Duration recovery, Duration lostWrites, String outcome) {
        this.name = name;
        this.headline = headline;
        this.recovery = recovery;
        this.lostWrites = lostWrites;
        this.outcome = outcome;
    }

    /** What a record tells; one that cannot be read tells why. */
    static FailbackReport of(Path file) {
        String name = String.valueOf(file.getFileName()).replace(FailbackAction.RECORD, "");
        try {
            FailbackRecord record = RecordFile.read(file);
            Measures measures = Measures.of(record);
            return new FailbackReport(
                    name,
                    Headline.of(record),
                    measures.recovery() == null ? null : measures.recovery().time(),
                    switch (measures.rpo().kind()) {
                        case ZERO -> Duration.ZERO;
                        case DISCARDED, BOUND -> measures.rpo().span();
                        case NO_CUTOVER, UNKNOWN -> null;
                    },
                    measures.outcome() == null ? null : measures.outcome().kind());
        } catch (IOException e) {
            return new FailbackReport(
                    name,
                    new Headline(Messages.FailbackReport_unreadable(), "warn", e.getMessage(), "", "", ""),
                    null,
                    null,
                    null);
        }
    }

    /** Its record and page are called so, with an ending. */
    public String getName() {
        return name;
    }

    /** Which failback, and how it ended. */
    public String getTitle() {
        return headline.title();
    }

    /** How much of a hurry there is, as Jenkins shows it. */
    public String getIcon() {
        return switch (headline.mood()) {
            case "good" -> "symbol-status-blue";
            case "warn" -> "symbol-status-yellow";
            default -> "symbol-status-red";
        };
    }

    /** Where clients are, and whether writes were lost. */
    public String getVerdict() {
        return headline.verdict();
    }

    /** The recovery time (RTO), in words; empty when the record cannot be read. */
    public String getRecovery() {
        return headline.recovery();
    }

    /** The lost writes (RPO), in words. */
    public String getLostWrites() {
        return headline.lostWrites();
    }

    /** How long clients could not write, in words. */
    public String getWritePause() {
        return headline.writePause();
    }

    /** The word for how it ended; null when it has not. */
    public String getOutcome() {
        return outcome;
    }

    /** The recovery time; null when it was not measured. */
    Duration recoveryTime() {
        return recovery;
    }

    /** The time whose writes were lost, or may have been; zero for none, null when nobody can say or nothing was cut over. */
    Duration lostTime() {
        return lostWrites;
    }
}
