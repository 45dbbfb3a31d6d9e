package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** An application that writes all the time, and remembers what was acknowledged and how long nothing was. */
public final class SimulatedApplication {

    private final String name;
    private final Predicate<String> way;
    private final InstantSource clock;
    private final List<String> acknowledged = new ArrayList<>();
    private int attempts;
    private Instant lastAcknowledged;
    private Duration longestPause = Duration.ZERO;

    /**
     * @param name begins every value, so that no other application writes the same
     * @param way writes a value, wherever the application's proxy leads, and tells whether a cluster acknowledged it
     * @param clock by which a pause is measured
     */
    public SimulatedApplication(String name, Predicate<String> way, InstantSource clock) {
        this.name = name;
        this.way = way;
        this.clock = clock;
    }

    /** Tries to write once. */
    public synchronized void write() {
        String value = name + " " + ++attempts;
        if (way.test(value)) {
            acknowledged.add(value);
            Instant now = clock.instant();
            if (lastAcknowledged != null
                    && Duration.between(lastAcknowledged, now).compareTo(longestPause) > 0) {
                longestPause = Duration.between(lastAcknowledged, now);
            }
            lastAcknowledged = now;
        }
    }

    /**
     * What became of the writes that were acknowledged.
     *
     * @param clusterId of the cluster that serves now
     */
    public synchronized Tally tally(SimulatedCloud cloud, String clusterId) {
        Set<String> there = new HashSet<>();
        cloud.writes(clusterId).stream().map(Write::value).forEach(there::add);
        int arrived = (int) acknowledged.stream().filter(there::contains).count();
        return new Tally(attempts, acknowledged.size(), acknowledged.size() - arrived, longestPause);
    }

    /**
     * Writes, counted.
     *
     * @param attempted how often the application tried to write
     * @param acknowledged how many of these a cluster acknowledged; the others met a fence, and the application knows that they failed
     * @param lost how many of the acknowledged are missing on the cluster that serves now
     * @param longestPause the longest time between two acknowledgements
     */
    public record Tally(int attempted, int acknowledged, int lost, Duration longestPause) {}
}
