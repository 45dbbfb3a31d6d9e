package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.Version;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that changes something at a pair of clusters, holds the pair's record meanwhile, and ends with an {@link Outcome}. */
abstract class PairCommand implements Callable<Integer> {

    private final Shell shell;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connection;

    @Mixin
    private RunOptions options;

    PairCommand(Shell shell) {
        this.shell = shell;
    }

    /**
     * Does it.
     *
     * @throws UsageException if something was set wrongly; nothing was done then
     * @throws RefusedException if nothing may be done
     * @throws FailedException with what happened, what holds and what to do
     * @throws IOException the same, about files
     */
    abstract Conclusion run(Display display) throws IOException, InterruptedException;

    @Override
    public final Integer call() throws InterruptedException {
        Display display = Display.of(shell, options.output);
        Conclusion conclusion = conclusion(display);
        display.conclude(conclusion);
        return conclusion.outcome().exitCode();
    }

    private Conclusion conclusion(Display display) throws InterruptedException {
        try {
            return run(display);
        } catch (UsageException e) {
            return Conclusion.of(Outcome.USAGE, e.getMessage());
        } catch (RefusedException | RecordFile.HeldException e) {
            return Conclusion.of(Outcome.REFUSED, e.getMessage());
        } catch (FailedException | IOException e) {
            return Conclusion.of(Outcome.FAILED, e.getMessage());
        }
    }

    final Shell shell() {
        return shell;
    }

    final ConnectionOptions connection() {
        return connection;
    }

    final boolean isApproved() {
        return options.yes;
    }

    /** What runs, as a person would type it, without its options. */
    final String title() {
        return shell.program() + " " + spec.name();
    }

    /** This very command, as it was typed. */
    final String typed() {
        List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
        return shell.program() + " " + String.join(" ", arguments);
    }

    /**
     * Opens the record of the pair, which lets no other run at it meanwhile.
     *
     * @throws RecordFile.HeldException if another run is at it
     */
    final RecordFile record(Variables variables, Settings settings) throws IOException {
        Path directory = options.directory(shell, variables, settings);
        return RecordFile.open(
                directory, settings.originalPrimaryId(), settings.activeId(), "cli " + Version.text(), shell.clock());
    }
}
