package io.jenkins.plugins.cockroachdb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.ApiKey;
import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.failback.step.StepEnvironment;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.HttpRequest;
import io.jenkins.plugins.cockroachdb.simulator.HttpResponse;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.SimulatorServer;
import io.jenkins.plugins.cockroachdb.simulator.StreamStatus;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import io.jenkins.plugins.cockroachdb.simulator.Write;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A pair of clusters after a failover, in a simulated cloud behind HTTP, and clients that write all the time through a proxy. It
 * knows what clients were told, and so what must never be missing.
 */
final class Pair implements AutoCloseable {

    private static final Duration WRITE_EVERY = Duration.ofSeconds(1);

    final VirtualTime time = new VirtualTime(Instant.parse("2026-03-01T03:00:00Z"));
    final Faults faults = new Faults();
    final Scene scene;
    final SimulatedCloud cloud;
    final SimulatedEndpoint endpoint;
    final MemoryProxy proxy;
    final Agents agents = new Agents(time);
    final CloudClient client;
    private final StreamWatcher watcher;
    private final SimulatorServer server;
    private final Wire wire = new Wire(time);

    /** What clients were told is written, and by which cluster. */
    private final Map<String, String> acknowledged = new LinkedHashMap<>();

    private int attempts;

    Pair() {
        scene = SimulatedCloud.afterFailover(
                time,
                CloudSettings.defaults()
                        .withStarting(Duration.ofSeconds(30))
                        .withInitialScan(Duration.ofMinutes(3))
                        .withRevert(Duration.ofSeconds(15)),
                new Random(1));
        cloud = scene.cloud();
        endpoint = new SimulatedEndpoint(cloud, faults);
        try {
            server = SimulatorServer.start(endpoint, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        client = CloudClient.builder(ApiUrl.of(server.uri().toString()), () -> ApiKey.of(scene.key()), wire, time)
                .clock(time)
                .random(new Random(2))
                .build();
        watcher = new StreamWatcher(client, time, time);
        proxy = new MemoryProxy(time, scene.activeId());
        time.scheduleAtFixedRate(this::write, 0, WRITE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The proxy, as a parameter of a build names it. */
    String description() {
        return "simulated:edge?primary=" + scene.originalPrimaryId() + "&standby=" + scene.activeId();
    }

    StepEnvironment environment() {
        return new StepEnvironment(client, watcher, time, time);
    }

    @Override
    public void close() throws IOException {
        time.shutdownNow();
        wire.close();
        server.close();
    }

    private void write() {
        String value = "write " + attempts++;
        for (String cluster : List.of(scene.activeId(), scene.originalPrimaryId())) {
            if (proxy.leadsTo(cluster) && cloud.write(cluster, value)) {
                acknowledged.put(value, cluster);
            }
        }
    }

    /** What another driver does from its proof of the fence on: the cutover, waited for, and the release. */
    void finishByHand() {
        byHand("FAILING_OVER");
        time.advance(Duration.ofMinutes(2));
        proxy.only(scene.originalPrimaryId());
    }

    /** Somebody at the Cloud Console gives the reverse stream another status. */
    void byHand(String status) {
        String stream =
                cloud.streamIds(scene.activeId(), scene.originalPrimaryId()).get(0);
        HttpResponse answer = cloud.handle(new HttpRequest(
                "PATCH",
                "/api/v1/physical-replication-streams/" + stream,
                Map.of("Authorization", "Bearer " + scene.key(), "Content-Type", "application/json"),
                ("{\"status\":\"" + status + "\"}").getBytes(StandardCharsets.UTF_8)));
        assertThat(answer.status()).isEqualTo(200);
    }

    int posts() {
        return endpoint.received(Operation.CREATE_STREAM);
    }

    int patches() {
        return endpoint.received(Operation.UPDATE_STREAM);
    }

    List<StreamStatus> reverseStreams() {
        return cloud.streamIds(scene.activeId(), scene.originalPrimaryId()).stream()
                .map(cloud::status)
                .toList();
    }

    // ---- What has to hold however a build ends

    /**
     * What has to hold when a build says that it ended so: where clients are, that nothing is missing of what they were told is
     * written, and how often the cloud was asked for what cannot be undone (I1, I3, I4).
     */
    void assertHolds(String outcome) {
        assertThat(posts()).as("POST").isLessThanOrEqualTo(1);
        assertThat(patches()).as("PATCH").isLessThanOrEqualTo(1);
        switch (outcome) {
            case "completed", "unprotected" -> {
                time.advance(Duration.ofSeconds(10)); // clients write again
                assertThat(reverseStreams()).containsExactly(StreamStatus.COMPLETED);
                assertClientsReach(scene.originalPrimaryId());
                assertThat(acknowledged.values()).contains(scene.originalPrimaryId());
                assertThat(missingOn(scene.originalPrimaryId())).isEmpty();
            }
            case "failed", "refused", "timedOut", "aborted" -> {
                assertThat(reverseStreams()).doesNotContain(StreamStatus.FAILING_OVER, StreamStatus.COMPLETED);
                assertClientsReach(scene.activeId());
                assertThat(missingOn(scene.activeId())).isEmpty();
            }
            case "inDoubt", "stranded" -> {
                assertThat(proxy.leadsTo(scene.originalPrimaryId())).isFalse();
                assertThat(proxy.leadsTo(scene.activeId()))
                        .as("clients are on A, which they may be when only the POST is in doubt")
                        .isEqualTo(outcome.equals("inDoubt") && patches() == 0 && proxy.wasNeverMoved());
            }
            default -> throw new AssertionError("no outcome of ours: " + outcome);
        }
    }

    /** Clients write to A as at first, and nothing is missing of what they were told is written, however often they moved. */
    void assertBackOnActive() {
        assertClientsReach(scene.activeId());
        assertThat(acknowledged.values()).contains(scene.originalPrimaryId());
        assertThat(missingOn(scene.activeId())).isEmpty();
    }

    private void assertClientsReach(String... clusterIds) {
        assertThat(Stream.of(scene.activeId(), scene.originalPrimaryId()).filter(proxy::leadsTo))
                .as("clusters that clients reach")
                .containsExactly(clusterIds);
    }

    /** The acknowledged writes that the cluster does not have. */
    private List<String> missingOn(String clusterId) {
        Set<String> there = cloud.writes(clusterId).stream().map(Write::value).collect(Collectors.toSet());
        List<String> missing = new ArrayList<>(acknowledged.keySet());
        missing.removeAll(there);
        return missing;
    }
}
