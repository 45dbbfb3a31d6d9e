package io.jenkins.plugins.cockroachdb.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.ClusterSpec;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.ReceivedRequest;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class StreamWatcherTest {

    private static final Duration LAG = Duration.ofSeconds(90);

    // Virtual time makes the rate limit of the simulated server a matter of the watcher's own budget alone.
    private final SimulatedWorld world = new SimulatedWorld(CloudSettings.defaults());
    private final StreamWatcher watcher = new StreamWatcher(world.client, world.time, world.time);

    @Test
    void waitsThroughStartingAndTheInitialScanUntilCaughtUp() {
        String stream = create();

        ReplicationStream caughtUp = world.get(await(stream, StreamCondition.caughtUp(LAG)));

        assertThat(caughtUp.status()).isEqualTo(StreamStatus.REPLICATING);
        assertThat(caughtUp.caughtUpTo()).isPresent();
        assertThat(sinceStart()).isBetween(Duration.ofMinutes(7), Duration.ofMinutes(8));
    }

    @Test
    void replicatingAloneIsWhatStatusWaitsFor() {
        String stream = create();

        ReplicationStream scanning = world.get(await(stream, StreamCondition.status(StreamStatus.REPLICATING)));

        assertThat(scanning.caughtUpTo()).isEmpty();
        assertThat(sinceStart())
                .isBetween(Duration.ofMinutes(5), Duration.ofMinutes(5).plusSeconds(31));
    }

    @Test
    void replicatedAfterIsNoticedWithinTwoSeconds() {
        String stream = caughtUp();
        Instant fence = world.time.instant();

        Answer<ReplicationStream> answer = world.answer(await(stream, StreamCondition.replicatedAfter(fence)));

        assertThat(answer.value().caughtUpTo().orElseThrow()).isAfterOrEqualTo(fence);
        // Nothing could have been noticed before: one look earlier it was not yet so.
        world.scene.cloud().write(world.scene.activeId(), "after the fence");
        Duration waited = Duration.between(fence, answer.receivedAt());
        assertThat(waited).isLessThan(Duration.ofSeconds(30 + 2 + 2));
    }

    @Test
    void tellsWhenItLooksNextAndLooksThen() {
        String stream = caughtUp();
        assertThat(watcher.nextLook(stream)).isEmpty();

        for (StreamStatus status :
                List.of(StreamStatus.CANCELED, StreamStatus.COMPLETED)) { // far from a cutover, and near
            CompletableFuture<?> wait = await(stream, StreamCondition.status(status));
            world.time.advance(Duration.ofMillis(1100));
            Instant next = watcher.nextLook(stream).orElseThrow();
            int looks = world.endpoint.log().size();

            assertThat(next)
                    .isBetween(world.time.instant(), world.time.instant().plusSeconds(31));
            world.time.advance(Duration.between(world.time.instant(), next).plusMillis(1000));
            assertThat(world.endpoint.log()).hasSizeGreaterThan(looks);
            wait.cancel(true);
        }
    }

    @Test
    void aCutoverIsNoticedWithinTwoSeconds() {
        String stream = caughtUp();
        CompletableFuture<Answer<ReplicationStream>> wait =
                await(stream, StreamCondition.status(StreamStatus.COMPLETED));
        world.time.advance(Duration.ofSeconds(10));
        Instant patched = world.time.instant();
        world.get(world.client.updateStream(stream, StreamUpdate.failOver()));

        Answer<ReplicationStream> completed = world.answer(wait);

        Instant done = patched.plus(CloudSettings.defaults().revert());
        assertThat(completed.receivedAt()).isBetween(done, done.plusSeconds(2));
    }

    @Test
    void aCutoverInTheFutureIsNotPolledEagerlyBeforeItsTime() {
        String stream = caughtUp();
        world.get(world.client.updateStream(
                stream, StreamUpdate.failOverAt(world.time.instant().plus(Duration.ofMinutes(30)))));
        CompletableFuture<?> wait = await(stream, StreamCondition.status(StreamStatus.COMPLETED));
        world.endpoint.forget();

        world.time.advance(Duration.ofMinutes(25));

        assertThat(world.endpoint.log()).hasSizeLessThanOrEqualTo(25 * 60 / 5 + 1);
        world.runUntil(wait::isDone);
    }

    @Test
    void cancellationEndsTheWaitAtOnce() {
        String stream = caughtUp();
        CompletableFuture<?> wait = await(stream, StreamCondition.status(StreamStatus.COMPLETED));
        world.get(world.client.updateStream(stream, StreamUpdate.cancel()));
        Instant canceled = world.time.instant();

        assertThat(world.failure(wait))
                .isInstanceOf(WaitException.StreamCanceled.class)
                .hasMessageContaining("was canceled at")
                .hasMessageContaining("will never be COMPLETED");
        assertThat(world.time.instant()).isBefore(canceled.plusSeconds(6));
    }

    @Test
    void aStatusFromWhichTheConditionCannotBeReachedEndsTheWaitAtOnce() {
        String stream = caughtUp();
        world.get(world.client.updateStream(stream, StreamUpdate.failOver()));

        assertThat(world.failure(await(stream, StreamCondition.caughtUp(LAG))))
                .isInstanceOf(WaitException.UnexpectedStatus.class)
                .hasMessageContaining("is FAILING_OVER and so will not come to be REPLICATING");
    }

    @Test
    void anUnknownStreamEndsTheWaitAtOnce() {
        assertThat(world.failure(await("00000000-0000-0000-0000-000000000000", StreamCondition.caughtUp(LAG))))
                .isInstanceOf(WaitException.CloudRefused.class)
                .hasCauseInstanceOf(CloudException.NotFound.class);
    }

    @Test
    void aRevokedKeyEndsEveryWaitAtOnce() {
        List<CompletableFuture<?>> waits = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waits.add(await(create(pair(i)), StreamCondition.caughtUp(LAG)));
        }
        world.time.advance(Duration.ofSeconds(30));
        world.scene.cloud().revokeKey(world.scene.key());
        Instant revoked = world.time.instant();

        for (CompletableFuture<?> wait : waits) {
            assertThat(world.failure(wait)).hasCauseInstanceOf(CloudException.Unauthorized.class);
        }
        assertThat(world.time.instant()).isBefore(revoked.plusSeconds(31));
    }

    @Test
    void anOutageIsSatOutUntilTheDeadlineAndThenNamed() {
        String stream = create();
        world.faults.always(Operation.GET_STREAM, Fault.of(FaultKind.UNAVAILABLE));
        Instant deadline = world.time.instant().plus(Duration.ofHours(1));

        Throwable failure = world.failure(watcher.await(stream, StreamCondition.caughtUp(LAG), deadline));

        assertThat(failure)
                .isInstanceOf(WaitException.DeadlinePassed.class)
                .hasMessageContaining("could not be read even once")
                .hasMessageContaining("The latest look failed. Cannot read the replication stream")
                .hasCauseInstanceOf(CloudException.ServerError.class);
        assertThat(world.time.instant()).isBetween(deadline, deadline.plusSeconds(30));
    }

    @Test
    void anOutageThatEndsInTimeDoesNoHarm() {
        String stream = create();
        world.faults.always(Operation.GET_STREAM, Fault.of(FaultKind.MALFORMED_BODY));
        CompletableFuture<Answer<ReplicationStream>> wait = await(stream, StreamCondition.caughtUp(LAG));
        world.time.advance(Duration.ofMinutes(20));

        world.faults.clear();

        assertThat(world.get(wait).caughtUpTo()).isPresent();
    }

    @Test
    void theDeadlineNamesWhatWasSeenLast() {
        String stream = create();

        Throwable failure = world.failure(watcher.await(
                stream, StreamCondition.caughtUp(LAG), world.time.instant().plus(Duration.ofMinutes(6))));

        assertThat(failure)
                .isInstanceOf(WaitException.DeadlinePassed.class)
                .hasMessageContaining("it was last seen REPLICATING.")
                .hasMessageContaining("Waiting changed nothing");
        assertThat(sinceStart())
                .isBetween(Duration.ofMinutes(6), Duration.ofMinutes(6).plusSeconds(1));
    }

    @Test
    void aDeadlineThatHasPassedStillGivesOneLook() {
        String stream = caughtUp();
        Instant passed = world.time.instant().minusSeconds(1);

        assertThat(world.get(watcher.await(stream, StreamCondition.caughtUp(LAG), passed)))
                .isNotNull();
        assertThat(world.failure(watcher.await(stream, StreamCondition.status(StreamStatus.COMPLETED), passed)))
                .isInstanceOf(WaitException.DeadlinePassed.class);
    }

    @Test
    void whatWasAnsweredBeforeAWaitBeganDoesNotFulfilIt() {
        String stream = caughtUp();
        CompletableFuture<?> first = await(stream, StreamCondition.status(StreamStatus.COMPLETED));
        world.time.advance(Duration.ofMinutes(1));
        world.faults.on(Operation.GET_STREAM, 1, Fault.latency(Duration.ofSeconds(4)));
        world.endpoint.forget();
        world.runUntil(() -> world.endpoint.received(Operation.GET_STREAM) == 1);
        // A look is under way and will show REPLICATING. Meanwhile the cutover begins, and a wait with it.
        world.get(world.client.updateStream(stream, StreamUpdate.failOver()));

        assertThat(world.failure(await(stream, StreamCondition.caughtUp(LAG))))
                .isInstanceOf(WaitException.UnexpectedStatus.class);
        world.runUntil(first::isDone);
    }

    @Test
    void everyAnswerIsShown() {
        String stream = create();
        List<StreamStatus> seen = new ArrayList<>();

        world.get(watcher.await(
                stream,
                StreamCondition.caughtUp(LAG),
                Instant.MAX,
                answer -> seen.add(answer.value().status())));

        assertThat(seen).startsWith(StreamStatus.STARTING).endsWith(StreamStatus.REPLICATING);
        assertThat(seen).hasSize(world.endpoint.received(Operation.GET_STREAM));
    }

    @Test
    void oneWaitsFaultDoesNotReachTheOthers() {
        String stream = create();
        CompletableFuture<?> faulty = watcher.await(stream, StreamCondition.caughtUp(LAG), Instant.MAX, answer -> {
            throw new IllegalStateException("their fault");
        });
        CompletableFuture<Answer<ReplicationStream>> sound = await(stream, StreamCondition.caughtUp(LAG));

        assertThat(world.failure(faulty)).hasMessage("their fault");
        assertThat(world.get(sound)).isNotNull();
    }

    @Test
    void whenNobodyWaitsNothingIsAsked() {
        CompletableFuture<?> wait = await(create(), StreamCondition.caughtUp(LAG));
        world.time.advance(Duration.ofSeconds(20));
        wait.cancel(false);
        world.time.advance(Duration.ofSeconds(20));
        world.endpoint.forget();

        world.time.advance(Duration.ofHours(1));

        assertThat(world.endpoint.log()).isEmpty();
        assertThat(world.time.nextDue()).isEmpty();
    }

    @Test
    void closingCancelsEveryWait() {
        CompletableFuture<?> wait = await(create(), StreamCondition.caughtUp(LAG));

        watcher.close();

        assertThat(wait).isCancelled();
        assertThatThrownBy(wait::join).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> await("x", StreamCondition.caughtUp(LAG))).hasMessage("The watcher is closed.");
    }

    @Test
    void manyStreamsAreSweptWithListCallsAndOneWithoutThem() {
        List<CompletableFuture<?>> waits = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            waits.add(await(liveStream(i), StreamCondition.status(StreamStatus.COMPLETED)));
        }
        world.time.advance(Duration.ofMinutes(5));

        assertThat(world.endpoint.received(Operation.GET_STREAM)).isLessThan(10);
        // 3 pages every 5 s
        assertThat(world.endpoint.received(Operation.LIST_STREAMS)).isBetween(3 * 55, 3 * 61);

        waits.subList(1, 250).forEach(wait -> wait.cancel(false));
        world.time.advance(Duration.ofSeconds(10));
        world.endpoint.forget();
        world.time.advance(Duration.ofMinutes(5));

        assertThat(world.endpoint.received(Operation.LIST_STREAMS)).isZero();
        assertThat(world.endpoint.received(Operation.GET_STREAM)).isBetween(55, 61);
    }

    @Test
    void aStreamThatTheListHidesIsReadById() {
        List<String> streams = new ArrayList<>();
        List<CompletableFuture<Answer<ReplicationStream>>> waits = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            streams.add(liveStream(i));
            waits.add(await(streams.get(i), StreamCondition.status(StreamStatus.COMPLETED)));
        }
        world.time.advance(Duration.ofSeconds(30));
        world.get(world.client.updateStream(streams.get(7), StreamUpdate.failOver()));

        assertThat(world.get(waits.get(7)).status()).isEqualTo(StreamStatus.COMPLETED);
        assertThat(waits.get(8)).isNotDone();
    }

    @Test
    void theBudgetHoldsSteadilyAndNearACutover() {
        List<String> streams = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            streams.add(liveStream(i));
            await(streams.get(i), StreamCondition.status(StreamStatus.COMPLETED));
        }
        world.time.advance(Duration.ofSeconds(60));
        assertThat(mostInOneSecond()).isLessThanOrEqualTo(2);

        world.get(world.client.updateStream(streams.get(0), StreamUpdate.failOver()));
        world.time.advance(Duration.ofSeconds(10));
        world.endpoint.forget();
        world.time.advance(Duration.ofSeconds(60));
        assertThat(mostInOneSecond()).isBetween(3, 5);
    }

    @Test
    void anIdThatCannotBeOneIsRefusedAndDisturbsNobody() {
        String stream = caughtUp();
        assertThatThrownBy(() -> await("not an id", StreamCondition.caughtUp(LAG)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not the id of a stream");
        assertThatThrownBy(() -> watcher.await(stream, StreamCondition.caughtUp(LAG), null))
                .isInstanceOf(NullPointerException.class);

        assertThat(world.get(await(stream, StreamCondition.caughtUp(LAG)))).isNotNull();
    }

    @Test
    void anErrorInForeignCodeDuringASweepEndsThatWaitAlone() {
        List<CompletableFuture<Answer<ReplicationStream>>> sound = new ArrayList<>();
        List<CompletableFuture<?>> faulty = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String stream = liveStream(i);
            faulty.add(watcher.await(stream, StreamCondition.status(StreamStatus.COMPLETED), Instant.MAX, seen -> {
                throw new AssertionError("not even an exception");
            }));
            sound.add(await(stream, StreamCondition.caughtUp(LAG)));
        }

        sound.forEach(wait -> assertThat(world.get(wait)).isNotNull());
        faulty.forEach(wait -> assertThat(world.failure(wait)).isInstanceOf(AssertionError.class));
    }

    @Test
    void aClockThatIsSetBackDoesNotStopTheLooking() {
        String stream = caughtUp();
        Duration[] setBack = {Duration.ZERO};
        StreamWatcher watcher =
                new StreamWatcher(world.client, () -> world.time.instant().minus(setBack[0]), world.time);
        List<Instant> nearLooks = new ArrayList<>();
        List<Instant> distantLooks = new ArrayList<>();
        CompletableFuture<?> near = watcher.await(
                stream,
                StreamCondition.replicatedAfter(Instant.MAX),
                Instant.MAX,
                seen -> nearLooks.add(world.time.instant()));
        CompletableFuture<?> distant = watcher.await(
                liveStream(1),
                StreamCondition.status(StreamStatus.COMPLETED),
                Instant.MAX,
                seen -> distantLooks.add(world.time.instant()));
        world.time.advance(Duration.ofSeconds(30));

        setBack[0] = Duration.ofMinutes(30);
        nearLooks.clear();
        distantLooks.clear();
        world.time.advance(Duration.ofMinutes(1));

        assertThat(nearLooks).hasSizeGreaterThanOrEqualTo(11);
        assertThat(distantLooks).hasSizeGreaterThanOrEqualTo(11);
        near.cancel(false);
        distant.cancel(false);
    }

    @Test
    void looksNearACutoverDoNotStarveBehindAList() {
        for (int i = 0; i < 5000; i++) {
            world.scene.cloud().addCluster(ClusterSpec.of("other-" + i, "us-east-1"));
        }
        String stream = caughtUp();
        List<Instant> looks = new ArrayList<>();
        CompletableFuture<?> list = world.client.clusters();
        world.time.advance(Duration.ofSeconds(2)); // the budget's burst is used up
        CompletableFuture<?> near = watcher.await(
                stream,
                StreamCondition.replicatedAfter(Instant.MAX),
                Instant.MAX,
                seen -> looks.add(world.time.instant()));
        world.runUntil(list::isDone);

        assertThat(looks).hasSizeGreaterThan(1);
        for (int i = 1; i < looks.size(); i++) {
            assertThat(Duration.between(looks.get(i - 1), looks.get(i))).isLessThanOrEqualTo(Duration.ofSeconds(6));
        }
        near.cancel(false);
    }

    @Test
    void aListThatIsRefusedOrUnreadableIsReplacedByLooksById() {
        for (FaultKind kind : List.of(FaultKind.MALFORMED_BODY, FaultKind.WRONG_TYPES)) {
            world.faults.always(Operation.LIST_STREAMS, Fault.of(kind));
            List<CompletableFuture<Answer<ReplicationStream>>> waits = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                waits.add(await(liveStream(i + 100 * kind.ordinal()), StreamCondition.caughtUp(LAG)));
            }

            waits.forEach(wait -> assertThat(world.get(wait)).as("%s", kind).isNotNull());
        }
    }

    @Test
    void tenThousandWaitsThatWereGivenUpDoNotOverflowTheStack() {
        List<CompletableFuture<?>> waits = new ArrayList<>();
        world.faults.always(Operation.LIST_STREAMS, Fault.of(FaultKind.MALFORMED_BODY));
        for (int i = 0; i < 20_000; i++) {
            waits.add(await("gone-" + i, StreamCondition.caughtUp(LAG)));
        }
        world.time.advance(Duration.ofSeconds(2));
        waits.forEach(wait -> wait.cancel(false));
        world.time.advance(Duration.ofSeconds(2));

        assertThat(world.get(await(caughtUp(), StreamCondition.caughtUp(LAG)))).isNotNull();
    }

    private int mostInOneSecond() {
        List<Instant> times =
                world.endpoint.log().stream().map(ReceivedRequest::at).toList();
        int most = 0;
        for (Instant from : times) {
            int within = (int) times.stream()
                    .filter(time -> !time.isBefore(from) && time.isBefore(from.plusSeconds(1)))
                    .count();
            most = Math.max(most, within);
        }
        return most;
    }

    private CompletableFuture<Answer<ReplicationStream>> await(String stream, StreamCondition condition) {
        return watcher.await(stream, condition, world.time.instant().plus(Duration.ofHours(24)));
    }

    private String create() {
        return create(world.reverse());
    }

    private String create(NewStream stream) {
        return world.get(world.client.createStream(stream)).id();
    }

    private String caughtUp() {
        String stream = create();
        world.time.advance(Duration.ofMinutes(10));
        return stream;
    }

    private NewStream pair(int number) {
        ClusterSpec source = ClusterSpec.of("source-" + number, "us-east-1");
        ClusterSpec target = ClusterSpec.of("target-" + number, "us-west-2");
        world.scene.cloud().addCluster(source);
        world.scene.cloud().addCluster(target);
        return NewStream.from(source.id()).erasing(target.id());
    }

    /** A stream that replicates already. */
    private String liveStream(int number) {
        NewStream pair = pair(number);
        return world.scene
                .cloud()
                .addStream(StreamSpec.live(
                        pair.primaryClusterId(),
                        pair.standbyClusterId(),
                        SimulatedWorld.START.minus(Duration.ofHours(1))));
    }

    private Duration sinceStart() {
        return Duration.between(SimulatedWorld.START, world.time.instant());
    }
}
