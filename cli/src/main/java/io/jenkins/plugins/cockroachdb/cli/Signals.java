package io.jenkins.plugins.cockroachdb.cli;

import java.util.function.Consumer;

/** How the process is asked to end: Ctrl-C, {@code kill}, a terminal that is closed. */
interface Signals {

    /** Nobody asks. */
    Signals NONE = new Signals() {
        @Override
        public Listening listen(Consumer<String> asked) {
            return () -> {};
        }

        @Override
        public void leave(int exitCode) {
            throw new IllegalStateException("nobody asked");
        }
    };

    /**
     * From now on the process does not end by itself when it is asked to.
     *
     * @param asked told each time, by what, such as {@code Ctrl-C}; on any thread, several at once too
     */
    Listening listen(Consumer<String> asked);

    /** Ends the process at once. */
    void leave(int exitCode);

    /** Until it is closed. */
    interface Listening extends AutoCloseable {
        @Override
        void close();
    }
}
