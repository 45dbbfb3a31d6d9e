package io.jenkins.plugins.cockroachdb.jenkins;

import static org.awaitility.Awaitility.await;

import hudson.ExtensionList;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jenkinsci.plugins.workflow.actions.ArgumentsAction;
import org.jenkinsci.plugins.workflow.cps.CpsThreadGroup;
import org.jenkinsci.plugins.workflow.cps.nodes.StepEndNode;
import org.jenkinsci.plugins.workflow.cps.nodes.StepStartNode;
import org.jenkinsci.plugins.workflow.flow.FlowExecution;
import org.jenkinsci.plugins.workflow.flow.GraphListener;
import org.jenkinsci.plugins.workflow.graph.AtomNode;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.jvnet.hudson.test.JenkinsRule;

/**
 * Holds the program of a build still, once in the life of a Jenkins, so that Jenkins can be killed at that very point: in the one thread
 * that runs and saves it.
 */
public final class HeldProgram {

    private static final CountDownLatch HELD = new CountDownLatch(1);

    /** Loggers are garbage when nobody keeps them. */
    private static final Logger SAVES = Logger.getLogger(CpsThreadGroup.class.getName());

    private HeldProgram() {}

    /** Returns once the newest build of a job is held where it waits for a step, and has just been saved so. */
    static void whereItWaits(JenkinsRule rule, String job) throws Exception {
        FlowExecution execution = rule.jenkins
                .getItemByFullName(job, WorkflowJob.class)
                .getLastBuild()
                .getExecution();
        List<StepExecution> steps = execution.getCurrentExecutions(true).get(); // whoever is held tells nothing
        SAVES.setLevel(Level.FINE);
        SAVES.addHandler(new Handler() {
            @Override
            public void publish(LogRecord record) {
                if ("program state saved".equals(record.getMessage())
                        && execution.getCurrentHeads().stream().allMatch(AtomNode.class::isInstance)) {
                    hold();
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
        for (StepExecution step : steps) {
            step.getContext().saveState(); // whoever waits is not saved any more by itself
        }
        awaitIt(rule);
    }

    /** Holds it when the body of a stage has ended and was saved so, and the stage itself is about to end. */
    static void asTheStageEnds(JenkinsRule rule, String stage) {
        ExtensionList.lookup(GraphListener.class).add(0, new GraphListener.Synchronous() {
            @Override
            public void onNewHead(FlowNode node) {
                if (node instanceof StepEndNode end
                        && !((StepStartNode) end.getStartNode()).isBody()
                        && stage.equals(ArgumentsAction.getStepArgumentsAsString(end.getStartNode()))) {
                    hold();
                }
            }
        });
    }

    static void awaitIt(JenkinsRule rule) {
        await().atMost(Duration.ofMinutes(2)).until(() -> HELD.getCount() == 0);
    }

    private static void hold() {
        HELD.countDown();
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
