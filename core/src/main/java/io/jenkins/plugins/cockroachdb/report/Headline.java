package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import java.util.Locale;

/**
 * A failback at a glance, where the whole report is one click away. Everything is plain text, in which everything can be seen.
 *
 * @param title which failback it is, and how it ended
 * @param mood how much of a hurry there is: {@code good}, {@code warn} or {@code bad}
 * @param verdict where clients are, and whether writes were lost
 * @param recovery the recovery time (RTO)
 * @param lostWrites the lost writes (RPO)
 * @param writePause how long clients could not write
 */
public record Headline(
        String title, String mood, String verdict, String recovery, String lostWrites, String writePause) {

    /** The headline of a failback, which need not be over. */
    public static Headline of(FailbackRecord record) {
        Measures measures = Measures.of(record);
        Verdict verdict = Verdict.of(record, measures);
        return new Headline(
                Words.visible(title(record, measures)),
                verdict.mood().name().toLowerCase(Locale.ROOT),
                Words.visible(verdict.line()),
                Words.rto(measures.recovery()),
                Words.rpo(measures.rpo()),
                Words.writePause(measures));
    }

    static String title(FailbackRecord record, Measures measures) {
        return "Failback to " + Names.in(record).originalPrimary() + ": " + Words.outcome(measures.outcome());
    }
}
