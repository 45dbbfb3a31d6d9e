package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import java.nio.file.Path;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** Turns of a failback, and where their record is. */
class FailbackNextTest extends OnJenkins {

    private String pair() {
        return "activeClusterId: '" + cloud.active + "', originalPrimaryClusterId: '" + cloud.original + "'";
    }

    private String ask() {
        return "def next = cockroachFailbackNext(" + pair() + ")\n"
                + "echo \"it is ${next.action} ${next.gate} ${next.clusterName}\"\n";
    }

    private static List<Entry> record(WorkflowRun run) throws Exception {
        Path newest = RecordFile.newest(FailbackAction.directory(run)).orElseThrow();
        return RecordFile.read(newest).entries();
    }

    @Test
    void aTurnIsInTheRecordOfItsBuildAndOnItsPage() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, ask());

        jenkins.assertLogContains("it is ask ERASE orders-east", run);
        assertThat(record(run))
                .hasAtLeastOneElementOfType(Entry.Examined.class)
                .first()
                .isInstanceOfSatisfying(
                        Entry.Began.class, began -> assertThat(began.driver()).startsWith("Jenkins, job1 #1, plugin "));
        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            assertThat(web.getPage(run).asNormalizedText()).contains("Failback to orders-east: not ended");
        }
    }

    @Test
    void whoRefusedIsInTheRecordAndEndsTheRun() throws Exception {
        String log = kind(
                "refused",
                ask() + "def who = 'alice'\n"
                        + "cockroachFailbackNext(" + pair()
                        + ", last: [turn: next.turn, result: [approved: false, by: \"${who}\"]])");

        assertThat(log).doesNotContain("it did not fail");
        WorkflowRun run =
                jenkins.jenkins.getItemByFullName("job1", WorkflowJob.class).getLastBuild();
        assertThat(record(run)).anySatisfy(entry -> assertThat(entry)
                .isInstanceOfSatisfying(
                        Entry.NotApproved.class, no -> assertThat(no.by()).isEqualTo("alice")));
        assertThat(record(run)).last().isInstanceOf(Entry.Ended.class);
        assertThat(cloud.posts()).isZero();
    }

    @Test
    void anErrorThatThePipelineCaughtIsHandedOver() throws Exception {
        String log = kind(
                "timedOut",
                ask() + "def caught\n"
                        + "try { timeout(time: 1, unit: 'MILLISECONDS') { input 'go on?' } }\n"
                        + "catch (org.jenkinsci.plugins.workflow.steps.FlowInterruptedException e) { caught = e }\n"
                        + "cockroachFailbackNext(" + pair() + ", last: [turn: next.turn, error: caught])");

        assertThat(log).doesNotContain("it did not fail");
        assertThat(cloud.posts()).isZero();
    }

    @Test
    void aNewBuildGoesOnWithWhatTheLastOneLeftOpen() throws Exception {
        WorkflowJob job = job(ask());
        WorkflowRun first = jenkins.buildAndAssertSuccess(job);
        job.setDefinition(new CpsFlowDefinition("echo 'no failback'", true));
        jenkins.buildAndAssertSuccess(job);
        job.setDefinition(new CpsFlowDefinition(ask(), true));
        WorkflowRun third = jenkins.buildAndAssertSuccess(job);

        assertThat(record(third)).startsWith(record(first).toArray(Entry[]::new));
        assertThat(record(third))
                .element(record(first).size())
                .isInstanceOfSatisfying(Entry.Resumed.class, resumed -> assertThat(resumed.driver())
                        .contains("job1 #3"));
    }

    @Test
    void whatIsOverIsNotGoneOnWith() throws Exception {
        WorkflowJob job = job(ask() + "cockroachFailbackNext(" + pair()
                + ", last: [turn: next.turn, result: [approved: false, by: 'alice']])");
        jenkins.assertBuildStatus(Result.FAILURE, job.scheduleBuild2(0));
        WorkflowRun second = jenkins.assertBuildStatus(Result.FAILURE, job.scheduleBuild2(0));

        assertThat(record(second)).noneMatch(Entry.Resumed.class::isInstance);
    }

    @Test
    void twoBuildsAreNotAtWorkOnOneFailback() throws Exception {
        WorkflowJob job = job(ask() + "input 'wait'");
        WorkflowRun first = job.scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("it is ask", first);

        WorkflowRun second = jenkins.assertBuildStatus(Result.FAILURE, job.scheduleBuild2(0));

        jenkins.assertLogContains("Build #1 of this job is at work on this failback", second);
        first.doStop();
        jenkins.waitForCompletion(first);
    }

    @Test
    void aSecondFailbackOfABuildHasARecordOfItsOwn() throws Exception {
        WorkflowRun run = run(
                Result.SUCCESS,
                ask() + "try { cockroachFailbackNext(" + pair()
                        + ", last: [turn: next.turn, result: [approved: false, by: 'alice']]) }\n"
                        + "catch (org.jenkinsci.plugins.workflow.steps.FlowInterruptedException e) { echo 'over' }\n"
                        + "cockroachFailbackNext(activeClusterId: '" + cloud.original
                        + "', originalPrimaryClusterId: '" + cloud.active + "')");

        jenkins.assertLogContains("over", run);
        assertThat(FailbackAction.records(run)).hasSize(2);
    }
}
