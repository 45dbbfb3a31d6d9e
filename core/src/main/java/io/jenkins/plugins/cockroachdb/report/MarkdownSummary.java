package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;

/** A failback in a few lines of CommonMark, for a ticket or a chat. */
public final class MarkdownSummary {

    private MarkdownSummary() {}

    /** The summary of a failback, which need not be over. */
    public static String of(FailbackRecord record) {
        Measures measures = Measures.of(record);
        Entry.Began began = record.beginning();
        StringBuilder text = new StringBuilder();
        text.append("## Failback: ").append(Words.outcome(measures.outcome())).append("\n\n");
        item(text, "Home (P)", began.originalPrimaryId());
        item(text, "Former active cluster (A)", began.activeId());
        item(text, "Began", Words.time(measures.began()));
        item(
                text,
                measures.outcome() == null ? "Last entry" : "Ended",
                Words.time(measures.lastEntry()) + ", after " + Words.duration(measures.duration()));
        item(text, "Recovery time (RTO)", Words.rto(measures));
        item(
                text,
                "Lost writes (RPO)",
                Words.rpo(measures.rpo()) + ". " + measures.rpo().because()
                        + " Clients that bypass the proxies are not covered.");
        item(text, "Write pause", Words.writePause(measures));
        measures.lossWindows().forEach(loss -> item(text, "Loss window", loss));
        Line.of(record).stream()
                .filter(line -> line.tone() == Line.Tone.GATE)
                .forEach(line -> item(text, Words.time(line.at()), line.text()));
        if (measures.outcome() != null) {
            item(
                    text,
                    "In short",
                    ((Entry.Ended) record.entries().get(record.entries().size() - 1)).message());
        }
        return text.toString();
    }

    private static void item(StringBuilder text, String name, String value) {
        text.append("- **").append(name).append(":** ").append(escaped(value)).append('\n');
    }

    /** One line in which nothing means anything to Markdown or HTML. */
    static String escaped(String text) {
        return Words.visible(text)
                .replaceAll("\\s+", " ")
                .replaceAll("[\\\\`*_{}\\[\\]()#!|~@$^]", "\\\\$0")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;");
    }
}
