package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rendering records from files. */
class ReportTest {

    private static final InstantSource NOON = InstantSource.fixed(Instant.parse("2026-03-10T12:00:00Z"));

    @TempDir
    Path directory;

    private Path older;
    private Path newer;

    @BeforeEach
    void twoFailbacksOfAPair() throws IOException {
        older = failback(Outcome.REFUSED, "The lead refused.");
        newer = failback(Outcome.COMPLETED, "orders-east serves.");
    }

    @Test
    void isASummaryInMarkdownByDefault() {
        Run run = report(older.toString());
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith("## Failback: refused\n").contains("The lead refused.");
    }

    @Test
    void takesTheNewestRecordOfADirectoryRelativeToTheCurrentOne() {
        assertThat(report("pair").out()).startsWith("## Failback: completed\n").contains("orders-east serves.");
    }

    @Test
    void isAPageWhenAskedTo() {
        assertThat(report("pair", "--format", "html").out())
                .startsWith("<!DOCTYPE html>\n")
                .endsWith("</body>\n</html>\n");
    }

    @Test
    void goesToAFileWhoseNameTellsTheFormat() {
        Run run = report("pair", "--output-file", "failback.html");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("Written: " + directory.resolve("failback.html"));
        assertThat(directory.resolve("failback.html")).content().startsWith("<!DOCTYPE html>");

        report("pair", "--output-file", "failback.md");
        assertThat(directory.resolve("failback.md")).content().startsWith("## Failback: completed");

        report("pair", "--output-file", "failback.html", "--format", "markdown");
        assertThat(directory.resolve("failback.html")).content().startsWith("## Failback: completed");
    }

    @Test
    void aTornLastLineIsLeftOutAndSaid() throws IOException {
        Files.writeString(newer, "{\"entry\":\"Ended\",\"at\":", StandardOpenOption.APPEND);
        Run run = report("pair");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("orders-east serves.");
        assertThat(run.err()).contains("The last line of " + newer + " is not complete");
    }

    @Test
    void aFileThatIsNoRecordIsAnError() throws IOException {
        Files.writeString(newer, "PRIMARY_CLUSTER_ID=x\n");
        assertFailed(report("pair"), "The record " + newer + " cannot be read: line 1 is ");

        Files.write(newer, new byte[] {0, 1, (byte) 0xff, '\n'});
        assertFailed(report("pair"), "The record " + newer + " cannot be read: line 1 is ");
    }

    @Test
    void aRecordWithoutItsBeginningIsAnError() throws IOException {
        Files.writeString(newer, "");
        assertFailed(report("pair"), "The file " + newer + " is not a record of one failback");

        Files.writeString(
                newer, Files.readString(older).lines().skip(1).findFirst().orElseThrow() + "\n");
        assertFailed(report("pair"), "The file " + newer + " is not a record of one failback");
    }

    @Test
    void aFileThatIsNotThereIsAnError() {
        assertFailed(report("nowhere.jsonl"), "nowhere.jsonl cannot be read: there is no such file or directory.");
    }

    @Test
    void aDirectoryWithoutRecordsIsAWrongArgument() {
        Run run = report(".");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("There is no record in the directory " + directory);
    }

    @Test
    void aReportNeverOverwritesItsRecord() throws IOException {
        String before = Files.readString(newer);
        Run run = report("pair", "--output-file", "pair/000002.jsonl");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(newer).hasContent(before);
    }

    @Test
    void aFileThatCannotBeWrittenIsAnError() {
        assertFailed(
                report("pair", "--output-file", "missing/failback.html"),
                "failback.html: there is no such file or directory.");
    }

    private Path failback(Outcome outcome, String message) throws IOException {
        try (RecordFile record = RecordFile.open(directory.resolve("pair"), "east-id", "west-id", "test", NOON)) {
            record.append(new Entry.Ended(NOON.instant(), outcome, message));
            return record.file();
        }
    }

    private static void assertFailed(Run run, String words) {
        assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(words).doesNotContain("Exception");
        assertThat(run.err().lines()).hasSize(1);
    }

    private Run report(String... args) {
        return Run.of(
                Map.of(),
                directory,
                Stream.concat(Stream.of("report"), Arrays.stream(args)).toArray(String[]::new));
    }
}
