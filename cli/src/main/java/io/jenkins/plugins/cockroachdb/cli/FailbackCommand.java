package io.jenkins.plugins.cockroachdb.cli;

import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program itself: its commands, and what becomes of an error. */
@Command(
        name = "failback",
        synopsisSubcommandLabel = "COMMAND",
        description = "Brings a CockroachDB Cloud application home after a disaster.",
        footerHeading = "%nSettings, in the environment or in a file .env in the current directory:%n",
        footer = {
            "  COCKROACH_API_SECRET_KEY  the API key of a service account",
            "  PRIMARY_CLUSTER_ID        the cluster that served before the failover",
            "  STANDBY_CLUSTER_ID        the cluster that serves now",
            "  COCKROACH_API_URL         default: https://cockroachlabs.cloud",
            "  HTTPS_PROXY, NO_PROXY     the way out, such as http://proxy.example.com:3128",
            "  FAILBACK_PROXY_FILE       a file with the proxies that clients use, a line each",
            "  HEALTH_CHECK_TIMEOUT      seconds for a connection or a silence; default: 10",
            "",
            "Examples:",
            "  failback status",
            "  failback rehearse",
            "  failback full",
            "  failback create-stream && failback initiate",
            "  failback simulate --port 8080 --time-scale 60",
            "  failback status --help",
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong arguments or settings, 3 refused, 4 out of time,",
            "  5 in doubt (run again), 6 stranded (act now), 7 aborted, 8 home but unprotected."
        })
final class FailbackCommand implements Callable<Integer> {

    private final Shell shell;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Shows this help.")
    private boolean help;

    /** Answered by {@link Main}; declared for the help. */
    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Shows the version.")
    private boolean version;

    private FailbackCommand(Shell shell) {
        this.shell = shell;
    }

    /** Runs the command that the arguments name and returns the exit code. No exception leaves, and no stack trace. */
    static int execute(String[] args, Shell shell) {
        FailbackCommand program = new FailbackCommand(shell);
        try {
            return new CommandLine(program)
                    .addSubcommand(new StatusCommand(shell))
                    .addSubcommand(new PlanCommand(shell))
                    .addSubcommand(new FullCommand(shell))
                    .addSubcommand(new CreateStreamCommand(shell))
                    .addSubcommand(new InitiateCommand(shell))
                    .addSubcommand(new CancelCommand(shell))
                    .addSubcommand(new SetupCommand(shell))
                    .addSubcommand(ProxyCommand.group(shell))
                    .addSubcommand(new ReportCommand(shell))
                    .addSubcommand(new RehearseCommand(shell))
                    .addSubcommand(new SimulateCommand(shell))
                    .addSubcommand(new CompletionCommand(shell))
                    .setCaseInsensitiveEnumValuesAllowed(true)
                    .setExpandAtFiles(false) // an argument is never the name of a file to read more from
                    .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                    .setOut(shell.console().outWriter())
                    .setErr(shell.console().errWriter())
                    .setParameterExceptionHandler((failure, ignored) -> program.reportArguments(failure))
                    .setExecutionExceptionHandler((failure, command, parsed) -> program.report(failure))
                    .execute(withoutGroup(args));
        } catch (Throwable unexpected) { // also what is no Exception, such as a class that cannot be loaded
            return program.report(unexpected);
        }
    }

    /** The Python CLI that users come from has its failback commands in a group: {@code failback full} there is ours. */
    private static String[] withoutGroup(String[] args) {
        return args.length > 1 && args[0].equals("failback") ? Arrays.copyOfRange(args, 1, args.length) : args;
    }

    /** Without a command there is nothing to do, and that is a mistake. */
    @Override
    public Integer call() {
        spec.commandLine().usage(shell.console().errWriter());
        return ExitCode.USAGE;
    }

    private int reportArguments(ParameterException failure) {
        failure.getMessage().lines().forEach(shell.console()::err);
        if (failure instanceof UnmatchedArgumentException unmatched) {
            unmatched.getSuggestions().forEach(suggestion -> shell.console().err("Did you mean: " + suggestion));
        }
        shell.console().err("Try: " + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }

    private int report(Throwable failure) {
        if (failure instanceof UsageException) {
            shell.console().err(failure.getMessage());
            return ExitCode.USAGE;
        }
        if (failure instanceof FailedException) {
            shell.console().err(failure.getMessage());
            return ExitCode.SOFTWARE;
        }
        shell.console().err(shell.unexpected(failure));
        return ExitCode.SOFTWARE;
    }
}
