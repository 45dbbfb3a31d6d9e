package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;

/** One line for each event, for a log; the result goes to standard output. */
final class LineDisplay implements Display {

    private final Console console;
    private final String prefix;

    /** @param prefix put before every line; may be empty */
    LineDisplay(Console console, String prefix) {
        this.console = console;
        this.prefix = prefix;
    }

    @Override
    public synchronized void show(Event event) {
        lines(event).forEach(line -> console.err(prefix + line));
    }

    @Override
    public synchronized void conclude(Conclusion conclusion) {
        conclude(console, prefix, conclusion);
    }

    /** An event as lines, the first of which begins with the time. */
    static List<String> lines(Event event) {
        String time = event.at().truncatedTo(ChronoUnit.SECONDS) + "  ";
        List<String> lines = event.lines();
        return IntStream.range(0, lines.size())
                .mapToObj(i -> (i == 0 ? time : "") + lines.get(i))
                .toList();
    }

    /** How a command ended, for a person. */
    static void conclude(Console console, String prefix, Conclusion conclusion) {
        if (conclusion.outcome() == Outcome.USAGE) { // as every other mistake in the use of the program
            console.err(conclusion.message());
            return;
        }
        console.out(prefix + "Outcome: " + conclusion.outcome().kind() + ". " + conclusion.message());
        conclusion.advice().forEach(line -> console.out(prefix + line));
        if (conclusion.recordFile() != null) {
            console.out(prefix + "Record: " + conclusion.recordFile());
        }
        if (conclusion.reportFile() != null) {
            console.out(prefix + "Report: " + conclusion.reportFile());
        }
    }
}
