package io.jenkins.plugins.cockroachdb.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command that looks at a pair of clusters, asks nobody and changes nothing. */
abstract class LookingCommand implements Callable<Integer> {

    private final Shell shell;

    @Mixin
    private ConnectionOptions connection;

    @Mixin
    private OutputOption output;

    LookingCommand(Shell shell) {
        this.shell = shell;
    }

    /**
     * What was seen.
     *
     * @param exitCode what the command ends with
     * @param text for a person, line by line
     * @param json the same for a program
     */
    record View(int exitCode, List<String> text, ObjectNode json) {}

    /**
     * Looks.
     *
     * @throws UsageException if something was set wrongly
     * @throws RefusedException if a failback would be refused before it looked
     * @throws CloudException if the cloud cannot be read
     */
    abstract View look(Variables variables, Settings settings, CloudSession session)
            throws CloudException, InterruptedException;

    /** What can be shown although the look failed; nothing by default. */
    List<String> rest(CloudException failure, Settings settings, CloudSession session) throws InterruptedException {
        return List.of();
    }

    @Override
    public final Integer call() throws InterruptedException {
        Variables variables = Variables.of(shell);
        Settings settings = Settings.of(shell, variables, connection);
        int exitCode;
        try (CloudSession session = CloudSession.open(settings, shell)) {
            exitCode = show(variables, settings, session);
        } catch (RefusedException e) {
            shell.console().err(e.getMessage());
            exitCode = Outcome.REFUSED.exitCode();
        }
        shell.console().checkOut();
        return exitCode;
    }

    private int show(Variables variables, Settings settings, CloudSession session) throws InterruptedException {
        try {
            View view = look(variables, settings, session);
            List<String> lines = output.isJson() ? List.of(view.json().toString()) : view.text();
            lines.forEach(shell.console()::out);
            return view.exitCode();
        } catch (CloudException e) {
            if (!output.isJson()) {
                rest(e, settings, session).forEach(shell.console()::out);
            }
            StatusText.failure(e).forEach(shell.console()::err);
            return Outcome.FAILED.exitCode();
        }
    }

    final Shell shell() {
        return shell;
    }
}
