package io.jenkins.plugins.cockroachdb.proxy;

import io.jenkins.plugins.cockroachdb.servers.RealPgBouncer;
import io.jenkins.plugins.cockroachdb.servers.RealPostgres;
import io.jenkins.plugins.cockroachdb.servers.ServerCertificate;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Two PostgreSQL servers that stand for the clusters, and whatever real PgBouncers a test puts in front of them. */
final class PgBouncerRig implements AutoCloseable {

    /** Generous, because nothing is measured here. */
    static final Duration LIMIT = Duration.ofSeconds(20);

    static final Duration NO_DRAIN = Duration.ofMillis(50);

    final ServerCertificate certificate = ServerCertificate.of("localhost", "127.0.0.1");
    final RealPostgres active;
    final RealPostgres original;
    final ExecutorService io = Executors.newCachedThreadPool();
    final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    PgBouncerRig(Path directory) {
        active = RealPostgres.start(directory.resolve("active"), certificate, Map.of());
        original = RealPostgres.start(directory.resolve("original"), certificate, Map.of());
        for (RealPostgres each : List.of(active, original)) {
            each.execute("CREATE TABLE written (id text)", "CREATE TABLE who (name text)");
        }
        active.execute("INSERT INTO who VALUES ('A')");
        original.execute("INSERT INTO who VALUES ('P')");
    }

    RealPgBouncer pgBouncer(Path directory, Map<String, String> settings) {
        return RealPgBouncer.start(directory, certificate, active.port(), settings);
    }

    /** As a person would write it; with more parameters, or others. */
    String text(RealPgBouncer pgBouncer, String... parameters) {
        return text(pgBouncer.socketDirectory() + ":" + pgBouncer.port(), pgBouncer, parameters);
    }

    String text(String consoles, RealPgBouncer pgBouncer, String... parameters) {
        String usual = "pgbouncer:" + consoles + "?database=app&user=failback&file=" + pgBouncer.databasesFile()
                + "&primary=localhost:" + original.port() + "&standby=localhost:" + active.port();
        return parameters.length == 0 ? usual : usual + "&" + String.join("&", parameters);
    }

    Proxy proxy(String text) {
        return ProxyDescription.parse(text).connect(environment());
    }

    Proxy proxy(RealPgBouncer pgBouncer) {
        return proxy(text(pgBouncer));
    }

    ProxyEnvironment environment() {
        return new ProxyEnvironment(
                name -> Optional.of(name).filter("PGBOUNCER_PASSWORD"::equals).map(any -> RealPgBouncer.ADMIN_PASSWORD),
                io,
                timer);
    }

    /** Which cluster a new client reaches through PgBouncer. */
    static String whoAnswers(RealPgBouncer pgBouncer) throws SQLException {
        try (Connection client = pgBouncer.connect()) {
            return whoAnswers(client);
        }
    }

    static String whoAnswers(Connection client) throws SQLException {
        try (Statement statement = client.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name FROM who")) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** The value of a future, or its ProxyException. */
    static <T> T get(CompletableFuture<T> future) throws ProxyException {
        try {
            return future.orTimeout(60, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ProxyException refused) {
                throw refused;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        active.close();
        original.close();
        io.shutdownNow();
        timer.shutdownNow();
    }
}
