package io.jenkins.plugins.cockroachdb.jenkins;

import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.HttpRequest;
import io.jenkins.plugins.cockroachdb.simulator.HttpResponse;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.SimulatorServer;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** A simulated cloud behind HTTP, outside of Jenkins, in which a failover has just happened. */
final class TestCloud implements AutoCloseable {

    /** The name of the original primary. */
    static final String P = "orders-east";

    /** The name of the active cluster. */
    static final String A = "orders-west";

    final SimulatedCloud cloud;
    final Faults faults = new Faults();
    final SimulatedEndpoint endpoint;
    final String key;
    final String original;
    final String active;
    private final SimulatorServer server;

    TestCloud() {
        this(CloudSettings.defaults()
                .withStarting(Duration.ofSeconds(1))
                .withInitialScan(Duration.ofSeconds(1))
                .withStride(Duration.ofSeconds(1))
                .withStrideTransit(Duration.ofMillis(100))
                .withRevert(Duration.ofSeconds(2))
                .withRateLimitPerSecond(1000));
    }

    TestCloud(CloudSettings settings) {
        Scene scene = SimulatedCloud.afterFailover(InstantSource.system(), settings, new SecureRandom());
        cloud = scene.cloud();
        key = scene.key();
        original = scene.originalPrimaryId();
        active = scene.activeId();
        endpoint = new SimulatedEndpoint(cloud, faults);
        try {
            server = SimulatorServer.start(endpoint, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return server.uri().toString();
    }

    /** The id of a reverse stream that has long caught up. */
    String replicating() {
        return liveFor(Duration.ofHours(1));
    }

    /** The id of a reverse stream that was created some time ago. */
    String liveFor(Duration age) {
        return cloud.addStream(StreamSpec.live(active, original, Instant.now().minus(age)));
    }

    /** The id of a reverse stream whose cutover somebody asked for, to a time that is ahead. */
    String cuttingOver() {
        String id = replicating();
        String body = "{\"status\": \"FAILING_OVER\", \"failover_at\": \""
                + Instant.now().plus(Duration.ofMinutes(50)) + "\"}";
        HttpResponse response = cloud.handle(new HttpRequest(
                "PATCH",
                "/api/v1/physical-replication-streams/" + id,
                Map.of("Authorization", "Bearer " + key, "Content-Type", "application/json"),
                body.getBytes(StandardCharsets.UTF_8)));
        if (response.status() != 200) {
            throw new IllegalStateException(response.toString());
        }
        return id;
    }

    /** The id of a reverse stream that somebody canceled. */
    String canceled() {
        Instant now = Instant.now();
        return cloud.addStream(
                StreamSpec.canceled(active, original, now.minus(Duration.ofHours(2)), now.minus(Duration.ofHours(1))));
    }

    /** Lets the original primary serve again. */
    void cameHome() {
        Instant now = Instant.now();
        cloud.addStream(
                StreamSpec.completed(active, original, now.minus(Duration.ofHours(2)), now.minus(Duration.ofHours(1))));
    }

    List<String> reverseStreams() {
        return cloud.streamIds(active, original);
    }

    /** How often a stream was asked for. */
    int posts() {
        return endpoint.received(Operation.CREATE_STREAM);
    }

    /** How often a stream was told what to become. */
    int patches() {
        return endpoint.received(Operation.UPDATE_STREAM);
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
