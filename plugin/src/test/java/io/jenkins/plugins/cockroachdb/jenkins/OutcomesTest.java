package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import io.jenkins.plugins.cockroachdb.simulator.ClusterSpec;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.time.Instant;
import java.util.List;
import jenkins.model.CauseOfInterruption;
import jenkins.model.InterruptedBuildAction;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** How each step tells that it did not come to its result. */
class OutcomesTest extends OnJenkins {

    private String create() {
        return "cockroachFailbackCreateStream activeClusterId: '" + cloud.active + "', originalPrimaryClusterId: '"
                + cloud.original + "', confirmErase: 'orders-east'";
    }

    private static String initiate(String stream) {
        return "initiateFailback streamId: '" + stream + "', confirmCutover: 'orders-east'";
    }

    @Test
    void aPreflightDoesNotFailOfWhatItFinds() throws Exception {
        WorkflowRun run = run(
                Result.SUCCESS,
                "def r = cockroachFailbackPreflight activeClusterId: '00000000-0000-0000-0000-000000000000',"
                        + " originalPrimaryClusterId: '" + cloud.original
                        + "'\necho \"${r.ok} ${r.checks*.reason}\"");
        jenkins.assertLogContains("false [", run);
    }

    @Test
    void aProofOfTheFenceThatIsOldIsRefused() throws Exception {
        String stream = cloud.replicating();

        assertThat(kind(
                        "refused",
                        initiate(stream) + ", fenceProvenAt: '" + Instant.now().minusSeconds(60) + "'"))
                .contains("the proof keeps for 10 s", "Nothing was sent");
        assertThat(kind(
                        "refused",
                        initiate(stream) + ", failoverAt: '" + Instant.now().plusSeconds(7200) + "'"))
                .contains("more than an hour after");
        assertThat(kind(
                        "refused",
                        initiate(stream) + ", replicatedAfter: '"
                                + Instant.now().plusSeconds(60) + "'"))
                .contains("not up to");
        assertThat(cloud.patches()).isZero();
    }

    @Test
    void aWriteWhoseAnswerIsMissingIsLookedFor() throws Exception {
        cloud.faults.on(Operation.CREATE_STREAM, 1, Fault.of(FaultKind.RESET_AFTER_EFFECT));
        run(Result.SUCCESS, create());
        assertThat(cloud.posts()).isEqualTo(1);
        assertThat(cloud.reverseStreams()).hasSize(1);

        String stream = cloud.reverseStreams().get(0);
        cloud.faults.on(Operation.UPDATE_STREAM, 1, Fault.of(FaultKind.GATEWAY_TIMEOUT_AFTER_EFFECT));
        run(Result.SUCCESS, "awaitStreamStatus '" + stream + "'\n" + initiate(stream));
        assertThat(cloud.patches()).isEqualTo(1);
    }

    @Test
    void anOutcomeThatNobodyCatchesEndsTheBuildWithASentenceAndNoStackTrace() throws Exception {
        WorkflowRun run = run(Result.FAILURE, create().replace("orders-east'", "orders'"));

        jenkins.assertLogContains("The cluster to be erased is orders-east", run);
        jenkins.assertLogNotContains("\tat ", run);
        List<CauseOfInterruption> causes =
                run.getAction(InterruptedBuildAction.class).getCauses();
        assertThat(causes).singleElement().isInstanceOfSatisfying(StepFailureCause.class, cause -> {
            assertThat(cause.getKind()).isEqualTo("refused");
        });
        assertThat(jenkins.createWebClient().getPage(run).asNormalizedText())
                .contains("refused: The cluster to be erased is orders-east");
    }

    @Test
    void aWrongParameterEndsTheBuildBeforeAnythingIsSent() throws Exception {
        for (String step : List.of(
                "awaitStreamStatus streamId: 'a b'",
                "awaitStreamStatus streamId: 'a', status: 'REPLICATNG'",
                "awaitStreamStatus streamId: 'a', timeoutSeconds: 0",
                "awaitStreamStatus streamId: 'a', timeoutSecond: 9",
                "awaitStreamStatus status: 'COMPLETED'",
                "initiateFailback streamId: 'a', confirmCutover: 'b', fenceProvenAt: 'noon'",
                "cockroachStreamStatus([:])",
                "cockroachClusterStatus clusterId: 'a', cloud: 'nowhere'",
                "cockroachFailbackCreateStream activeClusterId: 'a', originalPrimaryClusterId: 'a', confirmErase: 'b'")) {
            WorkflowRun run = run(Result.FAILURE, step);

            jenkins.assertLogContains("ERROR: ", run);
            jenkins.assertLogContains("Nothing was sent.", run);
            jenkins.assertLogNotContains("\tat ", run);
        }
        assertThat(cloud.endpoint.log()).isEmpty();
    }

    @Test
    void namesFromOutsideStayText() throws Exception {
        ClusterSpec evil = ClusterSpec.of("<script>alert(1)</script>", "eu-west-1");
        cloud.cloud.addCluster(evil);

        WorkflowRun run = run(
                Result.SUCCESS,
                "cockroachClusterStatus '" + evil.id() + "'\n"
                        + "try { cockroachStreamStatus streamId: '<img src=x onerror=alert(1)>' } catch (e) { echo e.message }");

        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            for (String page : List.of("", "console", "flowGraphTable", "consoleText")) {
                String html =
                        web.goTo(run.getUrl() + page, null).getWebResponse().getContentAsString();
                if (!page.equals("consoleText")) {
                    assertThat(html).doesNotContain("<script>alert", "<img src=x");
                }
            }
            assertThat(web.goTo(run.getUrl() + "flowGraphTable").asNormalizedText())
                    .contains("<script>alert(1)</script>: HEALTHY");
        }
    }
}
