package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.ExtensionList;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
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
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * Jenkins is killed: in the middle of each save of a build and right after it, while a write is on its way, and while a build
 * waits. The build goes on with the next Jenkins, sends no write a second time and comes to the same end, or says that it cannot
 * know; only one that was never saved is lost, before anything was sent. One kill hits many builds, each of them at another
 * point and with a cloud of its own.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class CrashTest {

    @RegisterExtension
    private final RealJenkinsExtension jenkins = new RealJenkinsExtension().withTimeout(900);

    private final List<Build> builds = new ArrayList<>();

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
                case CANCEL -> "cockroachCancelStream streamId: '" + cloud.replicating() + "'";
                case AWAIT -> "awaitStreamStatus streamId: '" + cloud.liveFor(Duration.ZERO) + "'";
            };
        }

        /** What it comes to; the stream goes on meanwhile. */
        String end() {
            return switch (this) {
                case CREATE -> "end (STARTING|REPLICATING) false";
                case CUT_OVER -> "end (FAILING_OVER|COMPLETED)";
                case CANCEL -> "end CANCELED";
                case AWAIT -> "end REPLICATING true";
            };
        }

        /** As it begins, before it sends or waits, and with the answer. */
        int saves() {
            return this == AWAIT ? 2 : 3;
        }
    }

    private enum When {
        DURING,
        AFTER
    }

    /** The only build of a job; its cloud has the same name. */
    private record Build(String name, Kind kind, TestCloud cloud) {

        int writes() {
            return cloud.posts() + cloud.patches();
        }
    }

    private Build build(String name, Kind kind) {
        Build build = new Build(name, kind, new TestCloud());
        builds.add(build);
        return build;
    }

    @AfterEach
    void leavesNoSecrets() {
        List<String> words = new ArrayList<>(List.of("Authorization:", "Bearer "));
        for (Build build : builds) {
            words.add(build.cloud.key);
            build.cloud.close();
        }
        assertThat(Homes.filesThatHold(jenkins.getHome(), words.toArray(String[]::new)))
                .isEmpty();
    }

    @Test
    void killedAroundEverySave() throws Throwable {
        HashMap<String, String> points = new HashMap<>();
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout((int) Duration.ofMinutes(3).toMillis());
            jenkins.startJenkins();
            for (Kind kind : Kind.values()) {
                for (int save = 1; save <= kind.saves(); save++) {
                    for (When when : When.values()) {
                        String name = (kind + "-" + when + "-" + save).toLowerCase(Locale.ROOT);
                        points.put(build(name, kind).name, when + " " + save);
                    }
                }
            }
            points.put("never-saved", When.DURING + " 1");
            jenkins.runRemotely(Remote::hang, server.getLocalPort(), points);
            for (Build build : builds) {
                start(build, "sleep time: 1, unit: 'HOURS'\n", build.kind.step(build.cloud));
                jenkins.runRemotely(Remote::wakeOnceSaved, build.name);
            }
            Build neverSaved = build("never-saved", Kind.CREATE);
            start(neverSaved, "", neverSaved.kind.step(neverSaved.cloud));
            Set<String> awaited = new HashSet<>(points.keySet());
            while (!awaited.isEmpty()) {
                awaited.remove(nextThatHangs(server));
            }
        }
        jenkins.stopJenkinsForcibly();
        // Only who has saved that it is going to send, sends.
        assertThat(builds).allSatisfy(build -> assertThat(build.writes())
                .as("writes sent by %s", build.name)
                .isEqualTo(build.kind != Kind.AWAIT && build.name.endsWith("-3") ? 1 : 0));

        jenkins.startJenkins();
        for (Build build : builds) {
            if (build.name.endsWith("-during-1")) {
                jenkins.runRemotely(Remote::wakeOnceSaved, build.name); // its step is to begin again
            }
        }
        looksInVain(builds.stream()
                .filter(build -> build.name.equals("create-after-2"))
                .findFirst()
                .orElseThrow());
        Map<String, String> logs = ended();

        SoftAssertions softly = new SoftAssertions();
        for (Build build : builds) {
            String end =
                    switch (build.name) {
                        case "never-saved" -> "Failed to load program";
                            // It saved that it is going to send, and did not: just like a write that was lost on its
                            // way.
                        case "create-after-2" -> "kind is inDoubt";
                        default -> build.kind.end();
                    };
            softly.assertThat(logs.get(build.name)).containsPattern(end);
            softly.assertThat(build.writes())
                    .as("writes sent by %s", build.name)
                    .isEqualTo(end.equals(build.kind.end()) && build.kind != Kind.AWAIT ? 1 : 0);
        }
        softly.assertAll();
    }

    /** Waits until a build has looked for its stream again and again; then it cannot look any more, and ends. */
    private static void looksInVain(Build build) {
        int before = build.cloud.endpoint.received(Operation.LIST_STREAMS);
        await().atMost(Duration.ofMinutes(2))
                .until(() -> build.cloud.endpoint.received(Operation.LIST_STREAMS) > before + 20);
        build.cloud.cloud.revokeKey(build.cloud.key);
    }

    private static String nextThatHangs(ServerSocket server) throws IOException {
        try (Socket socket = server.accept();
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            return reader.readLine();
        }
    }

    @Test
    void killedWhileAWriteIsOnItsWayOrABuildWaits() throws Throwable {
        jenkins.startJenkins();
        for (Kind kind : List.of(Kind.CREATE, Kind.CUT_OVER, Kind.CANCEL)) {
            Build build = build("no-answer-" + kind, kind);
            build.cloud.faults.on(write(kind), 1, Fault.of(FaultKind.NO_ANSWER));
            start(build, "", kind.step(build.cloud));
        }
        for (Kind kind : List.of(Kind.CUT_OVER, Kind.CANCEL)) {
            Build build = build("never-arrived-" + kind, kind);
            build.cloud.faults.on(write(kind), 1, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
            start(build, "", kind.step(build.cloud));
        }
        for (Build build : builds) {
            await().atMost(Duration.ofMinutes(2)).until(() -> build.cloud.endpoint.received(write(build.kind)) > 0);
        }
        Build late = build("deadline", Kind.AWAIT);
        start(
                late,
                "",
                "awaitStreamStatus streamId: '" + late.cloud.replicating()
                        + "', status: 'CANCELED', timeoutSeconds: 10");
        await().atMost(Duration.ofMinutes(1)).until(() -> late.cloud.endpoint.received(Operation.GET_STREAM) > 0);
        jenkins.stopJenkinsForcibly();
        jenkins.startJenkins();
        Map<String, String> logs = ended();

        SoftAssertions softly = new SoftAssertions();
        for (Build build : builds) {
            if (build == late) {
                softly.assertThat(logs.get(build.name)).contains("It goes on from WAITING", "kind is timedOut");
            } else {
                softly.assertThat(logs.get(build.name)).containsPattern(build.kind.end());
                softly.assertThat(build.cloud.endpoint.received(write(build.kind)))
                        .as("writes sent by %s", build.name)
                        .isEqualTo(build.name.startsWith("never-arrived") ? 2 : 1);
            }
        }
        softly.assertAll();
    }

    private static Operation write(Kind kind) {
        return kind == Kind.CREATE ? Operation.CREATE_STREAM : Operation.UPDATE_STREAM;
    }

    private void start(Build build, String before, String step) throws Throwable {
        String pipeline = before + "try { def s = " + step + ", cloud: '" + build.name + "'\n"
                + "echo \"end ${s.status} ${s.adopted != null ? s.adopted : s.caughtUp}\" }\n"
                + "catch (org.jenkinsci.plugins.workflow.steps.FlowInterruptedException e) {\n"
                + "  echo 'kind is ' + e.causes[0].kind + ', because ' + e.causes[0].shortDescription\n"
                + "}";
        jenkins.runRemotely(Remote::start, build.name, build.cloud.url(), build.cloud.key, pipeline);
    }

    /** The logs of all builds by name, once they have ended. */
    private Map<String, String> ended() throws Throwable {
        Map<String, String> logs = jenkins.runRemotely(
                Remote::end, new ArrayList<>(builds.stream().map(Build::name).toList()));
        jenkins.stopJenkins();
        return logs;
    }

    /** What happens in the process of Jenkins, in another class loader: only what is public is within reach there. */
    public static final class Remote {

        /** The thread in which the program of a build runs and is saved has the build in its name. */
        private static final Pattern JOB = Pattern.compile("CpsFlowExecution\\[(.+?)#");

        /** Loggers are garbage when nobody keeps them. */
        private static final List<Logger> KEPT = new ArrayList<>();

        private Remote() {}

        /**
         * Lets builds hang in the middle of, or right after, a save with one of our steps in it; each tells us its name then, by a
         * connection.
         *
         * @param points by name of the job, such as {@code DURING 2}
         */
        static void hang(JenkinsRule rule, Integer port, HashMap<String, String> points) throws Exception {
            Map<String, Integer> saves = new ConcurrentHashMap<>();
            ExtensionList.lookup(PickleFactory.class).add(0, new PickleFactory() {
                @Override
                public Pickle writeReplace(Object object) {
                    if (object instanceof StepExecution
                            && object.getClass().getName().startsWith("io.jenkins.plugins.cockroachdb")) {
                        int save = saves.merge(job(), 1, Integer::sum);
                        if (("DURING " + save).equals(points.get(job()))) {
                            tellAndHang(port);
                        }
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
                    if ("program state saved".equals(record.getMessage())
                            && ("AFTER " + saves.get(job())).equals(points.get(job()))) {
                        tellAndHang(port);
                    }
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            });
        }

        private static String job() {
            Matcher matcher = JOB.matcher(Thread.currentThread().getName());
            return matcher.find() ? matcher.group(1) : "";
        }

        private static void tellAndHang(int port) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write((job() + "\n").getBytes(StandardCharsets.UTF_8));
                new CountDownLatch(1).await();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        static void start(JenkinsRule rule, String name, String url, String key, String pipeline) throws Throwable {
            SystemCredentialsProvider.getInstance().getCredentials().add(OnJenkins.secretText(name, key));
            SystemCredentialsProvider.getInstance().save();
            CloudConfiguration configuration = ExtensionList.lookupSingleton(CloudConfiguration.class);
            List<ConfiguredCloud> clouds = new ArrayList<>(configuration.getClouds());
            ConfiguredCloud configured = new ConfiguredCloud(name, url);
            configured.setCredentialsId(name);
            clouds.add(configured);
            configuration.setClouds(clouds);
            WorkflowJob job = rule.createProject(WorkflowJob.class, name);
            job.setDefinition(new CpsFlowDefinition(pipeline, true));
            job.scheduleBuild2(0).waitForStart();
        }

        /** Ends the sleep of a build that has been saved in it. */
        static void wakeOnceSaved(JenkinsRule rule, String name) throws Throwable {
            WorkflowRun run =
                    rule.jenkins.getItemByFullName(name, WorkflowJob.class).getLastBuild();
            await().atMost(Duration.ofMinutes(1)).until(new File(run.getRootDir(), "program.dat")::exists);
            for (StepExecution sleep :
                    run.getExecution().getCurrentExecutions(true).get()) {
                sleep.getContext().onSuccess(null);
            }
        }

        static HashMap<String, String> end(JenkinsRule rule, ArrayList<String> names) throws Throwable {
            HashMap<String, String> logs = new HashMap<>();
            for (String name : names) {
                WorkflowRun run =
                        rule.jenkins.getItemByFullName(name, WorkflowJob.class).getLastBuild();
                logs.put(name, JenkinsRule.getLog(rule.waitForCompletion(run)));
            }
            return logs;
        }
    }
}
