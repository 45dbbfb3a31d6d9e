package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionTimeoutException;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.support.steps.input.InputAction;
import org.jenkinsci.plugins.workflow.support.steps.input.InputStepExecution;
import org.jvnet.hudson.test.JenkinsRule;

/** What a Jenkins in another process is told about the newest build of a job. */
public final class OpenGates {

    private OpenGates() {}

    private static WorkflowRun newest(JenkinsRule rule, String job) {
        return rule.jenkins.getItemByFullName(job, WorkflowJob.class).getLastBuild();
    }

    private static List<InputStepExecution> open(WorkflowRun run) throws Exception {
        InputAction gates = run.getAction(InputAction.class);
        return gates == null
                ? List.of()
                : gates.getExecutions().stream()
                        .filter(gate -> !gate.isSettled())
                        .toList();
    }

    /** Returns once something is asked. */
    static void awaitOne(JenkinsRule rule, String job) {
        WorkflowRun run = newest(rule, job);
        await().atMost(Duration.ofMinutes(2)).until(() -> !open(run).isEmpty());
    }

    /** Approves what is asked, and what is not asked yet is waited for. */
    static void approve(JenkinsRule rule, String job, String clusterName) throws Exception {
        awaitOne(rule, job);
        for (InputStepExecution gate : open(newest(rule, job))) {
            gate.proceed(answer(clusterName));
        }
    }

    /** Returns once the log has the words. */
    static void awaitMessage(JenkinsRule rule, String job, String words) throws Exception {
        rule.waitForMessage(words, newest(rule, job));
    }

    /** Approves whatever is asked until the log has the words; shows the log when the build ends, or waits, without them. */
    static void approveUntil(JenkinsRule rule, String job, String clusterName, String words) throws Exception {
        WorkflowRun run = newest(rule, job);
        try {
            await().atMost(Duration.ofMinutes(5)).until(() -> {
                List<InputStepExecution> gates = open(run); // before the log, so that none is approved that comes after the words
                String log = JenkinsRule.getLog(run);
                if (log.contains(words) || log.contains("Finished: ")) {
                    return true;
                }
                for (InputStepExecution gate : gates) {
                    gate.proceed(answer(clusterName));
                }
                return false;
            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(words + " is not in the log:\n" + JenkinsRule.getLog(run), e);
        }
        assertThat(JenkinsRule.getLog(run)).contains(words);
    }

    private static Map<String, Object> answer(String clusterName) {
        return Map.of("clusterName", clusterName, "approver", "lead");
    }

    /** Approves whatever is asked, and tells how the build ended, followed by its log. */
    static String approveToTheEnd(JenkinsRule rule, String job, String clusterName) throws Exception {
        approveUntil(rule, job, clusterName, "Finished: ");
        return end(rule, job);
    }

    /** How the build ended, followed by its log. */
    static String end(JenkinsRule rule, String job) throws Exception {
        WorkflowRun run = rule.waitForCompletion(newest(rule, job));
        return run.getResult() + "\n" + JenkinsRule.getLog(run);
    }
}
