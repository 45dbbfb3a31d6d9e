package io.jenkins.plugins.cockroachdb.failback;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.cloud.StreamUpdate;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is foretold is what a run then does. */
class ForecastTest extends DrivenFailback {

    @Test
    void foretellsTheRunFromTheBeginning() {
        assertForetold(List.of(proxy));
    }

    @Test
    void foretellsTheRunWithoutProxies() {
        assertForetold(List.of());
    }

    @Test
    void foretellsTheRunThatAdoptsAStream() {
        cloud.addStream(StreamSpec.live(
                world.scene.activeId(),
                world.scene.originalPrimaryId(),
                world.time.instant().minus(Duration.ofHours(1))));
        assertForetold(List.of(proxy));
    }

    @Test
    void foretellsTheRunThatDiscardsWritesAndProtectsNothing() {
        cloud.addStream(StreamSpec.live(
                world.scene.activeId(),
                world.scene.originalPrimaryId(),
                world.time.instant().minus(Duration.ofHours(1))));
        settings = Settings.DEFAULT.toBuilder()
                .failoverAt(world.time.instant().minus(Duration.ofMinutes(10)))
                .build();
        assertForetold(List.of(proxy));
    }

    @Test
    void foretellsTheRunThatReProtects() {
        settings = Settings.DEFAULT.toBuilder().reProtect(true).build();
        assertForetold(List.of(proxy));
    }

    @Test
    void foretellsARefusal() {
        cloud.changeCluster(world.scene.originalPrimaryId(), cluster -> cluster.withState("LOCKED"));
        assertForetold(List.of(proxy));
    }

    @Test
    void aFenceThatIsNotOursIsWatchedBeforeAGate() {
        List<Action> foretold = actions(Forecast.of(Situations.given().stream(StreamStatus.REPLICATING)
                .traffic(Traffic.FENCED)
                .situation()));
        assertThat(kinds(foretold))
                .startsWith("Look", "Ask FOREIGN_FENCE", "Unfence")
                .endsWith("Finish COMPLETED");
    }

    @Test
    void aCreationIsNamedByAPlaceholderThatTheCallsOnItCarry() {
        List<Action> foretold =
                actions(Forecast.of(Situations.given().examined().situation()));
        assertThat(foretold)
                .filteredOn(Action.Initiate.class::isInstance)
                .containsExactly(new Action.Initiate(Forecast.REVERSE_STREAM, StreamUpdate.failOver(), null));
    }

    @Test
    void nothingIsForetoldAboutACloudThatWasNotSeen() {
        world.scene.cloud().revokeKey(world.scene.key());
        CloudException failure = (CloudException) world.failure(world.client.cluster(world.scene.activeId()));
        assertThat(Forecast.of(Situations.given().blind(failure))).isEmpty();
    }

    private void assertForetold(List<MemoryProxy> proxies) {
        CompletableFuture<Examination> examining = new Observer(
                        world.client, world.scene.originalPrimaryId(), world.scene.activeId(), proxies, world.time)
                .examine(settings);
        world.runUntil(examining::isDone);
        Examination examination = examining.join();
        MemoryJournal journal = journal();
        List<Action> foretold = actions(Forecast.of(new Situation(
                world.time.instant(), settings, journal.record(), examination.sight(), Optional.of(examination))));

        Action.Finish end = run(journal, proxies);

        assertThat(kinds(foretold)).isEqualTo(kinds(actions));
        Action.Finish last = (Action.Finish) foretold.get(foretold.size() - 1);
        assertThat(withoutIds(last.message())).isEqualTo(withoutIds(end.message()));
    }

    /** The id of a stream is known only once it was created. */
    private static String withoutIds(String message) {
        return message.replaceAll("stream [\\w-]+", "stream");
    }

    private static List<Action> actions(List<Forecast.Step> steps) {
        return steps.stream().map(Forecast.Step::action).toList();
    }

    /** What is done, without how often it is looked at meanwhile. */
    private static List<String> kinds(List<Action> actions) {
        List<String> kinds = new ArrayList<>();
        for (Action action : actions) {
            if (action instanceof Action.Examine) {
                continue; // a driver examines unasked where the runbook would ask for it next
            }
            String kind = action.getClass().getSimpleName();
            if (action instanceof Action.Ask ask) {
                kind += " " + ask.gate();
            } else if (action instanceof Action.Finish finish) {
                kind += " " + finish.outcome();
            }
            if (kinds.isEmpty() || !kinds.get(kinds.size() - 1).equals(kind)) {
                kinds.add(kind);
            }
        }
        return kinds;
    }
}
