package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.proxy.WhoAnswers.Candidate;
import io.jenkins.plugins.cockroachdb.proxy.WhoAnswers.Who;
import io.jenkins.plugins.cockroachdb.servers.LocalServer;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With real TLS, and a clock that only the test moves. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WhoAnswersTest {

    private static final String ACTIVE = "orders-west.aws-us-west-2.cockroachlabs.cloud";
    private static final String ORIGINAL = "orders-east.aws-us-east-1.cockroachlabs.cloud";
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-03-01T03:00:00Z"));
    private final ExecutorService io = Executors.newCachedThreadPool();
    private final ProxyEnvironment environment = new ProxyEnvironment(name -> Optional.empty(), io, time);
    private final Queue<AutoCloseable> open = new ConcurrentLinkedQueue<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        io.shutdownNow();
    }

    /** How a server goes on after the request for TLS. */
    private interface Answer {
        void to(Socket client) throws IOException;
    }

    private PgAddress server(Answer answer) throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        open.add(server);
        io.execute(() -> {
            while (!server.isClosed()) {
                try {
                    Socket client = server.accept();
                    open.add(client);
                    assertThat(client.getInputStream().readNBytes(8)).containsExactly(0, 0, 0, 8, 4, 210, 22, 47);
                    answer.to(client);
                } catch (IOException e) {
                    // the client has seen enough, or the test is over
                }
            }
        });
        return address(server.getLocalPort());
    }

    private static PgAddress address(int port) {
        return new PgAddress("127.0.0.1", port);
    }

    private PgAddress cluster(HeldCertificate certificate) throws IOException {
        SSLContext context = new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .build()
                .sslContext();
        return server(client -> {
            client.getOutputStream().write('S');
            SSLSocket secured = (SSLSocket) context.getSocketFactory().createSocket(client, null, true);
            secured.setUseClientMode(false);
            secured.startHandshake();
            drain(secured.getInputStream());
        });
    }

    private static void drain(InputStream in) throws IOException {
        in.readAllBytes();
    }

    private static HeldCertificate certificate(String... names) {
        HeldCertificate.Builder builder = new HeldCertificate.Builder().commonName("node");
        for (String name : names) {
            builder.addSubjectAlternativeName(name);
        }
        return builder.build();
    }

    private PgAddress nobody() {
        return address(LocalServer.freePort());
    }

    private WhoAnswers look(PgAddress clients) {
        return WhoAnswers.at(clients, ACTIVE, ORIGINAL, environment, LIMIT).join();
    }

    private WhoAnswers look(PgAddress clients, PgAddress active, PgAddress original) {
        return WhoAnswers.at(
                        clients, new Candidate(ACTIVE, active), new Candidate(ORIGINAL, original), environment, LIMIT)
                .join();
    }

    @Test
    void aNameTellsWhoAnswers() throws IOException {
        PgAddress active = cluster(certificate(ACTIVE));
        PgAddress original = cluster(certificate("localhost", "*.aws-us-east-1.cockroachlabs.cloud"));

        assertThat(look(active))
                .isEqualTo(new WhoAnswers(
                        Who.ACTIVE,
                        "The certificate shown at " + active + " is for " + ACTIVE + ": the active cluster, " + ACTIVE
                                + "."));
        assertThat(look(original))
                .isEqualTo(new WhoAnswers(
                        Who.ORIGINAL_PRIMARY,
                        "The certificate shown at " + original
                                + " is for localhost, *.aws-us-east-1.cockroachlabs.cloud: the original primary, "
                                + ORIGINAL + "."));
    }

    @Test
    void aCertificateNeedNotBeTrustedNorInTime() throws IOException {
        HeldCertificate expired = new HeldCertificate.Builder()
                .addSubjectAlternativeName(ACTIVE)
                .validityInterval(0, 1)
                .build();

        assertThat(look(cluster(expired)).who()).isEqualTo(Who.ACTIVE);
    }

    @Test
    void namesOfNeitherTellNothing() throws IOException {
        WhoAnswers answer = look(cluster(certificate("pgbouncer.internal")));

        assertThat(answer.who()).isEqualTo(Who.CANNOT_TELL);
        assertThat(answer.reason())
                .contains("is for pgbouncer.internal, neither for " + ACTIVE + " nor for " + ORIGINAL + ".")
                .contains("as PgBouncer does");
    }

    @Test
    void namesOfBothAreToldApartByTheCertificateItself() throws IOException {
        HeldCertificate ofActive = certificate(ACTIVE, ORIGINAL);
        HeldCertificate ofOriginal = certificate(ACTIVE, ORIGINAL);
        PgAddress active = cluster(ofActive);
        PgAddress original = cluster(ofOriginal);

        assertThat(look(cluster(ofActive), active, original).who()).isEqualTo(Who.ACTIVE);
        assertThat(look(cluster(ofOriginal), active, original).who()).isEqualTo(Who.ORIGINAL_PRIMARY);

        WhoAnswers third = look(cluster(certificate(ACTIVE, ORIGINAL)), active, original);
        assertThat(third.who()).isEqualTo(Who.CANNOT_TELL);
        assertThat(third.reason()).endsWith("fits both clusters. Asked directly, neither of them shows this very one.");
    }

    @Test
    void oneCertificateForBothTellsNothing() throws IOException {
        PgAddress shared = cluster(certificate(ACTIVE, ORIGINAL));

        WhoAnswers answer = look(shared, shared, shared);

        assertThat(answer.who()).isEqualTo(Who.CANNOT_TELL);
        assertThat(answer.reason()).endsWith("fits both clusters. Asked directly, both show the same one.");
    }

    @Test
    void aStandbyShowsNothingToCompareWith() throws IOException {
        PgAddress active = cluster(certificate(ACTIVE, ORIGINAL));
        PgAddress standby = server(Socket::close);

        WhoAnswers answer = look(active, active, standby);

        assertThat(answer.who()).isEqualTo(Who.CANNOT_TELL);
        assertThat(answer.reason())
                .contains("The original primary cannot be compared: Nobody answers at " + standby)
                .contains("it closed the connection")
                .contains("a standby, which takes no connection before the cutover is completed");
    }

    @Test
    void whoeverHasNoTlsTellsNothing() throws IOException {
        PgAddress plain = server(client -> client.getOutputStream().write('N'));

        assertThat(look(plain))
                .isEqualTo(new WhoAnswers(
                        Who.CANNOT_TELL, "Who answers at " + plain + " offers no TLS, and so shows no certificate."));
        assertThat(look(new PgAddress("/run/postgresql", 5432)).reason()).contains("no TLS over a Unix socket");
    }

    @Test
    void whoeverDoesNotAnswerTellsNothing() throws IOException {
        PgAddress nobody = nobody();
        assertThat(look(nobody).who()).isEqualTo(Who.CANNOT_TELL);
        assertThat(look(nobody).reason())
                .startsWith("Nobody answers at " + nobody)
                .contains("refused")
                .contains("That is so behind a fence");
        assertThat(look(new PgAddress("no-such-host.invalid", 26257)).reason()).contains("its name is unknown");
    }

    @Test
    void whoeverSpeaksSomethingElseTellsNothing() throws IOException {
        PgAddress web =
                server(client -> client.getOutputStream().write("HTTP/1.1 400".getBytes(StandardCharsets.UTF_8)));
        assertThat(look(web).who()).isEqualTo(Who.CANNOT_TELL);
        assertThat(look(web).reason()).contains("none of PostgreSQL's");

        PgAddress liar =
                server(client -> client.getOutputStream().write("Sorry, no TLS.".getBytes(StandardCharsets.UTF_8)));
        assertThat(look(liar).who()).isEqualTo(Who.CANNOT_TELL);
        assertThat(look(liar).reason()).startsWith("The TLS handshake at " + liar + " failed (");
    }

    @Test
    void silenceEndsWithTheTime() throws IOException {
        for (String silentAfter : new String[] {"", "S"}) {
            CompletableFuture<Socket> reached = new CompletableFuture<>();
            PgAddress silent = server(client -> {
                client.getOutputStream().write(silentAfter.getBytes(StandardCharsets.UTF_8));
                reached.complete(client);
                drain(client.getInputStream());
            });
            CompletableFuture<WhoAnswers> look = WhoAnswers.at(silent, ACTIVE, ORIGINAL, environment, LIMIT);
            reached.join();
            assertThat(look).isNotDone();

            time.advance(LIMIT);

            assertThat(look.join().who()).isEqualTo(Who.CANNOT_TELL);
            assertThat(look.join().reason()).contains("the time is over");
        }
    }

    @Test
    void aLookThatIsCanceledEnds() throws Exception {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        CompletableFuture<Void> reached = new CompletableFuture<>();
        PgAddress silent = server(client -> {
            reached.complete(null);
            drain(client.getInputStream());
            ended.complete(null);
        });
        CompletableFuture<WhoAnswers> look = WhoAnswers.at(silent, ACTIVE, ORIGINAL, environment, LIMIT);
        reached.join();

        look.cancel(true);

        ended.join();
    }

    @Test
    void withoutNamesNobodyIsAsked() {
        PgAddress nobody = nobody();

        assertThat(WhoAnswers.at(nobody, null, ORIGINAL, environment, LIMIT)
                        .join()
                        .reason())
                .contains("no sql_dns for the active cluster");
        assertThat(WhoAnswers.at(nobody, ACTIVE, "not a name", environment, LIMIT)
                        .join()
                        .reason())
                .contains("no sql_dns for the original primary");
    }
}
