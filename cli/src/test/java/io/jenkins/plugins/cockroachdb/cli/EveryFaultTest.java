package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.RetryPolicy;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.SimulatorServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of fault in every operation that a command sends: words, an exit code, no stack trace and no key. */
class EveryFaultTest {

    private static final RetryPolicy QUICK = new RetryPolicy(
            2,
            Duration.ofMillis(500),
            Duration.ofSeconds(20),
            Duration.ofMillis(1),
            Duration.ofMillis(1),
            Duration.ofSeconds(5));

    @TempDir
    Path directory;

    private final Scene scene = SimulatedCloud.afterFailover(
            InstantSource.system(), CloudSettings.defaults().withRateLimitPerSecond(1000), new Random(1));
    private final Faults faults = new Faults();
    private final SimulatedEndpoint endpoint = new SimulatedEndpoint(scene.cloud(), faults);
    private SimulatorServer server;

    @BeforeEach
    void start() throws IOException {
        server = SimulatorServer.start(endpoint, 0);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    static Stream<Arguments> everyFaultOfStatus() {
        return Arrays.stream(FaultKind.values())
                .flatMap(kind -> Stream.of(Operation.GET_CLUSTER, Operation.LIST_STREAMS)
                        .map(operation -> Arguments.of(kind, operation)));
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("everyFaultOfStatus")
    void statusTellsAPersonWhatToDo(FaultKind kind, Operation operation) {
        Fault fault = Fault.of(kind);
        faults.always(
                operation,
                switch (kind) {
                    case LATENCY, SLOW_DRIP -> fault.withDelay(Duration.ofMillis(20));
                    case TOO_MANY_REQUESTS -> fault.withRetryAfter("0");
                    default -> fault;
                });

        Run run = Run.of(
                Map.of(
                        "COCKROACH_API_URL", server.uri().toString(),
                        "COCKROACH_API_SECRET_KEY", scene.key(),
                        "PRIMARY_CLUSTER_ID", scene.originalPrimaryId(),
                        "STANDBY_CLUSTER_ID", scene.activeId()),
                directory,
                QUICK,
                "status");

        if (kind == FaultKind.LATENCY) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.err()).isEmpty();
        } else {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .contains("What happened: Cannot ", "What holds:    Nothing was changed.", "What to do:    ");
            assertThat(run.err().lines()).allMatch(line -> line.startsWith("What "));
        }
        assertThat(run.output()).doesNotContain(scene.key());
    }
}
