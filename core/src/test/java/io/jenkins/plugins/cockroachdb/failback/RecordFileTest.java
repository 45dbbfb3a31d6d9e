package io.jenkins.plugins.cockroachdb.failback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFileTest {

    private static final Instant NOON = Situations.NOON;

    @TempDir
    Path directory;

    /** One of each kind; {@link #everyKindOfEntrySurvives} fails to compile its count when a kind is added. */
    private static final List<Entry> ALL = List.of(
            new Entry.Resumed(NOON, "cli 1"),
            new Entry.Seen(NOON, "s", "REPLICATING", NOON, 12L, "on A"),
            new Entry.Seen(NOON, null, null, null, null, null),
            new Entry.Adopted(NOON, "s"),
            new Entry.Asked(NOON, Gate.ERASE, null, "p"),
            new Entry.Approved(NOON, Gate.ERASE, null, "p", "lead \"the\" \n first"),
            new Entry.NotApproved(NOON, Gate.CUT_OVER, "s", true, ""),
            new Entry.Calling(NOON, Call.INITIATE_CUTOVER, "s"),
            new Entry.Called(NOON, Call.INITIATE_CUTOVER, "s", Entry.Result.UNKNOWN, "no answer"),
            new Entry.FenceProven(NOON, NOON.plusNanos(1)),
            new Entry.FenceOpened(NOON, "edge", "restarted"),
            new Entry.LossWindow(NOON, "five seconds"),
            new Entry.Named(NOON, "orders-east", "orders-west"),
            new Entry.Examined(
                    NOON, List.of(Check.pass("plan", "Good."), Check.fail("clock", "Skewed \"a lot\".", "Set it."))),
            new Entry.Blind(NOON, "no answer"),
            new Entry.CutoverTimeAsked(NOON, NOON),
            new Entry.MovedByHand(NOON, "unfence", "edge", "lead", "on A"),
            new Entry.Verified(NOON, true, "it serves"),
            new Entry.GivingUp(NOON, Outcome.TIMED_OUT, "too late"),
            new Entry.AbortRequested(NOON, "lead"),
            new Entry.Ended(NOON, Outcome.STRANDED, "act now"));

    @Test
    void everyKindOfEntrySurvives() throws IOException {
        try (RecordFile file = open()) {
            ALL.forEach(file::append);
        }

        List<Entry> read = RecordFile.read(directory.resolve("000001.jsonl")).entries();

        assertThat(read.subList(1, read.size())).containsExactlyElementsOf(ALL);
        assertThat(read).hasOnlyElementsOfType(Entry.class);
        assertThat(read.stream().map(Object::getClass).distinct().count())
                .as("kinds of entries")
                .isEqualTo(Entry.class.getPermittedSubclasses().length);
    }

    @Test
    void anOpenRecordIsResumedAndAClosedOneIsNot() throws IOException {
        try (RecordFile file = open()) {
            file.append(new Entry.Ended(NOON, Outcome.IN_DOUBT, "run again"));
        }
        try (RecordFile again = open()) {
            assertThat(again.record().entries()).hasSize(3).last().isInstanceOf(Entry.Resumed.class);
            again.append(new Entry.Ended(NOON, Outcome.COMPLETED, "home"));
        }
        try (RecordFile next = open()) {
            assertThat(next.record().entries()).hasSize(1);
            assertThat(next.file()).hasFileName("000002.jsonl");
        }
    }

    @Test
    void whatACrashLeftOfALineIsCutOff() throws IOException {
        Path file;
        try (RecordFile open = open()) {
            open.append(new Entry.Adopted(NOON, "s"));
            file = open.file();
        }
        Files.writeString(file, "{\"entry\":\"Call", StandardOpenOption.APPEND);

        try (RecordFile again = open()) {
            again.append(new Entry.Calling(NOON, Call.FENCE, "edge"));
        }

        assertThat(RecordFile.read(file).entries())
                .extracting(entry -> entry.getClass().getSimpleName())
                .containsExactly("Began", "Adopted", "Resumed", "Calling");
    }

    @Test
    void oneDriverAtATime() throws IOException {
        try (RecordFile held = open()) {
            assertThatThrownBy(this::open)
                    .isInstanceOf(RecordFile.HeldException.class)
                    .hasMessageContaining("Another run is at work on this failback");
            assertThat(held.record().entries()).hasSize(1);
        }
        open().close();
    }

    @Test
    void aRefusalInThisProcessLetsNoOtherProcessIn() throws Exception {
        RecordFile held = open();
        assertThatThrownBy(this::open).isInstanceOf(RecordFile.HeldException.class);
        assertThat(otherProcess())
                .as("closing a second channel of the lock file would let it go")
                .isEqualTo(HELD);
        held.close();
        assertThat(otherProcess()).isEqualTo(FREE);
    }

    private int otherProcess() throws IOException, InterruptedException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Opener.class.getName(),
                        directory.toString())
                .inheritIO()
                .start()
                .waitFor();
    }

    private static final int FREE = 0;
    private static final int HELD = 3;

    /** Another process that opens the record. */
    static final class Opener {
        public static void main(String[] args) throws IOException {
            try {
                open(Path.of(args[0])).close();
                System.exit(FREE);
            } catch (RecordFile.HeldException e) {
                System.exit(HELD);
            }
        }
    }

    @Test
    void whatCouldNotBeWrittenIsFollowedByNothing() throws IOException {
        try (RecordFile file = open()) {
            Thread.currentThread().interrupt(); // closes the channel under the write
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> file.append(new Entry.Adopted(NOON, "s")))
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageContaining("cannot be written");
                Thread.interrupted();
            }
            assertThat(file.record().entries()).hasSize(1);
            assertThat(RecordFile.read(file.file()).entries()).hasSize(1);
        }
    }

    @Test
    void aRecordThatCannotBeReadStopsInWords() throws IOException {
        Path file;
        try (RecordFile open = open()) {
            file = open.file();
        }
        for (String line :
                List.of("not json", "{\"entry\":\"Teleported\"}", "{\"entry\":\"Approved\",\"gate\":\"NEW\"}")) {
            List<String> lines = Files.readAllLines(file).subList(0, 1);
            Files.write(file, List.of(lines.get(0), line));
            assertThatThrownBy(this::open)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("line 2 is")
                    .hasMessageContaining("Nothing was done");
        }
    }

    @Test
    void theRecordOfAnotherPairIsNotResumed() throws IOException {
        open().close();

        assertThatThrownBy(() -> RecordFile.open(directory, "x", "y", "test", () -> NOON))
                .hasMessageContaining("another pair");
        open().close();
    }

    @Test
    void namesCountUpWhateverTheClockSays() throws IOException {
        for (int i = 0; i < 3; i++) {
            try (RecordFile file = open()) {
                file.append(new Entry.Ended(NOON, Outcome.COMPLETED, "home"));
            }
        }

        assertThat(Arrays.stream(directory.toFile().list()).sorted())
                .containsExactly("000001.jsonl", "000002.jsonl", "000003.jsonl", "lock");
    }

    private RecordFile open() throws IOException {
        return open(directory);
    }

    private static RecordFile open(Path directory) throws IOException {
        return RecordFile.open(directory, "p", "a", "test", () -> NOON);
    }
}
