package io.jenkins.plugins.cockroachdb.bench;

import io.jenkins.plugins.cockroachdb.cloud.ApiKey;
import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.OkHttpTransport;
import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.ClusterSpec;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.HttpRequest;
import io.jenkins.plugins.cockroachdb.simulator.ReceivedRequest;
import io.jenkins.plugins.cockroachdb.simulator.Role;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.SimulatorServer;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * 10,000 waits on 1,000 streams under one key, beside 10,000 old completed streams, in pages of 100, for five minutes of
 * virtual time. The network is real (OkHttp to a server on loopback); only time is not: it stands still while a request is
 * under way. Ten streams fail over together in the middle, which is when the budget near a cutover holds; the others change
 * from STARTING to REPLICATING at random instants.
 */
public final class WatcherBenchmark {

    private static final int STREAMS = 1_000;
    private static final int WAITS_PER_STREAM = 10;
    private static final int OLD_STREAMS = 10_000;
    private static final int FAILING_OVER = 10;
    private static final Duration RUN = Duration.ofMinutes(5);
    private static final Duration CUTOVER_BEGINS = Duration.ofSeconds(60);
    private static final Duration SETTLED = Duration.ofSeconds(5);
    private static final Instant START = Instant.parse("2026-03-01T03:00:00Z");

    private final VirtualTime time = new VirtualTime(START);
    private final CloudSettings settings = CloudSettings.defaults();
    private final SimulatedCloud cloud = new SimulatedCloud(time, settings);
    private final SimulatedEndpoint endpoint = new SimulatedEndpoint(cloud, new Faults());
    private final Random random = new Random(7);
    private final String key = SimulatedCloud.randomKey(random);
    private final String otherKey = SimulatedCloud.randomKey(random);
    private final Map<String, Instant> changes = new HashMap<>();
    private final List<String> failingOver = new ArrayList<>();
    private final List<Double> steadyDelays = new ArrayList<>();
    private final List<Double> cutoverDelays = new ArrayList<>();

    private WatcherBenchmark() {}

    /** Prints rows of a Markdown table: what, measured, limit. */
    public static void main(String[] args) throws Exception {
        new WatcherBenchmark().run();
    }

    private void run() throws Exception {
        populate();
        long heapBefore = usedHeap();
        Set<Thread> threadsBefore = Thread.getAllStackTraces().keySet();
        try (SimulatorServer server = SimulatorServer.start(endpoint, 0);
                OkHttpTransport okHttp = OkHttpTransport.with(OkHttpTransport.Connection.DEFAULT)) {
            CountedTransport transport = new CountedTransport(okHttp);
            CloudClient client = CloudClient.builder(
                            ApiUrl.of(server.uri().toString()), () -> ApiKey.of(key), transport, time)
                    .clock(time)
                    .random(random)
                    .build();
            StreamWatcher watcher = new StreamWatcher(client, time, time);
            changes.keySet().forEach(stream -> {
                for (int i = 0; i < WAITS_PER_STREAM; i++) {
                    await(watcher, stream);
                }
            });
            time.schedule(this::failOver, CUTOVER_BEGINS.toNanos(), TimeUnit.NANOSECONDS);

            int mostThreads = 0;
            long mostHeap = 0;
            for (Instant probe = START.plusSeconds(30);
                    probe.isBefore(START.plus(RUN));
                    probe = probe.plusSeconds(60)) {
                runUntil(probe, transport);
                mostThreads = Math.max(mostThreads, ownThreads(threadsBefore));
                mostHeap = Math.max(mostHeap, usedHeap());
            }
            runUntil(START.plus(RUN), transport);
            report(heapBefore, mostHeap, mostThreads + 1);
            watcher.close();
        }
    }

    private void runUntil(Instant end, CountedTransport transport) throws InterruptedException {
        transport.runUntil(() -> !time.instant().isBefore(end), time);
    }

    private void populate() {
        cloud.addKey(key, Role.CLUSTER_ADMIN);
        cloud.addKey(otherKey, Role.CLUSTER_ADMIN);
        ClusterSpec left = ClusterSpec.of("old-east", "us-east-1");
        ClusterSpec right = ClusterSpec.of("old-west", "us-west-2");
        cloud.addCluster(left);
        cloud.addCluster(right);
        for (int i = 0; i < OLD_STREAMS; i++) {
            Instant created = START.minus(Duration.ofDays(700)).plus(Duration.ofHours(i));
            cloud.addStream(StreamSpec.completed(left.id(), right.id(), created, created.plusSeconds(1800)));
        }
        for (int i = 0; i < STREAMS; i++) {
            ClusterSpec source = ClusterSpec.of("east-" + i, "us-east-1");
            ClusterSpec target = ClusterSpec.of("west-" + i, "us-west-2");
            cloud.addCluster(source);
            cloud.addCluster(target);
            if (i < FAILING_OVER) {
                String stream =
                        cloud.addStream(StreamSpec.live(source.id(), target.id(), START.minus(Duration.ofHours(1))));
                failingOver.add(stream);
                changes.put(stream, START.plus(CUTOVER_BEGINS).plus(settings.revert()));
            } else {
                // It starts in time to become REPLICATING at a random instant of the run, the last seconds excepted.
                Instant change =
                        START.plusMillis(random.nextLong(RUN.minusSeconds(30).toMillis()));
                String stream =
                        cloud.addStream(StreamSpec.live(source.id(), target.id(), change.minus(settings.starting())));
                changes.put(stream, change);
            }
        }
    }

    private void await(StreamWatcher watcher, String stream) {
        boolean cutover = failingOver.contains(stream);
        boolean[] noticed = {false};
        watcher.await(stream, StreamCondition.status(StreamStatus.COMPLETED), Instant.MAX, seen -> {
            StreamStatus awaited = cutover ? StreamStatus.COMPLETED : StreamStatus.REPLICATING;
            if (seen.value().status() == awaited && !noticed[0]) {
                noticed[0] = true;
                Duration delay = Duration.between(changes.get(stream), time.instant());
                (cutover ? cutoverDelays : steadyDelays).add(delay.toMillis() / 1000.0);
            }
        });
    }

    /** Somebody else cuts ten streams over at once, with a key of their own and so outside of our budget. */
    private void failOver() {
        for (String stream : failingOver) {
            SimulatedEndpoint elsewhere = new SimulatedEndpoint(cloud, new Faults());
            elsewhere.exchange(new HttpRequest(
                    "PATCH",
                    "/api/v1/physical-replication-streams/" + stream,
                    Map.of("Authorization", "Bearer " + otherKey, "Content-Type", "application/json"),
                    "{\"status\":\"FAILING_OVER\"}".getBytes(StandardCharsets.UTF_8)));
        }
    }

    private static int ownThreads(Set<Thread> before) {
        List<Thread> own = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .filter(thread -> !thread.getName().startsWith("simulator-"))
                .toList();
        return own.size();
    }

    private static long usedHeap() throws InterruptedException {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private void report(long heapBefore, long mostHeap, int threads) {
        Instant near = START.plus(CUTOVER_BEGINS).plus(SETTLED);
        Instant done = START.plus(CUTOVER_BEGINS).plus(settings.revert()).plus(SETTLED);
        row("requests per second, steady", rate(START, START.plus(CUTOVER_BEGINS)), "2 on average");
        row("most requests in one second, steady", mostInOneSecond(START, START.plus(CUTOVER_BEGINS)), "2");
        row("requests per second near ten cutovers", rate(near, done.minus(SETTLED)), "5 on average");
        row("most requests in one second near ten cutovers", mostInOneSecond(near, done), "5");
        double sweep = longestSweep(START, START.plus(CUTOVER_BEGINS));
        double sweepNear = longestSweep(near, done.minus(SETTLED));
        row("longest sweep, steady; near ten cutovers (s)", sweep + "; " + sweepNear, "");
        row("change to notification, median (s)", percentile(steadyDelays, 50), "");
        row("change to notification, p99 (s)", percentile(steadyDelays, 99), "one sweep + 1 s");
        row("FAILING_OVER to COMPLETED, median (s)", percentile(cutoverDelays, 50), "");
        row("FAILING_OVER to COMPLETED, most (s)", percentile(cutoverDelays, 100), "3");
        row("notifications", steadyDelays.size() + " + " + cutoverDelays.size(), "9900 + 100");
        row("own threads, the timer included", threads, "8");
        row("heap of client and 10,000 waits (MB)", megabytes(mostHeap - heapBefore), "48");
        row("heap of the process, simulator included (MB)", megabytes(mostHeap), "runs with -Xmx48m");
    }

    private static void row(String what, Object measured, String limit) {
        System.out.println("| " + what + " | " + measured + " | " + limit + " |");
    }

    private List<ReceivedRequest> log(Instant from, Instant to) {
        return endpoint.log().stream()
                .filter(request -> !request.at().isBefore(from) && request.at().isBefore(to))
                .toList();
    }

    private double rate(Instant from, Instant to) {
        double seconds = Duration.between(from, to).toMillis() / 1000.0;
        return Math.round(log(from, to).size() / seconds * 1000) / 1000.0;
    }

    private long mostInOneSecond(Instant from, Instant to) {
        List<ReceivedRequest> log = log(from, to);
        long most = 0;
        for (ReceivedRequest first : log) {
            Instant end = first.at().plusSeconds(1);
            most = Math.max(
                    most,
                    log.stream()
                            .filter(request -> !request.at().isBefore(first.at())
                                    && request.at().isBefore(end))
                            .count());
        }
        return most;
    }

    /** From the first page of a list to the first page of the next. */
    private double longestSweep(Instant from, Instant to) {
        List<Instant> firstPages = log(from, to).stream()
                .filter(request -> request.target().equals("/api/v1/physical-replication-streams"))
                .map(ReceivedRequest::at)
                .toList();
        long longest = 0;
        for (int i = 1; i < firstPages.size(); i++) {
            longest = Math.max(
                    longest,
                    Duration.between(firstPages.get(i - 1), firstPages.get(i)).toMillis());
        }
        return longest / 1000.0;
    }

    private static double percentile(List<Double> values, int percent) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[(int) Math.ceil(percent / 100.0 * Arrays.stream(sorted).count()) - 1];
    }

    private static double megabytes(long bytes) {
        return Math.round(bytes / 1024.0 / 1024.0 * 10) / 10.0;
    }
}
