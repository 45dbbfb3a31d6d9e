package io.jenkins.plugins.cockroachdb.cloud;

import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;

/** A pair of clusters after a failover, a client to them, and a clock that moves when told to. */
public final class SimulatedWorld {

    public static final Instant START = Instant.parse("2026-03-01T03:00:00Z");

    public final VirtualTime time = new VirtualTime(START);
    public final Faults faults = new Faults();
    public final Scene scene;
    public final SimulatedEndpoint endpoint;
    public final CloudClient client;

    public SimulatedWorld() {
        this(CloudSettings.defaults());
    }

    public SimulatedWorld(CloudSettings settings) {
        scene = SimulatedCloud.afterFailover(time, settings, new Random(1));
        endpoint = new SimulatedEndpoint(scene.cloud(), faults);
        client = clientWithClock(time);
    }

    /** Another client of the same cloud, on a machine with another clock. */
    public CloudClient clientWithClock(InstantSource clock) {
        return CloudClient.builder(
                        ApiUrl.of("https://cloud.example"),
                        () -> ApiKey.of(scene.key()),
                        new SimulatedTransport(endpoint, time),
                        time)
                .clock(clock)
                .random(new Random(2))
                .build();
    }

    /** The stream of the failback, from the active cluster to the original primary. */
    public NewStream reverse() {
        return NewStream.from(scene.activeId()).erasing(scene.originalPrimaryId());
    }

    /** Moves time until the future ends, and gives its value. */
    public <T> T get(CompletableFuture<Answer<T>> future) {
        return answer(future).value();
    }

    /** Moves time until the future ends. */
    public <T> Answer<T> answer(CompletableFuture<Answer<T>> future) {
        runUntil(future::isDone);
        return future.join();
    }

    /** Moves time until the future fails, and gives its failure. */
    public Throwable failure(CompletableFuture<?> future) {
        runUntil(future::isDone);
        try {
            throw new AssertionError("did not fail: " + future.join());
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    /** Moves time from task to task, for at most two days. */
    public void runUntil(BooleanSupplier end) {
        Instant limit = time.instant().plus(Duration.ofDays(2));
        while (!end.getAsBoolean()) {
            if (!time.runNext() || time.instant().isAfter(limit)) {
                throw new AssertionError("nothing more happens by " + time.instant());
            }
        }
    }
}
