package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.ExtensionList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/** One failback, and Jenkins is killed as each of its stages begins. */
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
        jenkins.runRemotely(
                Remote::start,
                "@Library('cockroachdb-failback') _\n"
                        + "def end = cockroachFailback(cloud: 'simulated', activeClusterId: '"
                        + SimulatedPair.ACTIVE_ID + "', originalPrimaryClusterId: '"
                        + SimulatedPair.ORIGINAL_PRIMARY_ID + "', proxies: ['simulated:edge?primary="
                        + SimulatedPair.ORIGINAL_PRIMARY_ID + "&standby=" + SimulatedPair.ACTIVE_ID + "'])\n"
                        + "echo \"end ${end.outcome}\"");
        for (String stage : STAGES) {
            jenkins.runRemotely(OpenGates::approveUntil, JOB, SimulatedPair.ORIGINAL_PRIMARY, "{ (" + stage + ")");
            jenkins.stopJenkinsForcibly();
            jenkins.startJenkins();
        }
        String end = jenkins.runRemotely(OpenGates::approveToTheEnd, JOB, SimulatedPair.ORIGINAL_PRIMARY);
        assertThat(end).startsWith("SUCCESS").contains("end completed");
        assertThat(SimulatedJournal.changes(jenkins.getHome())).containsExactly("POST", "TRAFFIC", "PATCH", "TRAFFIC");
        jenkins.stopJenkins();
    }

    /** What happens in the process of Jenkins, in another class loader: only what is public is within reach there. */
    public static final class Remote {

        private Remote() {}

        static void start(JenkinsRule rule, String pipeline) throws Throwable {
            CloudConfiguration configuration = ExtensionList.lookupSingleton(CloudConfiguration.class);
            configuration.setSimulatedTimeScale(4); // most stages take longer than a start of Jenkins
            configuration.setSimulated(true);
            WorkflowJob job = rule.createProject(WorkflowJob.class, JOB);
            job.setDefinition(new CpsFlowDefinition(pipeline, true));
            job.scheduleBuild2(0).waitForStart();
        }
    }
}
