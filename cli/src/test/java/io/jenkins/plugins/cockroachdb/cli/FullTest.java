package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole failbacks: gates, exit codes, the record, the report. */
class FullTest extends DrivenPair {

    @Test
    void withoutATerminalAGateRefusesAndNamesTheCommand() throws IOException {
        environment.put("FAILBACK_PROGRAM", "bin/failback");
        Run run = run("full", "--max-lag=60");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("Outcome: refused. ", "Nobody could be asked.", "Record: " + records());
        assertThat(run.err()).contains("which erases orders-east", "in advance: bin/failback full --max-lag=60 --yes");
        assertThat(record(1).end().map(Entry.Ended::outcome)).contains(Outcome.REFUSED);
        assertWritesSent(0, 0);
    }

    @Test
    void aWrongNameIsAskedForAgainTwice() {
        Run run = run(typing("orders-west", "y", "Orders-East"), "full");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(prompts).hasSize(3);
        assertThat(run.output()).doesNotContain("--yes");
        assertWritesSent(0, 0);
    }

    @Test
    void nothingTypedRefusesAtOnce() {
        assertThat(run(typing(""), "full").exitCode()).isEqualTo(3);
        assertThat(prompts).singleElement().asString().contains("orders-east");
    }

    @Test
    void theEndOfInputRefusesToo() {
        assertThat(run(typing(), "full").exitCode()).isEqualTo(3);
    }

    @Test
    void bothNamesTypedRightLeadHome() throws IOException {
        environment.put("USER", "lead");
        Run run = run(typing("orders-west", "orders-east", "orders-east"), "full");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(prompts).hasSize(3);
        assertThat(run.err())
                .containsSubsequence(
                        "Gate: May this run erase orders-east and copy orders-west to it?",
                        "PASS  last failover",
                        "WARN  who serves: No proxy was named, so nobody proved",
                        "To come: create the stream from orders-west to orders-east, which erases orders-east (POST",
                        "To come: no fence",
                        "To come: cut over",
                        "Approved by lead",
                        "Gate: May this run cut over to orders-east?",
                        "replicated up to 20",
                        "lag ",
                        "Last measured write pause: unknown.",
                        "nobody proved who serves",
                        "To come: cut over to the latest time (PATCH");
        assertThat(run.out()).contains("Outcome: completed.", "traffic unknown");
        assertWritesSent(1, 1);
        assertThat(records().resolve("000001.html")).content().contains("completed");
        assertThat(records().resolve("000001.md")).content().contains("completed");
        assertThat(run.out()).contains("Report: " + records().resolve("000001.html"), "Who serves: orders-east in us-");
    }

    @Test
    void whoeverIsToBeNotifiedIsCalledWithTheOutcomeAndWithoutTheKey() throws IOException {
        Path hook = directory.resolve("hook");
        Files.writeString(
                hook,
                """
                #!/bin/sh
                echo "$1 $FAILBACK_EXIT_CODE for $FAILBACK_ORIGINAL_PRIMARY"
                env > hook.environment
                """);
        Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
        environment.put("FAILBACK_NOTIFY", "hook");
        assertThat(run("full").out()).contains("The notification hook says: refused 3 for orders-east");
        assertThat(directory.resolve("hook.environment")).content().contains("FAILBACK_RECORD=" + records());
    }

    @Test
    void aNotificationThatCannotBeSentIsAWrongSetting() {
        Run run = run("full", "--yes", "--notify", "missing");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("missing does not exist");
        assertThat(endpoint.log()).isEmpty();
    }

    @Test
    void theWordOrderOfThePythonCliWorks() {
        Run run = run("failback", "full");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("Gate: May this run erase");
    }

    @Test
    void anInterruptedRunGoesOnFromItsRecordWithTheStreamThatIsNamedAndAsksNobody() throws IOException {
        openRecord().close();
        environment.put("PCR_STREAM_ID", addLiveStream());

        Run run = run("full", "--yes");

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.err()).contains("Using the live stream", "Approved by --yes");
        assertWritesSent(0, 1);
        assertThat(record(1).end()).isPresent();
        assertThat(records().resolve("000002.jsonl")).doesNotExist();
    }

    @Test
    void aRecordThatAnotherRunHoldsIsLeftAlone() throws IOException {
        try (RecordFile held = openRecord()) {
            Run run = run("full", "--yes");
            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.out()).contains("Outcome: refused. Another run is at work");
            assertThat(held.record().end()).isEmpty();
        }
        assertThat(endpoint.log()).isEmpty();
    }

    @Test
    void anotherStreamThanTheNamedOneIsNotUsed() {
        addLiveStream();
        environment.put("PCR_STREAM_ID", "another");
        Run run = run("full", "--yes");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("PCR_STREAM_ID is another, and there is no such stream. Nothing was done.");
        assertWritesSent(0, 0);
        assertThat(records()).doesNotExist();
    }

    @Test
    void theForwardStreamThatThePythonCliNamesForFailoversIsLeftAside() {
        environment.put(
                "PCR_STREAM_ID",
                scene.cloud()
                        .streamIds(scene.originalPrimaryId(), scene.activeId())
                        .get(0));
        Run run = run("full", "--yes");
        assertThat(run.exitCode()).as(run.output()).isZero();
    }

    @Test
    void rolesThatAreExchangedChangeNothing() {
        environment.put("PRIMARY_CLUSTER_ID", scene.activeId());
        environment.put("STANDBY_CLUSTER_ID", scene.originalPrimaryId());
        assertThat(run("full", "--yes").out()).contains("the two cluster ids are exchanged");
        assertWritesSent(0, 0);
    }

    @Test
    void aRejectedKeyFails() {
        scene.cloud().revokeKey(scene.key());
        Run run = run("full", "--yes");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("Outcome: failed.");
    }

    @Test
    void theNextRunLeavesTheReportOfThisOneAsItIs() throws IOException {
        run("full", "--yes");
        String report = Files.readString(records().resolve("000001.html"));
        Run again = run("full", "--yes");
        assertThat(again.out()).contains("already home", "Report: " + records().resolve("000002.html"));
        assertThat(records().resolve("000001.html")).content().isEqualTo(report);
    }

    @Test
    void aReportThatCannotBeWrittenIsToldAndChangesNothingElse() throws IOException {
        Files.createDirectories(records().resolve("000001.html"));
        Run run = run("full", "--yes");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Outcome: completed.", "The report could not be written", "Record: ");
    }

    @Test
    void onlyItsOwnerCanLookIntoTheDirectoryOfTheRecord() throws IOException {
        run("full", "--state-dir", "here/and/there");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("here/and/there"))))
                .isEqualTo("rwx------");
        assertThat(directory
                        .resolve("here/and/there")
                        .resolve(scene.originalPrimaryId() + "_" + scene.activeId())
                        .resolve("000001.jsonl"))
                .isRegularFile();
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
        Files.writeString(directory.resolve("file"), "");
        Run run = run("full", "--state-dir", "file");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("cannot be made", "--state-dir");
        assertThat(endpoint.log()).isEmpty();
    }

    @Test
    void withoutAHomeTheRecordsNeedAPlace() {
        environment.remove("XDG_STATE_HOME");
        Run run = run("full");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--state-dir");
        assertThat(endpoint.log()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--max-lag=0",
                "--failover-at=soon",
                "--gate-timeout=-1",
                "--start-timeout=x",
                "--output=xml",
                "--cutover-timeout=0"
            })
    void whatMakesNoSenseIsAWrongArgument(String option) {
        Run run = run("full", option);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(option.substring(0, option.indexOf('=')));
        assertThat(endpoint.log()).isEmpty();
    }

    @Test
    void aCutoverTimeThatIsMissingIsAWrongSetting() {
        environment.put("FAILOVER_TO_LATEST", "false");
        Run run = run("full", "--yes");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("FAILOVER_AT_TIMESTAMP is not set");
    }

    @Test
    void aCutoverTimeInThePastHasAGateOfItsOwnAndIsSent() {
        String stream = addLiveStream();
        environment.put("FAILOVER_TO_LATEST", "False");
        environment.put("FAILOVER_AT_TIMESTAMP", time.instant().minusSeconds(5).toString());
        Run run = run("full", "--yes");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.err())
                .contains("Gate: May this run discard every write to orders-west after "
                        + environment.get("FAILOVER_AT_TIMESTAMP"));
        assertThat(endpoint.received(Operation.UPDATE_STREAM)).isEqualTo(1);
        assertThat(stream).isNotEmpty();
    }

    @Test
    void aNewForwardStreamIsApprovedInAdvanceOnlyWhereItIsAskedFor() {
        // Without proxies a loss cannot be excluded, so the cluster that was active is never erased.
        Run run = run("full", "--yes", "--re-protect");
        assertThat(run.exitCode()).isEqualTo(8);
        assertThat(run.out()).contains("Outcome: unprotected.");
        assertWritesSent(1, 1);
    }
}
