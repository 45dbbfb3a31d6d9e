package io.jenkins.plugins.cockroachdb.cli;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A keyboard of which a test presses Ctrl-C. */
final class PressedSignals implements Signals {

    /** What the program left at once with. */
    final CompletableFuture<Integer> left = new CompletableFuture<>();

    private volatile Consumer<String> asked = by -> {};

    void press() {
        asked.accept("Ctrl-C");
    }

    @Override
    public Listening listen(Consumer<String> listener) {
        asked = listener;
        return () -> asked = by -> {};
    }

    @Override
    public void leave(int exitCode) {
        left.complete(exitCode);
    }
}
