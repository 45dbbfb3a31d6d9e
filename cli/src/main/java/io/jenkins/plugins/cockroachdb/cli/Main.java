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
        System.exit(run(args, System.getenv(), Path.of("").toAbsolutePath(), System.out, System.err));
    }

    /**
     * Runs the program within a process that goes on.
     *
     * @param environment the environment variables
     * @param directory the current directory, where {@code .env} is looked for
     * @return the exit code
     */
    public static int run(
            String[] args, Map<String, String> environment, Path directory, PrintStream out, PrintStream err) {
        // Answered here, before anything is loaded that this answer does not need.
        if (args.length > 0 && (args[0].equals("--version") || args[0].equals("-V"))) {
            out.println("cockroachdb-failback " + Version.text());
            return 0;
        }
        return FailbackCommand.execute(args, new Shell(environment, directory, new Console(out, err)));
    }
}
