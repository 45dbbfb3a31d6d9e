package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.model.BooleanParameterValue;
import hudson.model.ParametersAction;
import hudson.model.Queue;
import hudson.model.Result;
import hudson.model.StringParameterValue;
import hudson.model.TextParameterValue;
import hudson.model.User;
import hudson.model.queue.QueueTaskFuture;
import hudson.security.ACL;
import hudson.security.ACLContext;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The job of the repository is aborted while it asks, and another build waits for its end. */
class FailbackAbortTest extends OnJenkins {

    private WorkflowJob job;

    @BeforeEach
    void makeTheForm() throws Exception {
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        CloudConfiguration.get().setSimulatedTimeScale(600);
        CloudConfiguration.get().setSimulated(true);
        job = jenkins.jenkins.createProject(WorkflowJob.class, "failback");
        job.setDefinition(new CpsFlowDefinition(Files.readString(Path.of("../Jenkinsfile")), true));
        jenkins.assertBuildStatus(Result.NOT_BUILT, job.scheduleBuild2(0));
    }

    @Test
    void atTheThirdGateTheyAreHomeAndStay() throws Exception {
        WorkflowRun run = build(true).waitForStart();
        OpenGates.approveUntil(jenkins, job.getName(), SimulatedPair.ORIGINAL_PRIMARY, "May this run erase orders-west");
        OpenGates.awaitOne(jenkins, job.getName());
        stop(run);

        jenkins.waitForCompletion(run);
        assertThat(run.getDescription()).startsWith("unprotected: ");
        jenkins.assertLogContains("Traffic: edge on P.", run);
        assertThat(sent()).containsExactly("POST", "TRAFFIC", "PATCH", "TRAFFIC");
    }

    @ParameterizedTest
    @EnumSource(
            value = Gate.class,
            names = {"ERASE", "CUT_OVER"})
    void clientsStayOnTheActiveCluster(Gate gate) throws Exception {
        WorkflowRun run = build(false).waitForStart();
        if (gate == Gate.CUT_OVER) {
            OpenGates.approve(jenkins, job.getName(), SimulatedPair.ORIGINAL_PRIMARY);
        }
        OpenGates.awaitOne(jenkins, job.getName());
        QueueTaskFuture<WorkflowRun> second = build(false);
        await().atMost(Duration.ofMinutes(1))
                .until(() -> Queue.getInstance().getItem(job) instanceof Queue.BlockedItem);
        stop(run);

        WorkflowRun next = second.waitForStart();
        jenkins.assertBuildStatus(Result.ABORTED, run);
        assertThat(run.getDescription()).startsWith("aborted: ");
        jenkins.assertLogContains("Aborted by lead", run);
        jenkins.assertLogContains("Traffic: edge on A.", run);
        List<Entry> record = FailbackJobTest.record(run);
        assertThat(record)
                .filteredOn(Entry.Asked.class::isInstance)
                .last()
                .isInstanceOfSatisfying(
                        Entry.Asked.class, asked -> assertThat(asked.gate()).isEqualTo(gate));
        assertThat(record).last().isInstanceOfSatisfying(Entry.Ended.class, end -> assertThat(end.outcome())
                .isEqualTo(Outcome.ABORTED));
        assertThat(sent()).containsExactlyElementsOf(gate == Gate.CUT_OVER ? List.of("POST") : List.of());
        OpenGates.awaitOne(jenkins, job.getName());
        stop(next);
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(next));
    }

    /** As a person does. */
    private static void stop(WorkflowRun run) {
        try (ACLContext lead = ACL.as2(User.getById("lead", true).impersonate2())) {
            run.doStop();
        }
    }

    private QueueTaskFuture<WorkflowRun> build(boolean reProtect) {
        return job.scheduleBuild2(
                0,
                new ParametersAction(
                        new StringParameterValue("activeClusterId", SimulatedPair.ACTIVE_ID),
                        new StringParameterValue("originalPrimaryClusterId", SimulatedPair.ORIGINAL_PRIMARY_ID),
                        new StringParameterValue("cloud", "simulated"),
                        new BooleanParameterValue("reProtect", reProtect),
                        new TextParameterValue(
                                "proxies",
                                "simulated:edge?primary=" + SimulatedPair.ORIGINAL_PRIMARY_ID + "&standby="
                                        + SimulatedPair.ACTIVE_ID)));
    }

    /** What the cloud, or the proxy, was told to change. */
    private List<String> sent() throws Exception {
        return SimulatedJournal.changes(jenkins.jenkins.getRootDir());
    }
}
