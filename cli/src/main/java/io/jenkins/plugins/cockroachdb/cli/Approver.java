package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Gatekeeper;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.report.GateText;
import io.jenkins.plugins.cockroachdb.report.Measures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Asks the person at the terminal, who types the name of the cluster, or answers from what was approved in advance. The evidence
 * is shown in either case, for the log.
 *
 * @param yes whether the gates were approved in advance
 * @param records the directory of this pair's records, which know how long writes paused the last time
 * @param command what was typed, to be used with {@code --yes} where nobody can be asked
 * @param proxies whose commands are shown
 */
record Approver(Shell shell, Display display, boolean yes, Path records, String command, List<Proxy> proxies)
        implements Gatekeeper {

    @Override
    public CompletableFuture<Reply> ask(Question question) {
        GateText text = GateText.of(question, lastWritePause(), proxies);
        display.show(new Event.Asked(
                shell.clock().instant(),
                question.gate().name(),
                text.question(),
                question.clusterName(),
                text.evidence()));
        if (isWaived(question.gate(), question.situation().settings())) {
            return CompletableFuture.completedFuture(Reply.approvedBy("--yes"));
        }
        if (shell.terminal().isEmpty()) {
            display.show(new Event.Doing(
                    shell.clock().instant(),
                    "There is no terminal to ask at. To approve every gate in advance: " + command + " --yes",
                    null));
            return CompletableFuture.completedFuture(Reply.nobodyToAsk());
        }
        Terminal terminal = shell.terminal().get();
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        // A thread of its own, and one that holds up nothing: whoever does not answer cannot be interrupted.
        Thread thread = new Thread(
                () -> {
                    try {
                        display.awaitShown();
                        reply.complete(
                                new Reply(terminal.confirms(question.clusterName(), text.approval()), shell.person()));
                    } catch (InterruptedException | RuntimeException e) { // the run has to hear of it, whatever it is
                        reply.completeExceptionally(e);
                    }
                },
                "gate");
        thread.setDaemon(true);
        thread.start();
        return reply;
    }

    /** {@code --yes} is given for going home. What erases the cluster that served until then has to be asked for by name. */
    private boolean isWaived(Gate gate, Settings settings) {
        return yes && (gate != Gate.RE_PROTECT || settings.reProtect());
    }

    private Optional<Duration> lastWritePause() {
        try (Stream<Path> files = Files.list(records)) {
            return files.filter(file -> file.toString().endsWith(".jsonl"))
                    .sorted(Comparator.reverseOrder())
                    .map(Approver::writePause)
                    .flatMap(Optional::stream)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty(); // not worth to stop for
        }
    }

    private static Optional<Duration> writePause(Path file) {
        try {
            return Optional.ofNullable(Measures.of(RecordFile.read(file)).writePause());
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
