package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import io.jenkins.plugins.cockroachdb.simulator.StreamStatus;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Giving a failback up. */
class CancelTest extends DrivenPair {

    @Test
    void theNameTypedRightCancelsTheStreamAndEndsTheFailback() throws IOException {
        String stream = addLiveStream();
        Run run = run(typing("orders-east"), "cancel");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.out())
                .contains("Outcome: completed. The reverse stream " + stream, "is canceled.", "Record: " + records());
        assertWritesSent(0, 1);
        assertThat(record(1).end().map(Entry.Ended::outcome)).contains(Outcome.ABORTED);
    }

    @Test
    void afterItAFailbackBeginsAnew() {
        addLiveStream();
        assertThat(run("cancel", "--yes").exitCode()).isZero();
        Run run = run("full", "--yes");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertWritesSent(1, 2);
    }

    @Test
    void anotherNameRefuses() throws IOException {
        addLiveStream();
        Run run = run(typing("orders-west", "yes", "y"), "cancel");
        assertThat(run.exitCode()).isEqualTo(3);
        assertWritesSent(0, 0);
        assertThat(record(1).end().map(Entry.Ended::outcome)).contains(Outcome.REFUSED);
    }

    @Test
    void withoutATerminalItNamesTheCommand() {
        addLiveStream();
        Run run = run("cancel");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("in advance: failback cancel --yes");
        assertWritesSent(0, 0);
    }

    @Test
    void withoutAStreamThereIsNothingToCancel() {
        Run run = run("cancel", "--yes");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("There is no reverse stream from orders-west to orders-east to cancel.");
    }

    @Test
    void aStreamThatStartsCannotBeCanceledYet() throws IOException {
        start(CloudSettings.defaults());
        scene.cloud().addStream(StreamSpec.live(scene.activeId(), scene.originalPrimaryId(), time.instant()));
        Run run = run("cancel", "--yes");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("is STARTING, and can be canceled only once it is REPLICATING");
        assertWritesSent(0, 0);
    }

    @Test
    void aCompletedStreamIsTooLate() {
        assertThat(run("full", "--yes").exitCode()).isZero();
        Run run = run("cancel", "--yes");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("is COMPLETED");
        assertWritesSent(1, 1);
    }

    @Test
    void aFailbackThatAskedForTheCutoverIsNotCanceled() throws IOException {
        String stream = addLiveStream();
        try (RecordFile record = openRecord()) {
            record.append(new Entry.Calling(time.instant(), Call.INITIATE_CUTOVER, stream));
        }
        Run run = run("cancel", "--yes");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("The cutover was asked for", "Finish this failback first: failback full");
        assertWritesSent(0, 0);
        assertThat(record(1).end()).isEmpty();
    }

    @Test
    void aFailbackWithAStandingFenceIsNotCanceled() throws IOException {
        addLiveStream();
        try (RecordFile record = openRecord()) {
            record.append(new Entry.Calling(time.instant(), Call.FENCE, "edge"));
        }
        Run run = run("cancel", "--yes");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("Traffic is fenced for the cutover: edge.");
        assertWritesSent(0, 0);
    }

    @Test
    void anotherRunOnThePairKeepsItAway() throws IOException {
        addLiveStream();
        try (RecordFile held = openRecord()) {
            assertThat(run("cancel", "--yes").exitCode()).isEqualTo(3);
            assertThat(held.record().entries()).hasSize(1);
        }
        assertThat(endpoint.log()).isEmpty();
    }

    @Test
    void ofTwoLiveStreamsOneIsNamed() throws IOException {
        start(CloudSettings.defaults()
                .fasterBy(10_000)
                .withRateLimitPerSecond(1000)
                .withRefuseSecondLiveStream(false));
        addLiveStream();
        String second = addLiveStream();
        Run refused = run("cancel", "--yes");
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.out()).contains("There are 2 live reverse streams", "Set PCR_STREAM_ID");

        environment.put("PCR_STREAM_ID", second);
        Run run = run("cancel", "--yes");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.out()).contains("The reverse stream " + second);
        assertWritesSent(0, 1);
    }

    @ParameterizedTest
    @EnumSource(
            value = FaultKind.class,
            names = {"RESET_AFTER_EFFECT", "INTERNAL_ERROR", "MALFORMED_BODY", "EMPTY_BODY"})
    void anUnknownFateIsSettledByReading(FaultKind kind) {
        addLiveStream();
        faults.on(Operation.UPDATE_STREAM, 1, Fault.of(kind));
        Run run = run("cancel", "--yes");
        assertThat(run.exitCode()).as(run.output()).isEqualTo(kind.hasEffect() ? 0 : 5);
        assertThat(run.out()).contains(kind.hasEffect() ? "is canceled" : "Nobody knows whether");
        assertWritesSent(0, 1);
    }

    @Test
    void aRefusalByTheCloudFailsAndLeavesTheStream() {
        String stream = addLiveStream();
        faults.on(Operation.UPDATE_STREAM, 1, Fault.of(FaultKind.TOO_MANY_REQUESTS));
        Run run = run("cancel", "--yes");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(scene.cloud().status(stream)).isEqualTo(StreamStatus.REPLICATING);
        assertWritesSent(0, 1);
    }

    @Test
    void aCloudThatCannotBeReadFails() {
        scene.cloud().revokeKey(scene.key());
        assertThat(run("cancel", "--yes").exitCode()).isEqualTo(1);
    }
}
