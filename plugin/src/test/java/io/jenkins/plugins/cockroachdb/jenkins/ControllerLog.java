package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.Functions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Collects what the log of Jenkins says about this plugin: warnings of its own, and every stack trace that leads through it. */
final class ControllerLog extends Handler {

    private static final String OURS = "io.jenkins.plugins.cockroachdb";

    private final List<String> complaints = new CopyOnWriteArrayList<>();

    ControllerLog() {
        setLevel(Level.INFO);
        Logger.getLogger("").addHandler(this);
    }

    List<String> complaints() {
        return complaints;
    }

    @Override
    public void publish(LogRecord record) {
        boolean warns = record.getLoggerName() != null
                && record.getLoggerName().startsWith(OURS)
                && record.getLevel().intValue() >= Level.WARNING.intValue();
        String trace = record.getThrown() == null ? "" : Functions.printThrowable(record.getThrown());
        if (warns || trace.contains(OURS)) {
            complaints.add(record.getLoggerName() + ": " + record.getMessage() + "\n" + trace);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        Logger.getLogger("").removeHandler(this);
    }
}
