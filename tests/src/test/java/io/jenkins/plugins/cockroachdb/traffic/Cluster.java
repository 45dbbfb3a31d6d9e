package io.jenkins.plugins.cockroachdb.traffic;

import io.jenkins.plugins.cockroachdb.servers.RealPostgres;
import io.jenkins.plugins.cockroachdb.servers.ServerCertificate;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** A cluster, played by a real server: writers fill its one table, and it lets them log in or not. */
final class Cluster implements AutoCloseable {

    /** Comes past every proxy, and also while clients are kept out. */
    private static final String OPERATOR = "operator";

    private static final String CLIENTS =
            " pg_stat_activity WHERE backend_type = 'client backend' AND usename = '" + RealPostgres.APP + "'";

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final String name;
    private final RealPostgres server;
    private final Connection operator;

    private Cluster(String name, RealPostgres server, Connection operator) {
        this.name = name;
        this.server = server;
        this.operator = operator;
    }

    static Cluster start(String name, Path directory, ServerCertificate certificate) throws SQLException {
        RealPostgres server = RealPostgres.start(
                directory,
                certificate,
                Map.of("cluster_name", name, "track_commit_timestamp", "on", "autovacuum", "off"));
        server.execute(
                "CREATE TABLE writes (id bigint PRIMARY KEY)",
                "CREATE ROLE " + OPERATOR + " SUPERUSER LOGIN PASSWORD '" + OPERATOR + "'");
        Connection operator = DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + RealPostgres.APP, OPERATOR, OPERATOR);
        return new Cluster(name, server, operator);
    }

    /** What its acknowledgements say that they are from. */
    String name() {
        return name;
    }

    int port() {
        return server.port();
    }

    /** It is a cluster without data, and nobody is connected. */
    void empty() throws SQLException {
        execute("SELECT pg_terminate_backend(pid, 10000) FROM" + CLIENTS);
        execute("TRUNCATE writes");
    }

    /** No client can log in, as at a standby. */
    void keepClientsOut() throws SQLException {
        execute("ALTER ROLE " + RealPostgres.APP + " NOLOGIN");
    }

    void letClientsIn() throws SQLException {
        execute("ALTER ROLE " + RealPostgres.APP + " LOGIN");
    }

    /** Returns once no client has a session: a server notices soon, not at once, that a client is gone. */
    void awaitNoSessions() throws SQLException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (sessions() > 0) {
            if (System.nanoTime() > end) {
                throw new AssertionError("Clients still have " + sessions() + " sessions on " + name);
            }
        }
    }

    private synchronized int sessions() throws SQLException {
        try (Statement statement = operator.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM" + CLIENTS)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    /** Every write that it has, and when that was committed here, by the system's clock. */
    synchronized Map<Long, Instant> commits() throws SQLException {
        try (Statement statement = operator.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id,"
                        + " (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint FROM writes")) {
            Map<Long, Instant> commits = new HashMap<>();
            while (rows.next()) {
                commits.put(rows.getLong(1), Instant.EPOCH.plus(rows.getLong(2), ChronoUnit.MICROS));
            }
            return commits;
        }
    }

    /** Takes over what another cluster had. */
    synchronized void add(Collection<Long> ids) throws SQLException {
        try (PreparedStatement insert = operator.prepareStatement("INSERT INTO writes SELECT unnest(?)")) {
            insert.setArray(1, operator.createArrayOf("bigint", ids.toArray()));
            insert.execute();
        }
    }

    private synchronized void execute(String sql) throws SQLException {
        try (Statement statement = operator.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        operator.close();
        server.close();
    }
}
