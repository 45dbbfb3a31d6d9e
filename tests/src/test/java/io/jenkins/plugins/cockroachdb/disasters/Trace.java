package io.jenkins.plugins.cockroachdb.disasters;

import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What happened, line by line, for a person; kept only when somebody is going to read it. */
final class Trace {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("DDD HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

    private final InstantSource clock;
    private final boolean kept;
    private final List<String> lines = new ArrayList<>();

    Trace(InstantSource clock, boolean kept) {
        this.clock = clock;
        this.kept = kept;
    }

    void line(String who, Supplier<String> what) {
        if (kept) {
            lines.add(TIME.format(clock.instant()) + "  " + String.format("%-10s", who) + "  " + what.get());
        }
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
