package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.simulator.ScaledTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/** The program in a process of its own, which dies of {@code kill -9} at one of its {@link CrashPoints}. */
final class KilledFailback {

    private KilledFailback() {}

    /** @param args when the scaled time began, its scale, the point to die at, the current directory; then the command's own */
    public static void main(String[] args) {
        ScaledTime time = new ScaledTime(Instant.parse(args[0]), Integer.parseInt(args[1]));
        CrashPoints points = new CrashPoints(reached -> {
            if (reached.equals(args[2])) {
                dieHere();
            }
        });
        Shell shell = new Shell(System.getenv(), Path.of(args[3]), new Console(System.out, System.err))
                .withTime(time, time::timer);
        System.exit(FailbackCommand.execute(Arrays.copyOfRange(args, 4, args.length), points.around(shell)));
    }

    private static void dieHere() {
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
