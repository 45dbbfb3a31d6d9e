package io.jenkins.plugins.cockroachdb.cli;

import java.time.Duration;

/** Durations as people say them. */
final class Durations {

    private Durations() {}

    /** To the second; a negative one is none. */
    static String words(Duration duration) {
        Duration rest = duration.isNegative() ? Duration.ZERO : duration;
        return (rest.toHours() == 0 ? "" : rest.toHours() + " h ")
                + (rest.toMinutes() == 0 ? "" : rest.toMinutesPart() + " min ")
                + rest.toSecondsPart() + " s";
    }
}
