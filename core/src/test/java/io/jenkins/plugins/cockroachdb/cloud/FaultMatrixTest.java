package io.jenkins.plugins.cockroachdb.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.SimulatorServer;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of fault in every operation, over HTTP on loopback: a definite typed end, words for a person, no key, and each
 * write on the wire once. The table below is made of switches without a default, so that a new kind of fault or a new
 * operation does not compile until somebody has decided about it.
 */
class FaultMatrixTest {

    private static final int ATTEMPTS = 2;

    /** Quick enough for a real clock; the times of production are tried on virtual time in {@link CloudClientTest}. */
    private static final RetryPolicy QUICK = new RetryPolicy(
            ATTEMPTS,
            Duration.ofSeconds(1),
            Duration.ofSeconds(20),
            Duration.ofMillis(1),
            Duration.ofMillis(1),
            Duration.ofSeconds(5));

    private final Faults faults = new Faults();
    private final Scene scene = SimulatedCloud.afterFailover(
            InstantSource.system(), CloudSettings.defaults().withRateLimitPerSecond(1000), new Random(1));
    private final SimulatedEndpoint endpoint = new SimulatedEndpoint(scene.cloud(), faults);
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private SimulatorServer server;
    private OkHttpTransport transport;
    private CloudClient client;
    private String stream;

    @BeforeEach
    void start() throws IOException {
        server = SimulatorServer.start(endpoint, 0);
        transport = OkHttpTransport.with(OkHttpTransport.Connection.DEFAULT);
        client = CloudClient.builder(ApiUrl.of(server.uri().toString()), () -> ApiKey.of(scene.key()), transport, timer)
                .policy(QUICK)
                .build();
    }

    @AfterEach
    void stop() throws IOException {
        transport.close();
        server.close();
        timer.shutdownNow();
    }

    static Stream<Arguments> everyFaultInEveryOperation() {
        return Arrays.stream(FaultKind.values())
                .flatMap(kind -> Arrays.stream(Operation.values()).map(operation -> Arguments.of(kind, operation)));
    }

    @ParameterizedTest(name = "{0} in {1}")
    @MethodSource("everyFaultInEveryOperation")
    void hasADefiniteEnd(FaultKind kind, Operation operation) throws Exception {
        if (operation == Operation.UPDATE_STREAM || operation == Operation.GET_STREAM) {
            stream = scene.cloud()
                    .addStream(StreamSpec.live(
                            scene.activeId(),
                            scene.originalPrimaryId(),
                            Instant.now().minus(Duration.ofDays(1))));
        }
        faults.always(simulated(operation), quick(kind));

        Throwable failure = failureOf(call(operation));

        Class<? extends CloudException> expected = operation.isWrite() ? endOfWrite(kind) : endOfRead(kind);
        if (expected == null) {
            assertThat(failure).isNull();
        } else {
            assertThat(failure).isExactlyInstanceOf(expected);
            assertTellsAPerson((CloudException) failure, operation);
            assertHoldsNoKey(failure);
        }
        int onTheWire = endpoint.received(simulated(operation));
        if (operation.isWrite()) {
            assertThat(onTheWire).as("a write is on the wire once").isEqualTo(1);
        } else {
            assertThat(onTheWire).isEqualTo(isRepeated(kind) ? ATTEMPTS : 1);
        }
    }

    @Test
    void bothSidesKnowTheSameOperations() {
        assertThat(io.jenkins.plugins.cockroachdb.simulator.Operation.values())
                .extracting(Enum::name)
                .containsExactlyInAnyOrder(
                        Arrays.stream(Operation.values()).map(Enum::name).toArray(String[]::new));
    }

    /** How a read ends that always meets this fault; null for well. */
    private static Class<? extends CloudException> endOfRead(FaultKind kind) {
        return switch (kind) {
            case LATENCY -> null;
            case TOO_MANY_REQUESTS -> CloudException.RateLimited.class;
            case REQUEST_TIMEOUT,
                    INTERNAL_ERROR,
                    BAD_GATEWAY,
                    UNAVAILABLE,
                    UNAVAILABLE_RETRY_AT_ONCE,
                    GATEWAY_TIMEOUT_AFTER_EFFECT -> CloudException.ServerError.class;
            case RESET_BEFORE_EFFECT, RESET_AFTER_EFFECT, SLOW_DRIP, NO_ANSWER -> CloudException.Unreachable.class;
            case REDIRECT, EMPTY_BODY, TRUNCATED_BODY, MALFORMED_BODY, WRONG_TYPES, OVERSIZED_BODY -> CloudException
                    .UnreadableAnswer.class;
        };
    }

    /** How a write ends that meets this fault; null for well. Only a clear refusal is one: see {@link Failures}. */
    private static Class<? extends CloudException> endOfWrite(FaultKind kind) {
        return switch (kind) {
            case LATENCY -> null;
            case TOO_MANY_REQUESTS -> CloudException.RateLimited.class;
            case REQUEST_TIMEOUT,
                    INTERNAL_ERROR,
                    BAD_GATEWAY,
                    UNAVAILABLE,
                    UNAVAILABLE_RETRY_AT_ONCE,
                    GATEWAY_TIMEOUT_AFTER_EFFECT,
                    RESET_BEFORE_EFFECT,
                    RESET_AFTER_EFFECT,
                    SLOW_DRIP,
                    NO_ANSWER,
                    REDIRECT,
                    EMPTY_BODY,
                    TRUNCATED_BODY,
                    MALFORMED_BODY,
                    WRONG_TYPES,
                    OVERSIZED_BODY -> CloudException.FateUnknown.class;
        };
    }

    /** Whether a read that meets this fault is worth another attempt. */
    private static boolean isRepeated(FaultKind kind) {
        return switch (kind) {
            case TOO_MANY_REQUESTS,
                    REQUEST_TIMEOUT,
                    BAD_GATEWAY,
                    UNAVAILABLE,
                    UNAVAILABLE_RETRY_AT_ONCE,
                    GATEWAY_TIMEOUT_AFTER_EFFECT,
                    RESET_BEFORE_EFFECT,
                    RESET_AFTER_EFFECT,
                    TRUNCATED_BODY,
                    SLOW_DRIP,
                    NO_ANSWER -> true;
            case LATENCY, INTERNAL_ERROR, REDIRECT, EMPTY_BODY, MALFORMED_BODY, WRONG_TYPES, OVERSIZED_BODY -> false;
        };
    }

    private CompletableFuture<?> call(Operation operation) {
        return switch (operation) {
            case GET_ORGANIZATION -> client.organization();
            case LIST_CLUSTERS -> client.clusters();
            case GET_CLUSTER -> client.cluster(scene.activeId());
            case LIST_NODES -> client.nodes(scene.activeId());
            case GET_DISRUPTION -> client.disruption(scene.activeId());
            case LIST_STREAMS -> client.streams(StreamFilter.live().andCompleted());
            case GET_STREAM -> client.stream(stream);
            case CREATE_STREAM -> client.createStream(
                    NewStream.from(scene.activeId()).erasing(scene.originalPrimaryId()));
            case UPDATE_STREAM -> client.updateStream(stream, StreamUpdate.failOver());
        };
    }

    private static Fault quick(FaultKind kind) {
        Fault fault = Fault.of(kind);
        return switch (kind) {
            case LATENCY, SLOW_DRIP -> fault.withDelay(Duration.ofMillis(20));
            case TOO_MANY_REQUESTS -> fault.withRetryAfter("0");
            default -> fault;
        };
    }

    private static io.jenkins.plugins.cockroachdb.simulator.Operation simulated(Operation operation) {
        return io.jenkins.plugins.cockroachdb.simulator.Operation.valueOf(operation.name());
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        try {
            future.join();
            return null;
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    private static void assertTellsAPerson(CloudException failure, Operation operation) {
        assertThat(failure.whatHappened()).contains(operation.words()).endsWith(".");
        assertThat(failure.whatHolds())
                .endsWith(".")
                .containsAnyOf("Nothing was changed", "Nothing was sent", "not repeated");
        assertThat(failure.whatToDo()).endsWith(".").hasSizeGreaterThan(20);
        assertThat(failure).hasMessage(failure.whatHappened() + " " + failure.whatHolds() + " " + failure.whatToDo());
        assertThat(failure.getMessage()).doesNotContain("Exception", "null", "\n");
    }

    private void assertHoldsNoKey(Throwable failure) throws IOException {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        ByteArrayOutputStream serialized = new ByteArrayOutputStream();
        new ObjectOutputStream(serialized).writeObject(failure);

        assertThat(trace.toString()).doesNotContain(scene.key());
        assertThat(serialized.toString(StandardCharsets.ISO_8859_1)).doesNotContain(scene.key());
    }
}
