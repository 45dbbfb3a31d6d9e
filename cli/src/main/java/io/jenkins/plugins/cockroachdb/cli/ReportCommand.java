package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.report.HtmlReport;
import io.jenkins.plugins.cockroachdb.report.MarkdownSummary;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Renders the record of a failback, whether it is over or not. */
@Command(
        name = "report",
        description = {
            "Renders the record of a failback: a summary in Markdown, or a page in HTML that needs nothing else.",
            "Needs no cloud and no key. The failback need not be over."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  failback report ~/.local/state/cockroachdb-failback/P_A",
            "  failback report P_A/000001.jsonl --output-file failback.html",
            "  failback report P_A --format html > failback.html"
        })
final class ReportCommand implements Callable<Integer> {

    /** What a record is rendered as. */
    enum Format {
        MARKDOWN,
        HTML;

        /** As it is typed. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Shell shell;

    @Parameters(
            index = "0",
            paramLabel = "RECORD",
            description = "The record, as \"failback full\" names it at its end;"
                    + " or the directory of a pair's records, of which the newest is taken.")
    private Path record;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}. Default: html into a file that ends in .html, otherwise markdown.")
    private Format format;

    @Option(
            names = "--output-file",
            paramLabel = "FILE",
            description = "Where to write it; an existing file is overwritten. Default: the standard output.")
    private Path outputFile;

    ReportCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Path file = recordFile();
        FailbackRecord read = read(file);
        String text = isHtml() ? HtmlReport.of(read) : MarkdownSummary.of(read);
        if (outputFile == null) {
            text.lines().forEach(shell.console()::out);
        } else {
            write(shell.directory().resolve(outputFile), file, text);
        }
        shell.console().checkOut();
        return ExitCode.OK;
    }

    private boolean isHtml() {
        if (format != null) {
            return format == Format.HTML;
        }
        return outputFile != null
                && outputFile.toString().toLowerCase(Locale.ROOT).endsWith(".html");
    }

    private Path recordFile() {
        Path named = shell.directory().resolve(record);
        if (!Files.isDirectory(named)) {
            return named;
        }
        try {
            return RecordFile.newest(named)
                    .orElseThrow(() -> new UsageException("There is no record in the directory " + named
                            + ". Name the directory of a pair, or the record itself."));
        } catch (IOException e) {
            throw unreadable(named, e);
        }
    }

    private FailbackRecord read(Path file) {
        try {
            FailbackRecord read = RecordFile.read(file);
            if (endsWithinALine(file)) {
                shell.console()
                        .err("The last line of " + file + " is not complete, as a crash leaves it, or a run that is"
                                + " writing it now. It was left out.");
            }
            return read;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static boolean endsWithinALine(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            bytes.seek(bytes.length() - 1);
            return bytes.read() != '\n';
        }
    }

    private void write(Path to, Path from, String text) {
        try {
            if (Files.exists(to) && Files.isSameFile(to, from)) {
                throw new UsageException("--output-file names the record itself, " + to + ". Nothing was written.");
            }
            Files.writeString(to, text);
            shell.console().err("Written: " + to);
        } catch (IOException e) {
            throw new FailedException("The report cannot be written to " + to + ": " + reason(e) + ".");
        }
    }

    private static FailedException unreadable(Path path, IOException failure) {
        // A failure of the file system names the path alone; ours are sentences.
        boolean sentence = failure.getMessage() != null && failure.getMessage().endsWith(".");
        return new FailedException(
                sentence ? failure.getMessage() : "The record " + path + " cannot be read: " + reason(failure) + ".");
    }

    private static String reason(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "there is no such file or directory";
        }
        return failure instanceof AccessDeniedException ? "access is denied" : String.valueOf(failure.getMessage());
    }
}
