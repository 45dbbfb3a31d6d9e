package io.jenkins.plugins.cockroachdb.failback.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A host whose disk is slow. All of a step runs on the thread of the test, so one that holds its thread until it is saved would
 * never come back to the test.
 */
@Timeout(30)
class SlowSaveTest extends SteppedWorld {

    /** Starts a step and lets it come to its first save, which does not end. */
    private CompletableFuture<Map<String, Object>> startOnSlowDisk(SavingStep step) {
        life.disk = new CompletableFuture<>();
        CompletableFuture<Map<String, Object>> end = start(step.contract, step.given.apply(this));
        world.runUntil(() -> life.progress().phase() != Progress.Phase.NEW);
        return end;
    }

    /** Whatever it sends after its save, requests that only read included, if there is time enough for that. */
    private int sentInAnHour() {
        int before = world.endpoint.log().size();
        time.advance(Duration.ofHours(1));
        return world.endpoint.log().size() - before;
    }

    @ParameterizedTest
    @EnumSource
    void aSaveThatNeverEndsMeansThatNothingIsSent(SavingStep step) {
        CompletableFuture<Map<String, Object>> end = startOnSlowDisk(step);

        assertThat(sentInAnHour()).isZero();
        assertThat(end).isNotDone();
    }

    @ParameterizedTest
    @EnumSource
    void goesOnOnceItIsSaved(SavingStep step) {
        CompletableFuture<Map<String, Object>> end = startOnSlowDisk(step);
        time.advance(Duration.ofSeconds(30));

        life.disk.complete(null);
        world.runUntil(end::isDone);

        assertThat(end.join()).containsKey("status");
        assertThat(posts() + patches()).isEqualTo(step == SavingStep.AWAIT ? 0 : 1);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsStoppedMeanwhileSendsNothingAfterTheSave(SavingStep step) {
        CompletableFuture<Map<String, Object>> end = startOnSlowDisk(step);

        end.cancel(true);
        life.disk.complete(null);

        assertThat(sentInAnHour()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeSavedIsNotSent(SavingStep step) {
        CompletableFuture<Map<String, Object>> end = startOnSlowDisk(step);

        life.disk.completeExceptionally(new IllegalStateException("the disk is full"));

        assertThat(world.failure(end)).hasMessage("the disk is full");
        assertThat(sentInAnHour()).isZero();
    }
}
