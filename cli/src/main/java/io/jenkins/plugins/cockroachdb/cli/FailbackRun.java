package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.FailbackDriver;
import io.jenkins.plugins.cockroachdb.failback.Gatekeeper;
import io.jenkins.plugins.cockroachdb.failback.Journal;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.report.Phase;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * One run of the driver within a command, which ends in order whatever ends it: a signal, or an interruption of the thread,
 * asks the driver to end, and how it ends is still told. Whoever asks a second time is let go at once.
 *
 * @param title what runs, for a person
 * @param proxies every proxy that clients use; without any, traffic is left to the user and reported as unknown
 */
record FailbackRun(
        Shell shell,
        CloudSession session,
        String title,
        List<Proxy> proxies,
        Gatekeeper gatekeeper,
        Journal journal,
        Settings settings,
        Display display) {

    /**
     * Runs to the end.
     *
     * @param conclusion what is done with the end before signals end the process again
     */
    <T> T toTheEnd(Function<Action.Finish, T> conclusion) {
        List<Phase> phases = Phase.of(settings, !proxies.isEmpty());
        Narrator narrator = new Narrator(
                shell.journals().apply(journal),
                shell.clock(),
                display,
                new Progress(title, phases, phases.get(0), shell.clock().instant(), "", "", null));
        try (StreamWatcher watcher = new StreamWatcher(session.api(), shell.clock(), session.timer())) {
            FailbackDriver driver = new FailbackDriver(
                    session.api(),
                    watcher,
                    proxies,
                    gatekeeper,
                    narrator,
                    settings,
                    shell.clock(),
                    session.timer(),
                    narrator);
            AtomicBoolean asked = new AtomicBoolean();
            Signals.Listening signals = shell.signals().listen(by -> end(driver, by, asked));
            Future<?> ticks = session.timer().scheduleAtFixedRate(narrator::tick, 1, 1, TimeUnit.SECONDS);
            try {
                return conclusion.apply(end(driver));
            } finally {
                ticks.cancel(false);
                signals.close();
            }
        }
    }

    private Action.Finish end(FailbackDriver driver) {
        CompletableFuture<Action.Finish> end = driver.run();
        while (true) {
            try {
                return end.get();
            } catch (InterruptedException e) {
                driver.abort("an interruption");
            } catch (ExecutionException e) {
                return broken(e.getCause());
            }
        }
    }

    private void end(FailbackDriver driver, String by, AtomicBoolean asked) {
        if (asked.getAndSet(true)) {
            Outcome left = journal.record().leftAs(Outcome.ABORTED);
            display.conclude(
                    Conclusion.of(left, "Left at once. " + holds(left) + " Run again to go on from the record."));
            shell.signals().leave(left.exitCode());
        } else {
            display.show(new Event.Doing(
                    shell.clock().instant(),
                    "Ending in order because of " + by + "; once more to leave at once.",
                    null));
            driver.abort(by);
        }
    }

    /** The record cannot be written any more, or a fault of this program shows: nothing more was done. */
    private Action.Finish broken(Throwable cause) {
        Outcome outcome = journal.record().leftAs(Outcome.FAILED);
        String what = cause instanceof UncheckedIOException ? cause.getMessage() : shell.unexpected(cause);
        return new Action.Finish(
                outcome, what + " Nothing more was done. " + holds(outcome) + " Run again to go on from the record.");
    }

    private static String holds(Outcome left) {
        return switch (left) {
            case IN_DOUBT -> "A call may have taken effect, and goes on in the cloud.";
            case STRANDED -> "Traffic is fenced: clients can write nowhere.";
            default -> "Nothing was cut over, and no traffic was moved.";
        };
    }
}
