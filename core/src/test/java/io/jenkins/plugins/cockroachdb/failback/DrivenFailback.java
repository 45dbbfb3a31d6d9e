package io.jenkins.plugins.cockroachdb.failback;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.SimulatedWorld;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What a test needs to drive a failback against the simulated cloud on virtual time. */
abstract class DrivenFailback {

    final SimulatedWorld world = new SimulatedWorld(CloudSettings.defaults());
    final SimulatedCloud cloud = world.scene.cloud();
    final MemoryProxy proxy = new MemoryProxy("edge", world.time);
    final List<Action> actions = new ArrayList<>();
    final List<String> acknowledged = new ArrayList<>();
    final List<Gatekeeper.Question> asked = new ArrayList<>();
    Gatekeeper gatekeeper = question -> {
        asked.add(question);
        return CompletableFuture.completedFuture(new Gatekeeper.Reply(true, "lead"));
    };
    Settings settings = Settings.DEFAULT;
    int writes;

    Action.Finish run(MemoryJournal journal) {
        return run(journal, List.of(proxy));
    }

    Action.Finish run(MemoryJournal journal, List<MemoryProxy> proxies) {
        CompletableFuture<Action.Finish> run = driver(journal, proxies).run();
        world.runUntil(run::isDone);
        return run.join();
    }

    FailbackDriver driver(Journal journal, List<MemoryProxy> proxies) {
        return new FailbackDriver(
                world.client,
                new StreamWatcher(world.client, world.time, world.time),
                List.copyOf(proxies),
                question -> gatekeeper.ask(question),
                journal,
                settings,
                world.time,
                world.time,
                actions::add);
    }

    MemoryJournal journal() {
        return new MemoryJournal(began());
    }

    Entry.Began began() {
        return new Entry.Began(world.time.instant(), world.scene.originalPrimaryId(), world.scene.activeId(), "test");
    }

    /** A client behind the proxy that writes twice a second wherever it is let. */
    void keepWriting() {
        keepWriting(proxy);
    }

    void keepWriting(MemoryProxy proxy) {
        world.time.scheduleAtFixedRate(
                () -> {
                    String value = "write " + writes++;
                    boolean onActive = proxy.toActive && cloud.write(world.scene.activeId(), value);
                    boolean onOriginal = proxy.toOriginal && cloud.write(world.scene.originalPrimaryId(), value);
                    if (onActive || onOriginal) {
                        acknowledged.add(value);
                    }
                },
                0,
                500,
                TimeUnit.MILLISECONDS);
    }

    void assertNothingLost() {
        Set<String> missing = new LinkedHashSet<>(acknowledged);
        cloud.writes(world.scene.originalPrimaryId()).forEach(write -> missing.remove(write.value()));
        assertThat(acknowledged).hasSizeGreaterThan(100);
        assertThat(missing).isEmpty();
    }

    void assertOneWriteOfEachKind() {
        assertThat(world.endpoint.received(Operation.CREATE_STREAM)).isEqualTo(1);
        assertThat(world.endpoint.received(Operation.UPDATE_STREAM)).isEqualTo(1);
        assertThat(proxy.toOriginal).isTrue();
        assertThat(proxy.toActive).isFalse();
    }
}
