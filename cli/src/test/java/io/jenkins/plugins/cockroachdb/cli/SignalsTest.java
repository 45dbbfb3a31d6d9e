package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ctrl-C, {@code kill} and an interrupted thread, before and after the cutover was asked for. */
class SignalsTest extends DrivenPair {

    private Process child;

    @AfterEach
    void noChildIsLeft() {
        if (child != null) {
            child.destroyForcibly();
        }
    }

    @Test
    void beforeTheCutoverTheRunIsAbortedAndTellsHowToGoOn() throws IOException {
        start(slow().withStarting(Duration.ofDays(1)));
        onEntry(entry -> {
            if (entry instanceof Entry.Seen seen && "STARTING".equals(seen.status())) {
                signals.press();
            }
        });
        Run run = run("full", "--yes");
        assertThat(run.exitCode()).as(run.output()).isEqualTo(7);
        assertThat(run.err()).contains("Ending in order because of Ctrl-C; once more to leave at once.");
        assertThat(run.out())
                .contains(
                        "Outcome: aborted. The run was aborted before the cutover.",
                        "goes on and is STARTING",
                        "To go on: failback full --yes");
        assertThat(record(1).end().map(Entry.Ended::outcome)).contains(Outcome.ABORTED);
        assertWritesSent(1, 0);
    }

    @Test
    void atAGateItAbortsToo() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Run run = run(
                prompt -> {
                    signals.press();
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return null;
                },
                "full");
        assertThat(run.exitCode()).isEqualTo(7);
        assertWritesSent(0, 0);
    }

    @Test
    void afterTheCutoverWasAskedForItTellsThatItGoesOn() throws IOException {
        start(slow().withRevert(Duration.ofHours(1)));
        addLiveStream();
        onEntry(entry -> {
            if (entry instanceof Entry.Called called && called.call() == Call.INITIATE_CUTOVER) {
                signals.press();
            }
        });
        Run run = run("full", "--yes");
        assertThat(run.exitCode()).as(run.output()).isEqualTo(5);
        assertThat(run.out()).contains("Outcome: inDoubt. ", "goes on in the cloud", "To go on: failback full --yes");
        assertThat(record(1).end()).isEmpty();
        assertWritesSent(0, 1);
    }

    @Test
    void theSecondTimeItLeavesAtOnceWithWhatHolds() throws IOException {
        start(slow().withRevert(Duration.ofHours(1)));
        addLiveStream();
        onEntry(entry -> {
            if (entry instanceof Entry.Called called && called.call() == Call.INITIATE_CUTOVER) {
                signals.press();
                signals.press();
            }
        });
        Run run = run("full", "--yes");
        assertThat(signals.left).isCompletedWithValue(5);
        assertThat(run.out()).contains("Left at once. A call may have taken effect, and goes on in the cloud.");
    }

    @Test
    void aRecordThatCannotBeWrittenAnyMoreEndsTheRunWithWhatHolds() throws IOException {
        addLiveStream();
        onEntry(entry -> {
            if (entry instanceof Entry.Calling) {
                throw new java.io.UncheckedIOException(new IOException("no space left"));
            }
        });
        Run run = run("full", "--yes");
        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.out()).contains("no space left", "Run again to go on from the record.");
        assertWritesSent(0, 0);
    }

    @Test
    void anInterruptionOfTheThreadIsNoOtherThing() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        FutureTask<Run> running = new FutureTask<>(() -> run(
                prompt -> {
                    asked.countDown();
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return null;
                },
                "full"));
        Thread thread = new Thread(running, "full");
        thread.start();
        asked.await();
        thread.interrupt();
        Run run = running.get();
        assertThat(run.exitCode()).isEqualTo(7);
        assertThat(run.out()).contains("Outcome: aborted.", "To go on: failback full");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    @DisabledOnOs(OS.WINDOWS)
    void aRealSignalBeforeTheCutoverAborts(String signal) throws Exception {
        start(slow().withStarting(Duration.ofDays(1)));
        List<String> told = signalled(signal, "to be REPLICATING");
        assertThat(child.exitValue()).as(String.join("\n", told)).isEqualTo(7);
        assertThat(told).anyMatch(line -> line.contains("Outcome: aborted."));
        assertThat(record(1).end().map(Entry.Ended::outcome)).contains(Outcome.ABORTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    @DisabledOnOs(OS.WINDOWS)
    void aRealSignalAfterTheCutoverWasAskedForLeavesItInDoubt(String signal) throws Exception {
        start(slow().withRevert(Duration.ofHours(1)));
        addLiveStream();
        List<String> told = signalled(signal, "is FAILING_OVER");
        assertThat(child.exitValue()).as(String.join("\n", told)).isEqualTo(5);
        assertThat(told).anyMatch(line -> line.contains("goes on in the cloud"));
        assertThat(record(1).end()).isEmpty();
    }

    /** Whether this process, and so its children, ignore a signal, as under nohup and in the background of a script. */
    private static boolean isIgnored(String signal) throws IOException {
        int number = Map.of("HUP", 1, "INT", 2, "TERM", 15).get(signal);
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .map(line -> line.substring("SigIgn:".length()).strip())
                        .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) >> (number - 1) & 1) == 1);
    }

    /** Runs {@code full} in a process of its own, and sends it a signal once it tells this. */
    private List<String> signalled(String signal, String once) throws Exception {
        assumeFalse(isIgnored(signal), "whoever started this told it to ignore SIG" + signal);
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ScaledProgram.class.getName(),
                time.beginning().toString(),
                String.valueOf(time.scale()),
                "full",
                "--yes");
        builder.environment().putAll(environment);
        child = builder.directory(directory.toFile()).redirectErrorStream(true).start();
        child.getOutputStream().close();
        List<String> told = new ArrayList<>();
        try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                told.add(line);
                if (line.contains(once)) {
                    new ProcessBuilder("kill", "-" + signal, String.valueOf(child.pid()))
                            .inheritIO()
                            .start()
                            .waitFor();
                }
            }
        }
        assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return told;
    }

    private static CloudSettings slow() {
        return CloudSettings.defaults().fasterBy(10_000).withRateLimitPerSecond(1000);
    }
}
