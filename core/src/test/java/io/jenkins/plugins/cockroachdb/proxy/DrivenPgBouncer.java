package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.servers.RealPgBouncer;
import io.jenkins.plugins.cockroachdb.servers.RealPostgres;
import io.jenkins.plugins.cockroachdb.servers.ServerCertificate;
import java.io.IOException;
import java.nio.file.Files;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of a real PgBouncer, configured as in docs/examples, before two PostgreSQL servers that stand for A and P. */
@NeedsPrograms({"pgbouncer", "postgres", "initdb"})
abstract class DrivenPgBouncer {

    /** Generous, because nothing is measured here. */
    static final Duration LIMIT = Duration.ofSeconds(20);

    /** Longer than any transaction of a test that is meant to end. */
    static final Duration DRAIN = Duration.ofSeconds(10);

    static final ServerCertificate CERTIFICATE = ServerCertificate.of("localhost", "127.0.0.1");

    @TempDir
    private static Path clusters;

    static RealPostgres active;
    static RealPostgres original;

    @TempDir
    Path directory;

    final ExecutorService io = Executors.newCachedThreadPool();
    final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    RealPgBouncer pgBouncer;
    Proxy proxy;

    @BeforeAll
    static void startClusters() {
        active = RealPostgres.start(clusters.resolve("active"), CERTIFICATE, Map.of());
        original = RealPostgres.start(clusters.resolve("original"), CERTIFICATE, Map.of());
        for (RealPostgres each : List.of(active, original)) {
            each.execute("CREATE TABLE written (id text)", "CREATE TABLE who (name text)");
        }
        active.execute("INSERT INTO who VALUES ('A')");
        original.execute("INSERT INTO who VALUES ('P')");
    }

    @AfterAll
    static void stopClusters() {
        active.close();
        original.close();
    }

    @BeforeEach
    void startPgBouncer() {
        active.execute("TRUNCATE written");
        original.execute("TRUNCATE written");
        pgBouncer = RealPgBouncer.start(directory.resolve("pgbouncer"), CERTIFICATE, active.port(), Map.of());
        proxy = proxy(text());
    }

    @AfterEach
    void stopPgBouncer() {
        pgBouncer.close();
        io.shutdownNow();
        timer.shutdownNow();
    }

    /** More settings for PgBouncer, at once. */
    void configure(Map<String, String> settings) {
        pgBouncer.configure(settings);
        pgBouncer.restart();
    }

    String console() {
        return pgBouncer.socketDirectory() + ":" + pgBouncer.port();
    }

    /** The proxy's description as a person would write it, with more parameters. */
    String text(String... parameters) {
        return text(console(), "app", pgBouncer.databasesFile(), parameters);
    }

    static String text(String consoles, String database, Path file, String... parameters) {
        String usual = "pgbouncer:" + consoles + "?database=" + database + "&user=failback&file=" + file
                + "&primary=localhost:" + original.port() + "&standby=localhost:" + active.port();
        return parameters.length == 0 ? usual : usual + "&" + String.join("&", parameters);
    }

    Proxy proxy(String text) {
        return proxy(text, RealPgBouncer.ADMIN_PASSWORD);
    }

    Proxy proxy(String text, String password) {
        return ProxyDescription.parse(text)
                .connect(new ProxyEnvironment(
                        name -> Optional.of(password).filter(any -> name.equals("PGBOUNCER_PASSWORD")), io, timer));
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

    static ProxyException refused(CompletableFuture<?> future) {
        ProxyException refusal = catchThrowableOfType(ProxyException.class, () -> get(future));
        assertThat(refusal).as("a refusal").isNotNull();
        return refusal;
    }

    ProxyStatus status() throws ProxyException {
        return get(proxy.status(LIMIT));
    }

    Traffic traffic() throws ProxyException {
        return status().traffic();
    }

    /** Returns once somebody has paused the database. */
    void awaitPaused() throws ProxyException {
        while (!status().detail().contains("paused")) {
            Thread.onSpinWait();
        }
    }

    /** What somebody else does in the console, or sees there. */
    PgSession.Reply inConsole(String sql) throws ProxyFailure {
        try (Deadline deadline = new Deadline(timer, LIMIT);
                PgConnection console = PgConnection.open(
                        PgAddress.of(console(), 0),
                        PgTls.disabled(),
                        new PgConnection.Login("pgbouncer", RealPgBouncer.ADMIN, () -> RealPgBouncer.ADMIN_PASSWORD),
                        deadline)) {
            return console.query(sql);
        }
    }

    /** Which cluster a new client reaches. */
    String whoAnswers() throws SQLException {
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

    /** A new client that asks who answers, and waits if it has to. */
    CompletableFuture<String> clientAsks() {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return whoAnswers();
                    } catch (SQLException e) {
                        throw new CompletionException(e);
                    }
                },
                io);
    }

    /** Returns once PgBouncer has as many clients that wait. */
    void awaitWaiting(int clients) throws ProxyFailure {
        while (inConsole("SHOW CLIENTS").rows().stream()
                        .filter(row -> row.get("database").equals("app")
                                && row.get("state").startsWith("waiting"))
                        .count()
                < clients) {
            Thread.onSpinWait();
        }
    }

    static void write(Connection client, String id) throws SQLException {
        try (Statement statement = client.createStatement()) {
            statement.execute("INSERT INTO written VALUES ('" + id + "')");
        }
    }

    static List<String> written(RealPostgres cluster) {
        return cluster.query("SELECT id FROM written ORDER BY id");
    }

    String databasesFile() throws IOException {
        return Files.readString(pgBouncer.databasesFile());
    }
}
