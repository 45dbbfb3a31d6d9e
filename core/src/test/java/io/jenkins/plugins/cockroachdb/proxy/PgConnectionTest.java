package io.jenkins.plugins.cockroachdb.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A login and a query with a server that says whatever the test wants, and that nobody should believe. */
class PgConnectionTest {

    private static final PgAddress SOMEWHERE = new PgAddress("bouncer.example.com", 6432);
    private static final String PASSWORD = "a secret";

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    /** What the server says, from its first word to its last. */
    private PgConnection logIn(boolean isPrivate, byte[]... messages) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            all.write(message);
        }
        PgSocket socket = new PgSocket(() -> {}, new ByteArrayInputStream(all.toByteArray()), said, isPrivate);
        return PgConnection.over(socket, SOMEWHERE, new PgConnection.Login("pgbouncer", "failback", () -> PASSWORD));
    }

    private static byte[] message(char type, byte[] body) {
        return ByteBuffer.allocate(body.length + 5)
                .put((byte) type)
                .putInt(body.length + 4)
                .put(body)
                .array();
    }

    private static byte[] message(char type, String body) {
        return message(type, body.getBytes(UTF_8));
    }

    private static byte[] authentication(int method, String rest) {
        byte[] body = rest.getBytes(UTF_8);
        return message(
                'R',
                ByteBuffer.allocate(body.length + 4).putInt(method).put(body).array());
    }

    private static final byte[] WELCOME = authentication(0, "");
    private static final byte[] READY = message('Z', "I");

    @Test
    void aPasswordIsSaidInClearTextWhereNobodyElseCanHearIt() throws Exception {
        logIn(true, authentication(3, ""), WELCOME, READY).close();

        assertThat(said.toString(UTF_8)).endsWith(PASSWORD + "\0");
    }

    @Test
    void aPasswordIsNotSaidInClearTextWhereSomebodyElseCouldHearIt() {
        assertThatThrownBy(() -> logIn(false, authentication(3, ""), WELCOME, READY))
                .isInstanceOf(ProxyFailure.class)
                .hasMessageContainingAll(
                        "wants the password in clear text, and somebody else could read it",
                        "Use sslmode=verify-full, a Unix socket or auth_type scram-sha-256.");
        assertThat(said.toString(UTF_8)).doesNotContain(PASSWORD);
    }

    @Test
    void md5IsOverUserPasswordAndSalt() throws Exception {
        logIn(false, authentication(5, "salt"), WELCOME, READY).close();

        // md5(md5(password user) salt), each in hexadecimal, as PostgreSQL's documentation of the protocol has it
        assertThat(said.toString(UTF_8))
                .endsWith("md5" + hex(hex(PASSWORD + "failback") + "salt") + "\0")
                .doesNotContain(PASSWORD);
    }

    private static String hex(String text) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(UTF_8)));
    }

    @Test
    void aServerThatLetsUsInWithoutItsProofIsNotBelieved() {
        assertThatThrownBy(() -> logIn(true, authentication(10, "SCRAM-SHA-256\0\0"), WELCOME, READY))
                .isInstanceOf(ProxyFailure.class)
                .hasMessageContaining("let us in without proving itself");
    }

    @Test
    void aServerThatProvesWhatNobodyAskedForIsNotBelieved() {
        assertThatThrownBy(() -> logIn(true, authentication(12, "v=AAAA"), WELCOME, READY))
                .isInstanceOf(ProxyFailure.class);
    }

    @Test
    void whatWeCannotDoIsNamed() {
        assertThatThrownBy(() -> logIn(true, authentication(7, ""))) // GSSAPI
                .hasMessageContainingAll("authentication method 7", "Use auth_type scram-sha-256, md5 or plain");
        assertThatThrownBy(() -> logIn(true, authentication(10, "SCRAM-SHA-1\0\0")))
                .hasMessageContaining("SASL without SCRAM-SHA-256");
    }

    @Test
    void anErrorOfTheServerIsToldOnOneLine() {
        assertThatThrownBy(() -> logIn(true, message('E', "SFATAL\0C08P01\0Mno\nsuch user\0\0")))
                .isInstanceOf(ProxyFailure.class)
                .hasMessageContaining("refused the login of failback: \"no such user\" (SQLSTATE 08P01)");
    }

    @Test
    void whatIsNotTheProtocolIsRefused() {
        assertThatThrownBy(() -> logIn(true, "HTTP/1.0 400 Bad Request".getBytes(UTF_8)))
                .isInstanceOf(Exception.class)
                .hasMessageContaining("which is none of PostgreSQL's");
        assertThatThrownBy(() -> logIn(true, message('T', "")))
                .isInstanceOf(ProxyFailure.class)
                .hasMessageContaining("sent a message \"T\" where none belongs");
        assertThatThrownBy(() -> logIn(true, message('R', ""))).isInstanceOf(EOFException.class);
    }

    @Test
    void anAnswerIsReadByTheNamesOfItsColumns() throws Exception {
        byte[] columns = message('T', "\0\2name\0" + "\0".repeat(18) + "paused\0" + "\0".repeat(18));
        byte[] row = message('D', "\0\2\0\0\0\3app\0\0\0\0011");
        try (PgConnection connection = logIn(
                true,
                WELCOME,
                message('S', "server_version\0001.18.0/bouncer\0"),
                message('K', "12345678"),
                READY,
                message('N', "SNOTICE\0\0"),
                columns,
                row,
                message('C', "SHOW\0"),
                READY)) {
            assertThat(connection.serverVersion()).isEqualTo("1.18.0/bouncer");
            assertThat(connection.query("SHOW DATABASES"))
                    .isEqualTo(new PgSession.Reply(List.of(Map.of("name", "app", "paused", "1")), "SHOW"));
        }
    }

    @Test
    void aRefusalCountsAlsoWhenTheServerHangsUpBehindIt() throws Exception {
        try (PgConnection connection = logIn(true, WELCOME, READY, message('E', "C08P01\0Madmin access needed\0\0"))) {
            assertThatThrownBy(() -> connection.query("PAUSE"))
                    .hasMessageContainingAll("refused PAUSE: \"admin access needed\"", "Name this user in admin_users");
        }
    }

    @Test
    void anAnswerThatEndsInTheMiddleIsABrokenConnection() throws Exception {
        try (PgConnection connection = logIn(true, WELCOME, READY, new byte[] {'C', 0, 0})) {
            assertThatThrownBy(() -> connection.query("PAUSE")).hasMessageContaining("cannot be talked to");
        }
    }

    /** Half open: somebody accepts, and nothing ever comes. */
    @Test
    void aServerThatSaysNothingIsLeftAtTheDeadline() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Deadline deadline = new Deadline(timer, Duration.ofMillis(100))) {
            PgAddress address = new PgAddress("127.0.0.1", silent.getLocalPort());
            PgConnection.Login login = new PgConnection.Login("pgbouncer", "failback", () -> PASSWORD);

            assertThatThrownBy(() -> PgConnection.open(address, PgTls.disabled(), login, deadline))
                    .isInstanceOf(ProxyFailure.class);
            assertThat(deadline.isOver()).isTrue();
        }
    }
}
