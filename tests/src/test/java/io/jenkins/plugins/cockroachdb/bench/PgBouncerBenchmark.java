package io.jenkins.plugins.cockroachdb.bench;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import io.jenkins.plugins.cockroachdb.proxy.ProxyEnvironment;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.servers.RealPgBouncer;
import io.jenkins.plugins.cockroachdb.servers.RealPostgres;
import io.jenkins.plugins.cockroachdb.servers.ServerCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Fence and release of a real PgBouncer, configured as in docs/examples, before two PostgreSQL servers: how much longer a fence takes
 * than the longest transaction that it waits for, and how soon clients that waited are served after a release was asked for.
 */
public final class PgBouncerBenchmark {

    private static final int ROUNDS = 20;
    private static final int CLIENTS = 8;
    private static final int LIMIT_MILLIS = 100;
    private static final Duration ENOUGH = Duration.ofSeconds(30);

    private final ExecutorService io = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final double[] fences = new double[ROUNDS];
    private final double[] releases = new double[ROUNDS];
    private final double[] served = new double[ROUNDS];

    private PgBouncerBenchmark() {}

    /** Prints rows of a Markdown table: what, measured, limit. */
    public static void main(String[] args) throws Exception {
        Path directory = Files.createTempDirectory("pgbouncer-benchmark");
        try {
            new PgBouncerBenchmark().run(directory);
        } finally {
            delete(directory);
        }
        System.exit(0);
    }

    private void run(Path directory) throws Exception {
        ServerCertificate certificate = ServerCertificate.of("localhost");
        try (RealPostgres active = RealPostgres.start(directory.resolve("a"), certificate, Map.of());
                RealPostgres original = RealPostgres.start(directory.resolve("p"), certificate, Map.of());
                RealPgBouncer pgBouncer =
                        RealPgBouncer.start(directory.resolve("pgbouncer"), certificate, active.port(), Map.of())) {
            Proxy proxy = ProxyDescription.parse("pgbouncer:" + pgBouncer.socketDirectory() + ":" + pgBouncer.port()
                            + "?database=" + RealPostgres.APP + "&user=" + RealPgBouncer.ADMIN + "&file="
                            + pgBouncer.databasesFile() + "&primary=localhost:" + original.port()
                            + "&standby=localhost:" + active.port())
                    .connect(new ProxyEnvironment(name -> Optional.of(RealPgBouncer.ADMIN_PASSWORD), io, timer));
            for (int round = -1; round < ROUNDS; round++) { // the first round warms everything up
                measure(proxy, pgBouncer, round);
            }
        }
        row("PgBouncer: fence, beyond its longest transaction", fences);
        row("PgBouncer: release", releases);
        row("PgBouncer: release, until every client that waited was served", served);
    }

    private void measure(Proxy proxy, RealPgBouncer pgBouncer, int round) throws Exception {
        CountDownLatch inTransaction = new CountDownLatch(CLIENTS);
        CountDownLatch fencing = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(CLIENTS);
        CountDownLatch fenced = new CountDownLatch(1);
        long[] ended = new long[CLIENTS];
        List<CompletableFuture<Void>> clients = IntStream.range(0, CLIENTS)
                .mapToObj(client -> CompletableFuture.runAsync(
                        () -> {
                            try (Connection connection = pgBouncer.connect();
                                    Statement statement = connection.createStatement()) {
                                connection.setAutoCommit(false);
                                statement.execute("SELECT 1");
                                inTransaction.countDown();
                                fencing.await();
                                statement.execute("SELECT pg_sleep(0.05 * random())");
                                connection.commit();
                                ended[client] = System.nanoTime();
                                fenced.await();
                                statement.execute("SELECT 1");
                                connection.commit();
                                answered.countDown();
                            } catch (SQLException | InterruptedException e) {
                                throw new CompletionException(e);
                            }
                        },
                        io))
                .toList();
        inTransaction.await();
        CompletableFuture<ProxyStatus> fence = proxy.fence(ENOUGH, ENOUGH);
        fencing.countDown();
        expect(Traffic.FENCED, fence.join());
        double beyond = millisSince(Arrays.stream(ended).max().orElseThrow());
        fenced.countDown();

        long begin = System.nanoTime();
        expect(Traffic.ON_ORIGINAL_PRIMARY, proxy.release(ENOUGH).join());
        double release = millisSince(begin);
        answered.await();
        double all = millisSince(begin);
        clients.forEach(CompletableFuture::join);
        expect(Traffic.FENCED, proxy.fence(ENOUGH, ENOUGH).join());
        expect(Traffic.ON_ACTIVE, proxy.unfence(ENOUGH).join());
        if (round >= 0) {
            fences[round] = beyond;
            releases[round] = release;
            served[round] = all;
        }
    }

    private static void expect(Traffic expected, ProxyStatus seen) {
        if (seen.traffic() != expected) {
            throw new IllegalStateException(seen.toString());
        }
    }

    private static double millisSince(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }

    private static void row(String what, double[] values) {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        System.out.printf(
                "| %s, median; maximum of %d (ms) | %.0f; %.0f | %d |%n",
                what, ROUNDS, sorted[ROUNDS / 2], sorted[ROUNDS - 1], LIMIT_MILLIS);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
