package io.jenkins.plugins.cockroachdb.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * How one call of an executable ended.
 *
 * @param exitCode as the operating system gives it
 * @param output the first {@value #LONGEST_OUTPUT} bytes of its standard output
 * @param more whether there was more of it
 * @param errors the first {@value #LONGEST_OUTPUT} bytes of its standard error
 */
record HookCall(int exitCode, String output, boolean more, String errors) {

    static final int LONGEST_OUTPUT = 4096;

    /** How long the output is waited for of an executable that has ended but left something running which could write. */
    static final Duration LAST_OUTPUT = Duration.ofSeconds(1);

    /** A variable in the environment of everything that one call starts, and of nothing else. */
    static final String MARK = "FAILBACK_CALL";

    /** How often orphans are looked for, because one may start another meanwhile. */
    private static final int ROUNDS = 10;

    private static final Executor DAEMONS = task -> {
        Thread thread = new Thread(task, "output of a hook");
        thread.setDaemon(true);
        thread.start();
    };

    /**
     * Starts the executable, with nothing on its standard input, and returns when it has ended. When the time is over it is killed
     * with everything that it has started.
     *
     * @throws IOException if it could not be started, or the time was over before
     */
    static HookCall make(ProcessBuilder command, ScheduledExecutorService timer, Deadline deadline) throws IOException {
        String mark = UUID.randomUUID().toString();
        command.environment().put(MARK, mark);
        Process process = command.start();
        try {
            deadline.guard(() -> kill(process.toHandle()));
            process.getOutputStream().close();
            Output output = new Output();
            Output errors = new Output();
            CompletableFuture<?> all = CompletableFuture.allOf(
                    output.reading(process.getInputStream()), errors.reading(process.getErrorStream()));
            process.onExit().join();
            if (deadline.isOver()) {
                killOrphans(mark);
            }
            Future<?> enough = timer.schedule(() -> all.complete(null), LAST_OUTPUT.toNanos(), TimeUnit.NANOSECONDS);
            all.join();
            enough.cancel(false);
            return new HookCall(process.exitValue(), output.text(), output.isCut(), errors.text());
        } finally {
            kill(process.toHandle());
        }
    }

    /** The parent before its children, so that it starts no other in their place. What has ended may have lent its id to another. */
    private static void kill(ProcessHandle process) {
        if (!process.isAlive()) {
            return;
        }
        List<ProcessHandle> children = process.children().toList();
        process.destroyForcibly();
        children.forEach(HookCall::kill);
    }

    /**
     * What was being started while its parent was killed, or had left its parent before, is nobody's child; it is known by its
     * environment, on Linux. Elsewhere it lives on.
     */
    private static void killOrphans(String mark) {
        boolean found = true;
        for (int round = 0; found && round < ROUNDS; round++) {
            List<ProcessHandle> orphans = ProcessHandle.allProcesses()
                    .filter(each -> hasMark(each, mark))
                    .toList();
            orphans.forEach(ProcessHandle::destroyForcibly);
            found = !orphans.isEmpty();
        }
    }

    private static boolean hasMark(ProcessHandle process, String mark) {
        try {
            String environment =
                    Files.readString(Path.of("/proc", String.valueOf(process.pid()), "environ"), ISO_8859_1);
            return Arrays.asList(environment.split("\0")).contains(MARK + "=" + mark);
        } catch (IOException e) {
            return false; // it has ended, or is somebody else's
        }
    }

    /** What it printed to one of its streams; read to the end, kept to its limit. */
    private static final class Output {

        private final byte[] kept = new byte[LONGEST_OUTPUT];
        private int length;
        private boolean cut;

        CompletableFuture<Void> reading(InputStream stream) {
            return CompletableFuture.runAsync(() -> read(stream), DAEMONS);
        }

        private void read(InputStream stream) {
            byte[] buffer = new byte[LONGEST_OUTPUT];
            try (stream) {
                for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                    keep(buffer, read);
                }
            } catch (IOException e) {
                // It was killed; what it printed before is there.
            }
        }

        private synchronized void keep(byte[] buffer, int read) {
            int room = Math.min(read, LONGEST_OUTPUT - length);
            System.arraycopy(buffer, 0, kept, length, room);
            length += room;
            cut |= room < read;
        }

        synchronized String text() {
            return new String(kept, 0, length, StandardCharsets.UTF_8);
        }

        synchronized boolean isCut() {
            return cut;
        }
    }
}
