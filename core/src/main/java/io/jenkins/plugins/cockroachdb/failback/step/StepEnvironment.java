package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.cloud.CloudApi;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What a step works with.
 *
 * @param api the cloud
 * @param watcher waits on streams of the same cloud with the same key
 * @param clock ours; what a step saves are instants of this clock
 * @param timer where steps begin and their pauses end; nothing that a step does there blocks
 */
public record StepEnvironment(
        CloudApi api, StreamWatcher watcher, InstantSource clock, ScheduledExecutorService timer) {

    public StepEnvironment {
        Objects.requireNonNull(api, "api");
        Objects.requireNonNull(watcher, "watcher");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(timer, "timer");
    }
}
