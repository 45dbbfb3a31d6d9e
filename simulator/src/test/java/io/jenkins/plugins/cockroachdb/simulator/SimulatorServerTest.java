package io.jenkins.plugins.cockroachdb.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a real client meets on a real connection. The cloud's clock is virtual: it shows 2026-03-01 and stands still. */
@Timeout(30)
class SimulatorServerTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final char[] PASSWORD = "simulator".toCharArray();

    private final Pair pair = new Pair();
    private final Faults faults = new Faults();
    private final SimulatedEndpoint endpoint = new SimulatedEndpoint(pair.cloud, faults);
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(Redirect.NEVER)
            .build();
    private final List<Socket> sockets = new ArrayList<>();
    private SimulatorServer server;

    @BeforeEach
    void start() throws IOException {
        server = SimulatorServer.start(endpoint, 0);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void answersWithTheDateOfTheCloud() throws Exception {
        var response = get(Caller.CLUSTERS);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(response.body()).path("clusters")).hasSize(2);
        assertThat(response.headers().allValues("date")).containsExactly("Sun, 01 Mar 2026 12:00:00 GMT");
        assertThat(response.headers().allValues("content-type")).containsExactly("application/json");
    }

    @Test
    void carriesBodiesAndQueries() throws Exception {
        var created = client.send(
                request(Caller.STREAMS)
                        .POST(java.net.http.HttpRequest.BodyPublishers.ofString(
                                "{\"primary_cluster_id\":\"%s\",\"standby_cluster_id\":\"%s\"}"
                                        .formatted(pair.active, pair.originalPrimary)))
                        .header("Content-Type", "application/json")
                        .build(),
                BodyHandlers.ofString());
        assertThat(created.statusCode()).isEqualTo(200);

        JsonNode listed = JSON.readTree(get(Caller.STREAMS + "?standby_cluster_id=" + pair.originalPrimary)
                .body());

        assertThat(listed.path("physical_replication_streams").findValuesAsText("id"))
                .containsExactly(JSON.readTree(created.body()).path("id").asText());
    }

    @Test
    void servesOneRequestAfterTheOtherOnOneConnection() throws Exception {
        Socket socket = connect();
        for (int i = 0; i < 3; i++) {
            write(socket, "GET " + Caller.CLUSTERS + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(head(socket)).startsWith("HTTP/1.1 401 ");
        }
        write(socket, "GET " + Caller.CLUSTERS + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertThat(head(socket)).contains("Connection: close");
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({
        "TOO_MANY_REQUESTS, 429",
        "REQUEST_TIMEOUT, 408",
        "INTERNAL_ERROR, 500",
        "BAD_GATEWAY, 502",
        "UNAVAILABLE, 503",
        "UNAVAILABLE_RETRY_AT_ONCE, 503",
        "GATEWAY_TIMEOUT_AFTER_EFFECT, 504"
    })
    void errorsHaveTheirStatus(FaultKind kind, int status) throws Exception {
        faults.on(Operation.LIST_CLUSTERS, 1, Fault.of(kind));
        assertThat(get(Caller.CLUSTERS).statusCode()).isEqualTo(status);
        assertThat(get(Caller.CLUSTERS).statusCode()).isEqualTo(200);
    }

    @Test
    void aRedirectLeadsToTheSamePlace() throws Exception {
        faults.on(Operation.LIST_CLUSTERS, 1, Fault.of(FaultKind.REDIRECT));
        var response = get(Caller.CLUSTERS + "?show_inactive=true");
        assertThat(response.statusCode()).isEqualTo(307);
        assertThat(response.headers().firstValue("location")).contains(Caller.CLUSTERS + "?show_inactive=true");

        faults.on(Operation.LIST_CLUSTERS, 1, Fault.of(FaultKind.REDIRECT));
        HttpClient follower =
                HttpClient.newBuilder().followRedirects(Redirect.ALWAYS).build();
        assertThat(follower.send(request(Caller.CLUSTERS).build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        assertThat(endpoint.received(Operation.LIST_CLUSTERS)).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(names = {"RESET_BEFORE_EFFECT", "RESET_AFTER_EFFECT"})
    void aResetIsARealOneWithoutAnswer(FaultKind kind) throws Exception {
        faults.on(Operation.LIST_CLUSTERS, 1, Fault.of(kind));
        Socket socket = asked(Caller.CLUSTERS);
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void aTruncatedBodyIsShorterThanPromised() throws Exception {
        faults.on(Operation.LIST_CLUSTERS, 1, Fault.of(FaultKind.TRUNCATED_BODY));
        Socket socket = asked(Caller.CLUSTERS);
        int promised = contentLength(headOnly(socket));
        assertThat(socket.getInputStream().readAllBytes()).hasSize(promised / 2);

        faults.on(Operation.LIST_CLUSTERS, 1, Fault.of(FaultKind.TRUNCATED_BODY));
        assertThatThrownBy(() -> get(Caller.CLUSTERS)).isInstanceOf(IOException.class);
    }

    @Test
    void anEmptyBodyIsEmptyAndSaysSo() throws Exception {
        faults.on(Operation.LIST_CLUSTERS, 1, Fault.of(FaultKind.EMPTY_BODY));
        var response = get(Caller.CLUSTERS);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
        assertThat(response.headers().firstValue("content-length")).contains("0");
    }

    @Test
    void aMalformedBodyIsAPageOfAProxy() throws Exception {
        faults.on(Operation.LIST_CLUSTERS, 1, Fault.of(FaultKind.MALFORMED_BODY));
        var response = get(Caller.CLUSTERS);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).startsWith("<html>").contains(pair.caller.key());
    }

    @Test
    void wrongTypesHaveTheRightNames() throws Exception {
        faults.on(Operation.GET_CLUSTER, 1, Fault.of(FaultKind.WRONG_TYPES));
        JsonNode cluster =
                JSON.readTree(get(Caller.CLUSTERS + "/" + pair.active).body());
        assertThat(cluster.path("id").isInt()).isTrue();
        assertThat(cluster.path("regions").isTextual()).isTrue();
        assertThat(cluster.path("labels").isTextual()).isTrue();
    }

    @Test
    void anOversizedBodyIsTheRightAnswerInMoreThanFourMebibytes() throws Exception {
        faults.on(Operation.LIST_CLUSTERS, 1, Fault.of(FaultKind.OVERSIZED_BODY));
        String body = get(Caller.CLUSTERS).body();
        assertThat(body.length()).isGreaterThan(4 << 20);
        assertThat(JSON.readTree(body).path("clusters")).hasSize(2);
    }

    @Test
    void latencyDelaysTheRightAnswer() throws Exception {
        faults.on(Operation.LIST_CLUSTERS, 1, Fault.latency(ofMillis(60)));
        long begin = System.nanoTime();
        assertThat(get(Caller.CLUSTERS).statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(ofMillis(60));
    }

    @Test
    void aDripSendsTheHeadAtOnceAndThenByteAfterByte() throws Exception {
        faults.on(Operation.LIST_CLUSTERS, 1, Fault.of(FaultKind.SLOW_DRIP).withDelay(ofMillis(1)));
        Socket quick = asked(Caller.CLUSTERS);
        assertThat(headOnly(quick)).startsWith("HTTP/1.1 200 ");
        assertThat(quick.getInputStream().readNBytes(20)).hasSize(20);

        faults.on(Operation.LIST_CLUSTERS, 1, Fault.of(FaultKind.SLOW_DRIP).withDelay(ofHours(1)));
        Socket slow = asked(Caller.CLUSTERS);
        assertThat(contentLength(headOnly(slow))).isGreaterThan(1_000_000);
        assertStaysSilent(slow);
    }

    @Test
    void noAnswerMeansAnOpenConnectionWithoutOne() throws Exception {
        faults.on(Operation.LIST_CLUSTERS, 1, Fault.of(FaultKind.NO_ANSWER));
        assertStaysSilent(asked(Caller.CLUSTERS));
        assertThat(endpoint.received(Operation.LIST_CLUSTERS)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"LATENCY", "SLOW_DRIP", "NO_ANSWER", "RESET_AFTER_EFFECT"})
    void closingTheServerEndsWhateverIsUnderWay(FaultKind kind) throws Exception {
        faults.always(Operation.LIST_CLUSTERS, Fault.of(kind).withDelay(ofHours(1)));
        CompletableFuture<?> pending = client.sendAsync(request(Caller.CLUSTERS).build(), BodyHandlers.ofString());
        Socket idle = connect();
        Socket asking = asked(Caller.CLUSTERS);
        assertStaysSilent(kind == FaultKind.SLOW_DRIP ? withoutHead(asking) : asking);

        server.close();

        assertThatThrownBy(() -> pending.get(5, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
        assertEnds(asking);
        assertEnds(idle);
        assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
    }

    @Test
    void itsThreadsAreDaemonsWithItsName() throws Exception {
        get(Caller.CLUSTERS);
        List<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("simulator-"))
                .toList();
        assertThat(threads)
                .extracting(Thread::getName)
                .contains("simulator-listener-" + server.uri().getPort());
        assertThat(threads).hasSizeGreaterThanOrEqualTo(2).allMatch(Thread::isDaemon);
    }

    @Test
    void aPortThatIsTakenIsAnError() {
        assertThatThrownBy(() -> SimulatorServer.start(endpoint, server.uri().getPort()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void servesHttpsAndResetsItToo(@TempDir Path directory) throws Exception {
        SSLContext tls = selfSigned(directory.resolve("keys.p12"));
        HttpClient trusting = HttpClient.newBuilder().sslContext(tls).build();
        try (SimulatorServer secure = SimulatorServer.start(endpoint, 0, tls)) {
            assertThat(secure.uri()).hasScheme("https");
            assertThat(trusting.send(request(secure.uri(), Caller.CLUSTERS).build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);

            // The client repeats a GET by itself when a connection breaks that it has used before.
            faults.always(Operation.LIST_CLUSTERS, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
            assertThatThrownBy(() ->
                            trusting.send(request(secure.uri(), Caller.CLUSTERS).build(), BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aBodyOfGigabytesIsAnsweredAndNotKept() throws Exception {
        Socket socket = connect();
        write(
                socket,
                "POST " + Caller.STREAMS + " HTTP/1.1\r\nHost: x"
                        + "\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
                        + "x".repeat(1 << 20));

        assertThat(head(socket)).startsWith("HTTP/1.1 401 ");
    }

    private java.net.http.HttpResponse<String> get(String target) throws Exception {
        return client.send(request(target).build(), BodyHandlers.ofString());
    }

    private java.net.http.HttpRequest.Builder request(String target) {
        return request(server.uri(), target);
    }

    private java.net.http.HttpRequest.Builder request(URI server, String target) {
        return java.net.http.HttpRequest.newBuilder(server.resolve(target))
                .timeout(ofSeconds(20))
                .header("Authorization", "Bearer " + pair.caller.key());
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", server.uri().getPort());
        sockets.add(socket);
        return socket;
    }

    /** A connection on which a request has been sent. */
    private Socket asked(String target) throws IOException {
        Socket socket = connect();
        write(
                socket,
                "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                        + pair.caller.key() + "\r\n\r\n");
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(UTF_8));
    }

    /** Reads a head and the body that its length promises. */
    private static String head(Socket socket) throws IOException {
        String head = headOnly(socket);
        socket.getInputStream().readNBytes(contentLength(head));
        return head;
    }

    private static String headOnly(Socket socket) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        while (!head.toString(UTF_8).endsWith("\r\n\r\n")) {
            int read = in.read();
            assertThat(read).as("more of the head after %s", head).isNotNegative();
            head.write(read);
        }
        return head.toString(UTF_8);
    }

    private static Socket withoutHead(Socket socket) throws IOException {
        headOnly(socket);
        return socket;
    }

    private static int contentLength(String head) {
        return Integer.parseInt(head.replaceAll("(?is).*\r\ncontent-length: (\\d+)\r\n.*", "$1"));
    }

    private static void assertStaysSilent(Socket socket) throws IOException {
        socket.setSoTimeout(100);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
    }

    /** Whether by an orderly end or a reset, but not by a time-out. */
    private static void assertEnds(Socket socket) throws IOException {
        socket.setSoTimeout(5_000);
        try {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    /** A context that shows a certificate for 127.0.0.1 and trusts it, made with the JDK's own tool. */
    private static SSLContext selfSigned(Path file) throws Exception {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "simulator",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=simulator",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory identity = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        identity.init(keys, PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
