package io.jenkins.plugins.cockroachdb.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cockroachdb.cloud.OkHttpTransport.Connection;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.ReceivedRequest;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.SimulatorServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OkHttp against a real server on loopback. What the client makes of it is in {@link FaultMatrixTest}. */
class OkHttpTransportTest {

    private final Faults faults = new Faults();
    private final Scene scene =
            SimulatedCloud.afterFailover(InstantSource.system(), CloudSettings.defaults(), new Random(1));
    private final SimulatedEndpoint endpoint = new SimulatedEndpoint(scene.cloud(), faults);
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        timer.shutdownNow();
    }

    @Test
    void answersOverHttp() throws Exception {
        Transport.Response response = get(transport(Connection.DEFAULT), server(), "/api/v1/organization");

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.bodyFlaw()).isNull();
        assertThat(response.headers()).containsKey("date");
        assertThat(new String(response.body(), StandardCharsets.UTF_8)).contains("\"name\"");
    }

    @Test
    void neverSendsAgainByItself() throws Exception {
        for (FaultKind kind :
                List.of(FaultKind.UNAVAILABLE_RETRY_AT_ONCE, FaultKind.REDIRECT, FaultKind.RESET_AFTER_EFFECT)) {
            faults.always(Operation.CREATE_STREAM, Fault.of(kind));
            faults.always(Operation.GET_ORGANIZATION, Fault.of(kind));
            endpoint.forget();
            Transport transport = transport(Connection.DEFAULT);
            SimulatorServer server = server();

            transport.send(post(server)).response().handle((r, e) -> null).join();
            transport
                    .send(request("GET", server, "/api/v1/organization", null))
                    .response()
                    .handle((r, e) -> null)
                    .join();

            assertThat(endpoint.received(Operation.CREATE_STREAM))
                    .as("writes, %s", kind)
                    .isEqualTo(1);
            assertThat(endpoint.received(Operation.GET_ORGANIZATION))
                    .as("reads, %s", kind)
                    .isEqualTo(1);
        }
    }

    @Test
    void aBodyThatBreaksOffOrIsTooLargeStillHasItsStatus() throws Exception {
        faults.on(Operation.GET_ORGANIZATION, 1, Fault.of(FaultKind.TRUNCATED_BODY));
        faults.on(Operation.GET_ORGANIZATION, 2, Fault.of(FaultKind.OVERSIZED_BODY));
        Transport transport = transport(Connection.DEFAULT);
        SimulatorServer server = server();

        Transport.Response brokenOff = get(transport, server, "/api/v1/organization");
        Transport.Response tooLarge = get(transport, server, "/api/v1/organization");

        assertThat(brokenOff.status()).isEqualTo(200);
        assertThat(brokenOff.bodyFlaw()).isEqualTo("broke off after " + brokenOff.body().length + " bytes");
        assertThat(tooLarge.status()).isEqualTo(200);
        assertThat(tooLarge.bodyFlaw()).isEqualTo("is larger than 4 MiB");
        assertThat(tooLarge.body()).hasSize(Transport.LARGEST_BODY);
    }

    @Test
    void aServerThatFallsSilentIsGivenUp() throws Exception {
        faults.always(Operation.GET_ORGANIZATION, Fault.of(FaultKind.NO_ANSWER));
        Transport transport = transport(Connection.DEFAULT.withLimits(Duration.ofSeconds(10), Duration.ofMillis(100)));

        assertThatThrownBy(() -> get(transport, server(), "/api/v1/organization"))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void whatWasNeverConnectedWasNotSent() throws Exception {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }

        Transport.Exchange exchange = transport(Connection.DEFAULT)
                .send(new Transport.Request(
                        "POST", URI.create("http://127.0.0.1:" + nobody + "/"), Map.of(), new byte[2]));

        assertThat(exchange.response()).failsWithin(Duration.ofSeconds(30));
        assertThat(exchange.maybeSent()).isFalse();
    }

    @Test
    @Timeout(30)
    void aWriteThatIsAbandonedBeforeItsTurnIsNeverSent() throws Exception {
        faults.on(Operation.CREATE_STREAM, 1, Fault.of(FaultKind.NO_ANSWER));
        faults.on(Operation.CREATE_STREAM, 2, Fault.of(FaultKind.NO_ANSWER));
        Transport transport = transport(Connection.DEFAULT);
        SimulatorServer server = server();
        Transport.Exchange first = transport.send(post(server));
        Transport.Exchange second = transport.send(post(server));
        Transport.Exchange waiting = transport.send(post(server));
        while (endpoint.received(Operation.CREATE_STREAM) < 2) {
            Thread.onSpinWait(); // the first two are on the wire and have both threads
        }

        waiting.abandon();
        first.abandon();
        second.abandon();
        transport.send(post(server)).response().join();

        assertThat(first.maybeSent()).isTrue();
        assertThat(waiting.maybeSent()).isFalse();
        assertThat(endpoint.received(Operation.CREATE_STREAM))
                .as("the first two and the last")
                .isEqualTo(3);
    }

    @Test
    void aWriteDoesNotWaitBehindReadsThatHang() throws Exception {
        faults.always(Operation.GET_ORGANIZATION, Fault.of(FaultKind.NO_ANSWER));
        Transport transport = transport(Connection.DEFAULT);
        SimulatorServer server = server();
        for (int i = 0; i < 20; i++) {
            transport.send(request("GET", server, "/api/v1/organization", null));
        }

        assertThat(transport.send(post(server)).response()).succeedsWithin(Duration.ofSeconds(9));
    }

    @Test
    void twentyReadsAtOnceTakeThreeThreads() throws Exception {
        faults.always(Operation.GET_ORGANIZATION, Fault.latency(Duration.ofMillis(20)));
        Transport transport = transport(Connection.DEFAULT);
        SimulatorServer server = server();
        List<Transport.Exchange> reads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            reads.add(transport.send(request("GET", server, "/api/v1/organization", null)));
        }
        reads.forEach(read -> read.response().join());

        // Transports of other tests may still be ending; their threads are numbered from 1 as well.
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .filteredOn(name -> name.startsWith("cockroach-cloud-reads-"))
                .allMatch(name -> name.matches("cockroach-cloud-reads-[123]"));
    }

    @Test
    void goesThroughAProxyButNeverToThisMachine() throws Exception {
        SimulatorServer proxy = server();
        ProxySelector always =
                ProxySelector.of(new InetSocketAddress("127.0.0.1", proxy.uri().getPort()));
        Transport transport = transport(Connection.DEFAULT.through(always));

        Transport.Exchange outside = transport.send(new Transport.Request(
                "GET", URI.create("https://cloud.example/api/v1/organization"), authorized(), null));
        outside.response().handle((response, failure) -> null).join();

        assertThat(endpoint.log()).extracting(ReceivedRequest::method).containsExactly("CONNECT");
        assertThat(outside.maybeSent()).as("the proxy refused the tunnel").isFalse();
        assertThatThrownBy(() -> transport
                        .send(new Transport.Request("GET", URI.create("http://127.0.0.1:1/"), authorized(), null))
                        .response()
                        .join())
                .as("nothing listens there, and nobody else was asked")
                .hasCauseInstanceOf(ConnectException.class);
        assertThat(endpoint.log()).hasSize(1);
    }

    @Test
    void triesEveryAddressOfAHostAndStillSendsOnce() throws Exception {
        SimulatorServer server = server();
        // Nothing listens on the first address.
        OkHttpClient twoAddresses = new OkHttpClient.Builder()
                .dns(host -> List.of(InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.1")))
                .build();
        OkHttpTransport transport = OkHttpTransport.basedOn(twoAddresses);
        open.add(transport);
        URI base = URI.create("http://localhost:" + server.uri().getPort());

        Transport.Request read = new Transport.Request("GET", base.resolve("/api/v1/organization"), authorized(), null);
        Transport.Request write = new Transport.Request(
                "POST",
                base.resolve("/api/v1/physical-replication-streams"),
                authorized(),
                post(server).body());

        assertThat(transport.send(read).response().get(30, TimeUnit.SECONDS).status())
                .isEqualTo(200);
        assertThat(transport.send(write).response().get(30, TimeUnit.SECONDS).status())
                .isEqualTo(200);
        assertThat(endpoint.log()).hasSize(2);
    }

    @Test
    void aStrangeRetryAfterArrivesAsTheServerSentIt() throws Exception {
        for (String strange : List.of("00", "99999999999", "soon")) {
            endpoint.forget();
            faults.always(
                    Operation.GET_ORGANIZATION, Fault.of(FaultKind.UNAVAILABLE).withRetryAfter(strange));

            Transport.Response response = get(transport(Connection.DEFAULT), server(), "/api/v1/organization");

            assertThat(response.status()).isEqualTo(503);
            assertThat(response.headers()).containsEntry("Retry-After", strange);
            assertThat(endpoint.log()).hasSize(1);
        }
    }

    @Test
    void aBorrowedClientsInterceptorsDoNotSeeTheKey() throws Exception {
        List<String> overheard = new ArrayList<>();
        Interceptor listener = chain -> {
            overheard.add(chain.request().headers().toString());
            return chain.proceed(chain.request());
        };
        OkHttpTransport transport = OkHttpTransport.basedOn(new OkHttpClient.Builder()
                .addInterceptor(listener)
                .addNetworkInterceptor(listener)
                .build());
        open.add(transport);

        get(transport, server(), "/api/v1/organization");

        assertThat(overheard).isEmpty();
    }

    @Test
    void trustsACertificateAuthorityOfAFileAndNobodyElse(@TempDir Path directory) throws Exception {
        HeldCertificate authority =
                new HeldCertificate.Builder().certificateAuthority(0).build();
        HeldCertificate certificate = new HeldCertificate.Builder()
                .signedBy(authority)
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        HandshakeCertificates tls =
                new HandshakeCertificates.Builder().heldCertificate(certificate).build();
        SimulatorServer server = SimulatorServer.start(endpoint, 0, tls.sslContext());
        open.add(server);
        Path pem = Files.writeString(directory.resolve("ca.pem"), authority.certificatePem());

        Transport.Response response = get(transport(Connection.DEFAULT.trusting(pem)), server, "/api/v1/organization");
        Transport.Exchange untrusted = transport(Connection.DEFAULT).send(post(server));

        assertThat(response.status()).isEqualTo(200);
        assertThat(untrusted.response()).failsWithin(Duration.ofSeconds(30));
        assertThat(untrusted.maybeSent()).isFalse();
        assertThat(endpoint.received(Operation.CREATE_STREAM)).isZero();
    }

    @Test
    void aCaFileThatIsNoneIsRefusedInWords(@TempDir Path directory) throws Exception {
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");
        Path wrong = Files.writeString(directory.resolve("wrong.pem"), "-----BEGIN CERTIFICATE-----\nx\n");

        assertThatThrownBy(() -> Connection.DEFAULT.trusting(empty)).hasMessageContaining("holds no certificate");
        assertThatThrownBy(() -> Connection.DEFAULT.trusting(wrong)).hasMessageContaining("is not a PEM file");
        assertThatThrownBy(() -> Connection.DEFAULT.trusting(directory.resolve("none.pem")))
                .hasMessageContaining("does not exist or cannot be read");
    }

    private SimulatorServer server() throws IOException {
        SimulatorServer server = SimulatorServer.start(endpoint, 0);
        open.add(server);
        return server;
    }

    private OkHttpTransport transport(Connection connection) {
        OkHttpTransport transport = OkHttpTransport.with(connection);
        open.add(transport);
        return transport;
    }

    private Transport.Response get(Transport transport, SimulatorServer server, String path) throws Exception {
        return transport.send(request("GET", server, path, null)).response().get(30, TimeUnit.SECONDS);
    }

    private Transport.Request post(SimulatorServer server) {
        byte[] body = Json.body(NewStream.from(scene.activeId()).erasing(scene.originalPrimaryId()));
        return request("POST", server, "/api/v1/physical-replication-streams", body);
    }

    private Transport.Request request(String method, SimulatorServer server, String path, byte[] body) {
        return new Transport.Request(method, server.uri().resolve(path), authorized(), body);
    }

    private Map<String, String> authorized() {
        return Map.of("Authorization", "Bearer " + scene.key(), "Content-Type", "application/json");
    }
}
