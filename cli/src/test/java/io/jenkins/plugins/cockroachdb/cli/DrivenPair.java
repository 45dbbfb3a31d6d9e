package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Journal;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.ScaledTime;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.SimulatorServer;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a test needs to run commands on a simulated pair after a failover, over real HTTP, in time that runs fast for cloud and
 * program alike.
 */
@Timeout(60)
abstract class DrivenPair {

    @TempDir
    Path directory;

    final ScaledTime time = new ScaledTime(Instant.now(), 20);
    final Faults faults = new Faults();
    final Map<String, String> environment = new HashMap<>();
    final List<String> prompts = new ArrayList<>();
    final PressedSignals signals = new PressedSignals();
    Scene scene;
    SimulatedEndpoint endpoint;
    private UnaryOperator<Journal> journals = UnaryOperator.identity();
    private SimulatorServer server;

    @BeforeEach
    void start() throws IOException {
        start(CloudSettings.defaults().fasterBy(10_000).withRateLimitPerSecond(1000));
    }

    /** Another cloud than the usual, whose processes take next to no time. */
    final void start(CloudSettings settings) throws IOException {
        if (server != null) {
            server.close();
        }
        scene = SimulatedCloud.afterFailover(time, settings, new Random(3));
        endpoint = new SimulatedEndpoint(scene.cloud(), faults);
        server = SimulatorServer.start(endpoint, 0);
        environment.put("COCKROACH_API_URL", server.uri().toString());
        environment.put("COCKROACH_API_SECRET_KEY", scene.key());
        environment.put("PRIMARY_CLUSTER_ID", scene.originalPrimaryId());
        environment.put("STANDBY_CLUSTER_ID", scene.activeId());
        environment.put("XDG_STATE_HOME", directory.resolve("state").toString());
    }

    @AfterEach
    void noFileHoldsTheKey() throws IOException {
        server.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file)).doesNotContain(scene.key());
            }
        }
    }

    /** Runs with nobody at a terminal. */
    final Run run(String... args) {
        return run(Optional.empty(), args);
    }

    final Run run(Terminal terminal, String... args) {
        return run(Optional.of(terminal), args);
    }

    private Run run(Optional<Terminal> terminal, String... args) {
        Run run = Run.of(
                shell -> shell.withTerminal(terminal)
                        .withSignals(signals)
                        .withTime(time, time::timer)
                        .withAround(journals, UnaryOperator.identity()),
                environment,
                directory,
                args);
        assertThat(run.output()).doesNotContain(scene.key());
        return run;
    }

    /** Has something done right after an entry was recorded. */
    final void onEntry(Consumer<Entry> what) {
        journals = journal -> new Journal() {
            @Override
            public FailbackRecord record() {
                return journal.record();
            }

            @Override
            public void append(Entry entry) {
                journal.append(entry);
                what.accept(entry);
            }
        };
    }

    /** Somebody who types these lines, and then nothing any more. */
    final Terminal typing(String... lines) {
        Queue<String> typed = new ArrayDeque<>(List.of(lines));
        return prompt -> {
            prompts.add(prompt);
            return typed.poll();
        };
    }

    /** A reverse stream that replicates for a minute. */
    final String addLiveStream() {
        return scene.cloud()
                .addStream(StreamSpec.live(
                        scene.activeId(),
                        scene.originalPrimaryId(),
                        time.instant().minus(Duration.ofMinutes(1))));
    }

    /** Where the records of a failback from the active cluster to the original primary are. */
    final Path records() {
        return records(scene.originalPrimaryId(), scene.activeId());
    }

    final Path records(String originalPrimaryId, String activeId) {
        return directory.resolve("state/cockroachdb-failback").resolve(originalPrimaryId + "_" + activeId);
    }

    final FailbackRecord record(int number) throws IOException {
        return RecordFile.read(records().resolve("%06d.jsonl".formatted(number)));
    }

    /** The record that a run left that was killed. */
    final RecordFile openRecord() throws IOException {
        return RecordFile.open(records(), scene.originalPrimaryId(), scene.activeId(), "another run", time);
    }

    final void assertWritesSent(int posts, int patches) {
        assertThat(List.of(endpoint.received(Operation.CREATE_STREAM), endpoint.received(Operation.UPDATE_STREAM)))
                .as("POSTs and PATCHes")
                .isEqualTo(List.of(posts, patches));
    }
}
