package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.ScaledTime;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedApplication;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A failback that needs no cloud and loses nothing. */
@Timeout(60)
class RehearseTest {

    @TempDir
    Path directory;

    private final List<String> prompts = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void writeToTheTestsDirectory() {
        environment.put("TMPDIR", directory.toString());
    }

    @Test
    void goesHomeWithoutLosingAWriteAndLeavesAReport() throws IOException {
        Run run = rehearse(Optional.empty(), "--yes");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.out())
                .contains("Outcome: completed. [simulated] ", " and 0 of these are missing on the original primary.")
                .doesNotContain("Of 0 writes")
                .containsPattern("[1-9]\\d* were acknowledged")
                .containsPattern("Nobody could write for \\d+ s\\.");
        assertThat(run.err().lines()).allMatch(line -> line.contains("[simulated] "));
        Path report = file(run, "Report: ");
        assertThat(report).content().contains("<html", "rehearsal on a simulated cloud");
        assertThat(file(run, "Summary: ")).content().contains("Simulated", "**Lost writes (RPO):** 0");
        assertThat(file(run, "Record: ")).content().contains("\"entry\":\"FenceProven\"");
        try (var files = Files.list(report.getParent())) {
            assertThat(files).hasSize(4); // these, and the lock
        }
    }

    @Test
    void goesThroughARealHaProxyWhereOneIsInstalled() {
        environment.put("PATH", System.getenv("PATH"));
        Run run = rehearse(Optional.empty(), "--yes");
        Assumptions.assumeTrue(run.err().contains("through a real HAProxy"), "HAProxy is not installed");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.err())
                .contains(
                        "PASS  who serves: Every proxy sends clients to orders-west",
                        "admin.sock: set server cockroach_backend/primary state maint",
                        "server standby (A) is in maintenance, 0 sessions")
                .doesNotContain("cannot be seen from here");
        assertThat(run.out()).contains(" and 0 of these are missing").doesNotContain("Of 0 writes");
        assertThat(directory.resolve("admin.sock")).doesNotExist();
    }

    @Test
    void withoutHaProxyItSaysSo() {
        assertThat(rehearse(Optional.empty(), "--yes").err())
                .contains("through a proxy in memory, because no HAProxy is installed here.");
    }

    @Test
    void aPersonIsAskedAtBothGates() {
        Run run = rehearse(typing("orders-east", "orders-east"));
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(prompts).hasSize(2).allMatch(prompt -> prompt.contains("orders-east"));
        assertThat(run.err())
                .containsSubsequence(
                        "Gate: [simulated] May this run erase orders-east",
                        "Gate: [simulated] May this run stop writes");
    }

    @Test
    void aPersonMayRefuse() {
        Run run = rehearse(typing("orders-east", ""));
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(prompts).hasSize(2);
        assertThat(run.out()).contains("Outcome: refused. [simulated] ");
    }

    @Test
    void withoutATerminalItNamesTheCommand() {
        Run run = rehearse(Optional.empty());
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("no terminal to ask at", "failback rehearse --yes");
    }

    /** Without this, nothing would show that a missing write is noticed. */
    @Test
    void aMissingWriteIsCounted() {
        VirtualTime time = new VirtualTime(Instant.parse("2026-03-10T12:00:00Z"));
        Scene scene = SimulatedCloud.afterFailover(time, CloudSettings.defaults(), new Random(1));
        MemoryWay way = new MemoryWay(scene, "of the test");
        SimulatedApplication application = new SimulatedApplication("order", way::write, time);
        application.write();
        way.proxy().fence(Duration.ZERO, Duration.ZERO);
        application.write();
        assertThat(application.tally(scene.cloud(), scene.originalPrimaryId()))
                .isEqualTo(new SimulatedApplication.Tally(2, 1, 1, Duration.ZERO));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "NaN", "Infinity"})
    void aPaceThatMakesNoSenseIsRefused(String scale) {
        assertThat(rehearse(Optional.empty(), "--yes", "--time-scale=" + scale).exitCode())
                .isEqualTo(2);
    }

    private Optional<Terminal> typing(String... lines) {
        Queue<String> typed = new ArrayDeque<>(List.of(lines));
        return Optional.of(prompt -> {
            prompts.add(prompt);
            return typed.poll();
        });
    }

    private static Path file(Run run, String label) {
        return Path.of(run.out()
                .lines()
                .filter(line -> line.contains(label))
                .map(line -> line.substring(line.indexOf(label) + label.length()))
                .findFirst()
                .orElseThrow());
    }

    private Run rehearse(Optional<Terminal> terminal, String... options) {
        ScaledTime time = new ScaledTime(Instant.now(), 20);
        List<String> args = new ArrayList<>(List.of("rehearse"));
        args.addAll(List.of(options));
        return Run.of(
                shell -> shell.withTerminal(terminal).withTime(time, time::timer),
                environment,
                directory,
                args.toArray(String[]::new));
    }
}
