package io.jenkins.plugins.cockroachdb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The library with the real runbook and steps, over HTTP to a simulated cloud, while clients write. */
class FailbackTest {

    @TempDir
    Path records;

    private Pair pair;
    private FailbackJob job;

    @BeforeEach
    void begin() {
        pair = new Pair();
        job = FailbackJob.ofLibrary(pair, records);
    }

    @AfterEach
    void end() throws Exception {
        pair.close();
    }

    /** Something happens when the build comes to a step for the first time, in a stage. */
    private void when(String stage, String step, Runnable happens) {
        boolean[] happened = {false};
        job.build.watchedBy(now -> {
            boolean isInStage = stage.isEmpty()
                    || (!job.build.stages().isEmpty()
                            && job.build
                                    .stages()
                                    .get(job.build.stages().size() - 1)
                                    .equals(stage));
            if (!happened[0] && isInStage && now.name.equals(step)) {
                happened[0] = true;
                happens.run();
            }
        });
    }

    private void abortAfter(Duration delay) {
        pair.time.schedule(() -> job.build.abort("alice"), delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Test
    void goesHomeThroughBothGates() throws Exception {
        assertThat(job.runAndAssertHolds()).isEqualTo("completed");

        assertThat(job.build.stages())
                .containsExactly(
                        "prerequisites",
                        "creating the stream",
                        "stream starting",
                        "first copy and catching up",
                        "approval to cut over",
                        "fence, and everything replicated",
                        "cutover",
                        "release of traffic");
        assertThat(job.inputs)
                .extracting(input -> input.parameter("message")
                        .toString()
                        .lines()
                        .findFirst()
                        .orElse(""))
                .containsExactly(
                        "May this run erase orders-east and copy orders-west to it?",
                        "May this run stop writes to orders-west and cut over to orders-east?");
        assertThat(job.record().entries())
                .filteredOn(Entry.Approved.class::isInstance)
                .extracting(entry -> ((Entry.Approved) entry).by())
                .containsExactly("lead", "lead");
        assertThat(pair.agents.given()).allMatch(agent -> agent.released);
    }

    @Test
    void withoutProxiesItGoesHomeAndNobodyStopsTheWriters() throws Exception {
        job.parameters.put("proxies", "");

        assertThat(FailbackJob.kind(job.run())).isEqualTo("completed");

        assertThat(pair.agents.given()).isEmpty();
        assertThat(pair.posts()).isEqualTo(1);
        assertThat(pair.patches()).isEqualTo(1);
    }

    // ---- Saved and loaded

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cockroachFailbackNext",
                "redirectProxy",
                "input",
                "cockroachFailbackCreateStream",
                "awaitStreamStatus",
                "initiateFailback",
                "stage",
                "node",
                "timeout",
                "echo"
            })
    void aBuildGoesOnInAFreshClassLoaderFrom(String step) throws Exception {
        job.build.reloadedAt(Build.step(step));

        assertThat(job.runAndAssertHolds()).isEqualTo("completed");
    }

    @Test
    void aBuildGoesOnInAFreshClassLoaderFromEveryPoint() throws Exception {
        job.build.reloadedAt(point -> true);

        assertThat(job.runAndAssertHolds()).isEqualTo("completed");
    }

    @Test
    void aBuildThatIsFencedGoesOnInAnotherProcess() throws Exception {
        job.build.continuedInASecondJvmAt(Build.step("initiateFailback"));

        assertThat(job.runAndAssertHolds()).isEqualTo("completed");
    }

    // ---- People

    @ParameterizedTest
    @CsvSource({
        "prerequisites, redirectProxy, aborted",
        "creating the stream, input, aborted",
        "creating the stream, cockroachFailbackNext, aborted",
        "creating the stream, cockroachFailbackCreateStream, inDoubt",
        "stream starting, awaitStreamStatus, aborted",
        "first copy and catching up, awaitStreamStatus, aborted",
        "first copy and catching up, node, aborted",
        "approval to cut over, input, aborted",
        "approval to cut over, node, aborted",
        "'fence, and everything replicated', redirectProxy, aborted",
        "'fence, and everything replicated', awaitStreamStatus, aborted",
        "'fence, and everything replicated', cockroachFailbackNext, aborted",
        "cutover, redirectProxy, aborted",
        "cutover, initiateFailback, inDoubt",
        "cutover, awaitStreamStatus, inDoubt",
        "release of traffic, redirectProxy, completed",
    })
    void anAbortEndsWithClientsWhereTheyBelong(String stage, String step, String outcome) throws Exception {
        when(stage, step, () -> abortAfter(Duration.ofMillis(10)));

        String kind = job.runAndAssertHolds();

        assertThat(kind).isEqualTo(outcome);
        if (kind.equals("inDoubt")) {
            job = FailbackJob.ofLibrary(pair, records);
            assertThat(job.runAndAssertHolds()).isEqualTo("completed");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aRefusalAtAGateEndsWithNothingChanged(int gate) throws Exception {
        job.people = input -> job.inputs.size() == gate ? FailbackJob.refuse() : job.approve(input);

        assertThat(job.runAndAssertHolds()).isEqualTo("refused");

        assertThat(pair.posts()).isEqualTo(gate - 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aGateThatNobodyPassesTimesOut(int gate) throws Exception {
        job.people = input -> job.inputs.size() == gate ? new CompletableFuture<>() : job.approve(input);

        assertThat(job.runAndAssertHolds()).isEqualTo("timedOut");
    }

    @Test
    void anApprovalThatLaterIsOutOfDateIsAskedForAgain() throws Exception {
        when("approval to cut over", "node", () -> {
            pair.agents.vanish();
            pair.time.schedule(pair.agents::comeBack, 90, TimeUnit.MINUTES);
        });

        assertThat(job.runAndAssertHolds()).isEqualTo("completed");

        assertThat(job.inputs).hasSize(3);
    }

    @Test
    void aWrongNameApprovesNothing() throws Exception {
        job.people =
                input -> job.inputs.size() <= 2 ? job.type("orders-west", "lead") : job.type("orders-east", "lead");

        assertThat(job.runAndAssertHolds()).isEqualTo("completed");

        assertThat(job.inputs).hasSize(4);
        assertThat(job.build.log())
                .filteredOn(line -> line.equals("'orders-west' is not the name of the cluster. Nothing was approved."))
                .hasSize(2);
    }

    @Test
    void whoStartedTheBuildDoesNotApproveIt() throws Exception {
        job.parameters.put("approverIsNotStarter", true);
        job.people = input -> job.type("orders-east", "Starter");

        assertThat(job.runAndAssertHolds()).isEqualTo("timedOut");

        assertThat(pair.posts()).isZero();
    }

    // ---- Agents and proxies

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAgentThatIsLostWhileFencedIsReplacedByAnother(boolean refusesToBegin) throws Exception {
        job.refusesLostAgents = refusesToBegin;
        when("fence, and everything replicated", "awaitStreamStatus", pair.agents::loseThoseInUse);

        assertThat(job.runAndAssertHolds()).isEqualTo("completed");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAgentThatIsLostDuringTheCutoverIsReplacedByAnother(boolean refusesToBegin) throws Exception {
        job.refusesLostAgents = refusesToBegin;
        when("cutover", "awaitStreamStatus", pair.agents::loseThoseInUse);

        assertThat(job.runAndAssertHolds()).isEqualTo("completed");
    }

    @Test
    void withoutAnyAgentAFenceIsStrandedAndTheLogTellsHowToGoOn() throws Exception {
        when("fence, and everything replicated", "awaitStreamStatus", () -> {
            pair.agents.vanish();
            pair.agents.loseThoseInUse();
        });

        assertThat(job.runAndAssertHolds()).isEqualTo("stranded");

        assertThat(job.build.log()).anySatisfy(line -> assertThat(line)
                .contains("PRIMARY_CLUSTER_ID=" + pair.scene.originalPrimaryId())
                .contains("bin/failback full --proxy '" + pair.description() + "'"));
    }

    @Test
    void aProxyThatCannotBeFencedEndsTheRunWithClientsOnA() throws Exception {
        pair.proxy.refuse("fence");

        assertThat(job.runAndAssertHolds()).isEqualTo("timedOut");
    }

    @Test
    void aProxyThatCannotBeReleasedLeavesTheRunOpenAndTheNextOneGoesHome() throws Exception {
        job.parameters.put("cutoverTimeoutMinutes", 2);
        pair.proxy.refuse("release");
        assertThat(job.runAndAssertHolds()).isIn("stranded", "inDoubt");

        pair.proxy.refuse("");
        job = FailbackJob.ofLibrary(pair, records);
        assertThat(job.runAndAssertHolds()).isEqualTo("completed");
    }

    // ---- The cloud

    @ParameterizedTest
    @CsvSource({"CREATE_STREAM, 1", "UPDATE_STREAM, 1"})
    void anAnswerThatNeverComesIsLookedFor(Operation operation, int occurrence) throws Exception {
        pair.faults.on(operation, occurrence, Fault.of(FaultKind.RESET_AFTER_EFFECT));

        assertThat(job.runAndAssertHolds()).isEqualTo("completed");
    }

    @ParameterizedTest
    @CsvSource({
        "creating the stream, cockroachFailbackCreateStream, failed, completed",
        "stream starting, awaitStreamStatus, failed, completed",
        "first copy and catching up, awaitStreamStatus, failed, completed",
        "approval to cut over, input, failed, completed",
        "'fence, and everything replicated', awaitStreamStatus, stranded, completed",
        "cutover, initiateFailback, stranded, failed", // the refusal of the cutover is definite: clients are put back
        "cutover, awaitStreamStatus, inDoubt, completed",
        "release of traffic, redirectProxy, stranded, completed",
    })
    void aKeyThatIsRevokedEndsTheRunAndTheNextOneGoesOnWithAnother(
            String stage, String step, String outcome, String outcomeOfTheNext) throws Exception {
        job.parameters.put("cutoverTimeoutMinutes", 2);
        when(stage, step, () -> pair.cloud.revokeKey(pair.scene.key()));

        assertThat(job.runAndAssertHolds()).isEqualTo(outcome);

        pair.cloud.addKey(pair.scene.key(), Role.CLUSTER_ADMIN);
        job = FailbackJob.ofLibrary(pair, records);
        assertThat(job.runAndAssertHolds()).isEqualTo(outcomeOfTheNext);
    }

    @ParameterizedTest
    @CsvSource({
        "first copy and catching up, awaitStreamStatus",
        "approval to cut over, input",
        "'fence, and everything replicated', awaitStreamStatus",
        "cutover, redirectProxy",
    })
    void aStreamThatIsCanceledEndsTheRunWithClientsOnA(String stage, String step) throws Exception {
        when(stage, step, () -> pair.byHand("CANCELED"));

        assertThat(job.runAndAssertHolds()).isEqualTo("failed");
    }

    @Test
    void aRefusedProtectionMakesTheBuildUnstableAndLeavesClientsHome() throws Exception {
        job.parameters.put("reProtect", true);
        job.people = input -> job.inputs.size() == 3 ? FailbackJob.refuse() : job.approve(input);

        assertThat(job.runAndAssertHolds()).isEqualTo("unprotected");

        assertThat(job.build.currentBuild().getResult()).isEqualTo("UNSTABLE");
        assertThat(job.build.stages()).endsWith("release of traffic", "new forward stream");
    }

    // ---- Killed and run again

    @ParameterizedTest
    @CsvSource({
        "creating the stream, cockroachFailbackCreateStream",
        "first copy and catching up, awaitStreamStatus",
        "'fence, and everything replicated', awaitStreamStatus",
        "cutover, initiateFailback",
        "cutover, awaitStreamStatus",
        "release of traffic, redirectProxy",
    })
    void anotherBuildGoesOnWhereOneWasLost(String stage, String step) throws Exception {
        when(stage, step, () -> {
            throw new Killed();
        });
        try {
            job.run();
            throw new AssertionError("was not killed");
        } catch (Killed e) {
            pair.time.advance(Duration.ofSeconds(20));
        }

        job = FailbackJob.ofLibrary(pair, records);

        assertThat(job.runAndAssertHolds()).isEqualTo("completed");
    }

    @Test
    void aBuildThatComesBackAfterSomebodyElseHasFinishedUnfencesNothing() throws Exception {
        when("fence, and everything replicated", "awaitStreamStatus", () -> {
            pair.time.advance(Duration.ofMinutes(2)); // Jenkins is gone, and everything is replicated
            pair.finishByHand();
        });

        assertThat(job.runAndAssertHolds()).isEqualTo("completed");

        assertThat(pair.patches()).as("PATCHes of the build").isZero();
        assertThat(job.build.performed())
                .filteredOn(step -> step.name.equals("redirectProxy"))
                .extracting(step -> step.parameter("action"))
                .doesNotContain("unfence", "release");
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
