package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;

/** The pair of clusters after a failover, in virtual time, and somebody who may do everything with it. */
final class Pair {

    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    final VirtualTime time = new VirtualTime(START);
    final SimulatedCloud cloud;
    final Caller caller;
    final String originalPrimary;
    final String active;

    Pair() {
        this(CloudSettings.defaults());
    }

    Pair(CloudSettings settings) {
        Scene scene = SimulatedCloud.afterFailover(time, settings.withRateLimitPerSecond(1_000_000), new Random(7));
        cloud = scene.cloud();
        caller = new Caller(cloud, scene.key());
        originalPrimary = scene.originalPrimaryId();
        active = scene.activeId();
    }

    /** Creates the stream that brings the data home. */
    String reverseStream() {
        return caller.created(active, originalPrimary);
    }

    /** Creates the stream that brings the data home, and lets it start, scan and replicate for a while. */
    String replicatingStream() {
        String id = reverseStream();
        time.advance(Duration.ofMinutes(10));
        return id;
    }
}
