package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.model.ParametersAction;
import hudson.model.ParametersDefinitionProperty;
import hudson.model.StringParameterDefinition;
import hudson.model.StringParameterValue;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;

/**
 * What it costs that 1,000 builds wait for 1,000 streams, beside 1,000 builds in plain {@code sleep} in the same Jenkins: heap,
 * threads, requests, and the time until all have resumed after a restart. No test, because it takes long and its numbers are of
 * one machine: it prints a table. The number of builds is the system property {@code builds}. Run it with {@code
 * -XX:SoftRefLRUPolicyMSPerMB=0}: with a large heap, what nothing but soft references hold is several times what builds hold.
 */
class WaitingBenchmark {

    private static final int BUILDS = Integer.getInteger("builds", 1000);

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    private final List<String> table = new ArrayList<>();
    private TestCloud cloud;

    @Test
    void waitBesideSleep() throws Throwable {
        cloud = new TestCloud(CloudSettings.defaults());
        List<String> streams = new ArrayList<>();
        for (int i = 0; i < BUILDS; i++) {
            streams.add(cloud.replicating());
        }
        sessions.then(jenkins -> {
            OnJenkins.configure(cloud);
            long before = heap();
            Duration toSleep = start(jenkins, "sleep", "sleep time: 10, unit: 'HOURS'", streams, "Sleeping for");
            pause();
            long sleeping = heap() - before;
            int threadsSleeping = Thread.activeCount();

            Duration toWait = start(
                    jenkins, "wait", "awaitStreamStatus streamId: params.S, status: 'CANCELED'", streams, "Stream ");
            pause();
            long waiting = heap() - before - sleeping;
            int requests = cloud.endpoint.log().size();
            pause();
            double perSecond = (cloud.endpoint.log().size() - requests) / 90.0;
            row("builds", BUILDS, BUILDS);
            row("all begun after", toSleep.toSeconds() + " s", toWait.toSeconds() + " s");
            row("heap in use, 90 s later", mega(sleeping), mega(waiting));
            row("ratio of heap", 1, "%.2f".formatted((double) waiting / sleeping));
            row("threads of all Jenkins", threadsSleeping, Thread.activeCount());
            row("threads of ours", "", ours());
            row("requests per second", "", "%.2f".formatted(perSecond));
            assertThat(ours()).isLessThanOrEqualTo(8);
        });
        sessions.then(jenkins -> {
            Instant begin = Instant.now();
            await().atMost(Duration.ofMinutes(10))
                    .until(() -> builds(jenkins, "sleep").stream().allMatch(WaitingBenchmark::isResumed));
            Duration sleeping = Duration.between(begin, Instant.now());
            await().atMost(Duration.ofMinutes(10)).until(() -> builds(jenkins, "wait").stream()
                    .allMatch(run -> logOf(run).contains("It goes on from WAITING")));
            row(
                    "all resumed after",
                    sleeping.toSeconds() + " s",
                    Duration.between(begin, Instant.now()).toSeconds() + " s");
            assertThat(builds(jenkins, "wait")).hasSize(BUILDS).allMatch(WorkflowRun::isBuilding);
        });
        cloud.close();
        System.out.println("| | sleep | awaitStreamStatus |\n| --- | --- | --- |\n" + String.join("\n", table));
    }

    private void row(String what, Object sleep, Object wait) {
        table.add("| " + what + " | " + sleep + " | " + wait + " |");
        System.out.println(table.get(table.size() - 1));
    }

    private static Duration start(
            JenkinsRule jenkins, String name, String pipeline, List<String> streams, String message) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, name);
        job.addProperty(new ParametersDefinitionProperty(new StringParameterDefinition("S", "")));
        job.setDefinition(new CpsFlowDefinition(pipeline, true));
        Instant begin = Instant.now();
        for (String stream : streams) {
            job.scheduleBuild2(0, new ParametersAction(new StringParameterValue("S", stream)));
        }
        await().atMost(Duration.ofMinutes(20))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    List<WorkflowRun> runs = builds(jenkins, name);
                    return runs.size() == streams.size()
                            && runs.stream().allMatch(run -> logOf(run).contains(message));
                });
        return Duration.between(begin, Instant.now());
    }

    private static List<WorkflowRun> builds(JenkinsRule jenkins, String name) {
        List<WorkflowRun> runs = new ArrayList<>();
        jenkins.jenkins.getItemByFullName(name, WorkflowJob.class).getBuilds().forEach(runs::add);
        return runs;
    }

    private static boolean isResumed(WorkflowRun run) {
        return logOf(run).contains("Ready to run");
    }

    private static String logOf(WorkflowRun run) {
        try {
            return JenkinsRule.getLog(run);
        } catch (java.io.IOException e) {
            return "";
        }
    }

    private static void pause() throws InterruptedException {
        new CountDownLatch(1).await(90, TimeUnit.SECONDS);
    }

    private static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static String mega(long bytes) {
        return Math.round(bytes / 1e6) + " MB";
    }

    private static long ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("cockroach"))
                .count();
    }
}
