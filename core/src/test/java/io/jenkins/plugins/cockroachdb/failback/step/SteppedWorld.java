package io.jenkins.plugins.cockroachdb.failback.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.SimulatedWorld;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Steps on a simulated cloud in which {@code orders-west} (A) serves since {@code orders-east} (P) failed. */
class SteppedWorld {

    static final String P = "orders-east";
    static final String A = "orders-west";

    final SimulatedWorld world;
    final VirtualTime time;
    final SimulatedCloud cloud;
    final String active;
    final String original;
    Life life;

    SteppedWorld() {
        this(CloudSettings.defaults());
    }

    SteppedWorld(CloudSettings settings) {
        world = new SimulatedWorld(settings);
        time = world.time;
        cloud = world.scene.cloud();
        active = world.scene.activeId();
        original = world.scene.originalPrimaryId();
        life = newLife();
    }

    final Life newLife() {
        return new Life(world.client, Progress.NEW.toMap());
    }

    final Map<String, Object> pair() {
        return Map.of("activeClusterId", active, "originalPrimaryClusterId", original);
    }

    static Map<String, Object> with(Map<String, Object> map, String key, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(map);
        more.put(key, value);
        return more;
    }

    /** A reverse stream that replicates since a day. */
    final String replicating() {
        return liveSince(Duration.ofDays(1));
    }

    final String liveSince(Duration age) {
        return cloud.addStream(StreamSpec.live(active, original, time.instant().minus(age)));
    }

    final CompletableFuture<Map<String, Object>> start(StepContract step, Map<String, ?> given) {
        return step.run(step.arguments(given), environment(), life);
    }

    final StepEnvironment environment() {
        return new StepEnvironment(life, new StreamWatcher(world.client, time, time), time, time);
    }

    /** Runs a step to its result, which must be plain. */
    final Map<String, Object> result(StepContract step, Map<String, ?> given) {
        CompletableFuture<Map<String, Object>> end = start(step, given);
        world.runUntil(end::isDone);
        assertPlain(end.join());
        return end.join();
    }

    /** Runs a step that fails, in words for a person. */
    final StepFailedException failure(StepContract step, Map<String, ?> given) {
        Throwable failure = world.failure(start(step, given));
        assertThat(failure).isInstanceOf(StepFailedException.class);
        assertThat(failure.getMessage()).endsWith(".").doesNotContain("Exception", "null", "\n", world.scene.key());
        return (StepFailedException) failure;
    }

    final Outcome outcome(StepContract step, Map<String, ?> given) {
        return failure(step, given).outcome();
    }

    final int posts() {
        return world.endpoint.received(Operation.CREATE_STREAM);
    }

    final int patches() {
        return world.endpoint.received(Operation.UPDATE_STREAM);
    }

    final List<String> reverseStreams() {
        return cloud.streamIds(active, original);
    }

    /** Nothing but what every host can keep and show. */
    private static void assertPlain(Object value) {
        if (value instanceof Map<?, ?> map) {
            assertThat(map).isExactlyInstanceOf(LinkedHashMap.class);
            assertThat(map.keySet()).allMatch(String.class::isInstance);
            map.values().forEach(SteppedWorld::assertPlain);
        } else if (value instanceof List<?> list) {
            assertThat(list).isExactlyInstanceOf(ArrayList.class);
            list.forEach(SteppedWorld::assertPlain);
        } else if (value != null) {
            assertThat(value).isInstanceOfAny(String.class, Integer.class, Boolean.class);
        }
    }
}
