package io.jenkins.plugins.cockroachdb.cli;

/** Shows a run to whoever watches: a log, a person at a terminal, a program. Safe for several threads. */
interface Display {

    /** What {@code --output} can be. */
    enum Output {
        TEXT,
        JSON
    }

    /** Something happened. After a question the terminal belongs to whoever answers, until the next event. */
    void show(Event event);

    /** This is where the run is; it may be the same as before, only later. */
    default void show(Progress progress) {}

    /** Waits until everything until now was shown. */
    default void awaitShown() throws InterruptedException {}

    /** The command is over; nothing is shown after this. */
    void conclude(Conclusion conclusion);

    /** What fits where this goes. */
    static Display of(Shell shell, Output output) {
        return new BackgroundDisplay(fitting(shell, output));
    }

    private static Display fitting(Shell shell, Output output) {
        if (output == Output.JSON) {
            return new JsonDisplay(shell.console(), shell.clock());
        }
        boolean drawn = shell.terminal().filter(Terminal::showsProgress).isPresent()
                && shell.environment().getOrDefault("NO_COLOR", "").isEmpty()
                && !shell.environment().getOrDefault("TERM", "dumb").equals("dumb");
        return drawn ? new LiveDisplay(shell.console(), shell.clock()) : new LineDisplay(shell.console(), "");
    }
}
