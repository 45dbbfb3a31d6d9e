package io.jenkins.plugins.cockroachdb.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what lets a shell complete the commands and options of this program. */
@Command(
        name = "completion",
        description = "Prints a script that lets bash or zsh complete the commands and options of failback.",
        footerHeading = "%nFor this shell, bash or zsh:%n",
        footer = {
            "  source <(failback completion)",
            "",
            "For every bash to come:",
            "  mkdir -p ~/.local/share/bash-completion/completions",
            "  failback completion > ~/.local/share/bash-completion/completions/failback",
            "",
            "For every zsh to come, in ~/.zshrc:",
            "  autoload -Uz compinit && compinit",
            "  source <(failback completion)",
            "",
            "Examples:",
            "  failback completion",
            "  failback completion > failback.bash"
        })
final class CompletionCommand implements Callable<Integer> {

    private final Shell shell;

    @Spec
    private CommandSpec spec;

    CompletionCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        CommandLine program = spec.root().commandLine();
        PrintWriter out = shell.console().outWriter();
        out.print(AutoComplete.bash(program.getCommandName(), program));
        out.flush();
        shell.console().checkOut();
        return ExitCode.OK;
    }
}
