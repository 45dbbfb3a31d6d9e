package io.jenkins.plugins.cockroachdb.failback;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.StreamUpdate;
import io.jenkins.plugins.cockroachdb.simulator.ClusterSpec;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import io.jenkins.plugins.cockroachdb.simulator.StreamStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What bites users of the Python CLI at the API, each named after it, and why it does not bite here. */
class PythonCliDefectsTest extends DrivenFailback {

    @Test
    void defect1EveryFullPostsANewStreamEvenWithALiveOne() {
        String live = world.get(world.client.createStream(world.reverse())).id();

        assertThat(run(journal()).outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(world.endpoint.received(Operation.CREATE_STREAM)).isEqualTo(1);
        assertThat(cloud.status(live)).isEqualTo(StreamStatus.COMPLETED);
    }

    @Test
    void defect2AfterAFinishedFailbackItAdvisesToCreateAStreamWhichWouldEraseTheClusterThatServes() {
        Instant old = Instant.parse("2025-01-01T00:00:00Z");
        for (int i = 0; i < 250; i++) { // more than a page before the one that matters
            cloud.addStream(StreamSpec.completed(
                    world.scene.originalPrimaryId(), world.scene.activeId(), old, old.plusSeconds(60L + i)));
        }
        run(journal());

        Action.Finish again = run(journal());

        assertThat(again.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(again.message()).contains("already home");
        assertThat(world.endpoint.received(Operation.CREATE_STREAM)).isEqualTo(1);
    }

    @Test
    void defect3FailsOverOnReplicatingAloneDuringTheInitialScanToo() {
        cloud.write(world.scene.activeId(), "before the failback");

        run(journal(), List.of());

        assertThat(cloud.writes(world.scene.originalPrimaryId()))
                .extracting(write -> write.value())
                .contains("before the failback");
    }

    @Test
    void defect4NoFencingAndNoLagGateSoWritesAreLostSilently() {
        keepWriting();

        run(journal());

        assertNothingLost();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CRDB_SCALE_FAILED", "TENANT_RESTORE_FAILED", "MAINTENANCE_RUNNING", "CRDB_PATCH_RUNNING"})
    void defect5OperationStatusNeverMatches(String operation) {
        cloud.changeCluster(world.scene.originalPrimaryId(), cluster -> cluster.withOperationStatus(operation));

        assertRefused(run(journal()), operation);
    }

    @Test
    void defect5LockedIsIgnored() {
        cloud.changeCluster(world.scene.activeId(), cluster -> cluster.withState("LOCKED"));

        assertRefused(run(journal()), "LOCKED");
    }

    @Test
    void defect6CanceledIsWaitedOnForTheWholeHour() {
        MemoryJournal journal = journal();
        CompletableFuture<Action.Finish> run = driver(journal, List.of(proxy)).run();
        world.runUntil(() -> world.endpoint.received(Operation.CREATE_STREAM) == 1);
        world.time.advance(Duration.ofMinutes(6));
        String stream = cloud.streamIds(world.scene.activeId(), world.scene.originalPrimaryId())
                .get(0);
        world.get(world.client.updateStream(stream, StreamUpdate.cancel()));
        Instant canceled = world.time.instant();
        world.runUntil(run::isDone);

        assertThat(run.join().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(run.join().message()).contains("was canceled");
        assertThat(Duration.between(canceled, world.time.instant())).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void defect6ARevokedKeyIsWaitedOnForTheWholeHour() {
        CompletableFuture<Action.Finish> run = driver(journal(), List.of(proxy)).run();
        world.runUntil(() -> world.endpoint.received(Operation.CREATE_STREAM) == 1);
        world.time.advance(Duration.ofMinutes(2));
        cloud.revokeKey(world.scene.key());
        Instant revoked = world.time.instant();
        world.runUntil(run::isDone);

        assertThat(run.join().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(run.join().message()).contains("does not accept the API key");
        assertThat(Duration.between(revoked, world.time.instant())).isLessThan(Duration.ofSeconds(35));
    }

    @Test
    void defect7InitiateExits0WhenItTimedOut() {
        settings = settings.toBuilder().cutoverLimit(Duration.ofMinutes(1)).build();

        Action.Finish finish = run(journal());

        assertThat(finish.outcome()).isEqualTo(Outcome.IN_DOUBT);
        assertThat(finish.outcome().exitCode()).isEqualTo(5);
        assertThat(finish.message()).contains("Run again");
    }

    @Test
    void defect8NoWaitPatchesFromStarting() {
        settings = settings.toBuilder().waiveLag(true).build();

        assertThat(run(journal()).outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(world.endpoint.log())
                .filteredOn(request -> request.operation() == Operation.UPDATE_STREAM)
                .singleElement()
                .satisfies(patch -> assertThat(patch.status()).isEqualTo(200));
    }

    @Test
    void defect8FullIgnoresFailoverAt() {
        Instant ahead = world.time.instant().plus(Duration.ofMinutes(20)).truncatedTo(ChronoUnit.SECONDS);
        settings = settings.toBuilder().failoverAt(ahead).build();

        run(journal(), List.of());

        String stream = cloud.streamIds(world.scene.activeId(), world.scene.originalPrimaryId())
                .get(0);
        assertThat(world.get(world.client.stream(stream)).failoverAt()).isEqualTo(ahead);
        assertThat(cloud.cutoverPoint(stream)).contains(ahead);
    }

    @Test
    void defect9NoRetryNoRetryAfterNoPagination() {
        for (Operation operation : Operation.values()) {
            if (!operation.isWrite()) {
                world.faults.on(operation, 1, Fault.of(FaultKind.TOO_MANY_REQUESTS));
                world.faults.on(operation, 2, Fault.of(FaultKind.BAD_GATEWAY));
            }
        }

        assertThat(run(journal()).outcome()).isEqualTo(Outcome.COMPLETED);
    }

    @Test
    void defect10SwappedClusterIdsAreNotNoticed() {
        MemoryJournal swapped = new MemoryJournal(
                new Entry.Began(world.time.instant(), world.scene.activeId(), world.scene.originalPrimaryId(), "test"));

        Action.Finish finish = run(swapped, List.of());

        // Seen so, the failover that happened is a failback that is over: nothing is created, nothing erased.
        assertThat(finish.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(finish.message()).contains("already home");
        assertThat(world.endpoint.received(Operation.CREATE_STREAM)).isZero();
    }

    @Test
    void defect10AThirdClusterIsNotNoticed() {
        ClusterSpec third = ClusterSpec.of("third", "us-east-2");
        cloud.addCluster(third);
        MemoryJournal wrong =
                new MemoryJournal(new Entry.Began(world.time.instant(), third.id(), world.scene.activeId(), "test"));

        assertRefused(run(wrong, List.of()), "The last failover was with another cluster");
        assertThat(world.endpoint.received(Operation.CREATE_STREAM)).isZero();
    }

    private void assertRefused(Action.Finish finish, String words) {
        assertThat(finish.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(finish.message()).contains(words);
        assertThat(world.endpoint.received(Operation.CREATE_STREAM)).isZero();
    }
}
