package io.jenkins.plugins.cockroachdb.traffic;

import io.jenkins.plugins.cockroachdb.servers.RealPgBouncer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/** PgBouncer with transaction pooling. */
final class PgBouncerUnderLoad implements RealProxy {

    private final RealPair pair;
    private final RealPgBouncer pgBouncer;
    private final Optional<String> databasesAtStart;

    private PgBouncerUnderLoad(Path directory, RealPair pair, boolean remembers) {
        this.pair = pair;
        pgBouncer = RealPgBouncer.start(directory, pair.certificate, pair.active.port(), Map.of());
        try {
            databasesAtStart = remembers ? Optional.empty() : Optional.of(Files.readString(pgBouncer.databasesFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As docs/examples has it. */
    static PgBouncerUnderLoad start(Path directory, RealPair pair) {
        return new PgBouncerUnderLoad(directory, pair, true);
    }

    /** Whoever starts it puts its databases file there anew, as tools that keep configurations do. */
    static PgBouncerUnderLoad startWithItsFirstFileAgain(Path directory, RealPair pair) {
        return new PgBouncerUnderLoad(directory, pair, false);
    }

    @Override
    public String description() {
        return "pgbouncer:" + pgBouncer.socketDirectory() + ":" + pgBouncer.port() + "?database=app&user="
                + RealPgBouncer.ADMIN + "&file=" + pgBouncer.databasesFile() + "&primary=localhost:"
                + pair.originalPrimary.port() + "&standby=localhost:" + pair.active.port();
    }

    @Override
    public Map<String, String> environment() {
        return Map.of("PGBOUNCER_PASSWORD", RealPgBouncer.ADMIN_PASSWORD);
    }

    @Override
    public Connection connect() throws SQLException {
        return pgBouncer.connect();
    }

    @Override
    public void kill() {
        pgBouncer.kill();
    }

    @Override
    public void start() {
        databasesAtStart.ifPresent(this::writeDatabases);
        pgBouncer.start();
    }

    private void writeDatabases(String text) {
        try {
            Files.writeString(pgBouncer.databasesFile(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        pgBouncer.close();
    }
}
