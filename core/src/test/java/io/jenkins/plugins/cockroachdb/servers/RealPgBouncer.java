package io.jenkins.plugins.cockroachdb.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * A PgBouncer on loopback, configured by docs/examples/pgbouncer as it is: only its ports, paths and addresses are others. The
 * clusters are servers on loopback, named localhost as in their certificate.
 */
public final class RealPgBouncer implements AutoCloseable {

    /** One of admin_users in docs/examples. */
    public static final String ADMIN = "failback";

    /** The administrator's password in docs/examples. */
    public static final String ADMIN_PASSWORD = "change-me-failback";

    private static final Path EXAMPLE = Stream.of("docs", "../docs")
            .map(docs -> Path.of(docs, "examples/pgbouncer"))
            .filter(Files::isDirectory)
            .findFirst()
            .orElseThrow();

    private final Path directory;
    private final int port;
    private LocalServer server;

    private RealPgBouncer(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    /**
     * Starts one that sends clients to a cluster on loopback.
     *
     * @param directory of its own, empty or absent
     * @param certificate what it shows to clients; the same CA is trusted for clusters
     * @param clusterPort where the cluster listens that serves now
     * @param settings of the section [pgbouncer], in addition to the example's or instead of them
     */
    public static RealPgBouncer start(
            Path directory, ServerCertificate certificate, int clusterPort, Map<String, String> settings) {
        RealPgBouncer pgBouncer = new RealPgBouncer(directory, LocalServer.freePort());
        try {
            Files.createDirectories(pgBouncer.socketDirectory());
            certificate.writeTo(directory);
            Files.copy(EXAMPLE.resolve("userlist.txt"), directory.resolve("userlist.txt"));
            Files.writeString(
                    pgBouncer.databasesFile(),
                    Files.readString(EXAMPLE.resolve("databases.ini"))
                            .replace("host=standby.example.com port=26257", "host=localhost port=" + clusterPort));
            Files.writeString(
                    pgBouncer.configuration(), pgBouncer.adapted(Files.readString(EXAMPLE.resolve("pgbouncer.ini"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        pgBouncer.configure(settings);
        LocalServer.giveAway(directory);
        pgBouncer.start();
        return pgBouncer;
    }

    private String adapted(String example) {
        return example.replace("/etc/pgbouncer/", directory + "/")
                .replace("/run/postgresql", socketDirectory().toString())
                .replace("/var/log/postgresql/", directory + "/")
                .replace("listen_port = 6432", "listen_port = " + port);
    }

    /**
     * Starts another process that shares port, users and databases file with this one (so_reuseport), and has a Unix socket of its own.
     *
     * @param sibling its directory, empty or absent
     */
    public RealPgBouncer startAnother(Path sibling) {
        RealPgBouncer another = new RealPgBouncer(sibling, port);
        try {
            Files.createDirectories(another.socketDirectory());
            Files.writeString(
                    another.configuration(),
                    Files.readString(configuration())
                            .replace(
                                    socketDirectory().toString(),
                                    another.socketDirectory().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LocalServer.giveAway(sibling);
        another.start();
        return another;
    }

    /** Adds settings to its configuration, to be read at its next RELOAD or start. */
    public void configure(Map<String, String> settings) {
        StringBuilder text = new StringBuilder();
        settings.forEach(
                (name, value) -> text.append(name).append(" = ").append(value).append('\n'));
        try {
            Files.writeString(configuration(), Files.readString(configuration()) + text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it, again after {@link #kill}. */
    public void start() {
        server = LocalServer.start(
                directory,
                "process up",
                LocalServer.notAsRoot(List.of(
                        LocalServer.find("pgbouncer").orElseThrow().toString(),
                        configuration().toString())));
    }

    /** Kills it as a power cut would. */
    public void kill() {
        server.kill();
        try {
            Files.deleteIfExists(socketDirectory().resolve("pgbouncer.pid"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills it and starts it again. */
    public void restart() {
        kill();
        start();
    }

    public int port() {
        return port;
    }

    /** The directory of its Unix socket. */
    public Path socketDirectory() {
        return directory.resolve("run");
    }

    /** pgbouncer.ini. */
    public Path configuration() {
        return directory.resolve("pgbouncer.ini");
    }

    /** The file that it includes. */
    public Path databasesFile() {
        return directory.resolve("databases.ini");
    }

    /** What it has printed since it was started last. */
    public List<String> log() {
        return server.log();
    }

    /** The file of its users and their passwords. */
    public Path userList() {
        return directory.resolve("userlist.txt");
    }

    /** A client of the application, with TLS. */
    public Connection connect() throws SQLException {
        return connect(RealPostgres.APP, RealPostgres.PASSWORD);
    }

    /** A client of the application's database. */
    public Connection connect(String user, String password) throws SQLException {
        Properties properties = new Properties();
        properties.put("user", user);
        properties.put("password", password);
        properties.put("sslmode", "require");
        properties.put("prepareThreshold", "0"); // this PgBouncer does not know prepared statements
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + RealPostgres.APP, properties);
    }

    @Override
    public void close() {
        kill();
    }
}
