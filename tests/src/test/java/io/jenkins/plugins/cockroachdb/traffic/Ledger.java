package io.jenkins.plugins.cockroachdb.traffic;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What writers were told about their inserts. */
final class Ledger {

    private static final long PATIENCE_SECONDS = 60;

    private final long seed;
    private final Map<Long, String> acknowledged = new HashMap<>();
    private final Map<String, Map<Integer, Integer>> byClusterAndWriter = new HashMap<>();
    private final Set<Long> ambiguous = new HashSet<>();
    private final List<String> errors = new ArrayList<>();

    /** @param seed of the run, to be named when something is wrong */
    Ledger(long seed) {
        this.seed = seed;
    }

    /** A cluster has said that the insert is committed. */
    synchronized void acknowledged(int writer, long id, String cluster) {
        acknowledged.put(id, cluster);
        byClusterAndWriter.computeIfAbsent(cluster, any -> new HashMap<>()).merge(writer, 1, Integer::sum);
        notifyAll();
    }

    /** The answer to a commit never came: the insert may be on a cluster or not. */
    synchronized void ambiguous(long id, Exception error) {
        ambiguous.add(id);
        failed(error);
    }

    /** Something failed before a commit was asked for. */
    synchronized void failed(Exception error) {
        errors.add(String.valueOf(error.getMessage()));
        notifyAll();
    }

    synchronized Set<Long> acknowledged() {
        return Set.copyOf(acknowledged.keySet());
    }

    synchronized Set<Long> acknowledgedBy(Cluster cluster) {
        Set<Long> ids = new HashSet<>();
        acknowledged.forEach((id, by) -> {
            if (by.equals(cluster.name())) {
                ids.add(id);
            }
        });
        return ids;
    }

    synchronized Set<Long> ambiguous() {
        return Set.copyOf(ambiguous);
    }

    /** What clients were told instead of an answer. */
    synchronized List<String> errors() {
        return List.copyOf(errors);
    }

    /** Returns once this many inserts more were acknowledged, by whichever cluster. */
    void awaitMore(int inserts) {
        int enough = acknowledged().size() + inserts;
        await(() -> acknowledged.size() >= enough, inserts + " acknowledged inserts more");
    }

    /** Returns once every writer has been acknowledged this many inserts by the cluster. */
    void awaitEach(int writers, int inserts, Cluster cluster) {
        await(
                () -> byClusterAndWriter.getOrDefault(cluster.name(), Map.of()).values().stream()
                                .filter(count -> count >= inserts)
                                .count()
                        == writers,
                inserts + " inserts of each of " + writers + " writers on " + cluster.name());
    }

    private synchronized void await(BooleanSupplier condition, String what) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        try {
            while (!condition.getAsBoolean()) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError("There were no " + what + ": " + this);
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public synchronized String toString() {
        Map<String, Integer> acknowledgedBy = new HashMap<>();
        byClusterAndWriter.forEach((cluster, counts) -> acknowledgedBy.put(
                cluster, counts.values().stream().mapToInt(Integer::intValue).sum()));
        return "seed " + seed + ", acknowledged " + acknowledgedBy + ", ambiguous " + ambiguous.size() + ", errors "
                + errors.size() + (errors.isEmpty() ? "" : ", the last: " + errors.get(errors.size() - 1));
    }
}
