package io.jenkins.plugins.cockroachdb.failback.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.ClusterSpec;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The creation of a stream, which erases a cluster: by right, once, and never in the dark. */
class CreateStreamTest extends SteppedWorld {

    private static final StepContract CREATE = CloudSteps.CREATE_REVERSE_STREAM;

    private Map<String, Object> wanted() {
        return with(pair(), "confirmErase", P);
    }

    @Test
    void createsTheReverseStream() {
        Map<String, Object> stream = result(CREATE, wanted());

        assertThat(stream)
                .containsEntry("id", reverseStreams().get(0))
                .containsEntry("status", "STARTING")
                .containsEntry("primaryClusterId", active)
                .containsEntry("standbyClusterId", original)
                .containsEntry("replicatedTime", null)
                .containsEntry("caughtUp", false)
                .containsEntry("adopted", false);
        assertThat(posts()).isEqualTo(1);
        assertThat(CREATE.leftBehind(CREATE.arguments(wanted()), life.progress()))
                .contains("was created and goes on", P, "cockroachCancelStream ends it");
    }

    @ParameterizedTest
    @ValueSource(strings = {A, "ORDERS-EAST", "orders-east ", "orders"})
    void theNameOfTheClusterToBeErasedIsComparedExactly(String name) {
        StepFailedException failure = failure(CREATE, with(pair(), "confirmErase", name));

        assertThat(failure.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(failure).hasMessageContainingAll("The cluster to be erased is " + P, "Nothing was sent");
        assertThat(posts()).isZero();
    }

    @Test
    void rolesThatAreExchangedAreRefused() {
        Map<String, Object> exchanged =
                Map.of("activeClusterId", original, "originalPrimaryClusterId", active, "confirmErase", A);

        StepFailedException failure = failure(CREATE, exchanged);

        assertThat(failure.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(failure).hasMessageContaining("exchange the two cluster ids");
        assertThat(posts()).isZero();
    }

    @Test
    void unprovenRolesCanBeAllowedAndNothingElse() {
        String third = ClusterSpec.of("third", "eu-west-1").id();
        cloud.addCluster(ClusterSpec.of("third", "eu-west-1"));
        Instant now = time.instant();
        cloud.addStream(
                StreamSpec.completed(third, original, now.minus(Duration.ofHours(9)), now.minus(Duration.ofHours(8))));

        assertThat(outcome(CREATE, wanted())).isEqualTo(Outcome.REFUSED);
        assertThat(posts()).isZero();

        Map<String, Object> allowed = with(wanted(), "allowUnprovenRoles", true);
        cloud.changeCluster(original, cluster -> cluster.withState("LOCKED"));
        assertThat(outcome(CREATE, allowed)).isEqualTo(Outcome.REFUSED);
        assertThat(posts()).isZero();

        cloud.changeCluster(original, cluster -> cluster.withState("CREATED"));
        assertThat(result(CREATE, allowed)).containsEntry("adopted", false);
    }

    @Test
    void anUnfitClusterIsRefusedInTheWordsOfThePreflight() {
        cloud.changeCluster(active, cluster -> cluster.withUpgradeStatus("PENDING_FINALIZATION"));

        StepFailedException failure = failure(CREATE, wanted());

        assertThat(failure.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(failure).hasMessageContainingAll(A, "PENDING_FINALIZATION", "Nothing was sent");
        assertThat(posts()).isZero();
    }

    @Test
    void adoptsTheLiveStreamThatThereIs() {
        String id = replicating();
        cloud.changeCluster(active, cluster -> cluster.withUpgradeStatus("PENDING_FINALIZATION")); // needs (c) alone

        assertThat(result(CREATE, wanted()))
                .containsEntry("id", id)
                .containsEntry("caughtUp", true)
                .containsEntry("adopted", true);
        assertThat(posts()).isZero();
        assertThat(life.progress()).isEqualTo(Progress.NEW);
    }

    @Test
    void adoptsNothingWhileTheOriginalPrimaryIsSomebodysSource() {
        replicating();
        ClusterSpec third = ClusterSpec.of("third", "eu-west-1");
        cloud.addCluster(third);
        cloud.addStream(StreamSpec.live(original, third.id(), time.instant()));

        StepFailedException failure = failure(CREATE, wanted());

        assertThat(failure.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(failure).hasMessageContaining(P + " is the source of a live stream");
    }

    @Test
    void adoptsNothingUnderAnotherName() {
        replicating();

        assertThat(outcome(CREATE, with(pair(), "confirmErase", A))).isEqualTo(Outcome.REFUSED);
    }

    @Test
    void twoLiveStreamsStopIt() {
        String one = replicating();
        String other = replicating();

        StepFailedException failure = failure(CREATE, wanted());

        assertThat(failure.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(failure).hasMessageContainingAll(one, other);
        assertThat(posts()).isZero();
    }

    @Test
    void aDoubleThatSomebodyMadeAtTheSameTimeStopsIt() {
        SteppedWorld lenient = new SteppedWorld(CloudSettings.defaults().withRefuseSecondLiveStream(false));
        lenient.life.onSave = () -> {
            if (lenient.reverseStreams().isEmpty()) {
                lenient.liveSince(Duration.ZERO);
            }
        };

        StepFailedException failure = lenient.failure(CREATE, with(lenient.pair(), "confirmErase", P));

        assertThat(failure.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(lenient.reverseStreams()).hasSize(2);
        assertThat(failure).hasMessageContainingAll(lenient.reverseStreams().toArray(String[]::new));
        assertThat(lenient.posts()).isEqualTo(1);
    }

    @Test
    void whatTheServerRefusesFailsInItsWords() {
        world.faults.on(Operation.CREATE_STREAM, 1, Fault.of(FaultKind.TOO_MANY_REQUESTS));

        StepFailedException failure = failure(CREATE, wanted());

        assertThat(failure.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(failure).hasMessageContainingAll("Cannot create the replication stream", "Nothing was changed");
        assertThat(posts()).isEqualTo(1);
        assertThat(reverseStreams()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void isSentOnceWhateverBecomesOfIt(FaultKind kind) {
        world.faults.always(Operation.CREATE_STREAM, Fault.of(kind));

        if (kind.hasEffect()) {
            assertThat(result(CREATE, wanted()))
                    .containsEntry("id", reverseStreams().get(0))
                    .containsEntry("adopted", false);
        } else {
            assertThat(outcome(CREATE, wanted()))
                    .isEqualTo(kind == FaultKind.TOO_MANY_REQUESTS ? Outcome.FAILED : Outcome.IN_DOUBT);
        }
        assertThat(posts()).isEqualTo(1);
    }

    @Test
    void aStreamThatDoesNotShowIsInDoubtAfterFiveMinutes() {
        world.faults.on(Operation.CREATE_STREAM, 1, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
        Instant begin = time.instant();

        StepFailedException failure = failure(CREATE, wanted());

        assertThat(failure.outcome()).isEqualTo(Outcome.IN_DOUBT);
        assertThat(failure)
                .hasMessageContainingAll("No such stream shows", "it is erasing " + P, "run it again to go on");
        assertThat(Duration.between(begin, time.instant())).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(6));
        life = newLife();
        assertThat(result(CREATE, wanted())).containsEntry("adopted", false);
    }

    @Test
    void anOldCanceledStreamIsNotTakenForTheNewOne() {
        Instant now = time.instant();
        cloud.addStream(
                StreamSpec.canceled(active, original, now.minus(Duration.ofDays(1)), now.minus(Duration.ofHours(20))));
        world.faults.on(Operation.CREATE_STREAM, 1, Fault.of(FaultKind.RESET_BEFORE_EFFECT));

        assertThat(outcome(CREATE, wanted())).isEqualTo(Outcome.IN_DOUBT);
    }

    @Test
    void isInDoubtWhenTheCloudCannotBeReadAnyMore() {
        world.faults.on(Operation.CREATE_STREAM, 1, Fault.of(FaultKind.RESET_AFTER_EFFECT));
        life.onSave = () -> world.faults.always(Operation.LIST_STREAMS, Fault.of(FaultKind.UNAVAILABLE));

        assertThat(outcome(CREATE, wanted())).isEqualTo(Outcome.IN_DOUBT);

        world.faults.clear();
        life = life.next();
        assertThat(result(CREATE, wanted()))
                .containsEntry("id", reverseStreams().get(0));
        assertThat(posts()).isEqualTo(1);
    }

    @Test
    void aStopEndsTheSearchAtOnceAndTellsWhatGoesOn() {
        world.faults.on(Operation.CREATE_STREAM, 1, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
        CompletableFuture<Map<String, Object>> end = start(CREATE, wanted());
        world.runUntil(() -> posts() == 1);
        time.advance(Duration.ofSeconds(30));
        int requests = world.endpoint.log().size();

        end.cancel(true);
        time.advance(Duration.ofMinutes(10));

        assertThat(world.endpoint.log().size()).isLessThanOrEqualTo(requests + 1);
        assertThat(CREATE.leftBehind(CREATE.arguments(wanted()), life.progress()))
                .contains("it is not known whether it was created", P);
    }

    @Test
    void aStopBeforeTheWriteSendsNothing() {
        CompletableFuture<Map<String, Object>> end = start(CREATE, wanted());
        world.runUntil(() -> world.endpoint.received(Operation.LIST_STREAMS) == 1);

        end.cancel(true);
        time.advance(Duration.ofMinutes(10));

        assertThat(posts()).isZero();
        assertThat(life.progress()).isEqualTo(Progress.NEW);
    }

    @Test
    void whatCannotBeSavedIsNotSent() {
        life.onSave = () -> {
            throw new IllegalStateException("the disk is full");
        };

        assertThat(world.failure(start(CREATE, wanted()))).hasMessage("the disk is full");
        assertThat(posts()).isZero();
    }

    @Test
    void protectsHomeWithTheForwardStream() {
        cameHome();

        Map<String, Object> stream = result(
                CloudSteps.CREATE_FORWARD_STREAM,
                Map.of("primaryClusterId", original, "standbyClusterId", active, "confirmErase", A));

        assertThat(stream)
                .containsEntry("primaryClusterId", original)
                .containsEntry("standbyClusterId", active)
                .containsEntry("adopted", false);
    }

    @Test
    void theForwardStreamNeedsTheSameProofsWithTheRolesExchanged() {
        Map<String, Object> forward =
                Map.of("primaryClusterId", original, "standbyClusterId", active, "confirmErase", A);
        assertThat(outcome(CloudSteps.CREATE_FORWARD_STREAM, forward)).isEqualTo(Outcome.REFUSED);

        cameHome();
        assertThat(outcome(CloudSteps.CREATE_FORWARD_STREAM, with(forward, "confirmErase", P)))
                .isEqualTo(Outcome.REFUSED);
        assertThat(posts()).isZero();
    }

    private void cameHome() {
        Instant now = time.instant();
        cloud.addStream(
                StreamSpec.completed(active, original, now.minus(Duration.ofHours(9)), now.minus(Duration.ofHours(1))));
    }
}
