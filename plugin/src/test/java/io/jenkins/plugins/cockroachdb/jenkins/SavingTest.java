package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.ExtensionList;
import hudson.model.Result;
import hudson.util.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.pickles.Pickle;
import org.jenkinsci.plugins.workflow.pickles.PickleFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Jenkins whose disk hangs while it saves builds that are about to cancel a stream. */
class SavingTest extends OnJenkins {

    private final Duration usual = CloudStepExecution.saveLimit;
    private final CountDownLatch disk = new CountDownLatch(1);
    private final Map<Object, Integer> saves = new ConcurrentHashMap<>();

    @BeforeEach
    void hang() {
        ExtensionList.lookup(PickleFactory.class).add(0, new PickleFactory() {
            @Override
            public Pickle writeReplace(Object object) {
                // The first save is that of its beginning.
                if (object instanceof CancelStreamStep.Execution && saves.merge(object, 1, Integer::sum) == 2) {
                    awaitDisk();
                }
                return null;
            }
        });
    }

    @AfterEach
    void saveAsUsual() {
        CloudStepExecution.saveLimit = usual;
        disk.countDown();
    }

    private void awaitDisk() {
        try {
            disk.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitHanging(int builds) {
        await().atMost(Duration.ofMinutes(1))
                .until(() -> saves.values().stream().filter(times -> times == 2).count() == builds);
    }

    @Test
    void whatHangsHoldsNoThreadAndGoesOnOnceItIsSaved() throws Exception {
        List<WorkflowRun> hanging = new ArrayList<>();
        for (int i = 0; i < 4; i++) { // all steps share two threads
            hanging.add(job("cockroachCancelStream '" + cloud.replicating() + "'")
                    .scheduleBuild2(0)
                    .waitForStart());
        }
        awaitHanging(hanging.size());

        run(Result.SUCCESS, "cockroachClusterStatus '" + cloud.active + "'");
        assertThat(cloud.patches()).isZero();

        disk.countDown();
        for (WorkflowRun run : hanging) {
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        }
        assertThat(cloud.patches()).isEqualTo(hanging.size());
    }

    @Test
    void whatCannotBeSavedInTimeFailsWithNothingSent() throws Exception {
        CloudStepExecution.saveLimit = Duration.ofSeconds(1);
        CloudSession session = CloudSessions.get()
                .acquire(CloudConfiguration.get().place("test").orElseThrow(), Secret.fromString(cloud.key));
        WorkflowRun run = job(caught("cockroachCancelStream '" + cloud.replicating() + "'"))
                .scheduleBuild2(0)
                .waitForStart();
        awaitHanging(1);
        await().atMost(Duration.ofMinutes(1)).until(() -> session.users == 1); // that is us

        disk.countDown();
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.assertLogContains("kind is failed, because Jenkins could not save the build", run);
        jenkins.assertLogContains("nothing was changed", run);
        assertThat(cloud.patches()).isZero();
        CloudSessions.get().release(session);
    }
}
