package io.jenkins.plugins.cockroachdb.proxy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One database of one PgBouncer, moved by PAUSE, a change of the file that it includes, RELOAD and RESUME: in transaction pooling no
 * client sees an error, as long as none waits longer than query_wait_timeout.
 *
 * @param name the proxy's name, unique within a failback
 * @param agent the label of the Jenkins agents that have consoles and file at hand; empty for wherever the failback runs
 * @param consoles where the admin console of each process listens, never empty. Several processes that share a port
 *     (so_reuseport) need one address each: the Unix socket that each has for itself
 * @param databasesFile the file that pgbouncer.ini includes under {@code [databases]}, as seen from here; one for all processes
 * @param database the name that clients connect to
 * @param active where the active cluster (A) listens, as the databases file names it
 * @param originalPrimary where the original primary (P) listens, as the databases file shall name it
 * @param user one of PgBouncer's admin_users
 * @param password where the user's password is
 * @param tls for consoles that are reached over TCP
 * @param expectedPause how long clients will probably have to wait between fence and release
 */
public record PgBouncerDescription(
        String name,
        Optional<String> agent,
        List<PgAddress> consoles,
        Path databasesFile,
        String database,
        PgAddress active,
        PgAddress originalPrimary,
        String user,
        PasswordPlace password,
        PgTls tls,
        Duration expectedPause)
        implements ProxyDescription {

    /**
     * What the databases file names while clients are fenced: a socket in a directory that does not exist, so that no resolver and
     * no network has a part in it. PgBouncer keeps clients waiting then, also after a restart.
     */
    public static final PgAddress NOBODY = new PgAddress("/fenced-by-cockroachdb-failback", 1);

    private static final int CONSOLE_PORT = 6432;
    private static final int CLUSTER_PORT = 26257;

    /** @throws IllegalArgumentException if a parameter makes no sense by itself or with another */
    public PgBouncerDescription {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(agent, "agent");
        Objects.requireNonNull(password, "password");
        consoles = List.copyOf(consoles);
        Objects.requireNonNull(databasesFile, "databasesFile");
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(active, "active");
        Objects.requireNonNull(originalPrimary, "originalPrimary");
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(tls, "tls");
        Objects.requireNonNull(expectedPause, "expectedPause");
        if (consoles.isEmpty()) {
            throw new IllegalArgumentException("proxy " + name + " has no console");
        }
        if (consoles.stream().distinct().count() < consoles.size()) {
            throw new IllegalArgumentException("proxy " + name + " names a console twice");
        }
        if (!database.matches("[A-Za-z0-9_.-]+") || database.equals("pgbouncer")) {
            throw new IllegalArgumentException("proxy " + name + " cannot have the database \"" + database
                    + "\": letters, digits, underscore, dot and hyphen name one, and pgbouncer is the console");
        }
        if (active.isSameAs(originalPrimary)) {
            throw new IllegalArgumentException(
                    "proxy " + name + " has " + active + " both for the active cluster and for the original primary");
        }
        if (active.isSameAs(NOBODY) || originalPrimary.isSameAs(NOBODY)) {
            throw new IllegalArgumentException("proxy " + name + " cannot have a cluster at " + NOBODY);
        }
    }

    /** From {@code pgbouncer:CONSOLE[,CONSOLE...]?database=&file=&primary=HOST:PORT&standby=HOST:PORT&user=...}. */
    static PgBouncerDescription of(DescriptionText text) {
        String database = text.require("database");
        String name = text.take("name").orElse("pgbouncer-" + database);
        Path file = Path.of(text.require("file"));
        PgAddress active = address(text, "standby", text.require("standby"), CLUSTER_PORT);
        PgAddress originalPrimary = address(text, "primary", text.require("primary"), CLUSTER_PORT);
        List<PgAddress> consoles = Arrays.stream(text.place().split(",", -1))
                .map(console -> address(text, "the console", console, CONSOLE_PORT))
                .toList();
        PgTls tls = PgTls.of(text);
        String expectedPause = text.take("expectedPause").orElse("120");
        if (!expectedPause.matches("[0-9]{1,9}")) {
            throw text.wrong("expectedPause=" + expectedPause + " is not a number of seconds");
        }
        try {
            return new PgBouncerDescription(
                    name,
                    text.take("agent"),
                    consoles,
                    file,
                    database,
                    active,
                    originalPrimary,
                    text.take("user").orElse("pgbouncer"),
                    PasswordPlace.of(text, "PGBOUNCER_PASSWORD"),
                    tls,
                    Duration.ofSeconds(Long.parseLong(expectedPause)));
        } catch (IllegalArgumentException e) {
            throw text.wrong(e.getMessage());
        }
    }

    private static PgAddress address(DescriptionText text, String what, String address, int port) {
        try {
            return PgAddress.of(address, port);
        } catch (IllegalArgumentException e) {
            throw text.wrong(what + ": " + e.getMessage());
        }
    }

    /** The password is that of the user, so it is no longer the one in a file. */
    @Override
    public PgBouncerDescription loginAs(String other) {
        return new PgBouncerDescription(
                name,
                agent,
                consoles,
                databasesFile,
                database,
                active,
                originalPrimary,
                other,
                new PasswordPlace(password.variable(), Optional.empty()),
                tls,
                expectedPause);
    }

    @Override
    public Optional<String> passwordVariable() {
        return password.file().isPresent() ? Optional.empty() : Optional.of(password.variable());
    }

    @Override
    public List<String> commands(Verb verb) {
        String at = "at "
                + String.join(", ", consoles.stream().map(PgAddress::toString).toList()) + ": ";
        return switch (verb) {
            case FENCE -> List.of(
                    at + "PAUSE \"" + database + "\"; after the drain, KILL \"" + database
                            + "\" if a transaction still runs",
                    line(NOBODY),
                    at + "RELOAD; SHOW DATABASES; SHOW SERVERS");
            case UNFENCE -> leading(at, active);
            case RELEASE -> leading(at, originalPrimary);
        };
    }

    private List<String> leading(String at, PgAddress cluster) {
        return List.of(
                line(cluster),
                at + "RELOAD; SHOW DATABASES; RESUME \"" + database + "\"; SET server_login_retry = 0, and back");
    }

    /** What is changed in the line of our database. */
    private String line(PgAddress to) {
        return "in " + databasesFile + ": " + database + " = host=" + to.host() + " port=" + to.port();
    }

    @Override
    public Proxy connect(ProxyEnvironment environment) {
        PgConnection.Login login =
                new PgConnection.Login("pgbouncer", user, () -> password.read(environment.variables()));
        return connect(environment, (address, deadline) -> PgConnection.open(address, tls, login, deadline));
    }

    /** With consoles that are found somewhere else than in production. */
    Proxy connect(ProxyEnvironment environment, PgSession.Network network) {
        return new BlockingProxy(
                this, environment, (around, deadline) -> new PgBouncerWork(this, network, around.timer(), deadline));
    }

    /** What a host and a port mean to us, as PgBouncer or its files name them. */
    PgBouncerSight.Destination destination(String host, String port) {
        if (is(active, host, port)) {
            return PgBouncerSight.Destination.ACTIVE;
        }
        if (is(originalPrimary, host, port)) {
            return PgBouncerSight.Destination.ORIGINAL_PRIMARY;
        }
        return is(NOBODY, host, port) ? PgBouncerSight.Destination.NOBODY : PgBouncerSight.Destination.ELSEWHERE;
    }

    private static boolean is(PgAddress address, String host, String port) {
        return address.host().equalsIgnoreCase(host)
                && String.valueOf(address.port()).equals(port);
    }

    /** The address that stands for a destination; there is none for elsewhere. */
    PgAddress address(PgBouncerSight.Destination destination) {
        return switch (destination) {
            case ACTIVE -> active;
            case ORIGINAL_PRIMARY -> originalPrimary;
            case NOBODY -> NOBODY;
            case ELSEWHERE -> throw new IllegalArgumentException("elsewhere has no address");
        };
    }
}
