package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import io.jenkins.plugins.cockroachdb.simulator.StreamStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A failback in parts, as the guide of the Python CLI has it: create-stream, initiate, setup. */
class StepByStepTest extends DrivenPair {

    @Test
    void createStreamEndsOnceTheStreamIsThereAndTellsHowToGoOn() {
        Run run = run(typing("orders-east"), "create-stream");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.err())
                .contains("To come: create the stream from orders-west to orders-east")
                .doesNotContain("To come: cut over");
        assertThat(run.out()).contains("Outcome: completed.", "To go on: failback initiate");
        assertWritesSent(1, 0);
    }

    @Test
    void createStreamFindsTheStreamThereIs() {
        String stream = addLiveStream();
        Run run = run("create-stream");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output()).contains(stream);
        assertWritesSent(0, 0);
    }

    @Test
    void initiateNeverCreatesAStream() {
        Run run = run("initiate", "--yes");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("Outcome: refused.");
        assertWritesSent(0, 0);
    }

    @Test
    void createStreamAndThenInitiateLeadHome() {
        assertThat(run("failback", "create-stream", "--yes").exitCode()).isZero();
        Run run = run(typing("orders-east"), "failback", "initiate", "--failover-at=latest");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertWritesSent(1, 1);
    }

    @Test
    void setupErasesTheClusterThatIsNotThePrimaryAndWaitsForIt() {
        assertThat(run("full", "--yes").exitCode()).isZero();

        Run run = run(typing("orders-west"), "setup");

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(prompts).singleElement().asString().contains("orders-west");
        assertThat(run.err()).contains("To come: create the stream from orders-east to orders-west, which erases");
        List<String> forward = scene.cloud().streamIds(scene.originalPrimaryId(), scene.activeId());
        assertThat(scene.cloud().status(forward.get(forward.size() - 1))).isEqualTo(StreamStatus.REPLICATING);
        assertWritesSent(2, 1);
        assertThat(records(scene.activeId(), scene.originalPrimaryId())).isNotEmptyDirectory();
    }

    @Test
    void setupTakesTheIdsOfItsOptionsAndNoKey() {
        assertThat(run("full", "--yes").exitCode()).isZero();
        environment.remove("PRIMARY_CLUSTER_ID");
        environment.remove("STANDBY_CLUSTER_ID");

        Run run = run(
                "setup",
                "--primary",
                scene.originalPrimaryId(),
                "--secondary",
                scene.activeId(),
                "--no-monitor",
                "--yes");

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertWritesSent(2, 1);
        assertThat(run("setup", "--help").out())
                .contains("--standby", "--max-wait")
                .doesNotContain("key");
    }

    @Test
    void setupBeforeTheFailbackWouldEraseTheClusterThatServesAndIsRefused() {
        Run run = run("setup", "--yes");
        assertThat(run.exitCode()).as(run.output()).isEqualTo(3);
        assertWritesSent(0, 0);
    }

    @Test
    void setupWaitsNoLongerThanItWasToldTo() throws IOException {
        start(CloudSettings.defaults()
                .fasterBy(10_000)
                .withInitialScan(Duration.ofHours(1))
                .withRateLimitPerSecond(1000));
        String east = scene.originalPrimaryId();
        String west = scene.activeId();
        Instant now = time.instant();
        scene.cloud().addStream(StreamSpec.completed(west, east, now.minusSeconds(7200), now.minusSeconds(3600)));
        Run run = run("setup", "--max-wait=10", "--yes");
        assertThat(run.exitCode()).as(run.output()).isEqualTo(4);
        assertThat(run.out()).contains("Outcome: timedOut.", "To go on: failback setup --max-wait=10 --yes");
        assertWritesSent(1, 0);
    }

    @Test
    void setupTakesNoTimeThatMakesNoSense() {
        Run run = run("setup", "--max-wait=0");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--max-wait is 0");
    }
}
