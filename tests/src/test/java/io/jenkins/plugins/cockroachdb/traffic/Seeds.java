package io.jenkins.plugins.cockroachdb.traffic;

import java.util.Random;
import java.util.stream.LongStream;

/** Where the random timing of runs comes from. */
final class Seeds {

    private static final String ONE = "traffic.seed";

    private Seeds() {}

    /** So many new ones; or the one that -Dtraffic.seed names, to repeat a run. */
    static LongStream of(int runs) {
        return Long.getLong(ONE) == null
                ? new Random().longs(runs, 0, 1_000_000_000L)
                : LongStream.of(Long.getLong(ONE));
    }
}
