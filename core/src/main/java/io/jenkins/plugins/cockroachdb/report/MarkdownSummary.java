package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.RolesChanged;

/** A failback in a few lines of CommonMark, for a ticket or a chat. */
public final class MarkdownSummary {

    private MarkdownSummary() {}

    /** The summary of a failback, which need not be over. */
    public static String of(FailbackRecord record) {
        Measures measures = Measures.of(record);
        Verdict verdict = Verdict.of(record, measures);
        Names names = Names.in(record);
        StringBuilder text = new StringBuilder();
        text.append("## Failback: ").append(Words.outcome(measures.outcome())).append("\n\n");
        item(text, "Verdict", verdict.line());
        if (measures.outcome() != null) {
            item(
                    text,
                    "In short",
                    ((Entry.Ended) record.entries().get(record.entries().size() - 1)).message());
        }
        verdict.next().forEach(next -> item(text, "Next", next));
        item(text, "Home (P)", names.full(names.originalPrimaryId()));
        item(text, "Active before (A)", names.full(names.activeId()));
        item(text, "Began", Words.time(measures.began()));
        item(
                text,
                measures.outcome() == null ? "Last entry" : "Ended",
                Words.time(measures.lastEntry()) + ", after " + Words.duration(measures.duration()));
        Words.drivers(record).forEach(driver -> item(text, "Driven by", driver));
        item(text, "Recovery time (RTO)", Words.rto(measures.recovery()));
        Rpo rpo = measures.rpo();
        // What a span of lost writes rests on is told as one of the loss windows.
        item(text, "Lost writes (RPO)", Words.rpo(rpo) + "." + (rpo.span() == null ? " " + rpo.because() : ""));
        item(text, "Write pause", Words.writePause(measures));
        measures.lossWindows().forEach(loss -> item(text, "Loss window", loss));
        Words.lastExamination(record).stream()
                .flatMap(examined -> examined.checks().stream())
                .filter(check -> check.verdict() != Check.Verdict.PASS)
                .forEach(check -> item(
                        text, "Check " + check.verdict(), check.name() + ": " + check.reason() + " " + check.remedy()));
        Line.of(record).stream()
                .filter(line -> line.tone() == Line.Tone.GATE)
                .forEach(line -> item(text, Words.time(line.at()), line.text()));
        RolesChanged.of(record)
                .ifPresent(roles -> roles.items().forEach(each -> item(text, each.topic(), each.words())));
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
