package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.RetryPolicy;
import io.jenkins.plugins.cockroachdb.cloud.Transport;
import io.jenkins.plugins.cockroachdb.failback.Journal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The world around a command: everything that it has from outside.
 *
 * @param environment the environment variables of the process
 * @param directory the current directory
 * @param terminal who can be asked; empty when nobody is there
 * @param signals how a person or the system asks the process to end
 * @param retries how patiently the cloud is read
 * @param clock ours
 * @param timers makes the timer of one command, which ends it
 * @param journals put around the journal of a run; nothing but for tests
 * @param transports put around what carries requests; nothing but for tests
 */
record Shell(
        Map<String, String> environment,
        Path directory,
        Console console,
        Optional<Terminal> terminal,
        Signals signals,
        RetryPolicy retries,
        InstantSource clock,
        Supplier<ScheduledExecutorService> timers,
        UnaryOperator<Journal> journals,
        UnaryOperator<Transport> transports) {

    /** With the system's clock, nobody at a terminal and no signals. */
    Shell(Map<String, String> environment, Path directory, Console console) {
        this(
                environment,
                directory,
                console,
                Optional.empty(),
                Signals.NONE,
                RetryPolicy.DEFAULT,
                InstantSource.system(),
                Shell::timer,
                UnaryOperator.identity(),
                UnaryOperator.identity());
    }

    Shell withTerminal(Optional<Terminal> value) {
        return new Shell(environment, directory, console, value, signals, retries, clock, timers, journals, transports);
    }

    Shell withSignals(Signals value) {
        return new Shell(
                environment, directory, console, terminal, value, retries, clock, timers, journals, transports);
    }

    Shell withRetries(RetryPolicy value) {
        return new Shell(
                environment, directory, console, terminal, signals, value, clock, timers, journals, transports);
    }

    /** With other time: both have to tell the same. */
    Shell withTime(InstantSource otherClock, Supplier<ScheduledExecutorService> otherTimers) {
        return new Shell(
                environment,
                directory,
                console,
                terminal,
                signals,
                retries,
                otherClock,
                otherTimers,
                journals,
                transports);
    }

    /** With something around every journal and every transport. */
    Shell withAround(UnaryOperator<Journal> aroundJournal, UnaryOperator<Transport> aroundTransport) {
        return new Shell(
                environment,
                directory,
                console,
                terminal,
                signals,
                retries,
                clock,
                timers,
                aroundJournal,
                aroundTransport);
    }

    /** What a person types to run this program, for the commands that messages name. */
    String program() {
        return environment.getOrDefault("FAILBACK_PROGRAM", "failback");
    }

    /** Whose answers at a gate these are, for the record. */
    String person() {
        return environment.getOrDefault("USER", "the person at the terminal");
    }

    /** A fault of this program as a sentence; whoever debugs it is shown where it is, too. */
    String unexpected(Throwable failure) {
        if (!"1".equals(environment.get("FAILBACK_DEBUG"))) {
            return "Unexpected error: " + failure + " (set FAILBACK_DEBUG=1 to see where).";
        }
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        trace.toString().lines().forEach(line -> console.err(line.replace("\t", "    ")));
        return "Unexpected error: " + failure + ".";
    }

    private static ScheduledExecutorService timer() {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "timer");
            thread.setDaemon(true);
            return thread;
        });
    }
}
