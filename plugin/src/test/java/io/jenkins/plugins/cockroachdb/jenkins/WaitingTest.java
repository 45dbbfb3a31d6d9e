package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.cloudbees.hudson.plugins.folder.Folder;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.domains.Domain;
import com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl;
import hudson.ProxyConfiguration;
import hudson.model.Result;
import hudson.util.Secret;
import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.Role;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.jenkinsci.plugins.workflow.actions.LabelAction;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.flow.FlowExecution;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** A build that waits, and what happens to it and to its credentials meanwhile. */
class WaitingTest extends OnJenkins {

    private final Duration usual = CloudStepExecution.credentialsCheck;
    private String stream;

    @BeforeEach
    void checkOften() {
        CloudStepExecution.credentialsCheck = Duration.ofSeconds(1);
        stream = cloud.replicating();
    }

    @AfterEach
    void checkAsUsual() {
        CloudStepExecution.credentialsCheck = usual;
    }

    /** Waits for what only a cancellation brings. */
    private String waiting(String more) {
        return "awaitStreamStatus streamId: '" + stream + "', status: 'CANCELED'" + more;
    }

    private WorkflowRun started(WorkflowJob job) throws Exception {
        WorkflowRun run = job.scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("Stream " + stream, run);
        return run;
    }

    private WorkflowRun started(String pipeline) throws Exception {
        return started(job(pipeline));
    }

    private static StepExecution execution(WorkflowRun run) throws Exception {
        FlowExecution flow = run.getExecution();
        return flow.getCurrentExecutions(true).get().get(0);
    }

    @Test
    void anAbortEndsItAtOnceAndSaysWhatGoesOn() throws Exception {
        WorkflowRun run = started(waiting(""));

        run.doStop();

        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
        jenkins.assertLogContains("stream " + stream + " goes on by itself. Run awaitStreamStatus again", run);
    }

    @Test
    void aTimeoutEndsItAtOnceAndSaysWhatGoesOn() throws Exception {
        WorkflowRun run = run(Result.ABORTED, "timeout(time: 2, unit: 'SECONDS') { " + waiting("") + " }");

        jenkins.assertLogContains("stream " + stream + " goes on by itself. Run awaitStreamStatus again", run);
    }

    @Test
    void aPipelineTellsAnAbortFromAFailure() throws Exception {
        WorkflowRun run = run(
                Result.SUCCESS,
                "def tell = { e -> def cause = e.causes[0]; echo \"${cause instanceof "
                        + StepFailureCause.class.getName() + "} ${cause.shortDescription}\" }\n"
                        + "try { timeout(time: 2, unit: 'SECONDS') { " + waiting("") + " } } catch (e) { tell(e) }\n"
                        + "try { " + waiting(", timeoutSeconds: 1") + " } catch (e) { tell(e) }");

        jenkins.assertLogContains("false Timeout has been exceeded", run);
        jenkins.assertLogContains("true Replication stream " + stream + " did not come to be CANCELED", run);
    }

    @Test
    void anAbortDuringAWriteSaysThatItMayHaveTakenEffect() throws Exception {
        cloud.faults.always(Operation.UPDATE_STREAM, Fault.latency(Duration.ofMinutes(1)));
        WorkflowRun run = started("initiateFailback streamId: '" + stream + "', confirmCutover: 'orders-east'");
        await().atMost(Duration.ofMinutes(1)).until(() -> cloud.patches() > 0);

        run.doStop();

        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
        jenkins.assertLogContains("it is not known whether that took effect. Keep the fence", run);
        assertThat(cloud.patches()).isEqualTo(1);
    }

    @Test
    void statusAndLabelTellWhatItWaitsFor() throws Exception {
        WorkflowRun run = started(waiting(", timeoutSeconds: 3600"));
        StepExecution execution = execution(run);

        assertThat(execution.getStatus())
                .matches("stream " + stream
                        + " REPLICATING up to \\S+, lag \\d+ s(, next poll in \\d+ s)?, until 20\\S+Z");
        FlowNode node = execution.getContext().get(FlowNode.class);
        assertThat(node.getAction(LabelAction.class).getDisplayName())
                .isEqualTo("orders-west to orders-east: REPLICATING");
        run.doStop();
        jenkins.waitForCompletion(run);
    }

    @Test
    void theLogHasALineForEveryChangeAndOneAMinuteBesideThat() throws Exception {
        String other = cloud.replicating();
        WorkflowRun run = started(waiting(""));
        CloudSessions.Place place = CloudConfiguration.get().place("test").orElseThrow();
        Secret key = Secret.fromString(cloud.key);
        CloudSession session = CloudSessions.get().acquire(place, key);
        CloudClient client = session.client(() -> key);
        session.clusterNames().get();
        Answer<ReplicationStream> replicating = client.stream(other).get();
        run(Result.SUCCESS, "cockroachCancelStream '" + other + "'");
        Answer<ReplicationStream> canceled = client.stream(other).get();
        CloudSessions.get().release(session);

        Instant begin = Instant.now();
        AtomicReference<Instant> now = new AtomicReference<>();
        StepNarrator narrator = new StepNarrator(execution(run).getContext(), place, session, now::get);
        for (int second = 0; second <= 200; second++) {
            now.set(begin.plusSeconds(second));
            narrator.seen(replicating);
        }
        narrator.seen(canceled);

        jenkins.waitForMessage("orders-east is CANCELED", run);
        assertThat(JenkinsRule.getLog(run).lines())
                .filteredOn(line -> line.startsWith("Stream " + other))
                .extracting(line -> line.replaceFirst(" up to .*", "").replaceFirst(".* to ", ""))
                .containsExactly(
                        "orders-east is REPLICATING",
                        "orders-east is still REPLICATING",
                        "orders-east is still REPLICATING",
                        "orders-east is still REPLICATING",
                        "orders-east is CANCELED.");
        run.doStop();
        jenkins.waitForCompletion(run);
    }

    @Test
    void theProxyOfJenkinsIsUsedAlsoWhenItIsSetWhileABuildWaits() throws Exception {
        WorkflowRun run = started(waiting(""));
        try (ForwardingProxy proxy = new ForwardingProxy()) {
            jenkins.jenkins.setProxy(new ProxyConfiguration("127.0.0.1", proxy.port()));

            run(Result.SUCCESS, "cockroachClusterStatus '" + cloud.active + "'");
            assertThat(proxy.forwarded()).contains("GET " + cloud.url() + "/api/v1/clusters/" + cloud.active);

            run(Result.SUCCESS, "cockroachCancelStream '" + stream + "'");
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            assertThat(cloud.patches()).isEqualTo(1);
            int received = cloud.endpoint.log().size();
            List<String> forwarded = proxy.forwarded();
            assertThat(forwarded).anyMatch(line -> line.startsWith("PATCH " + cloud.url()));

            jenkins.jenkins.setProxy(new ProxyConfiguration("127.0.0.1", proxy.port(), null, null, "127.0.0.1"));
            run(Result.SUCCESS, "cockroachClusterStatus '" + cloud.active + "'");
            assertThat(proxy.forwarded()).isEqualTo(forwarded);
            assertThat(cloud.endpoint.log()).hasSizeGreaterThan(received);
        } finally {
            jenkins.jenkins.setProxy(null);
        }
    }

    @Test
    void itHoldsNoExecutorAndNoThread() throws Exception {
        List<WorkflowRun> runs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            runs.add(started(waiting("")));
        }

        assertThat(jenkins.jenkins.toComputer().countBusy()).isZero();
        assertThat(Thread.getAllStackTraces().keySet().stream()
                        .map(Thread::getName)
                        .filter(name -> name.startsWith("cockroach")))
                .hasSizeLessThanOrEqualTo(8);
        run(Result.SUCCESS, "cockroachCancelStream '" + stream + "'");
        for (WorkflowRun run : runs) {
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        }
    }

    @Test
    void theKeyOfAFolderIsFoundInItAndNowhereElse() throws Exception {
        Folder folder = jenkins.jenkins.createProject(Folder.class, "payments");
        addCredentials(folder, secretText("team", cloud.key));
        WorkflowJob within = folder.createProject(WorkflowJob.class, "failback");
        String step = "cockroachClusterStatus clusterId: '" + cloud.active + "', credentialsId: 'team'";
        within.setDefinition(new CpsFlowDefinition(step, true));

        jenkins.assertBuildStatusSuccess(within.scheduleBuild2(0));
        assertThat(kind("failed", step)).contains("no credentials with the id \"team\" that this build may use");
    }

    @Test
    void aParameterOfTheBuildMayNameTheCredentials() throws Exception {
        WorkflowJob job = job("cockroachClusterStatus clusterId: '" + cloud.active + "', credentialsId: '${KEY}'");
        job.addProperty(new hudson.model.ParametersDefinitionProperty(
                new com.cloudbees.plugins.credentials.CredentialsParameterDefinition(
                        "KEY", "", "key", StringCredentials.class.getName(), true)));

        jenkins.assertBuildStatusSuccess(job.scheduleBuild2(0));
    }

    @Test
    void theUseOfCredentialsIsTrackedOnce() throws Exception {
        WorkflowJob job = job("cockroachClusterStatus clusterId: '" + cloud.active + "'");
        WorkflowRun run = jenkins.assertBuildStatusSuccess(job.scheduleBuild2(0));

        StringCredentials key = CredentialsProvider.findCredentialById("key", StringCredentials.class, run, List.of());
        assertThat(CredentialsProvider.getOrCreateFingerprintOf(key).getUsages())
                .containsKey(job.getFullName());
    }

    @Test
    void credentialsThatAreDeletedEndTheirBuildsAndNoOthers() throws Exception {
        addCredentials(jenkins.jenkins, secretText("other", cloud.key));
        WorkflowRun mine = started(caught(waiting("")));
        WorkflowRun theirs = started(waiting(", credentialsId: 'other'"));

        StringCredentials key = CredentialsProvider.findCredentialById("key", StringCredentials.class, mine, List.of());
        store(jenkins.jenkins).removeCredentials(Domain.global(), key);

        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(mine));
        jenkins.assertLogContains("kind is failed, because There are no credentials with the id \"key\"", mine);
        jenkins.assertLogContains("goes on by itself", mine);
        assertThat(theirs.isBuilding()).isTrue();
        run(Result.SUCCESS, "cockroachCancelStream streamId: '" + stream + "', credentialsId: 'other'");
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(theirs));
    }

    @Test
    void credentialsThatAreReplacedByAnotherKindEndTheBuild() throws Exception {
        WorkflowRun run = started(caught(waiting("")));

        StringCredentials key = CredentialsProvider.findCredentialById("key", StringCredentials.class, run, List.of());
        store(jenkins.jenkins)
                .updateCredentials(
                        Domain.global(),
                        key,
                        new UsernamePasswordCredentialsImpl(
                                CredentialsScope.GLOBAL, "key", "", "someone", "long enough a password"));

        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.assertLogContains(
                "kind is failed, because The credentials with the id \"key\" are of another kind", run);
    }

    @Test
    void aKeyThatIsRotatedIsTakenUp() throws Exception {
        WorkflowRun run = started(waiting(""));

        String next = SimulatedCloud.randomKey(new SecureRandom());
        cloud.cloud.addKey(next, Role.CLUSTER_ADMIN);
        StringCredentials key = CredentialsProvider.findCredentialById("key", StringCredentials.class, run, List.of());
        store(jenkins.jenkins).updateCredentials(Domain.global(), key, secretText("key", next));
        cloud.cloud.revokeKey(cloud.key);

        jenkins.waitForMessage("The credentials hold another key now", run);
        run(Result.SUCCESS, "cockroachCancelStream '" + stream + "'");
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        assertThat(Homes.filesThatHold(jenkins.jenkins.getRootDir(), next)).isEmpty();
    }

    @Test
    void aKeyThatIsRevokedEndsTheBuildInTheCloudsWords() throws Exception {
        WorkflowRun run = started(caught(waiting("")));

        cloud.cloud.revokeKey(cloud.key);

        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.assertLogContains("kind is failed, because ", run);
        jenkins.assertLogContains("does not accept the API key", run);
        assertThat(JenkinsRule.getLog(run)).doesNotContain(cloud.key);
    }
}
