package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.report.Phase;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * What holds now, redrawn in place below the lines that tell what happened. Nothing of a terminal is changed from one drawing
 * to the next, the cursor and its visibility included, so there is nothing to restore at the end, whatever the end is.
 */
final class LiveDisplay implements Display {

    // While a block is drawn, long lines are cut at the edge: its height must be the number of its lines.
    private static final String WITHOUT_WRAPPING = "\u001b[?7l";
    private static final String WITH_WRAPPING = "\u001b[?7h";

    private final Console console;
    private final InstantSource clock;

    // Guarded by this.
    private Progress progress; // null until there is some, and after the end
    private int drawn; // lines of the block on the screen
    private boolean asking; // the cursor stands behind a question

    LiveDisplay(Console console, InstantSource clock) {
        this.console = console;
        this.clock = clock;
    }

    @Override
    public synchronized void show(Event event) {
        if (event instanceof Event.StillDoing) {
            return; // it can be seen that time goes by
        }
        console.draw((asking && !isAnswer(event) ? "\n" : "") + erasure(), LineDisplay.lines(event), "");
        asking = event instanceof Event.Asked;
        draw();
    }

    @Override
    public synchronized void show(Progress now) {
        progress = now;
        draw();
    }

    @Override
    public synchronized void conclude(Conclusion conclusion) {
        console.draw(erasure(), List.of(), "");
        progress = null;
        LineDisplay.conclude(console, "", conclusion);
    }

    private void draw() {
        if (progress == null || asking) {
            return;
        }
        List<String> block = block(progress, clock.instant());
        console.draw(erasure() + WITHOUT_WRAPPING, block, WITH_WRAPPING);
        drawn = block.size();
    }

    /** Whether it follows the line that was typed, which has moved the cursor to the next one. */
    private static boolean isAnswer(Event event) {
        return event instanceof Event.Recorded recorded
                && (recorded.entry() instanceof Entry.Approved
                        || recorded.entry() instanceof Entry.NotApproved no && !no.timedOut());
    }

    /** Leaves the cursor where the block began. */
    private String erasure() {
        int height = drawn;
        drawn = 0;
        return height == 0 ? "" : "\r\u001b[" + height + "A\u001b[J";
    }

    /** The block as it is to be at that time. */
    static List<String> block(Progress progress, Instant now) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add(progress.title() + ", for " + Durations.words(Duration.between(progress.began(), now)));
        boolean done = true;
        for (Phase phase : progress.phases()) {
            boolean current = phase == progress.current();
            done &= !current;
            lines.add("  " + (current ? "[>] " : done ? "[x] " : "[ ] ") + phase.words()
                    + (current && progress.deadline() != null
                            ? ", at most " + Durations.words(Duration.between(now, progress.deadline())) + " to go"
                            : ""));
        }
        lines.add("  " + (progress.stream().isEmpty() ? "No stream was seen yet." : progress.stream()));
        if (!progress.doing().isEmpty()) {
            lines.add("  " + progress.doing());
        }
        return lines;
    }
}
