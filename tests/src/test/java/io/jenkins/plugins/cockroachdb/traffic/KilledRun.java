package io.jenkins.plugins.cockroachdb.traffic;

import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Gatekeeper;
import io.jenkins.plugins.cockroachdb.failback.Journal;
import io.jenkins.plugins.cockroachdb.simulator.ScaledTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** A run in a process of its own, which dies of {@code kill -9} at a point of the failback. */
final class KilledRun {

    /** What the process of a run that was killed ends with. */
    static final int KILLED = 128 + 9;

    private static final String KEY = "FAILBACK_TEST_KEY";

    private KilledRun() {}

    /**
     * Starts it.
     *
     * @param point such as {@code before Called FENCE} or {@code after FenceProven}; one that never comes for a run that somebody else
     *     kills
     */
    static Process start(DrivenFailback run, Duration drain, String point, Path log) throws IOException {
        ProcessBuilder process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledRun.class.getName(),
                        point,
                        run.url(),
                        run.originalPrimaryId(),
                        run.activeId(),
                        run.records().toString(),
                        run.description(),
                        run.time().beginning().toString(),
                        String.valueOf(run.time().scale()),
                        drain.toString()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        process.environment().putAll(run.variables());
        process.environment().put(KEY, run.key());
        return process.start();
    }

    /** @param args as {@link #start} gives them */
    public static void main(String[] args) throws Exception {
        Map<String, String> environment = System.getenv();
        DrivenFailback run = new DrivenFailback(
                args[1],
                environment.get(KEY),
                args[2],
                args[3],
                Path.of(args[4]),
                args[5],
                environment,
                new ScaledTime(Instant.parse(args[6]), Integer.parseInt(args[7])));
        Action.Finish end = run.run(
                DrivenFailback.settings(Duration.parse(args[8])),
                new DrivenFailback.Around(
                        proxy -> proxy,
                        journal -> dyingAt(args[0], journal),
                        question -> CompletableFuture.completedFuture(Gatekeeper.Reply.approvedBy("test"))));
        System.out.println(end.outcome() + " " + end.message());
        System.exit(end.outcome().exitCode());
    }

    private static Journal dyingAt(String point, Journal journal) {
        return new Journal() {
            @Override
            public FailbackRecord record() {
                return journal.record();
            }

            @Override
            public void append(Entry entry) {
                dieIf(point.equals("before " + Points.name(entry)));
                journal.append(entry);
                dieIf(point.equals("after " + Points.name(entry)));
            }
        };
    }

    private static void dieIf(boolean here) {
        if (!here) {
            return;
        }
        try {
            new ProcessBuilder(
                            "kill", "-9", String.valueOf(ProcessHandle.current().pid()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        while (true) { // not a step further, until the signal has come
            LockSupport.park();
        }
    }
}
