package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.domains.Domain;
import com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl;
import hudson.model.Label;
import hudson.model.Result;
import hudson.slaves.DumbSlave;
import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.EchoServer;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.servers.RealHaProxy;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;

/** A real HAProxy that only an agent, in a process of its own, is told of. */
@NeedsPrograms("haproxy")
class RedirectProxyTest extends OnJenkins {

    private static final String PASSWORD = "a password of the proxy";

    @TempDir
    private Path directory;

    private EchoServer active;
    private EchoServer original;
    private RealHaProxy haproxy;
    private DumbSlave agent;

    @BeforeEach
    void start() throws Exception {
        active = EchoServer.start("A");
        original = EchoServer.start("P");
        haproxy = RealHaProxy.start(directory, active, original);
        agent = jenkins.createOnlineSlave(Label.get("proxies"));
        store(jenkins.jenkins)
                .addCredentials(
                        Domain.global(),
                        new UsernamePasswordCredentialsImpl(
                                CredentialsScope.GLOBAL, "login", "", "failback", PASSWORD));
    }

    @AfterEach
    void stop() throws Exception {
        try {
            assertThat(Homes.filesThatHold(jenkins.jenkins.getRootDir(), PASSWORD))
                    .isEmpty();
        } finally {
            haproxy.close();
            active.close();
            original.close();
        }
    }

    private String redirect(String action, String more) {
        return "redirectProxy(action: '" + action + "', proxies: ['haproxy:" + haproxy.socket()
                + "?name=edge&stateFile=" + haproxy.stateFile() + "'], proxyCredentialsId: 'login', drainSeconds: 0"
                + more + ")";
    }

    /** A pipeline that says what it saw after some actions. */
    private static String inNode(String... redirects) {
        StringBuilder pipeline = new StringBuilder("node('proxies') {\n");
        int number = 0;
        for (String redirect : redirects) {
            pipeline.append("  def r")
                    .append(++number)
                    .append(" = ")
                    .append(redirect)
                    .append("\n  echo \"result " + number + " is ${r" + number + ".proxies[0].name} ${r" + number
                            + ".proxies[0].traffic} ${r" + number + ".proxies[0].detail}\"\n");
        }
        return pipeline.append("}\n").toString();
    }

    /** By the bit of a forced drain in the state of A's server. */
    private boolean isDraining() {
        return haproxy.ask("show servers state").matches("(?s).*standby \\S+ \\d+ (8|12) .*");
    }

    @Test
    void anAgentMovesTrafficBeforeTheCutover() throws Exception {
        String stream = ", streamId: '" + cloud.replicating() + "'";

        WorkflowRun run = run(
                Result.SUCCESS,
                inNode(
                        redirect("status", ""),
                        redirect("unfence", stream),
                        redirect("fence", ""),
                        redirect("fence", ""),
                        redirect("unfence", stream)));

        jenkins.assertLogContains("result 1 is edge fenced", run);
        jenkins.assertLogContains("result 2 is edge on A", run);
        jenkins.assertLogContains("result 3 is edge fenced", run);
        jenkins.assertLogContains("result 4 is edge fenced", run);
        jenkins.assertLogContains("result 5 is edge on A", run);
        jenkins.assertLogContains("After unfence: edge on A", run);
        assertThat(EchoClient.whoAnswers(haproxy.port())).contains("A");
        assertThat(CredentialsProvider.getFingerprintOf(
                        CredentialsProvider.findCredentialById("login", UsernamePasswordCredentialsImpl.class, run)))
                .isNotNull();

        String log = kind("refused", inNode(redirect("release", stream)));
        assertThat(log).contains("No release: ", "is REPLICATING. Traffic was left as it is.");
        assertThat(EchoClient.whoAnswers(haproxy.port())).contains("A");
    }

    @Test
    void afterTheCutoverClientsGoHomeAndNotBack() throws Exception {
        Instant now = Instant.now();
        String stream = ", streamId: '"
                + cloud.cloud.addStream(StreamSpec.completed(
                        cloud.active, cloud.original, now.minus(Duration.ofHours(2)), now.minus(Duration.ofMinutes(1))))
                + "'";

        WorkflowRun run = run(Result.SUCCESS, inNode(redirect("release", stream)));
        jenkins.assertLogContains("result 1 is edge on P", run);
        assertThat(EchoClient.whoAnswers(haproxy.port())).contains("P");

        String log = kind("refused", inNode(redirect("unfence", stream)));
        assertThat(log).contains("is COMPLETED. Traffic was left as it is.");
        assertThat(EchoClient.whoAnswers(haproxy.port())).contains("P");
    }

    @Test
    void aProxyThatDoesNotAnswerIsUnknownWithTheReason() throws Exception {
        haproxy.close();

        WorkflowRun run = run(Result.SUCCESS, inNode(redirect("fence", "")));

        jenkins.assertLogContains("result 1 is edge unknown", run);
        jenkins.assertLogContains(haproxy.socket().toString(), run);
        haproxy.start();
    }

    @Test
    void jenkinsItselfConnectsToNoProxy() throws Exception {
        WorkflowRun run = run(Result.FAILURE, "node('built-in') { " + redirect("status", "") + " }");

        jenkins.assertLogContains("redirectProxy: This is the built-in node", run);
        assertThat(JenkinsRule.getLog(run)).doesNotContain("\tat ");
    }

    @Test
    void credentialsThatAreNotThereAreNamed() throws Exception {
        String log = kind("failed", inNode(redirect("status", "").replace("'login'", "'nobody'")));

        assertThat(log).contains("There are no credentials with the id \"nobody\"");
    }

    @Test
    void anAgentThatIsLostInTheMiddleLeavesTrafficUnknown() throws Exception {
        String stream = ", streamId: '" + cloud.replicating() + "'";
        run(Result.SUCCESS, inNode(redirect("unfence", stream)));
        ProcessHandle process = AgentProcess.of(agent);
        try (EchoClient client = EchoClient.connect(haproxy.port())) {
            assertThat(client.isServed()).isTrue();
            WorkflowRun run = job(inNode(redirect("fence", ", proxyTimeoutSeconds: 5")
                            .replace("drainSeconds: 0", "drainSeconds: 600")))
                    .scheduleBuild2(0)
                    .waitForStart();
            await().atMost(Duration.ofMinutes(1)).until(this::isDraining); // the fence waits for the client
            process.destroyForcibly();

            jenkins.assertBuildStatus(Result.SUCCESS, jenkins.waitForCompletion(run));
            jenkins.assertLogContains("result 1 is edge unknown Agent " + agent.getNodeName() + " is not there", run);
            jenkins.assertLogContains("Whether fence happened is not known.", run);
        }
    }

    @Test
    void whoAbortsAFenceLeavesClientsWhereTheyWere() throws Exception {
        String stream = ", streamId: '" + cloud.replicating() + "'";
        run(Result.SUCCESS, inNode(redirect("unfence", stream)));
        try (EchoClient client = EchoClient.connect(haproxy.port())) {
            WorkflowRun run = job(inNode(redirect("fence", "").replace("drainSeconds: 0", "drainSeconds: 600")))
                    .scheduleBuild2(0)
                    .waitForStart();
            await().atMost(Duration.ofMinutes(1)).until(this::isDraining); // the fence waits for the client
            run.doStop();

            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            jenkins.assertLogContains("Proxies may have been moved (fence)", run);
            await().atMost(Duration.ofMinutes(1)).until(() -> !isDraining()); // the agent puts back what it began
            assertThat(client.isServed()).isTrue();
        }
    }
}
