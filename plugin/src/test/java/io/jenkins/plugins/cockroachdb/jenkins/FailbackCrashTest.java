package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.ExtensionList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.cps.CpsFlowExecution;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/** One failback, and Jenkins is killed as each of its stages begins, or at the worst moment. */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class FailbackCrashTest {

    /** Of a failback without an end of its own, in order. */
    static final List<String> STAGES = List.of(
            "creating the stream",
            "stream starting",
            "first copy and catching up",
            "approval to cut over",
            "fence, and everything replicated",
            "cutover",
            "release of traffic");

    private static final String JOB = "failback";

    @RegisterExtension
    private final RealJenkinsExtension jenkins = new RealJenkinsExtension().withTimeout(1800);

    @Test
    void theNextJenkinsGoesOn() throws Throwable {
        jenkins.startJenkins();
        jenkins.runRemotely(Remote::start, pipeline(), 4); // most stages take longer than a start of Jenkins
        for (String stage : STAGES) {
            jenkins.runRemotely(OpenGates::approveUntil, JOB, SimulatedPair.ORIGINAL_PRIMARY, "{ (" + stage + ")");
            // Not just anywhere: between two steps Jenkins may lose the end of a block, as the test below has it.
            jenkins.runRemotely(HeldProgram::whereItWaits, JOB);
            jenkins.stopJenkinsForcibly();
            jenkins.startJenkins();
        }
        String end = jenkins.runRemotely(OpenGates::approveToTheEnd, JOB, SimulatedPair.ORIGINAL_PRIMARY);
        assertThat(end).startsWith("SUCCESS").contains("end completed");
        assertThat(SimulatedJournal.changes(jenkins.getHome())).containsExactly("POST", "TRAFFIC", "PATCH", "TRAFFIC");
        jenkins.stopJenkins();
    }

    /**
     * Jenkins itself loses that the body of a block has ended when it is killed before the block has ended too. Such a build stands still,
     * until somebody aborts it; then the next one goes on.
     */
    @Test
    void aBuildThatStandsStillIsAbortedAndTheNextOneGoesOn() throws Throwable {
        jenkins.startJenkins();
        jenkins.runRemotely(HeldProgram::asTheStageEnds, "fence, and everything replicated");
        jenkins.runRemotely(Remote::start, pipeline(), 60);
        jenkins.runRemotely(OpenGates::approve, JOB, SimulatedPair.ORIGINAL_PRIMARY);
        jenkins.runRemotely(OpenGates::approve, JOB, SimulatedPair.ORIGINAL_PRIMARY);
        jenkins.runRemotely(HeldProgram::awaitIt);
        jenkins.stopJenkinsForcibly();
        jenkins.startJenkins();
        jenkins.runRemotely(Remote::abortWhatStandsStill);
        String aborted = jenkins.runRemotely(OpenGates::end, JOB);
        assertThat(aborted).startsWith("ABORTED").contains("Traffic: edge on A.");
        assertThat(SimulatedJournal.changes(jenkins.getHome())).containsExactly("POST", "TRAFFIC", "TRAFFIC");

        jenkins.runRemotely(Remote::build);
        String end = jenkins.runRemotely(OpenGates::approveToTheEnd, JOB, SimulatedPair.ORIGINAL_PRIMARY);
        assertThat(end).startsWith("SUCCESS").contains("end completed");
        assertThat(SimulatedJournal.changes(jenkins.getHome())).containsExactly("POST", "TRAFFIC", "TRAFFIC", "TRAFFIC", "PATCH", "TRAFFIC");
        jenkins.stopJenkins();
    }

    private static String pipeline() {
        return "@Library('cockroachdb-failback') _\n"
                + "def end = cockroachFailback(cloud: 'simulated', activeClusterId: '"
                + SimulatedPair.ACTIVE_ID + "', originalPrimaryClusterId: '"
                + SimulatedPair.ORIGINAL_PRIMARY_ID + "', proxies: ['simulated:edge?primary="
                + SimulatedPair.ORIGINAL_PRIMARY_ID + "&standby=" + SimulatedPair.ACTIVE_ID + "'])\n"
                + "echo \"end ${end.outcome}\"";
    }

    /** What happens in the process of Jenkins, in another class loader: only what is public is within reach there. */
    public static final class Remote {

        private Remote() {}

        static void start(JenkinsRule rule, String pipeline, Integer timeScale) throws Throwable {
            CloudConfiguration configuration = ExtensionList.lookupSingleton(CloudConfiguration.class);
            configuration.setSimulatedTimeScale(timeScale);
            configuration.setSimulated(true);
            WorkflowJob job = rule.createProject(WorkflowJob.class, JOB);
            job.setDefinition(new CpsFlowDefinition(pipeline, true));
            build(rule);
        }

        static void build(JenkinsRule rule) throws Throwable {
            job(rule).scheduleBuild2(0).waitForStart();
        }

        /** Aborts a build, as a person does, in which nothing is to be done and whose newest step waits for a body that is not there. */
        static void abortWhatStandsStill(JenkinsRule rule) throws Throwable {
            WorkflowRun run = job(rule).getLastBuild();
            rule.waitForMessage("Ready to run", run);
            CpsFlowExecution execution = (CpsFlowExecution) run.getExecution();
            execution.waitForSuspension();
            assertThat(execution.getCurrentExecutions(true).get())
                    .singleElement()
                    .matches(step -> step.getContext().hasBody());
            run.doStop();
        }

        private static WorkflowJob job(JenkinsRule rule) {
            return rule.jenkins.getItemByFullName(JOB, WorkflowJob.class);
        }
    }
}
