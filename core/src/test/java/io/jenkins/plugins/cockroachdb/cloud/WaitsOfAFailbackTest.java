package io.jenkins.plugins.cockroachdb.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How late the waits of a whole failback see what they wait for, and how many requests they take for it. */
class WaitsOfAFailbackTest {

    /** F is that much later than the proof of the fence. */
    private static final Duration FENCE_MARGIN = Duration.ofSeconds(2);

    private static final Duration DRAIN = Duration.ofSeconds(10);

    @Test
    void aFailbackAtTheUsualPaceTakesFewLooksAndSeesEveryChangeInTime() {
        Seen seen = failBack(CloudSettings.defaults(), DRAIN);

        assertThat(seen.requests).isLessThanOrEqualTo(94);
        assertThat(seen.scanLate).isLessThanOrEqualTo(Duration.ofSeconds(10));
        assertThat(seen.replicatedLate.plus(seen.completedLate)).isLessThan(Duration.ofSeconds(2));
    }

    static IntStream drains() {
        return IntStream.rangeClosed(0, 40);
    }

    @ParameterizedTest(name = "fenced {0} s after the scan")
    @MethodSource("drains")
    void replicatedTimeIsSeenToMoveWithinASecondWhateverItsPhase(int drain) {
        assertThat(failBack(CloudSettings.defaults(), Duration.ofSeconds(drain)).replicatedLate)
                .isLessThan(Duration.ofSeconds(1));
    }

    @ParameterizedTest(name = "strides of {0} s")
    @ValueSource(ints = {1, 7, 20, 29, 31, 45, 60})
    void whateverItsStrideReplicatedTimeIsSeenToMoveWithinTheSteadyInterval(int stride) {
        CloudSettings settings = CloudSettings.defaults().withStride(Duration.ofSeconds(stride));

        assertThat(failBack(settings, DRAIN).replicatedLate).isLessThan(Duration.ofMillis(5_500));
    }

    @ParameterizedTest(name = "after {0} s")
    @ValueSource(ints = {3, 20, 45, 119})
    void aQuickCutoverIsSeenWithinTheSteadyInterval(int seconds) {
        CloudSettings settings = CloudSettings.defaults().withRevert(Duration.ofSeconds(seconds));

        assertThat(failBack(settings, DRAIN).completedLate).isLessThan(Duration.ofMillis(5_500));
    }

    @ParameterizedTest(name = "after {0} s")
    @ValueSource(ints = {121, 122, 178, 179, 181, 182, 300, 1200})
    void aCutoverThatTakesMinutesIsSeenWithinTwoSeconds(int seconds) {
        CloudSettings settings = CloudSettings.defaults().withRevert(Duration.ofSeconds(seconds));

        assertThat(failBack(settings, DRAIN).completedLate).isLessThan(Duration.ofMillis(2_300));
    }

    private record Seen(Duration scanLate, Duration replicatedLate, Duration completedLate, int requests) {}

    private static Seen failBack(CloudSettings settings, Duration drain) {
        SimulatedWorld world = new SimulatedWorld(settings);
        StreamWatcher watcher = new StreamWatcher(world.client, world.time, world.time);
        String stream = world.get(world.client.createStream(world.reverse())).id();
        Instant scanned = world.time.instant().plus(settings.starting()).plus(settings.initialScan());
        await(world, watcher, stream, StreamCondition.status(StreamStatus.REPLICATING));
        await(world, watcher, stream, StreamCondition.caughtUp(Duration.ofSeconds(90)));
        final Duration scanLate = Duration.between(scanned, world.time.instant());

        world.time.advance(drain);
        Instant fence = world.time.instant().plus(FENCE_MARGIN);
        await(world, watcher, stream, StreamCondition.replicatedAfter(fence));
        Duration beyond = Duration.between(scanned, fence.plus(settings.strideTransit()));
        long strides = beyond.plus(settings.stride()).minusNanos(1).dividedBy(settings.stride()); // rounded up
        Instant replicated = scanned.plus(settings.stride().multipliedBy(strides));
        final Duration replicatedLate = Duration.between(replicated, world.time.instant());

        Instant completed = world.time.instant().plus(settings.revert());
        world.get(world.client.updateStream(stream, StreamUpdate.failOver()));
        await(world, watcher, stream, StreamCondition.status(StreamStatus.COMPLETED));
        return new Seen(
                scanLate,
                replicatedLate,
                Duration.between(completed, world.time.instant()),
                world.endpoint.received(Operation.GET_STREAM));
    }

    private static void await(SimulatedWorld world, StreamWatcher watcher, String stream, StreamCondition condition) {
        CompletableFuture<Answer<ReplicationStream>> wait = watcher.await(stream, condition, Instant.MAX);
        world.answer(wait);
    }
}
