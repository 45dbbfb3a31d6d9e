package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.model.Result;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.time.Duration;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;

/** Jenkins is shut down and started again in the middle of a step. */
class RestartTest {

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    private TestCloud cloud;
    private ControllerLog log;

    @BeforeEach
    void begin() {
        cloud = new TestCloud();
        log = new ControllerLog();
    }

    @AfterEach
    void leavesNeitherSecretsNorComplaints() {
        log.close();
        cloud.close();
        assertThat(log.complaints()).isEmpty();
    }

    private WorkflowRun start(JenkinsRule jenkins, String pipeline, String message) throws Exception {
        OnJenkins.configure(cloud);
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, "failback");
        job.setDefinition(new CpsFlowDefinition(pipeline, true));
        WorkflowRun run = job.scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage(message, run);
        return run;
    }

    private WorkflowRun ended(JenkinsRule jenkins, Result result) throws Exception {
        WorkflowRun run = jenkins.assertBuildStatus(
                result,
                jenkins.waitForCompletion(jenkins.jenkins
                        .getItemByFullName("failback", WorkflowJob.class)
                        .getLastBuild()));
        assertThat(Homes.filesThatHold(jenkins.jenkins.getRootDir(), cloud.key, "Authorization:", "Bearer "))
                .isEmpty();
        return run;
    }

    @Test
    void aWaitGoesOnAndEndsWell() throws Throwable {
        String stream = cloud.replicating();
        sessions.then(jenkins -> start(
                jenkins,
                "def s = awaitStreamStatus streamId: '" + stream + "', status: 'CANCELED'\necho \"end ${s.status}\"",
                "is REPLICATING"));
        sessions.then(jenkins -> {
            WorkflowRun run = jenkins.jenkins
                    .getItemByFullName("failback", WorkflowJob.class)
                    .getLastBuild();
            jenkins.waitForMessage("It goes on from WAITING", run);
            WorkflowJob other = jenkins.createProject(WorkflowJob.class, "cancel");
            other.setDefinition(new CpsFlowDefinition("cockroachCancelStream '" + stream + "'", true));
            jenkins.buildAndAssertSuccess(other);
            jenkins.assertLogContains("end CANCELED", ended(jenkins, Result.SUCCESS));
        });
    }

    @Test
    void aWaitWhoseDeadlinePassedMeanwhileEndsWithOneLook() throws Throwable {
        String stream = cloud.replicating();
        sessions.then(jenkins -> {
            start(
                    jenkins,
                    "awaitStreamStatus streamId: '" + stream + "', status: 'CANCELED', timeoutSeconds: 8",
                    "is REPLICATING");
        });
        cloud.endpoint.forget();
        sessions.then(jenkins -> {
            WorkflowRun run = ended(jenkins, Result.FAILURE);
            jenkins.assertLogContains("did not come to be CANCELED by ", run);
            assertThat(Duration.ofMillis(run.getDuration())).isLessThan(Duration.ofSeconds(60));
        });
    }

    @Test
    void anAnswerThatIsComingDuringTheRestartIsFoundAfterIt() throws Throwable {
        cloud.faults.on(Operation.CREATE_STREAM, 1, Fault.of(FaultKind.NO_ANSWER));
        sessions.then(jenkins -> {
            start(
                    jenkins,
                    "def s = cockroachFailbackCreateStream activeClusterId: '" + cloud.active
                            + "', originalPrimaryClusterId: '" + cloud.original
                            + "', confirmErase: 'orders-east'\necho \"adopted ${s.adopted}\"",
                    "cockroachFailbackCreateStream");
            await().atMost(Duration.ofMinutes(1)).until(() -> cloud.posts() > 0);
        });
        sessions.then(jenkins -> jenkins.assertLogContains("adopted false", ended(jenkins, Result.SUCCESS)));
        assertThat(cloud.posts()).isEqualTo(1);
    }

    @Test
    void theConfigurationIsStillThere() throws Throwable {
        sessions.then(jenkins -> OnJenkins.configure(cloud));
        sessions.then(jenkins -> {
            assertThat(CloudConfiguration.get().getClouds()).singleElement().satisfies(configured -> {
                assertThat(configured.getName()).isEqualTo("test");
                assertThat(configured.getApiUrl()).isEqualTo(cloud.url());
                assertThat(configured.getCredentialsId()).isEqualTo("key");
            });
            assertThat(Jenkins.get().getDescriptorByType(ConfiguredCloud.DescriptorImpl.class))
                    .isNotNull();
        });
    }

    @Test
    void whatIsSimulatedIsStillThere() throws Throwable {
        sessions.then(jenkins -> {
            CloudConfiguration.get().setSimulatedTimeScale(600);
            CloudConfiguration.get().setSimulated(true);
            WorkflowJob job = jenkins.createProject(WorkflowJob.class, "failback");
            job.setDefinition(new CpsFlowDefinition(
                    "def s = cockroachFailbackCreateStream activeClusterId: '" + SimulatedPair.ACTIVE_ID
                            + "', originalPrimaryClusterId: '" + SimulatedPair.ORIGINAL_PRIMARY_ID
                            + "', confirmErase: 'orders-east'\n"
                            + "echo \"simulated ${s.simulated}\"\n"
                            + "awaitStreamStatus streamId: s.id, status: 'COMPLETED'",
                    true));
            jenkins.waitForMessage("[simulated] Stream", job.scheduleBuild2(0).waitForStart());
        });
        sessions.then(jenkins -> {
            WorkflowJob other = jenkins.createProject(WorkflowJob.class, "cut-over");
            other.setDefinition(new CpsFlowDefinition(
                    "def s = cockroachStreamStatus activeClusterId: '" + SimulatedPair.ACTIVE_ID
                            + "', originalPrimaryClusterId: '" + SimulatedPair.ORIGINAL_PRIMARY_ID + "'\n"
                            + "awaitStreamStatus s.id\n"
                            + "initiateFailback streamId: s.id, confirmCutover: 'orders-east'",
                    true));
            jenkins.buildAndAssertSuccess(other);
            WorkflowRun run = ended(jenkins, Result.SUCCESS);
            jenkins.assertLogContains("simulated true", run);
        });
    }
}
