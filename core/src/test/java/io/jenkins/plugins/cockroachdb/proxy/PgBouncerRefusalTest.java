package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.RealPgBouncer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a fence is refused for: each with a clear error, and clients where they were. */
class PgBouncerRefusalTest extends DrivenPgBouncer {

    private void assertNothingChanged(String databasesFile) throws Exception {
        assertThat(databasesFile()).isEqualTo(databasesFile);
        assertThat(traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(whoAnswers()).isEqualTo("A");
    }

    private void assertFenceRefused(Proxy refusing, String... words) throws Exception {
        String before = databasesFile();
        assertThat(refused(refusing.fence(DRAIN, LIMIT))).hasMessageContainingAll(words);
        assertNothingChanged(before);
    }

    @Test
    void aDatabaseThatTheFileLacks() throws Exception {
        assertFenceRefused(
                proxy(text(console(), "nix", pgBouncer.databasesFile())),
                "Proxy pgbouncer-nix: The databases file " + pgBouncer.databasesFile() + " has 0 lines for nix.",
                "a line for * is not enough");
    }

    @Test
    void aDatabaseThatPgBouncerLacks() throws Exception {
        Path file =
                Files.writeString(directory.resolve("other.ini"), "nix = host=localhost port=" + active.port() + "\n");

        assertFenceRefused(
                proxy(text(console(), "nix", file)), "has no database nix", "Name one that SHOW DATABASES names there");
    }

    @Test
    void aUserWhoIsNoAdministrator() throws Exception {
        assertFenceRefused(
                proxy(text().replace("user=failback", "user=app"), "change-me-app"),
                "refused the login of app: \"not allowed\"",
                "Name this user in admin_users in pgbouncer.ini, and RELOAD.");
    }

    @Test
    void aUserWhoMayOnlyLook() throws Exception {
        configure(Map.of("stats_users", "app"));
        Proxy onlyLooking = proxy(text().replace("user=failback", "user=app"), "change-me-app");

        assertThat(get(onlyLooking.findings(LIMIT)))
                .anyMatch(finding -> finding.prevents() && finding.what().contains("does not name app in admin_users"));
        assertFenceRefused(onlyLooking, "admin access needed", "Name this user in admin_users");
    }

    @Test
    void aWrongPassword() throws Exception {
        assertFenceRefused(
                proxy(text(), "not-the-password"),
                "refused the login of failback",
                "Check user name and password, and that auth_file in pgbouncer.ini has them.");
        assertThat(refused(proxy(text(), "not-the-password").fence(DRAIN, LIMIT)))
                .hasMessageNotContaining("not-the-password");
    }

    @Test
    void noPassword() throws Exception {
        assertFenceRefused(proxy(text(), ""), "A password is asked for, and PGBOUNCER_PASSWORD is not set.");
        assertFenceRefused(
                proxy(text("passwordFile=" + directory.resolve("none"))),
                "The password file " + directory.resolve("none") + " could not be read");
    }

    @Test
    void aPasswordFromAFileCountsBeforeTheVariable() throws Exception {
        Path file = Files.writeString(directory.resolve("password"), RealPgBouncer.ADMIN_PASSWORD + "\n");

        assertThat(get(proxy(text("passwordFile=" + file), "not-the-password").status(LIMIT))
                        .traffic())
                .isEqualTo(Traffic.ON_ACTIVE);
    }

    @Test
    void aPgBouncerThatIsDown() throws Exception {
        String before = databasesFile();
        pgBouncer.kill();

        assertThat(refused(proxy.fence(DRAIN, LIMIT)))
                .hasMessageContainingAll("cannot be talked to", "Check that PgBouncer runs and listens there.");
        assertThat(status().traffic()).isEqualTo(Traffic.UNKNOWN);
        assertThat(status().detail()).contains("cannot be talked to");
        pgBouncer.start();
        assertNothingChanged(before);
    }

    @Test
    void aPostgresAtTheAddressOfTheConsole() throws Exception {
        String postgres = "127.0.0.1:" + active.port();
        active.execute(
                "CREATE ROLE failback LOGIN PASSWORD '" + RealPgBouncer.ADMIN_PASSWORD + "'",
                "CREATE DATABASE pgbouncer");
        try {
            assertFenceRefused(
                    proxy(text(postgres, "app", pgBouncer.databasesFile())),
                    "which is no PgBouncer",
                    "Name the address of PgBouncer's admin console.");
        } finally {
            active.execute("DROP DATABASE pgbouncer", "DROP ROLE failback");
        }
    }

    @Test
    void somethingThatDoesNotSpeakTheProtocol() throws Exception {
        try (ServerSocket web = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            io.execute(() -> {
                try (Socket client = web.accept()) {
                    client.getOutputStream().write("HTTP/1.0 400 Bad Request\r\n\r\n".getBytes());
                    client.getInputStream().read();
                } catch (IOException e) {
                    // the test has ended
                }
            });
            assertFenceRefused(
                    proxy(text("127.0.0.1:" + web.getLocalPort(), "app", pgBouncer.databasesFile())),
                    "its answer to a request for TLS is none of PostgreSQL's");
        }
    }

    @Test
    void aConsoleThatNeverAnswers() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Proxy proxy = proxy(text("127.0.0.1:" + silent.getLocalPort(), "app", pgBouncer.databasesFile()));

            assertThat(refused(proxy.fence(Duration.ZERO, Duration.ofMillis(200))))
                    .hasMessageContaining("fence was not done within 200 ms");
            assertThat(get(proxy.status(Duration.ofMillis(200))).traffic()).isEqualTo(Traffic.UNKNOWN);
        }
    }

    /** PgBouncer answers RELOAD also when nothing of it concerned our file. */
    @Test
    void defect11PgBouncerTheReloadFailsAndSuccessIsLogged() throws Exception {
        Path stale = Files.copy(pgBouncer.databasesFile(), directory.resolve("stale.ini"));
        String before = Files.readString(stale);
        Proxy proxy = proxy(text(console(), "app", stale));

        assertThat(get(proxy.findings(LIMIT)))
                .anyMatch(finding -> finding.prevents() && finding.what().contains("which does not include " + stale));
        assertFenceRefused(
                proxy,
                "still sends clients to localhost:" + active.port() + " after a RELOAD",
                "Clients were put back to where they were before the fence.",
                "Check that its pgbouncer.ini includes this very file");
        assertThat(stale).content().isEqualTo(before);
    }

    @Test
    void defect11PgBouncerTheFileIsNotWrittenAtomically() throws Exception {
        String before = databasesFile();
        CompletableFuture<Void> done = new CompletableFuture<>();
        CompletableFuture<Boolean> reader = CompletableFuture.supplyAsync(
                () -> {
                    boolean whole = true;
                    while (!done.isDone()) {
                        try {
                            String seen = databasesFile();
                            whole &= seen.replaceFirst("host=\\S+ port=\\d+", "")
                                    .equals(before.replaceFirst("host=\\S+ port=\\d+", ""));
                        } catch (IOException e) {
                            return false; // for a moment there was no file
                        }
                    }
                    return whole;
                },
                io);

        for (int i = 0; i < 5; i++) {
            get(proxy.fence(DRAIN, LIMIT));
            get(proxy.unfence(LIMIT));
        }
        done.complete(null);

        assertThat(reader.get()).isTrue();
        assertNothingChanged(before);
    }

    @Test
    void aFileThatCannotBeReplacedStopsNobody() throws Exception {
        // Longer than a name with anything before it may be: root can write anywhere else.
        Path file = Files.move(
                pgBouncer.databasesFile(), directory.resolve("pgbouncer").resolve("d".repeat(250)));
        Files.writeString(
                pgBouncer.configuration(),
                Files.readString(pgBouncer.configuration())
                        .replace("databases.ini", file.getFileName().toString()));
        pgBouncer.restart();
        Proxy proxy = proxy(text(console(), "app", file));

        assertThat(get(proxy.findings(LIMIT)))
                .anyMatch(finding -> finding.prevents() && finding.what().contains("could not be replaced"));
        try (Connection client = pgBouncer.connect()) {
            client.setAutoCommit(false);
            write(client, "in a transaction that no fence waits for");
            assertThat(refused(proxy.fence(DRAIN, LIMIT)))
                    .hasMessageContainingAll("could not be replaced", "with the right to write in its directory");
            client.commit();
        }
        assertThat(whoAnswers()).isEqualTo("A");
    }

    @Test
    void aFileThatSomebodyElseChangesMeanwhile() throws Exception {
        try (Connection client = pgBouncer.connect()) {
            client.setAutoCommit(false);
            write(client, "a");
            CompletableFuture<ProxyStatus> fence = proxy.fence(DRAIN, LIMIT);
            awaitPaused();
            Files.writeString(pgBouncer.databasesFile(), "; by somebody else\n", StandardOpenOption.APPEND);
            client.commit();

            assertThat(refused(fence))
                    .hasMessageContainingAll("was changed by somebody else meanwhile", "Clients were put back");
        }
        assertThat(databasesFile()).endsWith("; by somebody else\n");
        assertThat(traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(whoAnswers()).isEqualTo("A");
    }

    @Test
    void aPgBouncerThatIsPausedAsAWhole() throws Exception {
        inConsole("PAUSE");

        assertThat(refused(proxy.fence(DRAIN, LIMIT)))
                .hasMessageContainingAll(
                        "already suspended/paused", "Somebody paused or suspended the whole PgBouncer");
        inConsole("RESUME");
        assertThat(whoAnswers()).isEqualTo("A");
    }

    @Test
    void anAddressThatIsNeitherAnorP() throws Exception {
        Files.writeString(
                pgBouncer.databasesFile(),
                databasesFile().replace("port=" + active.port(), "port=" + active.port() + "0"));

        assertThat(refused(proxy.fence(DRAIN, LIMIT)))
                .hasMessageContainingAll(
                        "which is neither the active cluster (localhost:" + active.port(), "Correct the proxy");
        assertThat(traffic()).isEqualTo(Traffic.UNKNOWN);
        assertThat(whoAnswers()).isEqualTo("A");
    }

    @Test
    void aPortThatSeveralProcessesMayShare() throws Exception {
        configure(Map.of("so_reuseport", "1"));
        Proxy shared = proxy(text("127.0.0.1:" + pgBouncer.port(), "app", pgBouncer.databasesFile()));

        assertThat(get(shared.findings(LIMIT)))
                .anyMatch(finding -> finding.prevents() && finding.what().contains("so_reuseport"));
        assertFenceRefused(shared, "may be any of several processes", "Name the Unix socket of each process");
    }

    @Test
    void theExampleHasNothingThatSpeaksAgainstAFence() throws Exception {
        assertThat(get(proxy.findings(LIMIT))).isEmpty();
    }

    @Test
    void whatDropsClientsThatWaitIsSaidBefore() throws Exception {
        configure(Map.of(
                "query_wait_timeout",
                "120",
                "client_login_timeout",
                "60",
                "query_timeout",
                "30",
                "pool_mode",
                "session"));

        assertThat(get(proxy.findings(LIMIT)))
                .noneMatch(ProxyFinding::prevents)
                .extracting(ProxyFinding::what)
                .satisfiesExactly(
                        what -> assertThat(what).contains("have waited 120 s (query_wait_timeout)"),
                        what -> assertThat(what).contains("have waited 30 s (query_timeout)"),
                        what -> assertThat(what).contains("have waited 60 s (client_login_timeout)"),
                        what -> assertThat(what).contains("pools sessions"));
        assertThat(get(proxy(text("expectedPause=10")).findings(LIMIT))).hasSize(1);
    }
}
