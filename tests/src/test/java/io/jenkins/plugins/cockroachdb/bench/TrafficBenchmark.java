package io.jenkins.plugins.cockroachdb.bench;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import io.jenkins.plugins.cockroachdb.proxy.ProxyEnvironment;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.EchoServer;
import io.jenkins.plugins.cockroachdb.servers.LocalServer;
import io.jenkins.plugins.cockroachdb.servers.RealHaProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How long real proxies take to fence and release, beyond the drain, which somebody else decides about. On each is a session that
 * does not end by itself, so that every fence has somebody to cut.
 */
public final class TrafficBenchmark implements AutoCloseable {

    private static final int ROUNDS = 20;
    private static final int FLEET = 20;
    private static final String OF_ROUNDS = ", median and maximum of " + ROUNDS + " (ms)";
    private static final Duration DRAIN = Duration.ofMillis(200);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final ExecutorService io = Executors.newCachedThreadPool();
    private final ProxyEnvironment environment = new ProxyEnvironment(name -> Optional.empty(), io, timer);
    private final Path directory = Files.createTempDirectory("bench");
    private final EchoServer active = EchoServer.start("A");
    private final EchoServer original = EchoServer.start("P");

    private TrafficBenchmark() throws IOException {}

    /** Prints rows of a Markdown table: what, measured, limit. */
    public static void main(String[] args) throws Exception {
        try (TrafficBenchmark benchmark = new TrafficBenchmark()) {
            benchmark.run();
        }
    }

    private void run() throws IOException {
        if (LocalServer.find("haproxy").isEmpty()) {
            row("fence and release of HAProxy", "not measured: not installed", "");
            return;
        }
        haProxies("one HAProxy", 1, 50);
        haProxies(FLEET + " HAProxy in parallel", FLEET, 500);
    }

    /** As many processes, each with the configuration of docs/examples. */
    private void haProxies(String what, int count, int limitMillis) throws IOException {
        List<RealHaProxy> processes = new ArrayList<>();
        try {
            List<Proxy> proxies = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                RealHaProxy process = RealHaProxy.start(directory.resolve(count + "-" + i), active, original);
                processes.add(process);
                proxies.add(ProxyDescription.parse(
                                "haproxy:" + process.socket() + "?stateFile=" + process.stateFile() + "&name=" + i)
                        .connect(environment));
            }
            measure(what, proxies, processes.stream().map(RealHaProxy::port).toList(), limitMillis);
        } finally {
            processes.forEach(RealHaProxy::close);
        }
    }

    /**
     * Moves the proxies to and fro.
     *
     * @param ports where their clients connect
     */
    private void measure(String what, List<Proxy> proxies, List<Integer> ports, int limitMillis) throws IOException {
        double[] fences = new double[ROUNDS];
        double[] releases = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) { // the first one loads our classes
            all(proxies, Traffic.ON_ACTIVE, proxy -> proxy.unfence(LIMIT));
            List<EchoClient> sessions = new ArrayList<>();
            for (int port : ports) {
                sessions.add(EchoClient.connect(port));
            }
            double fence = all(proxies, Traffic.FENCED, proxy -> proxy.fence(DRAIN, LIMIT)) - DRAIN.toMillis();
            double release = all(proxies, Traffic.ON_ORIGINAL_PRIMARY, proxy -> proxy.release(LIMIT));
            for (EchoClient session : sessions) {
                session.close();
            }
            if (round >= 0) {
                fences[round] = fence;
                releases[round] = release;
            }
        }
        row("fence of " + what + " beyond its drain" + OF_ROUNDS, times(fences), limitMillis);
        row("release of " + what + OF_ROUNDS, times(releases), limitMillis);
    }

    /** Milliseconds until the last one was done. */
    private static double all(
            List<Proxy> proxies, Traffic wanted, Function<Proxy, CompletableFuture<ProxyStatus>> verb) {
        long begin = System.nanoTime();
        List<CompletableFuture<ProxyStatus>> started =
                proxies.stream().map(verb).toList();
        for (CompletableFuture<ProxyStatus> each : started) {
            if (each.join().traffic() != wanted) {
                throw new IllegalStateException("a proxy should be " + wanted + ": " + each.join());
            }
        }
        return (System.nanoTime() - begin) / 1e6;
    }

    private static String times(double[] millis) {
        double[] sorted = Arrays.stream(millis).sorted().toArray();
        return Math.round(sorted[sorted.length / 2]) + "; " + Math.round(sorted[sorted.length - 1]);
    }

    private static void row(String what, Object measured, Object limit) {
        System.out.println("| " + what + " | " + measured + " | " + limit + " |");
    }

    @Override
    public void close() throws IOException {
        active.close();
        original.close();
        io.shutdownNow();
        timer.shutdownNow();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
