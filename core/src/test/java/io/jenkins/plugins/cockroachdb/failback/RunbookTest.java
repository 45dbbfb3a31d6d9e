package io.jenkins.plugins.cockroachdb.failback;

import static io.jenkins.plugins.cockroachdb.cloud.StreamStatus.CANCELED;
import static io.jenkins.plugins.cockroachdb.cloud.StreamStatus.COMPLETED;
import static io.jenkins.plugins.cockroachdb.cloud.StreamStatus.FAILING_OVER;
import static io.jenkins.plugins.cockroachdb.cloud.StreamStatus.REPLICATING;
import static io.jenkins.plugins.cockroachdb.cloud.StreamStatus.STARTING;
import static io.jenkins.plugins.cockroachdb.failback.Situations.CREATION;
import static io.jenkins.plugins.cockroachdb.failback.Situations.NOON;
import static io.jenkins.plugins.cockroachdb.failback.Situations.STREAM;
import static io.jenkins.plugins.cockroachdb.failback.Situations.given;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.FENCED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.MIXED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ACTIVE;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ORIGINAL_PRIMARY;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.CloudFailures;
import io.jenkins.plugins.cockroachdb.cloud.NewStream;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.cloud.StreamUpdate;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The decision table, a nested class for each row and a test for each cell, then the rules by name. */
class RunbookTest {

    private static final Check FINE = Check.pass("all", "All is well.");
    private static final Check WRONG = Check.fail("plan", "The plan is wrong.", "Change it.");
    private static final Action.Ask GATE_1 = new Action.Ask(Gate.ERASE, null, "east-id");
    private static final Action.Ask GATE_2 = new Action.Ask(Gate.CUT_OVER, STREAM, "east-id");
    private static final Action.Ask GATE_3 = new Action.Ask(Gate.RE_PROTECT, STREAM, "west-id");
    private static final Action.Ask FOREIGN_GATE = new Action.Ask(Gate.FOREIGN_FENCE, STREAM, "west-id");
    private static final Action.Ask HOME_GATE = new Action.Ask(Gate.GO_HOME, STREAM, "east-id");
    private static final CloudException CLOUD_IS_AWAY = CloudFailures.serverError();
    private static final Action CREATE =
            new Action.CreateReverseStream(NewStream.from("west-id").erasing("east-id"));

    @Nested
    class Row1NoStream {

        @Test
        void onA() {
            assertThat(given().traffic(ON_ACTIVE).next()).isEqualTo(new Action.Examine());
            assertThat(given().traffic(ON_ACTIVE).examined(FINE).next()).isEqualTo(GATE_1);
            assertThat(given().traffic(ON_ACTIVE)
                            .approved(Gate.ERASE, null, "east-id")
                            .examined(FINE)
                            .next())
                    .isEqualTo(CREATE);
        }

        @Test
        void withoutProxies() {
            assertThat(given().next()).isEqualTo(new Action.Examine());
        }

        @Test
        void fenced() {
            assertWatches(given().traffic(FENCED).next());
            assertThat(watched(given()).traffic(FENCED).next())
                    .isEqualTo(new Action.Ask(Gate.FOREIGN_FENCE, null, "west-id"));
            assertThat(watched(given())
                            .traffic(FENCED)
                            .approved(Gate.FOREIGN_FENCE, null, "west-id")
                            .next())
                    .isEqualTo(new Action.Unfence(
                            List.of("edge-1"), null, "Traffic was fenced by somebody else, and nobody cut over."));
        }

        @Test
        void fencedWithoutRoleProof() {
            assertFinish(given().noFailover().traffic(FENCED), Outcome.REFUSED, "No failover was ever completed");
        }

        @Test
        void onP() {
            assertFinish(given().traffic(ON_ORIGINAL_PRIMARY), Outcome.REFUSED, "east serves already");
        }

        @Test
        void mixed() {
            assertFinish(given().traffic(ON_ACTIVE, ON_ORIGINAL_PRIMARY), Outcome.REFUSED, "Proxy edge-2 is on P");
        }

        @Test
        void unknown() {
            assertThat(given().traffic(ON_ACTIVE, UNKNOWN).next())
                    .as("it may answer in a moment")
                    .isInstanceOf(Action.Look.class);
            assertFinish(
                    given().trafficSince(NOON, UNKNOWN).traffic(ON_ACTIVE, UNKNOWN),
                    Outcome.REFUSED,
                    "Proxy edge-2 is unknown");
        }

        @Test
        void aStreamCanceledBeforeThisRecordCountsAsNone() {
            assertThat(given().traffic(ON_ACTIVE)
                            .streams(Clusters.canceled("west", "east", 6, 7))
                            .next())
                    .isEqualTo(new Action.Examine());
        }
    }

    @Nested
    class Row1bCanceledSinceThisRecordBegan {

        @Test
        void onA() {
            assertFinish(given().stream(CANCELED).traffic(ON_ACTIVE), Outcome.FAILED, "was canceled");
        }

        @Test
        void fenced() {
            assertUnfences(given().ours().stream(CANCELED).traffic(FENCED), Outcome.FAILED);
            assertWatches(given().stream(CANCELED).traffic(FENCED).next());
        }

        @Test
        void onP() {
            assertUnfences(given().ours().stream(CANCELED).traffic(ON_ORIGINAL_PRIMARY), Outcome.FAILED);
            assertFinish(given().stream(CANCELED).traffic(ON_ORIGINAL_PRIMARY), Outcome.REFUSED, "no stream flows");
        }

        @Test
        void mixed() {
            assertUnfences(given().ours().stream(CANCELED).traffic(ON_ACTIVE, FENCED), Outcome.FAILED);
            assertWatches(given().stream(CANCELED).traffic(ON_ACTIVE, FENCED).next());
        }

        @Test
        void unknown() {
            Situations oneAnswers = given().ours().stream(CANCELED).traffic(FENCED, UNKNOWN);
            assertThat(oneAnswers.next())
                    .isInstanceOfSatisfying(Action.Unfence.class, unfence -> assertThat(unfence.proxies())
                            .containsExactly("edge-1"));

            Situations tooLong = given()
                    .ours()
                    .entry(new Entry.Calling(NOON.plusSeconds(60), Call.UNFENCE, "edge-1"))
                    .now(NOON.plusSeconds(60 + 120))
                    .stream(CANCELED)
                    .traffic(UNKNOWN);
            assertFinish(tooLong, Outcome.STRANDED, "Unfence these proxies by hand");
        }
    }

    @Nested
    class Row2StartingScanningLagging {

        @Test
        void onA() {
            assertThat(given().created().stream(STARTING).traffic(ON_ACTIVE).next())
                    .isEqualTo(
                            new Action.Await(STREAM, StreamCondition.status(REPLICATING), NOON.plusSeconds(60 + 3600)));
            assertThat(scanning().traffic(ON_ACTIVE).next())
                    .isEqualTo(new Action.Await(
                            STREAM,
                            StreamCondition.caughtUp(Duration.ofSeconds(90)),
                            NOON.plusSeconds(60).plus(Duration.ofHours(24))));
            assertThat(lagging().traffic(ON_ACTIVE).next()).isInstanceOf(Action.Await.class);
        }

        @Test
        void onAWithAStreamOfSomebodyElse() {
            assertThat(given().stream(STARTING).traffic(ON_ACTIVE).next()).isEqualTo(new Action.Examine());
            assertThat(given().stream(STARTING)
                            .traffic(ON_ACTIVE)
                            .examined(WRONG)
                            .next())
                    .as("a wrong plan was no reason for whoever created it")
                    .isEqualTo(new Action.Adopt(STREAM));
            Check sessionsOnP = Check.fail(Preflight.WHO_SERVES, "Sessions are on P.", "Find out.");
            assertFinish(
                    given().stream(STARTING)
                            .proxy(new ProxyStatus("edge-1", ON_ACTIVE, 9, 3, ""))
                            .examined(sessionsOnP),
                    Outcome.REFUSED,
                    "Sessions are on P");
            assertThat(given().stream(STARTING)
                            .proxy(new ProxyStatus("edge-1", ON_ACTIVE, 9, 0, ""))
                            .examined(sessionsOnP)
                            .next())
                    .as("they have left meanwhile")
                    .isEqualTo(new Action.Adopt(STREAM));
            assertThat(given().entry(new Entry.Adopted(NOON, STREAM)).stream(STARTING)
                            .traffic(ON_ACTIVE)
                            .next())
                    .isInstanceOf(Action.Await.class);
        }

        @Test
        void withoutProxies() {
            assertThat(scanning().next()).isInstanceOf(Action.Await.class);
        }

        @Test
        void fenced() {
            assertThat(given().ours().stream(REPLICATING, NOON.minusSeconds(600))
                            .traffic(FENCED)
                            .next())
                    .isEqualTo(new Action.ProveFence(STREAM));
            assertWatches(lagging().traffic(FENCED).next());
        }

        @Test
        void onP() {
            assertUnfences(given().ours().stream(STARTING).traffic(ON_ORIGINAL_PRIMARY), null);
            assertUnfences(
                    given().entry(new Entry.Adopted(NOON, STREAM)).stream(STARTING)
                            .traffic(ON_ORIGINAL_PRIMARY),
                    null);
            assertFinish(given().stream(STARTING).traffic(ON_ORIGINAL_PRIMARY), Outcome.REFUSED, "answers nobody");
        }

        @Test
        void mixed() {
            assertThat(given().ours().stream(REPLICATING, NOON.minusSeconds(600))
                            .traffic(FENCED, ON_ACTIVE)
                            .next())
                    .isEqualTo(new Action.Fence(List.of("edge-2"), null));
            assertWatches(lagging().traffic(FENCED, ON_ACTIVE).next());
        }

        @Test
        void unknown() {
            assertThat(scanning().traffic(UNKNOWN).next()).isInstanceOf(Action.Await.class);
        }

        @Test
        void startingTakesTooLong() {
            assertFinish(
                    given().created().seen(NOON, STARTING, ON_ACTIVE).now(NOON.plus(Duration.ofMinutes(60))).stream(
                                    STARTING)
                            .traffic(ON_ACTIVE),
                    Outcome.TIMED_OUT,
                    "is STARTING since " + NOON);
        }
    }

    @Nested
    class Row3CaughtUp {

        @Test
        void onA() {
            assertThat(given().created().stream(REPLICATING).traffic(ON_ACTIVE).next())
                    .isEqualTo(new Action.Examine());
            assertThat(given().created().stream(REPLICATING)
                            .traffic(ON_ACTIVE)
                            .examined(FINE)
                            .next())
                    .isEqualTo(GATE_2);
            assertThat(given().created().approved(Gate.CUT_OVER, STREAM, "east-id").stream(REPLICATING)
                            .traffic(ON_ACTIVE, ON_ACTIVE)
                            .examined(FINE)
                            .next())
                    .isEqualTo(new Action.Fence(List.of("edge-1", "edge-2"), null));
        }

        @Test
        void withoutProxies() {
            assertThat(given().created().stream(REPLICATING).examined(FINE).next())
                    .isEqualTo(GATE_2);
            assertThat(given().created().approved(Gate.CUT_OVER, STREAM, "east-id").stream(REPLICATING)
                            .examined(FINE)
                            .next())
                    .isEqualTo(new Action.Initiate(STREAM, StreamUpdate.failOver(), null));
        }

        @Test
        void fenced() {
            Situations given = given().ours().stream(REPLICATING).traffic(FENCED);
            assertThat(given.next()).isEqualTo(new Action.ProveFence(STREAM));

            Instant fence = given.now();
            assertThat(given.proven(fence).next())
                    .isEqualTo(new Action.Await(
                            STREAM,
                            StreamCondition.replicatedAfter(fence),
                            given.now().minusSeconds(2).plusSeconds(180)));

            assertThat(given().ours().proven(fence).stream(REPLICATING, fence)
                            .traffic(FENCED)
                            .next())
                    .isEqualTo(new Action.Initiate(STREAM, StreamUpdate.failOver(), fence));
        }

        @Test
        void fencedBySomebodyElse() {
            assertWatches(given().stream(REPLICATING).traffic(FENCED).next());
            assertThat(watched(given()).stream(REPLICATING).traffic(FENCED).next())
                    .isEqualTo(FOREIGN_GATE);
        }

        @Test
        void onP() {
            assertThat(given().ours().stream(REPLICATING)
                            .traffic(ON_ORIGINAL_PRIMARY)
                            .next())
                    .isEqualTo(new Action.Fence(List.of("edge-1"), null));
            assertFinish(given().stream(REPLICATING).traffic(ON_ORIGINAL_PRIMARY), Outcome.REFUSED, "answers nobody");
        }

        @Test
        void mixed() {
            assertThat(given().ours().stream(REPLICATING)
                            .traffic(FENCED, MIXED, ON_ACTIVE)
                            .next())
                    .isEqualTo(new Action.Fence(List.of("edge-2", "edge-3"), null));
            assertWatches(given().stream(REPLICATING).traffic(FENCED, ON_ACTIVE).next());
        }

        @Test
        void unknown() {
            assertThat(given().ours().stream(REPLICATING)
                            .traffic(FENCED, UNKNOWN)
                            .next())
                    .as("no PATCH")
                    .isInstanceOf(Action.Look.class);
            assertUnfences(
                    given().ours().now(NOON.plusSeconds(60 + 36 + 180)).stream(REPLICATING)
                            .traffic(FENCED, UNKNOWN),
                    Outcome.TIMED_OUT);
            assertThat(given().stream(REPLICATING).traffic(UNKNOWN).next()).isInstanceOf(Action.Look.class);
            assertFinish(
                    given().trafficSince(NOON, UNKNOWN).stream(REPLICATING).traffic(UNKNOWN),
                    Outcome.REFUSED,
                    "nothing is cut over");
        }

        @Test
        void whatIsNotReplicatedInTimeUnderTheFenceGoesBack() {
            assertUnfences(
                    given().ours().proven(NOON.plusSeconds(60)).now(NOON.plusSeconds(58 + 180)).stream(
                                    REPLICATING, NOON)
                            .traffic(FENCED),
                    Outcome.TIMED_OUT);
        }
    }

    @Nested
    class Row4FailingOver {

        @Test
        void onA() {
            assertThat(given().stream(FAILING_OVER).traffic(ON_ACTIVE).next())
                    .isInstanceOfSatisfying(Action.Fence.class, fence -> {
                        assertThat(fence.proxies()).containsExactly("edge-1");
                        assertThat(fence.lossWindow()).contains("while the cutover was asked for already");
                    });
        }

        @Test
        void onAWithACutoverTimeAhead() {
            Instant ahead = NOON.plusSeconds(600);
            assertThat(given().stream(FAILING_OVER, null, ahead)
                            .traffic(ON_ACTIVE)
                            .next())
                    .isEqualTo(new Action.Await(STREAM, StreamCondition.status(COMPLETED), ahead));
        }

        @Test
        void fenced() {
            assertThat(given().ours().proven(NOON).patched(Entry.Result.DONE).stream(FAILING_OVER)
                            .traffic(FENCED)
                            .next())
                    .isInstanceOf(Action.Await.class);
        }

        @Test
        void withoutProxies() {
            assertThat(given().stream(FAILING_OVER).next()).isInstanceOf(Action.Await.class);
        }

        @Test
        void onP() {
            assertThat(given().stream(FAILING_OVER).traffic(ON_ORIGINAL_PRIMARY).next())
                    .isEqualTo(new Action.Fence(List.of("edge-1"), null));
        }

        @Test
        void mixed() {
            assertThat(given().stream(FAILING_OVER).traffic(FENCED, ON_ACTIVE).next())
                    .isInstanceOfSatisfying(Action.Fence.class, fence -> assertThat(fence.proxies())
                            .containsExactly("edge-2"));
        }

        @Test
        void unknown() {
            assertThat(given().stream(FAILING_OVER).traffic(FENCED, UNKNOWN).next())
                    .isInstanceOf(Action.Look.class);
            assertThat(given().stream(FAILING_OVER).traffic(ON_ACTIVE, UNKNOWN).next())
                    .as("it answers again")
                    .isInstanceOfSatisfying(Action.Fence.class, fence -> assertThat(fence.proxies())
                            .containsExactly("edge-1"));
        }

        @ParameterizedTest
        @EnumSource(Traffic.class)
        void neverUnfencesAndEndsInDoubtAtTheDeadline(Traffic traffic) {
            assertFinish(
                    given()
                            .ours()
                            .proven(NOON)
                            .patched(Entry.Result.DONE)
                            .now(NOON.plusSeconds(59).plus(Duration.ofMinutes(30)))
                            .stream(FAILING_OVER)
                            .traffic(traffic),
                    Outcome.IN_DOUBT,
                    "Run again");
        }
    }

    @Nested
    class Row5CompletedAndOurs {

        private Situations completed() {
            return given().ours().proven(NOON).patched(Entry.Result.DONE).stream(COMPLETED);
        }

        @Test
        void onA() {
            Situations later = completed().resumed(NOON.plusSeconds(60));
            assertThat(later.traffic(ON_ACTIVE).next()).isEqualTo(HOME_GATE);
            assertThat(later.now(NOON.plusSeconds(70))
                            .approved(Gate.GO_HOME, STREAM, "east-id")
                            .traffic(ON_ACTIVE)
                            .next())
                    .isInstanceOfSatisfying(Action.Fence.class, fence -> assertThat(fence.lossWindow())
                            .contains("after the cutover"));
        }

        @Test
        void onABecauseAFenceOpened() {
            assertThat(completed().proven(NOON).traffic(ON_ACTIVE).next())
                    .isInstanceOfSatisfying(Action.Fence.class, fence -> assertThat(fence.lossWindow())
                            .contains("let clients back"));
        }

        @Test
        void fenced() {
            assertThat(completed().traffic(FENCED, FENCED).next())
                    .isEqualTo(new Action.Release(List.of("edge-1", "edge-2")));
        }

        @Test
        void onP() {
            assertThat(completed().traffic(ON_ORIGINAL_PRIMARY).next()).isEqualTo(new Action.Verify());
            assertFinish(completed().verified().traffic(ON_ORIGINAL_PRIMARY), Outcome.COMPLETED, "east serves");
            assertThat(completed()
                            .entry(new Entry.Verified(NOON.plusSeconds(30), false, "east is LOCKED."))
                            .traffic(ON_ORIGINAL_PRIMARY)
                            .next())
                    .as("it may take a moment")
                    .isEqualTo(new Action.Verify());
            assertFinish(
                    completed()
                            .entry(new Entry.Verified(NOON, false, "east is LOCKED."))
                            .entry(new Entry.Verified(NOON.plusSeconds(60), false, "east is LOCKED."))
                            .traffic(ON_ORIGINAL_PRIMARY),
                    Outcome.UNPROTECTED,
                    "east is LOCKED. Look at east");
        }

        @Test
        void withoutProxies() {
            assertFinish(
                    given().created().patched(Entry.Result.DONE).verified().stream(COMPLETED),
                    Outcome.COMPLETED,
                    "traffic unknown");
        }

        @Test
        void mixed() {
            assertThat(completed().traffic(ON_ACTIVE, FENCED).next())
                    .isInstanceOfSatisfying(Action.Fence.class, fence -> assertThat(fence.proxies())
                            .containsExactly("edge-1"));
            assertThat(completed().traffic(ON_ORIGINAL_PRIMARY, FENCED).next())
                    .isEqualTo(new Action.Release(List.of("edge-2")));
        }

        @Test
        void whatOpensLongAfterTheReleaseIsClosedAgain() {
            Situations late = completed()
                    .seen(NOON.plusSeconds(60), COMPLETED, ON_ORIGINAL_PRIMARY)
                    .seen(NOON.plus(Duration.ofMinutes(50)), COMPLETED, MIXED)
                    .now(NOON.plus(Duration.ofMinutes(50)));
            assertThat(late.traffic(ON_ACTIVE, ON_ORIGINAL_PRIMARY).next()).isInstanceOf(Action.Fence.class);
        }

        @Test
        void unknown() {
            assertThat(completed().traffic(UNKNOWN, FENCED).next()).isEqualTo(new Action.Release(List.of("edge-2")));
            assertThat(completed().traffic(UNKNOWN, ON_ORIGINAL_PRIMARY).next()).isInstanceOf(Action.Look.class);
            assertFinish(
                    completed()
                            .seen(NOON.plusSeconds(60), COMPLETED, UNKNOWN)
                            .now(NOON.plusSeconds(60).plus(Duration.ofMinutes(30)))
                            .traffic(UNKNOWN, ON_ORIGINAL_PRIMARY),
                    Outcome.STRANDED,
                    "nothing must send writes back to west");
        }

        @Test
        void reProtects() {
            UnaryOperator<Settings> reProtect =
                    settings -> settings.toBuilder().reProtect(true).build();
            assertThat(completed()
                            .released()
                            .verified()
                            .settings(reProtect)
                            .traffic(ON_ORIGINAL_PRIMARY)
                            .next())
                    .isEqualTo(GATE_3);
            assertThat(completed()
                            .released()
                            .verified()
                            .settings(reProtect)
                            .approved(Gate.RE_PROTECT, STREAM, "west-id")
                            .traffic(ON_ORIGINAL_PRIMARY)
                            .next())
                    .isEqualTo(new Action.CreateForwardStream(
                            NewStream.from("east-id").erasing("west-id")));
            assertFinish(
                    completed()
                            .released()
                            .verified()
                            .settings(reProtect)
                            .entry(new Entry.LossWindow(NOON, "somebody wrote"))
                            .traffic(ON_ORIGINAL_PRIMARY),
                    Outcome.UNPROTECTED,
                    "may hold writes that are missing on east");
            assertFinish(
                    completed()
                            .released()
                            .verified()
                            .settings(reProtect)
                            .entry(new Entry.NotApproved(NOON, Gate.RE_PROTECT, STREAM, false, "lead"))
                            .traffic(ON_ORIGINAL_PRIMARY),
                    Outcome.UNPROTECTED,
                    "lead refused");
        }

        @Test
        void isNotReProtectedWhereSomebodyElseFencedWhatHadBeenReleased() {
            assertFinish(
                    releasedAndReProtecting().released().verified().traffic(ON_ORIGINAL_PRIMARY),
                    Outcome.UNPROTECTED,
                    "was fenced by somebody else, perhaps because it let clients to west");
            assertThat(releasedAndReProtecting()
                            .entry(new Entry.Calling(NOON, Call.FENCE, "edge-1"))
                            .released()
                            .verified()
                            .traffic(ON_ORIGINAL_PRIMARY)
                            .next())
                    .as("fenced by this failback")
                    .isInstanceOf(Action.Ask.class);
        }

        private Situations releasedAndReProtecting() {
            return completed()
                    .settings(settings -> settings.toBuilder().reProtect(true).build())
                    .released()
                    .entry(new Entry.Called(NOON, Call.RELEASE, "edge-1", Entry.Result.DONE, "edge-1 is on P"));
        }

        @Test
        void isNotReProtectedWhereSomebodyElseLetClientsGo() {
            assertFinish(
                    completed()
                            .verified()
                            .settings(settings ->
                                    settings.toBuilder().reProtect(true).build())
                            .traffic(ON_ORIGINAL_PRIMARY),
                    Outcome.UNPROTECTED,
                    "Somebody else let clients go to east. It was not re-protected");
        }
    }

    @Nested
    class Row6CompletedAndNotOurs {

        @Test
        void onA() {
            assertThat(given().stream(COMPLETED).traffic(ON_ACTIVE).next()).isEqualTo(HOME_GATE);
            assertThat(given().stream(COMPLETED)
                            .approved(Gate.GO_HOME, STREAM, "east-id")
                            .traffic(ON_ACTIVE)
                            .next())
                    .isInstanceOf(Action.Fence.class);
        }

        @Test
        void fenced() {
            assertThat(given().stream(COMPLETED).traffic(FENCED).next()).isEqualTo(HOME_GATE);
            assertThat(given().stream(COMPLETED)
                            .approved(Gate.GO_HOME, STREAM, "east-id")
                            .traffic(FENCED)
                            .next())
                    .isEqualTo(new Action.Release(List.of("edge-1")));
        }

        @Test
        void onP() {
            assertThat(given().stream(COMPLETED).traffic(ON_ORIGINAL_PRIMARY).next())
                    .isEqualTo(new Action.Verify());
            assertFinish(
                    given().verified().stream(COMPLETED).traffic(ON_ORIGINAL_PRIMARY),
                    Outcome.COMPLETED,
                    "already home");
        }

        @Test
        void withoutProxies() {
            assertFinish(given().verified().stream(COMPLETED), Outcome.COMPLETED, "already home; traffic unknown");
        }

        @Test
        void mixed() {
            assertThat(given().stream(COMPLETED).traffic(ON_ACTIVE, FENCED).next())
                    .isEqualTo(HOME_GATE);
            assertThat(given().stream(COMPLETED)
                            .approved(Gate.GO_HOME, STREAM, "east-id")
                            .traffic(ON_ACTIVE, FENCED)
                            .next())
                    .isInstanceOfSatisfying(Action.Fence.class, fence -> assertThat(fence.proxies())
                            .containsExactly("edge-1"));
        }

        @Test
        void unknown() {
            assertThat(given().stream(COMPLETED).traffic(FENCED, UNKNOWN).next())
                    .isInstanceOf(Action.Look.class);
            assertFinish(
                    given().trafficSince(NOON, UNKNOWN).stream(COMPLETED).traffic(FENCED, UNKNOWN),
                    Outcome.REFUSED,
                    "Proxy edge-2");
        }
    }

    @Test
    void r2AnApprovalDoesNotSurviveWhatChangedForTheWorse() {
        assertThat(given().traffic(ON_ACTIVE)
                        .examined(FINE)
                        .now(NOON.plusSeconds(70))
                        .approved(Gate.ERASE, null, "east-id")
                        .next())
                .as("examined before the approval only")
                .isEqualTo(new Action.Examine());
        assertFinish(
                given().traffic(ON_ACTIVE).approved(Gate.ERASE, null, "east-id").examined(WRONG),
                Outcome.REFUSED,
                "The plan is wrong. Change it.");
        assertThat(
                        given()
                                .created()
                                .examined(FINE)
                                .now(NOON.plusSeconds(70))
                                .approved(Gate.CUT_OVER, STREAM, "east-id")
                                .stream(REPLICATING)
                                .traffic(ON_ACTIVE)
                                .next())
                .as("examined before the approval only")
                .isEqualTo(new Action.Examine());
        assertFinish(
                given().created().approved(Gate.CUT_OVER, STREAM, "east-id").stream(REPLICATING)
                        .traffic(ON_ACTIVE)
                        .examined(WRONG),
                Outcome.REFUSED,
                "The plan is wrong. Change it.");
    }

    @Test
    void r2AnApprovalExpiresAndBindsToItsStream() {
        assertThat(given()
                        .created()
                        .approved(Gate.CUT_OVER, STREAM, "east-id")
                        .now(NOON.plusSeconds(56).plus(Duration.ofMinutes(61)))
                        .stream(REPLICATING)
                        .traffic(ON_ACTIVE)
                        .examined(FINE)
                        .next())
                .isEqualTo(GATE_2);
        assertThat(given().created().approved(Gate.CUT_OVER, "another", "east-id").stream(REPLICATING)
                        .traffic(ON_ACTIVE)
                        .examined(FINE)
                        .next())
                .isEqualTo(GATE_2);
    }

    @Test
    void r2AGateThatIsRefusedOrNotAnsweredEndsTheRun() {
        assertFinish(
                given().created().entry(new Entry.NotApproved(NOON, Gate.CUT_OVER, STREAM, false, "lead")).stream(
                                REPLICATING)
                        .traffic(ON_ACTIVE),
                Outcome.REFUSED,
                "lead refused");
        assertFinish(
                given().created().entry(new Entry.NotApproved(NOON, Gate.CUT_OVER, STREAM, true, "")).stream(
                                REPLICATING)
                        .traffic(ON_ACTIVE),
                Outcome.TIMED_OUT,
                "Nobody answered in time");
    }

    @Test
    void r3WaivingTheLagWaivesNothingElse() {
        UnaryOperator<Settings> waive =
                settings -> settings.toBuilder().waiveLag(true).build();
        assertThat(lagging().settings(waive).traffic(ON_ACTIVE).examined(FINE).next())
                .isEqualTo(GATE_2);
        assertThat(scanning().settings(waive).traffic(ON_ACTIVE).next()).isInstanceOf(Action.Await.class);
        assertThat(given().created().settings(waive).stream(STARTING)
                        .traffic(ON_ACTIVE)
                        .next())
                .isInstanceOf(Action.Await.class);
        assertThat(given().ours().settings(waive).proven(NOON.plusSeconds(60)).stream(REPLICATING, NOON)
                        .traffic(FENCED)
                        .next())
                .isInstanceOf(Action.Await.class);
    }

    @Test
    void r4AnOpeningVoidsTheFenceInstant() {
        Situations given =
                given().ours().proven(NOON).entry(new Entry.FenceOpened(NOON.plusSeconds(59), "edge-1", "restarted"));
        assertThat(given.stream(REPLICATING).traffic(FENCED).next()).isEqualTo(new Action.ProveFence(STREAM));
    }

    @Test
    void i4AFenceWhoseApprovalIsUsedUpIsNotLeftWhereProxiesAreSilent() {
        assertThat(silentWhileUnfencing(NOON.plusSeconds(60)).next()).isInstanceOf(Action.Look.class);
        assertFinish(
                silentWhileUnfencing(NOON.plusSeconds(59 + 120)), Outcome.STRANDED, "could not be put back on west");
    }

    @Test
    void i4NoFenceFollowsAnUnfenceThatMayOpenItYet() {
        UnaryOperator<Settings> waive =
                settings -> settings.toBuilder().waiveLag(true).build();
        Situations unanswered = lagging()
                .settings(waive)
                .entry(new Entry.Calling(NOON.plusSeconds(20), Call.UNFENCE, "edge-1"))
                .entry(new Entry.Called(
                        NOON.plusSeconds(50), Call.UNFENCE, "edge-1", Entry.Result.UNKNOWN, "no answer"))
                .traffic(ON_ACTIVE)
                .examined(FINE);
        assertThat(unanswered.now(NOON.plusSeconds(109)).next()).isInstanceOf(Action.Look.class);
        assertThat(unanswered.now(NOON.plusSeconds(110)).next()).isEqualTo(GATE_2);
    }

    private static Situations silentWhileUnfencing(Instant now) {
        return given().now(now).ours().entry(new Entry.Calling(NOON.plusSeconds(59), Call.UNFENCE, "edge-1")).stream(
                        REPLICATING)
                .traffic(UNKNOWN);
    }

    @Test
    void r5AfterThePatchAnUnknownAnswerKeepsTheFenceAndIsSettledByReadingAndPatching() {
        Situations unknown = given().ours().proven(NOON).patched(Entry.Result.UNKNOWN).stream(REPLICATING, NOON)
                .traffic(FENCED);
        assertThat(unknown.next()).isInstanceOf(Action.Look.class);
        assertThat(unknown.now(NOON.plusSeconds(59 + 10)).next()).isInstanceOf(Action.Initiate.class);
        assertFinish(unknown.now(NOON.plusSeconds(59).plus(Duration.ofMinutes(30))), Outcome.IN_DOUBT, "stays fenced");
    }

    @Test
    void r5AfterACrashBetweenPatchAndAnswerTheFenceStays() {
        assertThat(given().ours().proven(NOON).patched(null).stream(REPLICATING, NOON)
                        .traffic(FENCED)
                        .next())
                .isInstanceOf(Action.Look.class);
    }

    @Test
    void r5ADefiniteRefusalOfEveryAttemptPutsTrafficBack() {
        Situations refused = given().ours().proven(NOON).patched(Entry.Result.REFUSED).stream(REPLICATING, NOON)
                .traffic(FENCED);
        assertThat(refused.next())
                .as("it may have been refused because somebody else's was taken, which does not show yet")
                .isInstanceOfSatisfying(
                        Action.Look.class, look -> assertThat(look.why()).contains("cutting over for somebody else"));
        assertUnfences(refused.now(NOON.plusSeconds(59 + 60)), Outcome.FAILED);
        Situations first =
                given().ours().proven(NOON).patched(Entry.Result.UNKNOWN).patched(Entry.Result.REFUSED).stream(
                                REPLICATING, NOON)
                        .traffic(FENCED);
        assertThat(first.next()).as("the first may have had effect").isInstanceOf(Action.Look.class);
        assertFinish(
                first.now(NOON.plusSeconds(59).plus(Duration.ofMinutes(30))),
                Outcome.IN_DOUBT,
                "The server said no. Traffic stays fenced");
    }

    @Test
    void r5OnceTheStreamReadsCanceledTrafficGoesBackEvenAfterThePatch() {
        assertUnfences(
                given().ours().proven(NOON).patched(Entry.Result.UNKNOWN).stream(CANCELED)
                        .traffic(FENCED),
                Outcome.FAILED);
    }

    @ParameterizedTest
    @EnumSource(Traffic.class)
    void r5AfterThePatchNothingUnfences(Traffic traffic) {
        for (StreamStatus status : List.of(REPLICATING, FAILING_OVER, COMPLETED)) {
            for (Duration later : List.of(Duration.ZERO, Duration.ofMinutes(10), Duration.ofHours(5))) {
                Situations given =
                        given()
                                .ours()
                                .proven(NOON)
                                .patched(Entry.Result.UNKNOWN)
                                .now(NOON.plusSeconds(60).plus(later))
                                .stream(status, status == REPLICATING ? NOON : null)
                                .traffic(traffic);

                assertThat(given.next()).as("%s, %s later", status, later).isNotInstanceOf(Action.Unfence.class);
                assertThat(given.entry(new Entry.AbortRequested(given.now(), "lead"))
                                .next())
                        .as("%s, aborted %s later", status, later)
                        .isNotInstanceOf(Action.Unfence.class);
            }
        }
    }

    @Test
    void r5AStreamThatOneListingDoesNotShowAfterThePatchUnfencesNothing() {
        Situations unlisted =
                given().ours().proven(NOON).patched(Entry.Result.DONE).traffic(FENCED);
        assertThat(unlisted.next()).isInstanceOf(Action.Look.class);
        assertFinish(
                unlisted.now(NOON.plusSeconds(59).plus(Duration.ofMinutes(30))),
                Outcome.IN_DOUBT,
                "do not put it back on west");
    }

    @Test
    void r5TwoLiveStreamsOfWhichOneCutsOverUnfenceNothing() {
        assertFinish(
                given().ours().stream(FAILING_OVER)
                        .streams(Clusters.live("west", "east", 11, STARTING))
                        .traffic(FENCED),
                Outcome.IN_DOUBT,
                "two live reverse streams");
    }

    @Test
    void r4ALaterRunDidNotWatchTheFenceAndTakesFAnew() {
        assertThat(given().ours().proven(NOON).entry(new Entry.Resumed(NOON.plusSeconds(60), "test")).stream(
                                REPLICATING)
                        .traffic(FENCED)
                        .next())
                .isEqualTo(new Action.ProveFence(STREAM));
    }

    @Test
    void r2ReProtectionIsRefusedWhereWritesMayBeOnAAlone() {
        UnaryOperator<Settings> reProtect =
                settings -> settings.toBuilder().reProtect(true).build();
        assertFinish(
                given().ours().released().patched(Entry.Result.DONE).verified().settings(reProtect).stream(COMPLETED),
                Outcome.UNPROTECTED,
                "may hold writes");
        assertFinish(
                given().ours().proven(NOON).patched(Entry.Result.DONE).verified().settings(reProtect).stream(
                                COMPLETED, null, NOON)
                        .traffic(ON_ORIGINAL_PRIMARY),
                Outcome.UNPROTECTED,
                "may hold writes");
        assertFinish(
                given()
                        .ours()
                        .proven(NOON)
                        .patched(Entry.Result.DONE)
                        .verified()
                        .entry(new Entry.FenceOpened(NOON.plusSeconds(60), "edge-1", "restarted"))
                        .settings(reProtect)
                        .stream(COMPLETED)
                        .traffic(ON_ORIGINAL_PRIMARY),
                Outcome.UNPROTECTED,
                "may hold writes");
    }

    @Test
    void r7UnderAStandingFenceACutoverTimeThatNobodyApprovedGoesBack() {
        for (Instant time : List.of(NOON, NOON.plusSeconds(3600))) {
            assertUnfences(
                    given()
                            .ours()
                            .proven(NOON)
                            .settings(settings ->
                                    settings.toBuilder().failoverAt(time).build())
                            .stream(REPLICATING, NOON.plusSeconds(30))
                            .traffic(FENCED),
                    null);
        }
    }

    @Test
    void r6AnAmbiguousPostIsNeverRepeatedInTheSameRun() {
        Situations posted = given().traffic(ON_ACTIVE)
                .approved(Gate.ERASE, null, "east-id")
                .entry(new Entry.Calling(NOON.plusSeconds(60), Call.CREATE_REVERSE_STREAM, CREATION))
                .examined(FINE);
        assertThat(posted.next()).isInstanceOf(Action.Look.class);
        assertFinish(posted.now(NOON.plusSeconds(60 + 300)), Outcome.IN_DOUBT, "asked for");
    }

    @Test
    void r6AStreamThatWasCanceledBeforeIsNotTheOneThatWasAskedFor() {
        ReplicationStream old = new ReplicationStream(
                "old",
                "CANCELED",
                "west-id",
                "east-id",
                NOON.minusSeconds(7200),
                null,
                null,
                null,
                null,
                null,
                NOON.minusSeconds(3600));
        Situations posted = given().traffic(ON_ACTIVE)
                .streams(old)
                .approved(Gate.ERASE, null, "east-id")
                .entry(new Entry.Calling(NOON.plusSeconds(60), Call.CREATE_REVERSE_STREAM, CREATION))
                .entry(new Entry.Blind(NOON.plusSeconds(61), "no answer"))
                .entry(new Entry.Seen(NOON.plusSeconds(62), "old", "CANCELED", null, null, "on A"))
                .examined(FINE);
        assertThat(posted.now(NOON.plusSeconds(62)).next()).isInstanceOf(Action.Look.class);
    }

    @Test
    void r6ARunCreatesOneStreamAtMost() {
        Situations gone = given().traffic(ON_ACTIVE)
                .entry(new Entry.Calling(NOON.plusSeconds(60), Call.CREATE_REVERSE_STREAM, CREATION))
                .seen(NOON.plusSeconds(61), REPLICATING, ON_ACTIVE)
                .entry(new Entry.Seen(NOON.plusSeconds(62), "old", "CANCELED", null, null, "on A"))
                .approved(Gate.ERASE, null, "east-id")
                .examined(FINE);
        assertFinish(gone, Outcome.FAILED, "is not in the list any more");
    }

    @Test
    void r6AStreamThatIsCreatedBesideTheCutoverStopsTheRun() {
        Situations completed = given().ours().proven(NOON).patched(Entry.Result.DONE).stream(COMPLETED);
        completed.streams(liveSince("newer", "west-id", "east-id", NOON.plusSeconds(10)));
        assertFinish(completed.traffic(FENCED), Outcome.IN_DOUBT, "newer, is REPLICATING: it may have erased east");
    }

    @Test
    void aReverseStreamAfterAnotherFailoverBelongsToTheNextFailback() {
        Situations over = given().ours().proven(NOON).patched(Entry.Result.DONE).stream(COMPLETED);
        over.streams(
                new ReplicationStream(
                        "failover",
                        "COMPLETED",
                        "east-id",
                        "west-id",
                        NOON.plusSeconds(40),
                        null,
                        null,
                        null,
                        null,
                        NOON.plusSeconds(50),
                        null),
                liveSince("newer", "west-id", "east-id", NOON.plusSeconds(55)));
        assertFinish(over.traffic(ON_ACTIVE), Outcome.REFUSED, "That failback is over");
    }

    private static ReplicationStream liveSince(String id, String from, String to, Instant created) {
        return new ReplicationStream(id, "REPLICATING", from, to, created, null, null, null, null, null, null);
    }

    @Test
    void r6ALaterRunReadsForFiveMinutesAndThenAsksGate1Again() {
        Situations later = given().approved(Gate.ERASE, null, "east-id")
                .entry(new Entry.Calling(NOON.plusSeconds(60), Call.CREATE_REVERSE_STREAM, CREATION))
                .entry(new Entry.Resumed(NOON.plusSeconds(100), "test"))
                .traffic(ON_ACTIVE)
                .now(NOON.plusSeconds(101));
        assertThat(later.next()).isInstanceOf(Action.Look.class);
        assertThat(later.now(NOON.plusSeconds(100 + 300)).examined(FINE).next()).isEqualTo(GATE_1);
    }

    @Test
    void r6TwoLiveStreamsStop() {
        assertFinish(
                given().stream(REPLICATING)
                        .streams(Clusters.live("west", "east", 8, STARTING))
                        .traffic(ON_ACTIVE),
                Outcome.FAILED,
                "two live reverse streams");
        assertUnfences(
                given().ours().stream(REPLICATING)
                        .streams(Clusters.live("west", "east", 8, STARTING))
                        .traffic(FENCED),
                Outcome.FAILED);
    }

    @Test
    void r7ACutoverTimeAheadDoesNotGoTogetherWithProxies() {
        Instant ahead = NOON.plusSeconds(600);
        UnaryOperator<Settings> at =
                settings -> settings.toBuilder().failoverAt(ahead).build();
        assertFinish(
                given().created().settings(at).stream(REPLICATING).traffic(ON_ACTIVE), Outcome.REFUSED, "is ahead");
        assertThat(given().created().settings(at).approved(Gate.CUT_OVER, STREAM, "east-id").stream(REPLICATING)
                        .examined(FINE)
                        .next())
                .isEqualTo(new Action.Initiate(STREAM, StreamUpdate.failOverAt(ahead), null));
    }

    @Test
    void r7ACutoverTimeInThePastHasItsOwnGate() {
        Instant past = NOON.plusSeconds(10);
        UnaryOperator<Settings> at =
                settings -> settings.toBuilder().failoverAt(past).build();
        assertThat(given().created().settings(at).stream(REPLICATING)
                        .traffic(ON_ACTIVE)
                        .examined(FINE)
                        .next())
                .isEqualTo(new Action.Ask(Gate.DISCARD_WRITES, STREAM, "east-id"));
        assertThat(discarding(past).settings(at).next()).isEqualTo(GATE_2);
        assertThat(discarding(past.minusSeconds(1)).settings(at).next())
                .as("another time was approved")
                .isEqualTo(new Action.Ask(Gate.DISCARD_WRITES, STREAM, "east-id"));
    }

    @Test
    void r7ACutoverTimeThatTheStreamDoesNotRetainIsRefusedBeforeTheFence() {
        Instant past = NOON.plusSeconds(10);
        Situations given = discarding(past)
                .settings(settings -> settings.toBuilder().failoverAt(past).build());
        assertThat(given.retainedFrom(past).next()).isEqualTo(GATE_2);
        assertFinish(
                given.retainedFrom(past.plusSeconds(1)),
                Outcome.REFUSED,
                "before " + past.plusSeconds(1) + ", the earliest");
    }

    private static Situations discarding(Instant after) {
        return given()
                .created()
                .entry(new Entry.Approved(NOON.plusSeconds(50), Gate.DISCARD_WRITES, STREAM, "east-id", "lead", after))
                .stream(REPLICATING)
                .traffic(ON_ACTIVE)
                .examined(FINE);
    }

    @Test
    void r8AForeignFenceIsWatchedForItsWholeTimeOut() {
        Situations given =
                given().seen(NOON, REPLICATING, FENCED).stream(REPLICATING).traffic(FENCED);
        assertWatches(given.now(NOON.plusSeconds(180 + 60 + 60 - 1)).next());
        assertThat(given.now(NOON.plusSeconds(180 + 60 + 60)).next()).isEqualTo(FOREIGN_GATE);
    }

    @Test
    void r8ALaterRunWatchesAForeignFenceForItself() {
        Situations given =
                given().seen(NOON, REPLICATING, FENCED).entry(new Entry.Resumed(NOON.plusSeconds(1000), "test")).stream(
                                REPLICATING)
                        .traffic(FENCED);
        assertWatches(given.now(NOON.plusSeconds(1000 + 299)).next());
        assertThat(given.now(NOON.plusSeconds(1000 + 300)).next()).isEqualTo(FOREIGN_GATE);
    }

    @Test
    void r8AFirstPatchIsSentOnlyWithinTheFenceTimeOutAfterF() {
        Instant fence = NOON.plusSeconds(60);
        Situations given =
                given().ours().proven(fence).stream(REPLICATING, fence).traffic(FENCED);
        assertThat(given.now(NOON.plusSeconds(58 + 179)).next()).isInstanceOf(Action.Initiate.class);
        assertThat(given.now(NOON.plusSeconds(58 + 180)).next()).isInstanceOf(Action.Unfence.class);
    }

    @Test
    void i4AnAbortBeforeThePatchPutsTrafficBackAndEndsAsAborted() {
        Situations fenced = given().ours().entry(new Entry.AbortRequested(NOON.plusSeconds(59), "lead")).stream(
                        REPLICATING)
                .traffic(FENCED);
        assertUnfences(fenced, Outcome.ABORTED);
        assertFinish(
                given().created().entry(new Entry.AbortRequested(NOON.plusSeconds(59), "lead")).stream(REPLICATING)
                        .traffic(ON_ACTIVE),
                Outcome.ABORTED,
                "before the cutover");
    }

    @Test
    void i4AnAbortAfterThePatchSaysWhatGoesOn() {
        assertFinish(
                given()
                        .ours()
                        .proven(NOON)
                        .patched(Entry.Result.DONE)
                        .entry(new Entry.AbortRequested(NOON.plusSeconds(59), "lead"))
                        .stream(FAILING_OVER)
                        .traffic(FENCED),
                Outcome.IN_DOUBT,
                "goes on in the cloud");
    }

    @Test
    void i6ARunThatWasPuttingTrafficBackEndsAsItWasGoingTo() {
        Situations given = given()
                .ours()
                .entry(new Entry.GivingUp(NOON.plusSeconds(59), Outcome.TIMED_OUT, "Too late."))
                .entry(new Entry.Calling(NOON.plusSeconds(59), Call.UNFENCE, "edge-1"))
                .entry(new Entry.Resumed(NOON.plusSeconds(60), "test"))
                .stream(REPLICATING);
        assertUnfences(given.traffic(FENCED), Outcome.TIMED_OUT);
        assertFinish(given.traffic(ON_ACTIVE), Outcome.TIMED_OUT, "Too late.");
    }

    @Test
    void i6AClosedRecordStaysClosed() {
        assertFinish(
                given().entry(new Entry.Ended(NOON, Outcome.COMPLETED, "east serves."))
                        .traffic(ON_ACTIVE),
                Outcome.COMPLETED,
                "east serves.");
    }

    @Test
    void r5ARefusalThatNobodyTookIsRepeatedWithinTheFenceTimeOut() {
        Situations throttled = given().ours().proven(NOON).patched(Entry.Result.NOT_TAKEN).stream(REPLICATING, NOON)
                .traffic(FENCED);
        assertThat(throttled.next()).isInstanceOf(Action.Look.class);
        assertThat(throttled.now(NOON.plusSeconds(59 + 2)).next()).isInstanceOf(Action.Initiate.class);
        assertUnfences(throttled.now(NOON.plusSeconds(58 + 180)), Outcome.TIMED_OUT);
    }

    @Test
    void r5ARefusedPatchIsNoneForADouble() {
        assertUnfences(
                given().ours().proven(NOON).patched(Entry.Result.REFUSED).now(NOON.plusSeconds(59 + 60)).stream(
                                REPLICATING)
                        .streams(Clusters.live("west", "east", 8, STARTING))
                        .traffic(FENCED),
                Outcome.FAILED);
    }

    @Test
    void r4AReturnToAThatNobodyWatchedIsNotUndoneWithoutAsking() {
        Situations returned =
                given().ours().proven(NOON).patched(Entry.Result.DONE).resumed(NOON.plusSeconds(60)).stream(COMPLETED)
                        .traffic(ON_ACTIVE);
        assertThat(returned.next()).isEqualTo(HOME_GATE);
        assertThat(returned.seen(NOON.plusSeconds(60), COMPLETED, FENCED).next())
                .as("watched: a fence that opened")
                .isInstanceOf(Action.Fence.class);
    }

    @Test
    void aRunWithoutAProxyThatWasFencedIsRefusedAndLeavesTheRecordOpen() {
        Situations given = given().ours().entry(new Entry.Calling(NOON, Call.FENCE, "edge-2"));
        for (Traffic[] named : List.of(new Traffic[0], new Traffic[] {FENCED})) {
            assertFinish(
                    given.stream(REPLICATING).traffic(named), Outcome.USAGE, "edge-2, which this run was not told of");
        }
        assertThat(Outcome.USAGE.leavesRecordOpen()).isTrue();
    }

    @Test
    void aFenceThatWasFoundHasATimeOutToo() {
        Situations found =
                given().created().approved(Gate.CUT_OVER, STREAM, "east-id").seen(NOON, REPLICATING, FENCED).stream(
                                REPLICATING)
                        .traffic(FENCED);
        assertThat(found.next()).isEqualTo(new Action.ProveFence(STREAM));
        assertUnfences(found.now(NOON.plusSeconds(40 + 180)), Outcome.TIMED_OUT);
    }

    @Test
    void r2AnApprovalThatExpiresUnderTheFenceCountsForTheRunThatUsedItAlone() {
        Situations expired = given()
                .settings(settings ->
                        settings.toBuilder().gateLimit(Duration.ofSeconds(30)).build())
                .ours()
                .proven(NOON)
                .now(NOON.plusSeconds(120))
                .stream(REPLICATING, NOON)
                .traffic(FENCED);
        assertThat(expired.next()).isInstanceOf(Action.Initiate.class);
        assertUnfences(expired.resumed(NOON.plusSeconds(110)), null);
    }

    @ParameterizedTest
    @EnumSource(Traffic.class)
    void i5FenceAndReleaseAfterTheCutoverEndAtADeadline(Traffic traffic) {
        if (traffic != ON_ORIGINAL_PRIMARY) {
            assertFinish(
                    given()
                            .ours()
                            .proven(NOON)
                            .patched(Entry.Result.DONE)
                            .seen(NOON.plusSeconds(60), COMPLETED, FENCED)
                            .now(NOON.plusSeconds(60).plus(Duration.ofMinutes(30)))
                            .stream(COMPLETED)
                            .traffic(traffic),
                    Outcome.STRANDED,
                    "Release these proxies by hand");
        }
    }

    @ParameterizedTest
    @EnumSource(Traffic.class)
    void i5FencingUnderAnUnsettledPatchEndsAtADeadline(Traffic traffic) {
        assertFinish(
                given()
                        .ours()
                        .proven(NOON)
                        .patched(Entry.Result.UNKNOWN)
                        .now(NOON.plusSeconds(59).plus(Duration.ofMinutes(30)))
                        .stream(REPLICATING, NOON)
                        .traffic(traffic),
                Outcome.IN_DOUBT,
                "do not put it back on west");
    }

    @Test
    void i5BeforeThePatchAWayToPThatCannotBeClosedEndsAtADeadline() {
        assertUnfences(
                given().ours().now(NOON.plusSeconds(56 + 40 + 180)).stream(REPLICATING)
                        .traffic(ON_ORIGINAL_PRIMARY),
                Outcome.TIMED_OUT);
    }

    @Test
    void i6ALateRerunHasItsOwnDeadlines() {
        Instant late = NOON.plus(Duration.ofHours(5));
        assertThat(given()
                        .ours()
                        .proven(NOON)
                        .patched(Entry.Result.DONE)
                        .seen(NOON.plusSeconds(60), COMPLETED, FENCED)
                        .resumed(late)
                        .now(late.plusSeconds(1))
                        .stream(COMPLETED)
                        .traffic(FENCED)
                        .next())
                .isEqualTo(new Action.Release(List.of("edge-1")));
        assertThat(given().ours().proven(NOON).patched(null).resumed(late).now(late.plusSeconds(1)).stream(
                                REPLICATING, NOON)
                        .traffic(FENCED)
                        .next())
                .isEqualTo(new Action.ProveFence(STREAM));
        assertThat(given().ours().proven(NOON).patched(Entry.Result.DONE).resumed(late).now(late.plusSeconds(1)).stream(
                                FAILING_OVER)
                        .traffic(ON_ACTIVE)
                        .next())
                .isInstanceOf(Action.Fence.class);
        assertThat(given().created().seen(NOON, STARTING, ON_ACTIVE).resumed(late).now(late.plusSeconds(1)).stream(
                                STARTING)
                        .traffic(ON_ACTIVE)
                        .next())
                .isInstanceOf(Action.Await.class);
    }

    @Test
    void i6AfterACrashUnderTheFenceALateRerunUnfencesAndAsksGate2Anew() {
        Instant late = NOON.plus(Duration.ofMinutes(10));
        Situations crashed = given().ours().resumed(late).now(late.plusSeconds(1));
        assertUnfences(crashed.stream(REPLICATING).traffic(FENCED), null);

        assertThat(crashed.entry(new Entry.Calling(late, Call.UNFENCE, "edge-1"))
                        .entry(new Entry.Called(late, Call.UNFENCE, "edge-1", Entry.Result.DONE, ""))
                        .traffic(ON_ACTIVE)
                        .examined(FINE)
                        .next())
                .isEqualTo(GATE_2);
    }

    @Test
    void i6AFenceThatSomebodyTookAwayMeanwhileAsksGate2Anew() {
        Situations taken = given().ours()
                .resumed(NOON.plusSeconds(60))
                .seen(NOON.plusSeconds(60), REPLICATING, ON_ACTIVE)
                .now(NOON.plusSeconds(61));
        assertThat(taken.stream(REPLICATING).traffic(ON_ACTIVE).examined(FINE).next())
                .isEqualTo(GATE_2);
    }

    @Test
    void anUnfenceOfSomeProxiesIsNotOneOfAll() {
        Situations partly = given()
                .ours()
                .entry(new Entry.Calling(NOON.plusSeconds(57), Call.FENCE, "edge-2"))
                .entry(new Entry.GivingUp(NOON.plusSeconds(58), Outcome.TIMED_OUT, "Too late."))
                .entry(new Entry.Calling(NOON.plusSeconds(58), Call.UNFENCE, "edge-1"))
                .entry(new Entry.Calling(NOON.plusSeconds(58), Call.UNFENCE, "edge-2"))
                .entry(new Entry.Called(NOON.plusSeconds(58), Call.UNFENCE, "edge-1", Entry.Result.DONE, ""))
                .entry(new Entry.Called(NOON.plusSeconds(58), Call.UNFENCE, "edge-2", Entry.Result.UNKNOWN, ""))
                .stream(REPLICATING)
                .traffic(ON_ACTIVE, FENCED);
        assertThat(partly.now(NOON.plusSeconds(60)).next())
                .isInstanceOfSatisfying(Action.Unfence.class, unfence -> assertThat(unfence.proxies())
                        .containsExactly("edge-2"));
        assertFinish(partly.now(NOON.plusSeconds(58 + 120)), Outcome.STRANDED, "Proxy edge-2 is fenced");
        assertFinish(partly.traffic(ON_ACTIVE, ON_ACTIVE), Outcome.TIMED_OUT, "Traffic is on west");
    }

    @Test
    void r8APartialUnfenceOfAForeignFenceDoesNotAskAgain() {
        Situations partly = watched(given())
                .approved(Gate.FOREIGN_FENCE, STREAM, "west-id")
                .entry(new Entry.Calling(NOON.plusSeconds(395), Call.UNFENCE, "edge-1"))
                .entry(new Entry.Calling(NOON.plusSeconds(395), Call.UNFENCE, "edge-2"))
                .entry(new Entry.Called(NOON.plusSeconds(395), Call.UNFENCE, "edge-1", Entry.Result.DONE, ""))
                .entry(new Entry.Called(NOON.plusSeconds(396), Call.UNFENCE, "edge-2", Entry.Result.UNKNOWN, ""))
                .stream(REPLICATING);
        assertThat(partly.traffic(ON_ACTIVE, FENCED).next())
                .isInstanceOfSatisfying(Action.Unfence.class, unfence -> assertThat(unfence.proxies())
                        .containsExactly("edge-2"));
    }

    @Test
    void r5AnUnfenceThatTheStreamForbadeWasNone() {
        Situations forbidden = given()
                .ours()
                .entry(new Entry.Calling(NOON.plusSeconds(58), Call.UNFENCE, "edge-1"))
                .entry(new Entry.Called(
                        NOON.plusSeconds(58), Call.UNFENCE, "edge-1", Entry.Result.REFUSED, "cutting over"))
                .stream(COMPLETED)
                .traffic(FENCED);
        assertThat(forbidden.next())
                .as("somebody else cut over")
                .isInstanceOfSatisfying(Action.NoteLoss.class, loss -> assertThat(forbidden
                                .entry(new Entry.LossWindow(NOON.plusSeconds(60), loss.words()))
                                .next())
                        .as("still ours")
                        .isEqualTo(new Action.Release(List.of("edge-1"))));
    }

    @Test
    void whatFailedAMomentAgoIsNotDoneAgainAtOnce() {
        Situations refusing = given()
                .ours()
                .proven(NOON)
                .patched(Entry.Result.DONE)
                .entry(new Entry.Calling(NOON.plusSeconds(59), Call.RELEASE, "edge-1"))
                .entry(new Entry.Called(NOON.plusSeconds(59), Call.RELEASE, "edge-1", Entry.Result.UNKNOWN, "refused"))
                .stream(COMPLETED)
                .traffic(FENCED);
        assertThat(refusing.next()).isInstanceOf(Action.Look.class);
        assertThat(refusing.now(NOON.plusSeconds(61)).next()).isInstanceOf(Action.Release.class);
    }

    @Test
    void r6ACanceledDoubleHasErasedWhatTheOlderStreamHadBrought() {
        assertFinish(
                given().created().stream(REPLICATING)
                        .streams(Clusters.canceled("west", "east", 11, 12))
                        .traffic(ON_ACTIVE),
                Outcome.FAILED,
                "cancel this stream too");
    }

    @Test
    void i4NoRunEndsWhileAFenceThatWasNotAnsweredMayStillClose() {
        Situations late = given()
                .ours()
                .entry(new Entry.Called(
                        NOON.plusSeconds(40), Call.FENCE, "edge-1", Entry.Result.UNKNOWN, "not within 40 s"))
                .entry(new Entry.AbortRequested(NOON.plusSeconds(41), "lead"))
                .stream(REPLICATING);
        assertThat(late.traffic(ON_ACTIVE).now(NOON.plusSeconds(99)).next()).isInstanceOf(Action.Look.class);
        assertThat(late.traffic(FENCED).now(NOON.plusSeconds(99)).next()).isInstanceOf(Action.Unfence.class);
        assertFinish(late.traffic(ON_ACTIVE).now(NOON.plusSeconds(100)), Outcome.ABORTED, "Traffic is on west");
    }

    @Test
    void r1ARefusedPostIsNoCreation() {
        assertThat(given()
                        .entry(new Entry.Calling(NOON, Call.CREATE_REVERSE_STREAM, CREATION))
                        .entry(new Entry.Called(NOON, Call.CREATE_REVERSE_STREAM, CREATION, Entry.Result.REFUSED, "no"))
                        .stream(STARTING)
                        .traffic(ON_ACTIVE)
                        .examined(FINE)
                        .next())
                .isEqualTo(new Action.Adopt(STREAM));
    }

    @Test
    void r6AStreamThatWasCreatedAndDoesNotShowIsWaitedForByALaterRunToo() {
        Situations created = given().created().resumed(NOON.plusSeconds(30)).traffic(ON_ACTIVE);
        assertThat(created.next()).isInstanceOf(Action.Look.class);
        assertThat(created.traffic(UNKNOWN).next()).isInstanceOf(Action.Look.class);
        assertFinish(
                given().created().traffic(ON_ACTIVE).entry(new Entry.AbortRequested(NOON.plusSeconds(59), "lead")),
                Outcome.IN_DOUBT,
                "is erasing east");
    }

    @Test
    void i4AnAbortAtTheGateAfterTheCutoverEndsTheRun() {
        assertFinish(
                given()
                        .ours()
                        .proven(NOON)
                        .patched(Entry.Result.DONE)
                        .resumed(NOON.plusSeconds(59))
                        .entry(new Entry.AbortRequested(NOON.plusSeconds(59), "lead"))
                        .stream(COMPLETED)
                        .traffic(ON_ACTIVE),
                Outcome.IN_DOUBT,
                "Run again to move them");
        assertFinish(
                given().entry(new Entry.AbortRequested(NOON.plusSeconds(59), "lead")).stream(COMPLETED)
                        .traffic(ON_ACTIVE),
                Outcome.REFUSED,
                "The run was aborted");
    }

    @Test
    void i3ACutoverThatDidNotBeginBehindOurProvenFenceIsALossWindow() {
        for (StreamStatus status : List.of(FAILING_OVER, COMPLETED)) {
            Situations unproven =
                    given().ours().patched(Entry.Result.DONE).stream(status).traffic(FENCED);
            Situations bySomebodyElse =
                    given().ours().proven(NOON).stream(status).traffic(FENCED);
            for (Situations given : List.of(unproven, bySomebodyElse)) {
                assertThat(given.next()).isInstanceOfSatisfying(Action.NoteLoss.class, loss -> {
                    assertThat(loss.words()).contains("without a proof that everything written to west had arrived");
                    assertThat(given.entry(new Entry.LossWindow(NOON.plusSeconds(60), loss.words()))
                                    .next())
                            .as("once")
                            .isNotInstanceOf(Action.NoteLoss.class);
                });
            }
        }
    }

    @Test
    void r5ACanceledDoubleBesideACutoverPutsNothingBack() {
        assertFinish(
                given().ours().proven(NOON).patched(Entry.Result.DONE).stream(COMPLETED)
                        .streams(Clusters.canceled("west", "east", 11, 12))
                        .traffic(FENCED),
                Outcome.IN_DOUBT,
                "Find out which cluster has the data");
    }

    @Test
    void r7AnotherCutoverTimeThanTheOneThatWasAskedForIsRefused() {
        Situations asked = given().ours().proven(NOON).patched(Entry.Result.UNKNOWN).stream(REPLICATING, NOON)
                .traffic(FENCED)
                .now(NOON.plusSeconds(59 + 10));
        assertThat(asked.next()).isInstanceOf(Action.Initiate.class);
        assertFinish(
                asked.settings(settings ->
                        settings.toBuilder().failoverAt(NOON.minusSeconds(30)).build()),
                Outcome.USAGE,
                "which may take effect yet");
    }

    @Test
    void r0OfTwoReadingsOfAStreamTheOneFurtherInItsLifeCounts() {
        assertThat(given().stream(COMPLETED).stream(REPLICATING)
                        .traffic(ON_ACTIVE)
                        .next())
                .as("the other cluster's list was the older one")
                .isEqualTo(HOME_GATE);
    }

    @Test
    void aStreamThatOneListingDoesNotShowIsNotCreatedAgain() {
        Situations gone = given().created()
                .seen(NOON.plusSeconds(10), REPLICATING, ON_ACTIVE)
                .entry(new Entry.Seen(NOON.plusSeconds(60), null, null, null, null, ON_ACTIVE.words()))
                .traffic(ON_ACTIVE)
                .examined(FINE);
        assertThat(gone.next()).isInstanceOf(Action.Look.class);
        assertFinish(
                gone.now(NOON.plusSeconds(60).plus(Duration.ofMinutes(5))), Outcome.FAILED, "not in the list any more");
    }

    @Test
    void whatCouldNotBeReadIsReadAgainBeforeItRefuses() {
        Check unread = Check.fail(Observer.CAN_BE_READ, "Not every prerequisite could be read.", "Run again.");
        Situations given = given().traffic(ON_ACTIVE)
                .entry(new Entry.Examined(NOON.plusSeconds(60), List.of(unread)))
                .examined(unread);
        assertThat(given.next()).isInstanceOf(Action.Look.class);
        assertThat(given.now(NOON.plusSeconds(62)).next()).isEqualTo(new Action.Examine());
        assertFinish(given.now(NOON.plusSeconds(60 + 120)).examined(unread), Outcome.REFUSED, "Not every prerequisite");
    }

    @Nested
    class Blind {

        private Action next(Situations given) {
            return Runbook.next(given.blind(CLOUD_IS_AWAY));
        }

        private void assertEnds(Situations given, Outcome outcome, String words) {
            assertThat(next(given)).isInstanceOfSatisfying(Action.Finish.class, finish -> {
                assertThat(finish.outcome()).isEqualTo(outcome);
                assertThat(finish.message()).contains(words);
            });
        }

        private Situations since(Situations given) {
            return given.entry(new Entry.Blind(given.now(), "no answer"));
        }

        @Test
        void withNothingAtStakeItLooksForTenMinutes() {
            Situations given = since(given());
            assertThat(next(given.now(NOON.plusSeconds(60 + 599)))).isInstanceOf(Action.Look.class);
            assertEnds(given.now(NOON.plusSeconds(60 + 600)), Outcome.FAILED, "HTTP 503");
        }

        @Test
        void blindnessCountsFromItsBeginning() {
            Situations scanning = since(given().created().now(NOON.plus(Duration.ofHours(3))));
            assertThat(next(scanning)).isInstanceOf(Action.Look.class);
        }

        @Test
        void underTheFenceItIsStrandedAfterTheFenceTimeOutAndNamesTheProxies() {
            Situations given = since(given().ours()).traffic(FENCED);
            assertThat(next(given.now(NOON.plusSeconds(60 + 179)))).isInstanceOf(Action.Look.class);
            assertEnds(given.now(NOON.plusSeconds(60 + 180)), Outcome.STRANDED, "Proxy edge-1 is fenced");
        }

        @Test
        void afterThePatchAProxyThatOpenedIsClosedAgain() {
            Situations given = since(given().ours().proven(NOON).patched(Entry.Result.DONE))
                    .traffic(FENCED, ON_ACTIVE);
            String loss = "A proxy let clients back to west-id after the fence.";
            assertThat(next(given)).isEqualTo(new Action.Fence(List.of("edge-2"), loss));
            assertThat(next(given.entry(new Entry.LossWindow(given.now(), loss))))
                    .isEqualTo(new Action.Fence(List.of("edge-2"), null));
            assertThat(next(given.entry(
                            new Entry.Called(given.now(), Call.FENCE, "edge-2", Entry.Result.UNKNOWN, "no answer"))))
                    .isInstanceOf(Action.Look.class);
            assertEnds(
                    given.now(NOON.plusSeconds(60).plus(Duration.ofMinutes(30))),
                    Outcome.IN_DOUBT,
                    "do not put it back on west");
        }

        @Test
        void aRunThatTakesOverClosesWhatOpenedInPartAndAsksNobodyToLeaveA() {
            Situations patched = given().ours().proven(NOON).patched(Entry.Result.DONE);
            Situations resumed = since(patched.resumed(patched.now()));
            assertThat(next(resumed.traffic(FENCED, MIXED)))
                    .isInstanceOfSatisfying(Action.Fence.class, fence -> assertThat(fence.proxies())
                            .containsExactly("edge-2"));
            assertThat(next(resumed.traffic(ON_ACTIVE, ON_ACTIVE)))
                    .as("a person may have gone back")
                    .isInstanceOf(Action.Look.class);
            assertThat(next(resumed.traffic(FENCED, ON_ORIGINAL_PRIMARY))).isInstanceOf(Action.Look.class);
        }

        @Test
        void afterThePatchItWaitsAsLongAsForTheCutover() {
            Situations given = since(given().ours().proven(NOON).patched(Entry.Result.DONE))
                    .traffic(FENCED);
            assertThat(next(given.now(NOON.plusSeconds(60).plus(Duration.ofMinutes(29)))))
                    .isInstanceOf(Action.Look.class);
            assertEnds(
                    given.now(NOON.plusSeconds(60).plus(Duration.ofMinutes(30))),
                    Outcome.IN_DOUBT,
                    "do not put it back on west");
        }

        @Test
        void whatWasSeenCompletedIsReleased() {
            Situations completed =
                    since(given().ours().proven(NOON).patched(Entry.Result.DONE).seen(NOON, COMPLETED, FENCED));
            assertThat(next(completed.traffic(FENCED))).isEqualTo(new Action.Release(List.of("edge-1")));
            assertEnds(
                    completed.traffic(ON_ORIGINAL_PRIMARY).now(NOON.plusSeconds(60 + 180)),
                    Outcome.UNPROTECTED,
                    "clients are on east");
        }

        @Test
        void aReleaseThatIsRefusedAllTheTimeIsStrandedAtTheDeadline() {
            Situations refused = since(given().ours()
                            .proven(NOON)
                            .patched(Entry.Result.DONE)
                            .seen(NOON, COMPLETED, FENCED))
                    .entry(new Entry.Called(NOON, Call.RELEASE, "edge-1", Entry.Result.REFUSED, "no"))
                    .traffic(FENCED);
            assertThat(next(refused.now(NOON.plusSeconds(60).plus(Duration.ofMinutes(29)))))
                    .isEqualTo(new Action.Release(List.of("edge-1")));
            assertEnds(
                    refused.now(NOON.plusSeconds(60).plus(Duration.ofMinutes(30))),
                    Outcome.STRANDED,
                    "Proxy edge-1 is fenced");
        }

        @Test
        void aRefusedPatchLeavesTheFenceToBeTakenAway() {
            assertEnds(
                    since(given().ours().proven(NOON).patched(Entry.Result.REFUSED))
                            .traffic(FENCED)
                            .now(NOON.plusSeconds(60 + 180)),
                    Outcome.STRANDED,
                    "did not ask for a cutover");
        }

        @Test
        void anUnansweredCreationIsInDoubt() {
            Situations asked = since(given().entry(new Entry.Calling(NOON, Call.CREATE_REVERSE_STREAM, CREATION)));
            assertThat(next(asked)).isInstanceOf(Action.Look.class);
            assertEnds(asked.now(NOON.plusSeconds(60 + 300)), Outcome.IN_DOUBT, "is erasing");
        }

        @Test
        void anAbortEndsIt() {
            Entry abort = new Entry.AbortRequested(NOON.plusSeconds(60), "lead");
            assertEnds(since(given()).entry(abort), Outcome.ABORTED, "before the cutover");
            assertEnds(since(given().ours()).entry(abort).traffic(FENCED), Outcome.STRANDED, "edge-1");
            assertEnds(
                    since(given().ours().proven(NOON).patched(Entry.Result.DONE))
                            .entry(abort)
                            .traffic(FENCED),
                    Outcome.IN_DOUBT,
                    "do not put it back");
        }
    }

    /** Goals short of home: only the stream matters, and traffic is left alone. */
    @Nested
    class GoalsShortOfHome {

        private Situations with(Goal goal) {
            return given().settings(settings -> settings.toBuilder().goal(goal).build())
                    .traffic(ON_ACTIVE);
        }

        @Test
        void aStreamThatIsOnlyToBeCreatedIsCreatedBehindTheSameGate() {
            assertThat(with(Goal.STREAM_CREATED).examined(FINE).next()).isEqualTo(GATE_1);
            assertFinish(with(Goal.STREAM_CREATED).created().stream(STARTING), Outcome.COMPLETED, "goes on by itself");
        }

        @Test
        void aStreamThatIsToCatchUpIsWaitedFor() {
            assertThat(with(Goal.STREAM_CAUGHT_UP).created().stream(STARTING).next())
                    .isInstanceOf(Action.Await.class);
            assertFinish(with(Goal.STREAM_CAUGHT_UP).created().stream(REPLICATING), Outcome.COMPLETED, "has caught up");
        }

        @Test
        void whereTheStreamHasToBeThereNoneIsCreated() {
            assertFinish(with(Goal.HOME_WITH_THE_STREAM_THERE_IS), Outcome.REFUSED, "There is no reverse stream");
            assertThat(with(Goal.HOME_WITH_THE_STREAM_THERE_IS).stream(REPLICATING)
                            .examined(FINE)
                            .next())
                    .isEqualTo(new Action.Adopt(STREAM));
        }

        @Test
        void anInterruptedFailbackIsLeftToAWholeRun() {
            assertFinish(
                    with(Goal.STREAM_CREATED).ours().stream(REPLICATING).traffic(FENCED),
                    Outcome.USAGE,
                    "Run the whole failback");
            assertFinish(with(Goal.STREAM_CREATED).stream(FAILING_OVER), Outcome.REFUSED, "is cutting over");
            assertFinish(with(Goal.STREAM_CREATED).stream(COMPLETED), Outcome.REFUSED, "is home already");
        }
    }

    private static Situations scanning() {
        return given().created().stream(REPLICATING, null);
    }

    private static Situations lagging() {
        return given().created().stream(REPLICATING, NOON.minusSeconds(600));
    }

    /** Traffic was seen fenced for long enough. */
    private static Situations watched(Situations given) {
        return given.seen(NOON, REPLICATING, FENCED).now(NOON.plusSeconds(400));
    }

    private static void assertWatches(Action action) {
        assertThat(action).isInstanceOfSatisfying(Action.Look.class, look -> assertThat(look.why())
                .contains("fenced by somebody else"));
    }

    private static void assertUnfences(Situations given, Outcome thenEnd) {
        assertThat(given.next()).isInstanceOfSatisfying(Action.Unfence.class, unfence -> assertThat(unfence.thenEnd())
                .isEqualTo(thenEnd));
    }

    private static void assertFinish(Situations given, Outcome outcome, String words) {
        assertThat(given.next()).isInstanceOfSatisfying(Action.Finish.class, finish -> {
            assertThat(finish.outcome()).isEqualTo(outcome);
            assertThat(finish.message()).contains(words);
        });
    }
}
