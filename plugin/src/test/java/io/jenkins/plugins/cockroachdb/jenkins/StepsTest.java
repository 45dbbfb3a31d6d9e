package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import io.jenkins.plugins.cockroachdb.simulator.StreamStatus;
import java.time.Duration;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;

/** Every step to its good end. */
class StepsTest extends OnJenkins {

    @Test
    void aWholeFailbackAndBackUnderProtection() throws Exception {
        WorkflowRun run = run(
                Result.SUCCESS,
                """
                def p = '%s', a = '%s'
                def cluster = cockroachClusterStatus clusterId: p
                echo "cluster ${cluster.name} ${cluster.health} ${cluster.regions}"
                def ready = cockroachFailbackPreflight activeClusterId: a, originalPrimaryClusterId: p
                echo "ready ${ready.ok} ${ready.checks.size()} ${ready.checks[0].name}"
                echo "none ${cockroachStreamStatus(activeClusterId: a, originalPrimaryClusterId: p)?.status}"
                def stream = cockroachFailbackCreateStream activeClusterId: a, originalPrimaryClusterId: p, confirmErase: 'orders-east'
                echo "created ${stream.status} ${stream.adopted}"
                stream = awaitStreamStatus streamId: stream.id
                echo "caught up ${stream.caughtUp}"
                echo "same ${cockroachStreamStatus(streamId: stream.id).id == stream.id}"
                stream = initiateFailback streamId: stream.id, confirmCutover: 'orders-east'
                echo "cutting over ${stream.status}"
                stream = awaitStreamStatus streamId: stream.id, status: 'COMPLETED', timeoutSeconds: 60
                echo "home ${stream.status} ${stream.activatedAt != null}"
                def forward = cockroachCreateStream primaryClusterId: p, standbyClusterId: a, confirmErase: 'orders-west'
                awaitStreamStatus streamId: forward.id
                echo "end ${cockroachCancelStream(streamId: forward.id).status}"
                """
                        .formatted(cloud.original, cloud.active));
        jenkins.assertLogContains("cluster orders-east HEALTHY [us-east-1]", run);
        jenkins.assertLogContains("ready true", run);
        jenkins.assertLogContains("none null", run);
        jenkins.assertLogContains("created STARTING false", run);
        jenkins.assertLogContains("caught up true", run);
        jenkins.assertLogContains("same true", run);
        jenkins.assertLogContains("cutting over FAILING_OVER", run);
        jenkins.assertLogContains("home COMPLETED true", run);
        jenkins.assertLogContains("end CANCELED", run);
        assertThat(cloud.posts()).isEqualTo(2);
        assertThat(cloud.patches()).isEqualTo(2);
        assertThat(cloud.cloud.status(cloud.reverseStreams().get(0))).isEqualTo(StreamStatus.COMPLETED);
    }

    @Test
    void aLiveStreamIsAdopted() throws Exception {
        String id = cloud.replicating();

        WorkflowRun run = run(
                Result.SUCCESS,
                "def s = cockroachFailbackCreateStream activeClusterId: '" + cloud.active
                        + "', originalPrimaryClusterId: '" + cloud.original
                        + "', confirmErase: 'orders-east'\necho \"${s.id} ${s.adopted}\"");

        jenkins.assertLogContains(id + " true", run);
        assertThat(cloud.posts()).isZero();
    }

    @Test
    void aProxyInTheWordsOfRedirectProxyIsJudged() throws Exception {
        WorkflowRun run = run(
                Result.SUCCESS,
                "def r = cockroachFailbackPreflight(activeClusterId: '" + cloud.active
                        + "', originalPrimaryClusterId: '"
                        + cloud.original + "', proxies: [[name: \"h${1}\", traffic: 'mixed', sessionsActive: 3,"
                        + " sessionsOriginal: 1, detail: 'd']])\n"
                        + "echo \"${r.ok}: ${r.checks*.reason}\"");

        jenkins.assertLogContains("false: ", run);
        jenkins.assertLogContains("h1 is mixed with 1 sessions on P (d)", run);
    }

    @Test
    void theLogHasALineForEachChangeAndLinksTheClusters() throws Exception {
        String id = cloud.liveFor(Duration.ZERO);

        WorkflowRun run = run(Result.SUCCESS, "awaitStreamStatus '" + id + "'");

        String text = org.jvnet.hudson.test.JenkinsRule.getLog(run);
        assertThat(text.lines().filter(line -> line.contains("Stream " + id)))
                .hasSizeBetween(2, 3)
                .allMatch(line -> line.contains(" from orders-west to orders-east is "));
        assertThat(text).contains("is REPLICATING up to ");
        String html = jenkins.createWebClient()
                .getPage(run, "console")
                .getWebResponse()
                .getContentAsString();
        assertThat(html).contains("<a href='" + cloud.url() + "/cluster/" + cloud.original + "'>orders-east</a>");
    }
}
