package io.jenkins.plugins.cockroachdb.bench;

import io.jenkins.plugins.cockroachdb.cloud.ApiKey;
import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.OkHttpTransport;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackDriver;
import io.jenkins.plugins.cockroachdb.failback.Gatekeeper;
import io.jenkins.plugins.cockroachdb.failback.Journal;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.ReceivedRequest;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.SimulatorServer;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A whole failback with every gate approved at once, against what the cloud itself takes for it: from the request that
 * creates the stream, STARTING, the initial scan, the first sufficient {@code replicated_time} and FAILING_OVER. The network
 * is real (OkHttp to a server on loopback); only time is not: it stands still while a request is under way.
 */
public final class FullBenchmark {

    private static final Instant START = Instant.parse("2026-03-01T03:00:00Z");

    /** What F is later than the moment at which the fence was proven. */
    private static final Duration FENCE_MARGIN = Duration.ofSeconds(2);

    private static final Duration LATE = Duration.ofSeconds(2);

    private static final int REQUESTS = 150;

    private final VirtualTime time = new VirtualTime(START);
    private final CloudSettings pace = CloudSettings.defaults();
    private final Random random = new Random(7);
    private final Scene scene = SimulatedCloud.afterFailover(time, pace, random);
    private final SimulatedEndpoint endpoint = new SimulatedEndpoint(scene.cloud(), new Faults());
    private final Edge edge = new Edge();

    private FullBenchmark() {}

    /** Prints rows of a Markdown table: what, measured, limit. */
    public static void main(String[] args) throws Exception {
        new FullBenchmark().run();
    }

    private void run() throws Exception {
        try (SimulatorServer server = SimulatorServer.start(endpoint, 0);
                OkHttpTransport okHttp = OkHttpTransport.with(OkHttpTransport.Connection.DEFAULT)) {
            CountedTransport transport = new CountedTransport(okHttp);
            CloudClient client = CloudClient.builder(
                            ApiUrl.of(server.uri().toString()), () -> ApiKey.of(scene.key()), transport, time)
                    .clock(time)
                    .random(random)
                    .build();
            CompletableFuture<Action.Finish> run = new FailbackDriver(
                            client,
                            new StreamWatcher(client, time, time),
                            List.of(edge),
                            question -> CompletableFuture.completedFuture(Gatekeeper.Reply.approvedBy("benchmark")),
                            Journal.inMemory(
                                    new Entry.Began(START, scene.originalPrimaryId(), scene.activeId(), "benchmark")),
                            Settings.DEFAULT,
                            time,
                            time,
                            action -> {})
                    .run();
            transport.runUntil(run::isDone, time);
            if (run.join().outcome() != Outcome.COMPLETED) {
                throw new IllegalStateException(
                        "the failback ended otherwise: " + run.join().message());
            }
        }
        report(time.instant());
    }

    private void report(Instant end) {
        Instant posted = received(Operation.CREATE_STREAM);
        Instant patched = received(Operation.UPDATE_STREAM);
        Instant scanned = posted.plus(pace.starting()).plus(pace.initialScan());
        Duration inherent = Duration.between(posted, replicated(scanned.plus(Settings.DEFAULT.drain()), scanned))
                .plus(pace.revert());
        Duration took = Duration.between(posted, end);
        row("full: before the stream is created (s)", seconds(Duration.between(START, posted)), "");
        row("full: from there to the end (s)", seconds(took), seconds(inherent.plus(LATE)));
        row("full: what of this is inherent in the cloud (s)", seconds(inherent), "");
        row("full: in times of what is inherent", ratio(took, inherent), ratio(inherent.plus(LATE), inherent));
        row(
                "full: the end of the scan, replicated_time, COMPLETED seen late by (s)",
                seconds(Duration.between(scanned, edge.fencing)) + "; "
                        + seconds(Duration.between(replicated(edge.fenced, scanned), patched)) + "; "
                        + seconds(Duration.between(patched.plus(pace.revert()), end)),
                "");
        row("full: requests", endpoint.log().size(), REQUESTS);
        row(
                "full: requests by operation",
                Arrays.stream(Operation.values())
                        .filter(operation -> endpoint.received(operation) > 0)
                        .map(operation -> operation + " " + endpoint.received(operation))
                        .collect(Collectors.joining(", ")),
                "");
    }

    /** When the stream shows that everything up to the fence has arrived. */
    private Instant replicated(Instant fenced, Instant scanned) {
        Duration beyond = Duration.between(scanned, fenced.plus(FENCE_MARGIN).plus(pace.strideTransit()));
        long strides = beyond.plus(pace.stride()).minusNanos(1).dividedBy(pace.stride()); // rounded up
        return scanned.plus(pace.stride().multipliedBy(strides));
    }

    private Instant received(Operation operation) {
        return endpoint.log().stream()
                .filter(request -> request.operation() == operation)
                .map(ReceivedRequest::at)
                .findFirst()
                .orElseThrow();
    }

    private static void row(String what, Object measured, Object limit) {
        System.out.println("| " + what + " | " + measured + " | " + limit + " |");
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private static double ratio(Duration duration, Duration inherent) {
        return Math.round(10_000.0 * duration.toMillis() / inherent.toMillis()) / 10_000.0;
    }

    /** A proxy whose clients stay until they are cut off. */
    private final class Edge implements Proxy {
        private Traffic traffic = Traffic.ON_ACTIVE;
        private Instant fencing;
        private Instant fenced;

        @Override
        public String name() {
            return "edge";
        }

        @Override
        public CompletableFuture<ProxyStatus> status(Duration limit) {
            return CompletableFuture.completedFuture(new ProxyStatus(name(), traffic, 0, 0, ""));
        }

        @Override
        public CompletableFuture<ProxyStatus> fence(Duration drain, Duration limit) {
            fencing = time.instant();
            CompletableFuture<ProxyStatus> done = new CompletableFuture<>();
            time.schedule(
                    () -> {
                        fenced = time.instant();
                        traffic = Traffic.FENCED;
                        status(limit).thenAccept(done::complete);
                    },
                    drain.toNanos(),
                    TimeUnit.NANOSECONDS);
            return done;
        }

        @Override
        public CompletableFuture<ProxyStatus> unfence(Duration limit) {
            traffic = Traffic.ON_ACTIVE;
            return status(limit);
        }

        @Override
        public CompletableFuture<ProxyStatus> release(Duration limit) {
            traffic = Traffic.ON_ORIGINAL_PRIMARY;
            return status(limit);
        }
    }
}
