package io.jenkins.plugins.cockroachdb.traffic;

import io.jenkins.plugins.cockroachdb.servers.ServerCertificate;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The two clusters of a failback, played by real servers, and what replication does between them. */
final class RealPair implements AutoCloseable {

    final ServerCertificate certificate = ServerCertificate.of("localhost", "127.0.0.1");
    final Cluster active;
    final Cluster originalPrimary;

    RealPair(Path directory) throws SQLException {
        active = Cluster.start("A", directory.resolve("active"), certificate);
        originalPrimary = Cluster.start("P", directory.resolve("original-primary"), certificate);
    }

    /** A serves, without data yet, and P serves nobody: what it has will be erased. */
    void begin() throws SQLException {
        active.empty();
        originalPrimary.empty();
        originalPrimary.keepClientsOut();
    }

    /** What a completed cutover leaves: P has exactly what A committed at or before the point, and is a cluster of its own. */
    void complete(Instant point) throws SQLException {
        List<Long> replicated = active.commits().entrySet().stream()
                .filter(commit -> !commit.getValue().isAfter(point))
                .map(Map.Entry::getKey)
                .toList();
        originalPrimary.add(replicated);
        originalPrimary.letClientsIn();
    }

    @Override
    public void close() throws SQLException {
        active.close();
        originalPrimary.close();
    }
}
