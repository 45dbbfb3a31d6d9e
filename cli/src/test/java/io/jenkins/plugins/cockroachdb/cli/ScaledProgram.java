package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.simulator.ScaledTime;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;

/** The program in a process of its own, on the time of the test that starts it. */
final class ScaledProgram {

    private ScaledProgram() {}

    /** @param args beginning and scale of {@link ScaledTime}, and then the program's own */
    public static void main(String[] args) {
        ScaledTime time = new ScaledTime(Instant.parse(args[0]), Integer.parseInt(args[1]));
        Shell shell = new Shell(System.getenv(), Path.of("").toAbsolutePath(), new Console(System.out, System.err))
                .withSignals(new ProcessSignals())
                .withTime(time, time::timer);
        System.exit(FailbackCommand.execute(Arrays.copyOfRange(args, 2, args.length), shell));
    }
}
