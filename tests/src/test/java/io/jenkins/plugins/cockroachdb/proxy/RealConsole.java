package io.jenkins.plugins.cockroachdb.proxy;

import java.io.Closeable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;

/** A PgBouncer's admin console, for whoever compares it with a model: by the product's own client of it. */
public final class RealConsole implements Closeable {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final PgConnection connection;
    private final Deadline deadline;

    /**
     * @param socketDirectory of PgBouncer's Unix socket
     * @param timer ends what takes too long
     */
    public RealConsole(Path socketDirectory, int port, String user, String password, ScheduledExecutorService timer)
            throws Exception {
        deadline = new Deadline(timer, LIMIT);
        connection = PgConnection.open(
                new PgAddress(socketDirectory.toString(), port),
                PgTls.disabled(),
                new PgConnection.Login("pgbouncer", user, () -> password),
                deadline);
    }

    /** The command tag, or {@code refused: } and the console's words. */
    public String tell(String sql) {
        ask(sql);
        return answer(sql);
    }

    /** Sends a command without waiting for its answer. */
    public void ask(String sql) {
        try {
            connection.ask(sql);
        } catch (ProxyFailure e) {
            throw new IllegalStateException(e);
        }
    }

    /** The answer to what was sent with {@link #ask}. */
    public String answer(String sql) {
        try {
            return connection.answer(sql).tag();
        } catch (ProxyFailure e) {
            return "refused: " + e.whatHappened();
        }
    }

    /** The row of the database in SHOW DATABASES. */
    public Optional<Map<String, String>> database(String name) {
        return rows("SHOW DATABASES").stream()
                .filter(row -> name.equals(row.get("name")))
                .findFirst();
    }

    /** The rows of a SHOW. */
    public List<Map<String, String>> rows(String show) {
        try {
            return connection.query(show).rows();
        } catch (ProxyFailure e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        connection.close();
        deadline.close();
    }
}
