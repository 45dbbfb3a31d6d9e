package io.jenkins.plugins.cockroachdb.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group of commands that look at proxies, or move their traffic by hand. */
@Command(
        name = "proxy",
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Looks at proxies, or moves their traffic by hand. \"failback full\" does all of this by itself, in the right"
                    + " order and with proofs; these commands are for when it cannot."
        })
final class ProxyCommand implements Callable<Integer> {

    private final Shell shell;

    @Spec
    private CommandSpec spec;

    private ProxyCommand(Shell shell) {
        this.shell = shell;
    }

    static CommandLine group(Shell shell) {
        return new CommandLine(new ProxyCommand(shell))
                .addSubcommand(new ProxyStatusCommand(shell))
                .addSubcommand(new FenceCommand(shell))
                .addSubcommand(new UnfenceCommand(shell))
                .addSubcommand(new ReleaseCommand(shell));
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(shell.console().errWriter());
        return ExitCode.USAGE;
    }
}
