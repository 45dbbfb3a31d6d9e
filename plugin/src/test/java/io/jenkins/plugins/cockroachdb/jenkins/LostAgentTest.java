package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Label;
import hudson.model.Result;
import hudson.slaves.DumbSlave;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.EchoServer;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.servers.RealHaProxy;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import java.nio.file.Path;
import java.time.Duration;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent that fenced a real HAProxy dies while clients are stopped. */
@NeedsPrograms("haproxy")
class LostAgentTest extends OnJenkins {

    private static final String LABEL = "edge";

    @TempDir
    private Path directory;

    /** So slow that the fence stands for a while before the cutover. */
    @Override
    TestCloud newCloud() {
        return new TestCloud(CloudSettings.defaults()
                .withStride(Duration.ofSeconds(1))
                .withStrideTransit(Duration.ofSeconds(10))
                .withRevert(Duration.ofSeconds(2))
                .withRateLimitPerSecond(1000));
    }

    @Test
    void anotherOneWithTheLabelFinishesTheFailback() throws Exception {
        try (EchoServer active = EchoServer.start("A");
                EchoServer original = EchoServer.start("P");
                RealHaProxy haproxy = RealHaProxy.start(directory, active, original)) {
            haproxy.ask("set server cockroach_backend/standby state ready");
            cloud.replicating();
            DumbSlave first = jenkins.createOnlineSlave(Label.get(LABEL));
            WorkflowRun run = job("@Library('cockroachdb-failback') _\n"
                            + "cockroachFailback(cloud: 'test', activeClusterId: '" + cloud.active
                            + "', originalPrimaryClusterId: '" + cloud.original + "', agent: '" + LABEL
                            + "', drainSeconds: 0, proxyTimeoutSeconds: 5, proxies: ['haproxy:" + haproxy.socket()
                            + "?name=edge&stateFile=" + haproxy.stateFile() + "'])")
                    .scheduleBuild2(0)
                    .waitForStart();
            OpenGates.approve(jenkins, run.getParent().getName(), TestCloud.P);
            jenkins.waitForMessage("After fence: edge fenced", run);
            DumbSlave second = jenkins.createOnlineSlave(Label.get(LABEL));

            AgentProcess.of(first).destroyForcibly();

            jenkins.assertBuildStatus(Result.SUCCESS, jenkins.waitForCompletion(run));
            jenkins.assertLogContains("Running on " + second.getNodeName(), run);
            assertThat(EchoClient.whoAnswers(haproxy.port())).contains("P");
            assertThat(cloud.patches()).isEqualTo(1);
            assertThat(FailbackJobTest.record(run))
                    .noneMatch(entry -> entry instanceof Entry.Calling calling && calling.call() == Call.UNFENCE);
        }
    }
}
