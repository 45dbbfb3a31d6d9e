package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.ExtensionList;
import hudson.model.Result;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.pickles.Pickle;
import org.jenkinsci.plugins.workflow.pickles.PickleFactory;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * Jenkins is killed: in the middle of each save of the build and right after it, while a write is on its way, and while it
 * waits. The build goes on with the next Jenkins, sends no write a second time and comes to the same end, or says that it cannot
 * know.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CrashTest {

    @RegisterExtension
    private final RealJenkinsExtension jenkins = new RealJenkinsExtension().withTimeout(600);

    private final TestCloud cloud = new TestCloud();

    private enum Kind {
        CREATE,
        CUT_OVER,
        CANCEL,
        AWAIT;

        String step(TestCloud cloud) {
            return switch (this) {
                case CREATE -> "cockroachFailbackCreateStream activeClusterId: '" + cloud.active
                        + "', originalPrimaryClusterId: '" + cloud.original + "', confirmErase: 'orders-east'";
                case CUT_OVER -> "initiateFailback streamId: '" + cloud.replicating()
                        + "', confirmCutover: 'orders-east'";
                case CANCEL -> "cockroachCancelStream '" + cloud.replicating() + "'";
                case AWAIT -> "awaitStreamStatus '" + cloud.liveFor(Duration.ZERO) + "'";
            };
        }

        String end() {
            return switch (this) {
                case CREATE -> "end STARTING false";
                case CUT_OVER -> "end FAILING_OVER";
                case CANCEL -> "end CANCELED";
                case AWAIT -> "end REPLICATING true";
            };
        }
    }

    private enum When {
        DURING,
        AFTER
    }

    @AfterEach
    void leavesNoSecrets() {
        assertThat(Homes.filesThatHold(jenkins.getHome(), cloud.key, "Authorization:", "Bearer "))
                .isEmpty();
        cloud.close();
    }

    static Stream<Arguments> everySave() {
        return Stream.of(Kind.values()).flatMap(kind -> IntStream.rangeClosed(1, kind == Kind.AWAIT ? 2 : 3)
                .boxed()
                .flatMap(save -> Stream.of(When.values()).map(when -> Arguments.of(kind, save, when))));
    }

    @ParameterizedTest(name = "{0} killed {2} save {1}")
    @MethodSource("everySave")
    void killedAroundASave(Kind kind, int save, When when) throws Throwable {
        try (ServerSocket reached = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            jenkins.startJenkins();
            jenkins.runRemotely(Remote::hang, reached.getLocalPort(), save, when == When.DURING);
            jenkins.runRemotely(Remote::start, cloud.url(), cloud.key, pipeline(kind));
            reached.accept().close();
        }
        jenkins.stopJenkinsForcibly();
        int sent = cloud.posts() + cloud.patches();

        String log = resumed();

        boolean savedButNotSent = kind == Kind.CREATE && sent == 0 && save == 2 && when == When.AFTER;
        assertThat(log).contains(savedButNotSent ? "kind is inDoubt" : kind.end());
        assertThat(cloud.posts()).isEqualTo(kind == Kind.CREATE && !savedButNotSent ? 1 : 0);
        assertThat(cloud.patches()).isEqualTo(kind == Kind.CUT_OVER || kind == Kind.CANCEL ? 1 : 0);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"CREATE", "CUT_OVER", "CANCEL"})
    void killedWhileTheAnswerIsOnItsWay(Kind kind) throws Throwable {
        Operation write = kind == Kind.CREATE ? Operation.CREATE_STREAM : Operation.UPDATE_STREAM;
        cloud.faults.on(write, 1, Fault.of(FaultKind.NO_ANSWER));
        jenkins.startJenkins();
        jenkins.runRemotely(Remote::start, cloud.url(), cloud.key, pipeline(kind));
        await().atMost(Duration.ofMinutes(1)).until(() -> cloud.endpoint.received(write) == 1);
        jenkins.stopJenkinsForcibly();

        assertThat(resumed()).contains(kind.end());
        assertThat(cloud.endpoint.received(write)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"CUT_OVER", "CANCEL"})
    void killedAfterAWriteThatNeverArrived(Kind kind) throws Throwable {
        cloud.faults.on(Operation.UPDATE_STREAM, 1, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
        jenkins.startJenkins();
        jenkins.runRemotely(Remote::start, cloud.url(), cloud.key, pipeline(kind));
        await().atMost(Duration.ofMinutes(1)).until(() -> cloud.patches() == 1);
        jenkins.stopJenkinsForcibly();

        assertThat(resumed()).contains(kind.end());
        assertThat(cloud.patches()).isEqualTo(2);
    }

    @Test
    void killedWhileItWaitsAndStartedAfterTheDeadline() throws Throwable {
        String stream = cloud.replicating();
        jenkins.startJenkins();
        jenkins.runRemotely(
                Remote::start,
                cloud.url(),
                cloud.key,
                caught("awaitStreamStatus streamId: '" + stream + "', status: 'CANCELED', timeoutSeconds: 5"));
        await().atMost(Duration.ofMinutes(1)).until(() -> cloud.endpoint.received(Operation.GET_STREAM) > 0);
        jenkins.stopJenkinsForcibly();

        assertThat(resumed()).contains("kind is timedOut");
    }

    private String pipeline(Kind kind) {
        return caught(kind.step(cloud));
    }

    private static String caught(String step) {
        return "try { def s = " + step + "\n"
                + "echo \"end ${s.status} ${s.adopted != null ? s.adopted : s.caughtUp}\" }\n"
                + "catch (org.jenkinsci.plugins.workflow.steps.FlowInterruptedException e) {\n"
                + "  echo 'kind is ' + e.causes[0].kind + ', because ' + e.causes[0].shortDescription\n"
                + "}";
    }

    /** The log of the build, ended by the next Jenkins. */
    private String resumed() throws Throwable {
        jenkins.startJenkins();
        String log = jenkins.runRemotely(Remote::end);
        jenkins.stopJenkins();
        return log;
    }

    /** What happens in the process of Jenkins, in another class loader: only what is public is within reach there. */
    public static final class Remote {

        private Remote() {}

        /**
         * Lets Jenkins hang in the middle of, or right after, a save of a build with one of our steps in it, and tells us by a
         * connection.
         */
        static void hang(JenkinsRule rule, Integer port, Integer save, Boolean during) {
            AtomicInteger seen = new AtomicInteger();
            ExtensionList.lookup(PickleFactory.class).add(0, new PickleFactory() {
                @Override
                public Pickle writeReplace(Object object) {
                    boolean ours = object.getClass().getName().startsWith("io.jenkins.plugins.cockroachdb")
                            && object instanceof StepExecution;
                    if (ours && seen.incrementAndGet() == save && during) {
                        tell(port);
                    }
                    return null;
                }
            });
            Logger logger = Logger.getLogger("org.jenkinsci.plugins.workflow.cps.CpsThreadGroup");
            logger.setLevel(Level.FINE);
            KEPT.add(logger);
            logger.addHandler(new Handler() {
                @Override
                public void publish(LogRecord record) {
                    if ("program state saved".equals(record.getMessage()) && seen.get() == save) {
                        tell(port);
                    }
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            });
        }

        private static final List<Logger> KEPT = new ArrayList<>();

        private static void tell(int port) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                new CountDownLatch(1).await();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        static void start(JenkinsRule rule, String url, String key, String pipeline) throws Throwable {
            SystemCredentialsProvider.getInstance().getCredentials().add(OnJenkins.secretText("key", key));
            SystemCredentialsProvider.getInstance().save();
            ConfiguredCloud configured = new ConfiguredCloud("test", url);
            configured.setCredentialsId("key");
            ExtensionList.lookupSingleton(CloudConfiguration.class).setClouds(List.of(configured));
            WorkflowJob job = rule.createProject(WorkflowJob.class, "failback");
            job.setDefinition(new CpsFlowDefinition(pipeline, true));
            job.scheduleBuild2(0).waitForStart();
        }

        static String end(JenkinsRule rule) throws Throwable {
            WorkflowRun run = rule.jenkins
                    .getItemByFullName("failback", WorkflowJob.class)
                    .getLastBuild();
            rule.assertBuildStatus(Result.SUCCESS, rule.waitForCompletion(run));
            return JenkinsRule.getLog(run);
        }
    }
}
