package io.jenkins.plugins.cockroachdb.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** A PostgreSQL on loopback that stands for a cluster: with TLS, an application's user and its database. */
public final class RealPostgres implements AutoCloseable {

    /** The application's user and database, as in docs/examples. */
    public static final String APP = "app";

    /** The application's password, as in docs/examples. */
    public static final String PASSWORD = "change-me-app";

    private final LocalServer server;
    private final int port;

    private RealPostgres(LocalServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /**
     * Makes a new one and starts it.
     *
     * @param directory of its own, empty or absent
     * @param certificate what it shows to clients
     * @param settings beyond the usual
     */
    public static RealPostgres start(Path directory, ServerCertificate certificate, Map<String, String> settings) {
        int port = LocalServer.freePort();
        Path data = directory.resolve("data");
        try {
            Files.createDirectories(directory);
            certificate.writeTo(directory);
            Path password = Files.writeString(directory.resolve("password"), PASSWORD);
            LocalServer.giveAway(directory);
            run(
                    directory,
                    List.of(
                            program("initdb"),
                            "--pgdata=" + data,
                            "--username=" + APP,
                            "--pwfile=" + password,
                            "--auth=scram-sha-256",
                            "--no-sync",
                            "--no-locale",
                            "--encoding=UTF8"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> command = new ArrayList<>(List.of(
                program("postgres"),
                "-D",
                data.toString(),
                "-cport=" + port,
                "-clisten_addresses=127.0.0.1",
                "-cunix_socket_directories=",
                "-cfsync=off",
                "-cssl=on",
                "-cssl_cert_file=" + directory.resolve(ServerCertificate.CERTIFICATE),
                "-cssl_key_file=" + directory.resolve(ServerCertificate.KEY)));
        settings.forEach((name, value) -> command.add("-c" + name + "=" + value));
        RealPostgres postgres = new RealPostgres(
                LocalServer.start(
                        directory, "database system is ready to accept connections", LocalServer.notAsRoot(command)),
                port);
        try (Connection connection = connect(port, "postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + APP);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return postgres;
    }

    private static void run(Path directory, List<String> command) throws IOException {
        Process process = new ProcessBuilder(LocalServer.notAsRoot(command))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + " failed: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String program(String name) {
        return LocalServer.find(name)
                .orElseThrow(() -> new IllegalStateException(name + " is not installed"))
                .toString();
    }

    public int port() {
        return port;
    }

    /** A connection of its own, past every proxy. */
    public Connection connect() {
        try {
            return connect(port, APP);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Connection connect(int port, String database) throws SQLException {
        Properties properties = new Properties();
        properties.put("user", APP);
        properties.put("password", PASSWORD);
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + database, properties);
    }

    /** Runs statements past every proxy. */
    public void execute(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first column of a query's rows, asked past every proxy. */
    public List<String> query(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Kills it as a power cut would. */
    public void kill() {
        server.kill();
    }

    @Override
    public void close() {
        server.kill();
    }
}
