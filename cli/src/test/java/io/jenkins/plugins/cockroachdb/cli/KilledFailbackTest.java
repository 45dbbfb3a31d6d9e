package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.StreamStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A run that is killed, by {@code kill -9} and in a process of its own, at every point where that makes a difference; then it is
 * run again.
 */
class KilledFailbackTest extends DrivenPair {

    private static final int KILLED = 128 + 9;

    static List<String> everyCrashPoint() throws IOException {
        KilledFailbackTest undisturbed = new KilledFailbackTest();
        undisturbed.directory = Files.createTempDirectory("undisturbed");
        undisturbed.start();
        List<String> points = new ArrayList<>();
        Run run = Run.of(
                shell -> new CrashPoints(points::add).around(shell.withTime(undisturbed.time, undisturbed.time::timer)),
                undisturbed.environment,
                undisturbed.directory,
                "full",
                "--yes");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(points)
                .contains("before POST 1", "after POST 1", "before PATCH 1", "after PATCH 1", "after Ended 1");
        return points;
    }

    @ParameterizedTest
    @MethodSource("everyCrashPoint")
    void runAgainItEndsAsAnUndisturbedRun(String point) throws Exception {
        Process killed = kill(point, environment);
        assertThat(killed.waitFor(50, TimeUnit.SECONDS)).isTrue();
        assertDiedAt(point, killed);

        Run again = run("full", "--yes");

        assertThat(again.exitCode()).as(again.output()).isZero();
        assertThat(endpoint.received(Operation.CREATE_STREAM)).isEqualTo(1);
        assertHome(1);
    }

    @ParameterizedTest
    @MethodSource("everyCrashPoint")
    void aSecondRunWithTheSameStateDirectoryIsHeldBackAndHarmless(String point) throws Exception {
        Process killed = kill(point, environment);
        while (killed.isAlive() && !Files.exists(records().resolve("000001.jsonl"))) {
            Thread.onSpinWait(); // until it holds the record, or is gone already
        }
        Run beside = run("full", "--yes");
        assertThat(killed.waitFor(50, TimeUnit.SECONDS)).isTrue();
        assertDiedAt(point, killed);

        Run again = run("full", "--yes");

        assertThat(beside.exitCode()).as(beside.output()).isIn(0, Outcome.REFUSED.exitCode());
        assertThat(again.exitCode()).as(again.output()).isZero();
        assertThat(endpoint.received(Operation.CREATE_STREAM)).isEqualTo(1);
        assertHome(1);
    }

    @ParameterizedTest
    @MethodSource("everyCrashPoint")
    void aSecondRunWithItsOwnStateDirectoryMakesNoSecondStreamWhereTheServerRefusesOne(String point) throws Exception {
        CompletableFuture<Run> beside = beside();
        Process killed = kill(point, environment);
        assertThat(killed.waitFor(50, TimeUnit.SECONDS)).isTrue();
        beside.join();

        Run again = run("full", "--yes");

        assertThat(again.exitCode()).as(again.output()).isZero();
        assertHome(1);
    }

    @ParameterizedTest
    @MethodSource("everyCrashPoint")
    void aSecondRunWithItsOwnStateDirectoryStopsAtADoubleWhereTheServerDoesNotRefuseOne(String point) throws Exception {
        start(CloudSettings.defaults()
                .fasterBy(10_000)
                .withRateLimitPerSecond(1000)
                .withRefuseSecondLiveStream(false));
        CompletableFuture<Run> beside = beside();
        Process killed = kill(point, environment);
        assertThat(killed.waitFor(50, TimeUnit.SECONDS)).isTrue();
        beside.join();

        Run again = run("full", "--yes");

        List<String> streams = scene.cloud().streamIds(scene.activeId(), scene.originalPrimaryId());
        if (streams.size() == 1) {
            assertThat(again.exitCode()).as(again.output()).isZero();
            assertHome(1);
        } else {
            assertThat(streams).as("one POST of each run").hasSize(2);
            assertThat(again.exitCode()).as(again.output()).isNotZero();
            assertThat(again.output()).contains("two live reverse streams");
        }
    }

    private CompletableFuture<Run> beside() {
        Map<String, String> elsewhere = new HashMap<>(environment);
        elsewhere.put("XDG_STATE_HOME", directory.resolve("elsewhere").toString());
        return CompletableFuture.supplyAsync(
                () -> Run.of(shell -> shell.withTime(time, time::timer), elsewhere, directory, "full", "--yes"));
    }

    private void assertHome(int streams) {
        List<String> ids = scene.cloud().streamIds(scene.activeId(), scene.originalPrimaryId());
        assertThat(ids).hasSize(streams);
        assertThat(ids).allMatch(id -> scene.cloud().status(id) == StreamStatus.COMPLETED);
    }

    private static void assertDiedAt(String point, Process process) {
        // How often something new is seen, or nothing can be, depends on the moment: the last times may not come again.
        if ((point.contains("Seen") || point.contains("Blind")) && process.exitValue() == 0) {
            return;
        }
        assertThat(process.exitValue()).isEqualTo(KILLED);
    }

    private Process kill(String point, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                KilledFailback.class.getName(),
                time.beginning().toString(),
                String.valueOf(time.scale()),
                point,
                directory.toString(),
                "full",
                "--yes"));
        ProcessBuilder process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("killed.log").toFile());
        process.environment().putAll(environment);
        return process.start();
    }
}
