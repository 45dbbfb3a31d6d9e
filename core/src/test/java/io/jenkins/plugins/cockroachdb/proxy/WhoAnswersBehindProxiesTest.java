package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.proxy.WhoAnswers.Who;
import io.jenkins.plugins.cockroachdb.servers.LocalServer;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.servers.RealPgBouncer;
import io.jenkins.plugins.cockroachdb.servers.RealPostgres;
import io.jenkins.plugins.cockroachdb.servers.ServerCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real PostgreSQL servers with TLS behind a real HAProxy that passes it on, and a real PgBouncer that ends it. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WhoAnswersBehindProxiesTest {

    private static final String ACTIVE = "orders-west.example.com";
    private static final String ORIGINAL = "orders-east.example.com";

    @TempDir
    Path directory;

    private final ExecutorService io = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void stop() {
        io.shutdownNow();
        timer.shutdownNow();
    }

    @Test
    @NeedsPrograms("pgbouncer")
    void pgBouncerShowsItsOwnCertificate() {
        ServerCertificate its = ServerCertificate.of("pgbouncer.example.com");
        try (RealPgBouncer pgBouncer =
                RealPgBouncer.start(directory.resolve("pgbouncer"), its, LocalServer.freePort(), Map.of())) {
            WhoAnswers answer = at(pgBouncer.port());

            assertThat(answer.who()).isEqualTo(Who.CANNOT_TELL);
            assertThat(answer.reason()).contains("is for pgbouncer.example.com, neither for " + ACTIVE);
        }
    }

    @Test
    @NeedsPrograms({"haproxy", "postgres", "initdb"})
    void theClusterBehindHaProxyIsKnownByItsCertificate() throws IOException {
        try (RealPostgres active =
                        RealPostgres.start(directory.resolve("active"), ServerCertificate.of(ACTIVE), Map.of());
                RealPostgres original =
                        RealPostgres.start(directory.resolve("original"), ServerCertificate.of(ORIGINAL), Map.of())) {
            int toActive = LocalServer.freePort();
            int toOriginal = LocalServer.freePort();
            int toNobody = LocalServer.freePort();
            Path configuration = directory.resolve("haproxy.cfg");
            Files.writeString(
                    configuration,
                    """
                    defaults
                        mode tcp
                        timeout connect 5s
                        timeout client 1m
                        timeout server 1m
                    """
                            + passingOn(toActive, active.port(), "")
                            + passingOn(toOriginal, original.port(), "")
                            + passingOn(toNobody, active.port(), " disabled"));
            LocalServer haproxy = LocalServer.start(
                    directory,
                    "Loading success",
                    List.of(
                            LocalServer.find("haproxy").orElseThrow().toString(),
                            "-W",
                            "-db",
                            "-f",
                            configuration.toString()));
            try (haproxy) {
                assertThat(at(toActive).who()).isEqualTo(Who.ACTIVE);
                assertThat(at(toOriginal).who()).isEqualTo(Who.ORIGINAL_PRIMARY);
                assertThat(at(toNobody).who()).isEqualTo(Who.CANNOT_TELL);
                assertThat(at(toNobody).reason()).contains("That is so behind a fence");
            }
        }
    }

    private static String passingOn(int port, int server, String state) {
        return "listen to-" + port + "\n    bind 127.0.0.1:" + port + "\n    server cluster 127.0.0.1:" + server + state
                + "\n";
    }

    private WhoAnswers at(int port) {
        return WhoAnswers.at(
                        new PgAddress("127.0.0.1", port),
                        ACTIVE,
                        ORIGINAL,
                        new ProxyEnvironment(name -> Optional.empty(), io, timer),
                        Duration.ofSeconds(20))
                .join();
    }
}
