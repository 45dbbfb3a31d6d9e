package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * How a command ended.
 *
 * @param message what happened, what holds now
 * @param advice what to do next, a sentence each
 * @param recordFile null when there is none
 * @param reportFile null when there is none
 */
record Conclusion(Outcome outcome, String message, List<String> advice, Path recordFile, Path reportFile) {

    Conclusion {
        Objects.requireNonNull(outcome, "outcome");
        Objects.requireNonNull(message, "message");
        advice = List.copyOf(advice);
    }

    /** The end of a command that recorded nothing. */
    static Conclusion of(Outcome outcome, String message) {
        return new Conclusion(outcome, message, List.of(), null, null);
    }

    /** The same, with the record in which it stands. */
    Conclusion recordedIn(Path file) {
        return new Conclusion(outcome, message, advice, file, reportFile);
    }
}
