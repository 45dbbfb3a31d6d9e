package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.RetryPolicy;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;

/** One run of the program within the test's process, and what it left behind. */
record Run(int exitCode, String out, String err) {

    /**
     * A cloud that does not answer is not asked again: its retries have tests of their own. The limits are long because time may
     * run fast, and a first request on a cold JVM takes a while.
     */
    private static final RetryPolicy ONCE = new RetryPolicy(
            1, Duration.ofMinutes(10), Duration.ofMinutes(20), Duration.ZERO, Duration.ZERO, Duration.ofSeconds(60));

    static Run of(Map<String, String> environment, Path directory, String... args) {
        return of(shell -> shell, environment, directory, args);
    }

    static Run of(Map<String, String> environment, Path directory, RetryPolicy retries, String... args) {
        return of(shell -> shell.withRetries(retries), environment, directory, args);
    }

    /** With another world around it. */
    static Run of(UnaryOperator<Shell> world, Map<String, String> environment, Path directory, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Shell shell = new Shell(environment, directory, new Console(printer(out), printer(err))).withRetries(ONCE);
        int exitCode = FailbackCommand.execute(args, world.apply(shell));
        return new Run(exitCode, text(out), text(err));
    }

    /** All that a person or a log got to see. */
    String output() {
        return out + err;
    }

    static PrintStream printer(ByteArrayOutputStream to) {
        return new PrintStream(to, true, StandardCharsets.UTF_8);
    }

    static String text(ByteArrayOutputStream from) {
        return from.toString(StandardCharsets.UTF_8);
    }
}
