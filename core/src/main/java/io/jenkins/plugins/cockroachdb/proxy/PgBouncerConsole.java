package io.jenkins.plugins.cockroachdb.proxy;

import java.io.Closeable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The admin console of one PgBouncer process, and what it says about one database. Every call blocks. */
final class PgBouncerConsole implements Closeable {

    private final PgBouncerDescription description;
    private final PgAddress address;
    private final PgSession session;

    private PgBouncerConsole(PgBouncerDescription description, PgAddress address, PgSession session) {
        this.description = description;
        this.address = address;
        this.session = session;
    }

    /**
     * Logs in.
     *
     * @throws ProxyFailure if that fails, or if something else than a PgBouncer answers
     */
    static PgBouncerConsole open(
            PgBouncerDescription description, PgAddress address, PgSession.Network network, Deadline deadline)
            throws ProxyFailure {
        PgSession session = network.at(address, deadline);
        if (!session.serverVersion().endsWith("/bouncer")) {
            session.close();
            throw new ProxyFailure(
                    "At " + address + " answers a server " + session.serverVersion() + ", which is no PgBouncer.",
                    "Name the address of PgBouncer's admin console.");
        }
        return new PgBouncerConsole(description, address, session);
    }

    PgAddress address() {
        return address;
    }

    /**
     * What the process does with the database now.
     *
     * @throws ProxyFailure if it cannot be read, or knows no such database
     */
    PgBouncerSight look() throws ProxyFailure {
        return PgBouncerSight.of(description, address, database(), rows("SHOW SERVERS", "database"));
    }

    private Map<String, String> database() throws ProxyFailure {
        List<Map<String, String>> rows = rows("SHOW DATABASES", "name");
        if (rows.isEmpty()) {
            throw new ProxyFailure(
                    "The console at " + address + " has no database " + description.database() + ".",
                    "Name one that SHOW DATABASES names there.");
        }
        return rows.get(0);
    }

    /** Rows of our database. */
    private List<Map<String, String>> rows(String sql, String column) throws ProxyFailure {
        List<Map<String, String>> rows = session.query(sql).rows();
        if (!rows.isEmpty() && !rows.get(0).containsKey(column)) {
            throw new ProxyFailure(
                    "The answer of " + address + " to " + sql + " has no column " + column + ".",
                    "Check that this PgBouncer is 1.12 or newer.");
        }
        return rows.stream()
                .filter(row -> row.get(column).equals(description.database()))
                .toList();
    }

    /** How the process is set up. */
    PgBouncerSettings settings() throws ProxyFailure {
        Map<String, String> values = config();
        Set<String> poolModes = rows("SHOW POOLS", "database").stream()
                .map(row -> row.getOrDefault("pool_mode", ""))
                .collect(Collectors.toSet());
        String ofDatabase = database().getOrDefault("pool_mode", "");
        poolModes.add(ofDatabase.isEmpty() ? values.getOrDefault("pool_mode", "") : ofDatabase);
        return new PgBouncerSettings(address, values, poolModes);
    }

    private Map<String, String> config() throws ProxyFailure {
        return session.query("SHOW CONFIG").rows().stream()
                .collect(Collectors.toMap(
                        row -> row.getOrDefault("key", ""), row -> row.getOrDefault("value", ""), (a, b) -> a));
    }

    /** Asks for the pause without waiting for it. */
    void beginPause() throws ProxyFailure {
        session.ask(onDatabase("PAUSE"));
    }

    /**
     * Waits until PgBouncer says that every server connection is idle, and closed. Since its first WAIT_CLOSE for a database it says so
     * at once, and in these words, until it is restarted: look afterwards.
     */
    void awaitPause() throws ProxyFailure {
        demandTag("PAUSE|WAIT_CLOSE", session.answer(onDatabase("PAUSE")));
    }

    void resume() throws ProxyFailure {
        demandTag("RESUME", session.query(onDatabase("RESUME")));
    }

    /**
     * Has clients that wait sent on at once. After an attempt to reach a server that is not there, which nobody never is, PgBouncer makes
     * no other for server_login_retry (15 s), whatever its files say since; with 0 it does so as soon as it has answered.
     */
    void retryNow() throws ProxyFailure {
        String usual = config().getOrDefault("server_login_retry", "15");
        setLoginRetry("0");
        setLoginRetry(usual);
    }

    private void setLoginRetry(String seconds) throws ProxyFailure {
        session.query("SET server_login_retry = '" + seconds + "'");
    }

    /** Drops every client and server connection of the database, and pauses it. */
    void kill() throws ProxyFailure {
        demandTag("KILL", session.query(onDatabase("KILL")));
    }

    /** Has every file read again. PgBouncer answers RELOAD also when it could not: look afterwards. */
    void reload() throws ProxyFailure {
        demandTag("RELOAD", session.query("RELOAD"));
    }

    private String onDatabase(String verb) {
        return verb + " \"" + description.database() + "\"";
    }

    private void demandTag(String tags, PgSession.Reply reply) throws ProxyFailure {
        if (!reply.tag().matches(tags)) {
            throw new ProxyFailure(
                    "The console at " + address + " answered " + tags + " with \"" + reply.tag() + "\".",
                    "Check that this is a PgBouncer, and read its log.");
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
