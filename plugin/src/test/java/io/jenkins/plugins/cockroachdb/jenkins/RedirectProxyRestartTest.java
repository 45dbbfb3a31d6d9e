package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.ExtensionList;
import hudson.model.Label;
import hudson.model.Result;
import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.EchoServer;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.servers.RealHaProxy;
import java.nio.file.Path;
import java.time.Duration;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.ChannelShutdownListener;
import org.jvnet.hudson.test.EndOfTestListener;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;

/** Jenkins is shut down and started again while an agent moves the traffic of a real HAProxy. */
@NeedsPrograms("haproxy")
class RedirectProxyRestartTest {

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    @TempDir
    private Path directory;

    @Test
    void theNextJenkinsLooksAndMovesNothing() throws Throwable {
        try (EchoServer active = EchoServer.start("A");
                EchoServer original = EchoServer.start("P");
                RealHaProxy haproxy = RealHaProxy.start(directory, active, original);
                TestCloud cloud = new TestCloud()) {
            haproxy.ask("set server cockroach_backend/standby state ready");
            EchoClient client = EchoClient.connect(haproxy.port());
            sessions.then(jenkins -> {
                OnJenkins.configure(cloud);
                jenkins.createOnlineSlave(Label.get("proxies"));
                WorkflowJob job = jenkins.createProject(WorkflowJob.class, "fence");
                job.setDefinition(new CpsFlowDefinition(
                        "node('proxies') {\n"
                                + "  def r = redirectProxy action: 'fence', drainSeconds: 600, proxyTimeoutSeconds: 20, proxies:"
                                + " ['haproxy:" + haproxy.socket() + "?name=edge']\n"
                                + "  echo \"result ${r.proxies[0].traffic}\"\n"
                                + "}",
                        true));
                jenkins.waitForMessage("redirectProxy", job.scheduleBuild2(0).waitForStart());
                await().atMost(Duration.ofMinutes(1)).until(() -> isDraining(haproxy));
                // The harness would take the agent away before Jenkins begins to shut down.
                ExtensionList<EndOfTestListener> atTheEnd = jenkins.jenkins.getExtensionList(EndOfTestListener.class);
                atTheEnd.stream()
                        .filter(ChannelShutdownListener.class::isInstance)
                        .toList()
                        .forEach(atTheEnd::remove);
            });
            // Somebody else has put clients back meanwhile.
            await().atMost(Duration.ofMinutes(1)).until(() -> {
                haproxy.ask("set server cockroach_backend/standby state ready");
                return !isDraining(haproxy);
            });
            sessions.then(jenkins -> {
                WorkflowRun run = jenkins.jenkins
                        .getItemByFullName("fence", WorkflowJob.class)
                        .getLastBuild();
                jenkins.assertBuildStatus(Result.SUCCESS, jenkins.waitForCompletion(run));
                jenkins.assertLogContains("Traffic: edge on A", run);
                jenkins.assertLogContains("result on A", run);
                jenkins.assertLogNotContains("After fence", run);
            });
            assertThat(client.isServed()).isTrue();
            client.close();
        }
    }

    private static boolean isDraining(RealHaProxy haproxy) {
        return haproxy.ask("show servers state").matches("(?s).*standby \\S+ \\d+ (8|12) .*");
    }
}
