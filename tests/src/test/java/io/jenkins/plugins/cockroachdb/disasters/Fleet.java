package io.jenkins.plugins.cockroachdb.disasters;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Many schedules, played on all processors; each is played on one thread. */
final class Fleet {

    private static final int ENOUGH = 30;

    private final long seeds;
    private final Coverage coverage = new Coverage();
    private final List<Play.Result> failures = new ArrayList<>();
    private final long nanos;
    private long slowest;
    private long slowestSeed;

    private Fleet(long first, long seeds, int enough, Consumer<Play.Result> onEnd) {
        this.seeds = seeds;
        long begin = System.nanoTime();
        AtomicLong next = new AtomicLong(first);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread thread = new Thread(() -> {
                for (long seed = next.getAndIncrement(); seed < first + seeds; seed = next.getAndIncrement()) {
                    long started = System.nanoTime();
                    Play.Result result = Play.of(Schedule.of(seed));
                    long took = System.nanoTime() - started;
                    synchronized (this) {
                        if (took > slowest) {
                            slowest = took;
                            slowestSeed = seed;
                        }
                        coverage.add(result.coverage());
                        onEnd.accept(result);
                        if (!result.violations().isEmpty()) {
                            failures.add(result);
                        }
                        if (failures.size() >= enough) {
                            return;
                        }
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        nanos = System.nanoTime() - begin;
    }

    /** Plays seeds from the first on. */
    static Fleet play(long first, long seeds, Consumer<Play.Result> onEnd) {
        return new Fleet(first, seeds, ENOUGH, onEnd);
    }

    /** Plays seeds from the first on, until one of them finds a violation. */
    static Fleet playUntilViolated(long first, long seeds) {
        return new Fleet(first, seeds, 1, result -> {});
    }

    List<Play.Result> failures() {
        return failures;
    }

    Coverage coverage() {
        return coverage;
    }

    String summary() {
        return String.format(
                "%d schedules, %d failed, in %.0f s; the slowest, seed %d, took %.1f s",
                seeds, failures.size(), nanos / 1e9, slowestSeed, slowest / 1e9);
    }
}
