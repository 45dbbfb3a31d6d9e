package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.model.Result;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import java.time.Duration;
import java.util.List;
import jenkins.plugins.git.GitSampleRepoRule;
import jenkins.plugins.git.junit.jupiter.GitSampleRepoExtension;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.flow.FlowExecution;
import org.jenkinsci.plugins.workflow.graph.AtomNode;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;

/** Jenkins is shut down and started again in the middle of a whole failback. */
@ExtendWith(GitSampleRepoExtension.class)
class FailbackRestartTest {

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    private GitSampleRepoRule repository;

    @BeforeEach
    void take(GitSampleRepoRule given) {
        repository = given;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Waiting for stream", "After fence", "is FAILING_OVER"})
    void theNextJenkinsFinishesIt(String moment) throws Throwable {
        sessions.then(jenkins -> {
            CloudConfiguration.get().setSimulatedTimeScale(60);
            CloudConfiguration.get().setSimulated(true);
            WorkflowJob job = jenkins.createProject(WorkflowJob.class, "failback");
            job.setDefinition(new CpsFlowDefinition(
                    "@Library('cockroachdb-failback') _\n"
                            + "def end = cockroachFailback(cloud: 'simulated', activeClusterId: '"
                            + SimulatedPair.ACTIVE_ID + "', originalPrimaryClusterId: '"
                            + SimulatedPair.ORIGINAL_PRIMARY_ID + "', proxies: ['simulated:edge?primary="
                            + SimulatedPair.ORIGINAL_PRIMARY_ID + "&standby=" + SimulatedPair.ACTIVE_ID
                            + "'], preApproved: true)\n"
                            + "echo \"end ${end.outcome}\"",
                    true));
            jenkins.waitForMessage(moment, job.scheduleBuild2(0).waitForStart());
        });
        sessions.then(jenkins -> {
            WorkflowRun run = jenkins.jenkins
                    .getItemByFullName("failback", WorkflowJob.class)
                    .getLastBuild();
            jenkins.assertBuildStatus(Result.SUCCESS, jenkins.waitForCompletion(run));
            jenkins.assertLogContains("end completed", run);
            List<Entry> record = FailbackJobTest.record(run);
            assertThat(FailbackJobTest.begun(record, Call.CREATE_REVERSE_STREAM))
                    .isEqualTo(1);
            assertThat(FailbackJobTest.begun(record, Call.INITIATE_CUTOVER)).isEqualTo(1);
            assertThat(record).anyMatch(Entry.Resumed.class::isInstance);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {BundledLibrary.NAME, GlobalLibraryTest.NAME})
    void theNextJenkinsGoesOnFromTheBeginningOfEveryStage(String library) throws Throwable {
        sessions.then(jenkins -> {
            if (library.equals(GlobalLibraryTest.NAME)) {
                GlobalLibraryTest.configure(repository);
            }
            CloudConfiguration.get().setSimulatedTimeScale(4); // most stages take longer than a start of Jenkins
            CloudConfiguration.get().setSimulated(true);
            WorkflowJob job = jenkins.createProject(WorkflowJob.class, "failback");
            job.setDefinition(new CpsFlowDefinition(
                    "@Library('" + library + "') _\n"
                            + "def end = cockroachFailback(cloud: 'simulated', activeClusterId: '"
                            + SimulatedPair.ACTIVE_ID + "', originalPrimaryClusterId: '"
                            + SimulatedPair.ORIGINAL_PRIMARY_ID + "', proxies: ['simulated:edge?primary="
                            + SimulatedPair.ORIGINAL_PRIMARY_ID + "&standby=" + SimulatedPair.ACTIVE_ID + "'])\n"
                            + "echo \"end ${end.outcome}\"",
                    true));
            job.scheduleBuild2(0).waitForStart();
            approveUntil(jenkins, FailbackCrashTest.STAGES.get(0));
        });
        for (String stage : FailbackCrashTest.STAGES.subList(1, FailbackCrashTest.STAGES.size())) {
            sessions.then(jenkins -> approveUntil(jenkins, stage));
        }
        sessions.then(jenkins -> {
            assertThat(OpenGates.approveToTheEnd(jenkins, "failback", SimulatedPair.ORIGINAL_PRIMARY))
                    .startsWith("SUCCESS")
                    .contains("Loading library " + library + "@", "end completed");
            assertThat(SimulatedJournal.changes(jenkins.jenkins.getRootDir()))
                    .containsExactly("POST", "TRAFFIC", "PATCH", "TRAFFIC");
        });
    }

    /** Shut down while the program runs from one step to the next, Jenkins may lose where it was; see docs/pipeline.md. */
    private static void approveUntil(JenkinsRule jenkins, String stage) throws Exception {
        OpenGates.approveUntil(jenkins, "failback", SimulatedPair.ORIGINAL_PRIMARY, "{ (" + stage + ")");
        FlowExecution execution = jenkins.jenkins
                .getItemByFullName("failback", WorkflowJob.class)
                .getLastBuild()
                .getExecution();
        await().atMost(Duration.ofMinutes(1))
                .until(() -> execution.getCurrentHeads().stream().allMatch(AtomNode.class::isInstance));
    }
}
