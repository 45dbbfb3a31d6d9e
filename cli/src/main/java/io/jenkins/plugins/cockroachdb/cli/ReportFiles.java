package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.report.HtmlReport;
import io.jenkins.plugins.cockroachdb.report.MarkdownSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The report and the summary of a failback, as files beside its record and named like it, so that the next failback of the
 * same pair overwrites neither.
 */
record ReportFiles(Path report, Path summary) {

    static ReportFiles beside(Path record) {
        String name = record.getFileName().toString().replaceFirst("\\.jsonl$", "");
        return new ReportFiles(record.resolveSibling(name + ".html"), record.resolveSibling(name + ".md"));
    }

    /** @param before what the summary has to say first; may be empty */
    void write(FailbackRecord record, String before) throws IOException {
        Files.writeString(report, HtmlReport.of(record));
        Files.writeString(summary, before + MarkdownSummary.of(record));
    }
}
