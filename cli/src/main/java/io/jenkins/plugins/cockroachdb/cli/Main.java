package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.Version;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/** The entry point of the program. */
public final class Main {

    private Main() {}

    /** Runs the program and ends the process with its exit code. */
    public static void main(String[] args) {
        if (!isAnswered(args, System.out)) {
            Shell shell = new Shell(System.getenv(), Path.of("").toAbsolutePath(), new Console(System.out, System.err))
                    .withTerminal(Terminal.ofProcess())
                    .withSignals(new ProcessSignals());
            System.exit(FailbackCommand.execute(args, shell));
        }
    }

    /**
     * Runs the program within a process that goes on, with nobody at a terminal.
     *
     * @param environment the environment variables
     * @param directory the current directory, where {@code .env} is looked for
     * @return the exit code
     */
    public static int run(
            String[] args, Map<String, String> environment, Path directory, PrintStream out, PrintStream err) {
        return isAnswered(args, out)
                ? 0
                : FailbackCommand.execute(args, new Shell(environment, directory, new Console(out, err)));
    }

    /** The version is told before anything is loaded that this answer does not need. */
    private static boolean isAnswered(String[] args, PrintStream out) {
        boolean asked = args.length > 0 && (args[0].equals("--version") || args[0].equals("-V"));
        if (asked) {
            out.println("cockroachdb-failback " + Version.text());
        }
        return asked;
    }
}
