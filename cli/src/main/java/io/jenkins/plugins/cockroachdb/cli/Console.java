package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.Redaction;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

/**
 * Where a command writes. Every line passes through here and is made fit to be seen, wherever its words come from: secrets
 * are masked, and what could forge a line or steer a terminal is replaced.
 */
final class Console {

    private final PrintStream out;
    private final PrintStream err;
    private final Set<String> secrets = new CopyOnWriteArraySet<>();

    Console(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Masks a secret from now on, whatever its shape is. Blank text is none. */
    void conceal(String secret) {
        if (!secret.isBlank()) {
            secrets.add(secret.strip());
        }
    }

    /** Writes one line of the result. */
    void out(String line) {
        out.println(fit(line));
    }

    /** Writes one line for the person who watches. */
    void err(String line) {
        err.println(fit(line));
    }

    /**
     * Draws on the terminal of the person who watches, in one piece.
     *
     * @param before what steers the terminal first
     * @param lines made fit to be seen as every line is
     * @param after what steers the terminal then
     */
    void draw(String before, List<String> lines, String after) {
        StringBuilder drawing = new StringBuilder(before);
        lines.forEach(line -> drawing.append(fit(line)).append('\n'));
        err.print(drawing.append(after));
        err.flush();
    }

    /** Writes one line as it is: for the simulator's own key, which opens nothing but the simulator. */
    void reveal(String line) {
        out.println(line);
        out.flush();
    }

    /** The result as a writer, for the program's own text. */
    PrintWriter outWriter() {
        return new PrintWriter(out, true);
    }

    /** What goes to the person who watches as a writer, for the program's own text. */
    PrintWriter errWriter() {
        return new PrintWriter(err, true);
    }

    /**
     * To be called at the end of a command that changes nothing, whose result is all that there is of it.
     *
     * @throws FailedException if the result did not arrive, as on a full disk
     */
    void checkOut() {
        if (out.checkError()) {
            throw new FailedException("The result could not be written. Nothing was changed.");
        }
    }

    private String fit(String line) {
        String masked = line;
        for (String secret : secrets) {
            masked = masked.replace(secret, Redaction.MASK);
        }
        return Redaction.printable(masked);
    }
}
