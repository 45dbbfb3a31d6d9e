package io.jenkins.plugins.cockroachdb.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;

/**
 * A connection that speaks as much of PostgreSQL's protocol, version 3, as PgBouncer's admin console understands: the login and
 * the simple query. (The JDBC driver cannot log in there.) Every call blocks, at most until the connection's {@link Deadline}.
 */
final class PgConnection implements Closeable {

    /** A console's longest message is one row. */
    private static final int LONGEST_MESSAGE = 1 << 20;

    /** A busy PgBouncer has ten thousand connections, each a row of some 200 bytes. */
    private static final int LONGEST_REPLY = 1 << 26;

    private static final int SSL_REQUEST = 80877103;
    private static final int PROTOCOL_3 = 3 << 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final PgAddress address;
    private final Closeable raw;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final boolean overheard;
    private final Map<String, String> parameters = new HashMap<>();

    /** Where the password comes from, asked anew each time. */
    interface Password {
        char[] read() throws ProxyFailure;
    }

    /**
     * Who we are to the server.
     *
     * @param password asked for when the server wants it; the array is wiped after use; an empty one is none
     */
    record Login(String database, String user, Password password) {}

    /**
     * What a query was answered.
     *
     * @param rows by column name; a NULL is the empty text
     * @param tag the command tag
     */
    record Reply(List<Map<String, String>> rows, String tag) {}

    /** One message of the server. A body that ends too early ends in an EOFException, as a connection does. */
    private record Message(char type, int length, DataInputStream body) {

        String text() throws IOException {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            for (int each = body.readUnsignedByte(); each != 0; each = body.readUnsignedByte()) {
                text.write(each);
            }
            return text.toString(UTF_8);
        }

        byte[] bytes(int count) throws IOException {
            byte[] bytes = body.readNBytes(count);
            if (bytes.length < count) {
                throw new EOFException();
            }
            return bytes;
        }

        byte[] rest() throws IOException {
            return body.readAllBytes();
        }
    }

    private PgConnection(PgAddress address, Closeable raw, InputStream in, OutputStream out, boolean overheard) {
        this.address = address;
        this.raw = raw;
        this.in = new DataInputStream(new BufferedInputStream(in));
        this.out = new DataOutputStream(out);
        this.overheard = overheard;
    }

    /**
     * Connects and logs in.
     *
     * @throws ProxyFailure if nobody answers there, the server cannot be trusted or it refuses us
     */
    static PgConnection open(PgAddress address, PgTls tls, Login login, Deadline deadline) throws ProxyFailure {
        try {
            PgConnection connection =
                    address.isUnixSocket() ? overUnixSocket(address, deadline) : overTcp(address, tls, deadline);
            try {
                connection.logIn(login);
                return connection;
            } catch (ProxyFailure | IOException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SSLException e) {
            throw new ProxyFailure(
                    "The console at " + address + " could not be trusted (" + ProxyFailure.words(e) + ").",
                    "Check the CA file, the name in the server's certificate and sslmode.");
        } catch (IOException e) {
            throw broken(address, e);
        }
    }

    private static PgConnection overUnixSocket(PgAddress address, Deadline deadline) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            deadline.guard(channel);
            channel.connect(UnixDomainSocketAddress.of(address.host() + "/.s.PGSQL." + address.port()));
            return new PgConnection(
                    address, channel, Channels.newInputStream(channel), Channels.newOutputStream(channel), false);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static PgConnection overTcp(PgAddress address, PgTls tls, Deadline deadline)
            throws IOException, ProxyFailure {
        Socket plain = new Socket();
        try {
            deadline.guard(plain);
            plain.setTcpNoDelay(true);
            plain.connect(new InetSocketAddress(address.host(), address.port()));
            boolean encrypted = tls.mode() != PgTls.Mode.DISABLE && agreesToTls(plain);
            if (!encrypted && tls.mode() != PgTls.Mode.DISABLE && tls.mode() != PgTls.Mode.PREFER) {
                throw new ProxyFailure(
                        "The console at " + address + " has no TLS.",
                        "Set client_tls_sslmode in pgbouncer.ini, or sslmode=disable here if nobody can listen.");
            }
            Socket socket = encrypted ? tls.secure(plain, address) : plain;
            boolean overheard = !encrypted && !plain.getInetAddress().isLoopbackAddress();
            return new PgConnection(address, plain, socket.getInputStream(), socket.getOutputStream(), overheard);
        } catch (ProxyFailure | IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    /** Reads no more than the one byte of the answer: what somebody slips in behind it must not count as said under TLS. */
    private static boolean agreesToTls(Socket plain) throws IOException {
        plain.getOutputStream()
                .write(ByteBuffer.allocate(8).putInt(8).putInt(SSL_REQUEST).array());
        int answer = plain.getInputStream().read();
        if (answer != 'S' && answer != 'N') {
            throw new IOException("its answer to a request for TLS is none of PostgreSQL's");
        }
        return answer == 'S';
    }

    private void logIn(Login login) throws IOException, ProxyFailure {
        ByteArrayOutputStream startup = new ByteArrayOutputStream();
        startup.write(ByteBuffer.allocate(4).putInt(PROTOCOL_3).array());
        for (String each : List.of(
                "user",
                login.user(),
                "database",
                login.database(),
                "client_encoding",
                "UTF8",
                "application_name",
                "cockroachdb-failback")) {
            startup.write(each.getBytes(UTF_8));
            startup.write(0);
        }
        startup.write(0);
        out.write(ByteBuffer.allocate(4).putInt(startup.size() + 4).array());
        out.write(startup.toByteArray());
        out.flush();
        authenticate(login);
        while (true) {
            Message message = next();
            if (message.type() == 'Z') {
                return;
            }
            if (message.type() == 'E') {
                throw refused("the login", message);
            }
            if (message.type() != 'K') {
                throw unexpected(message);
            }
        }
    }

    private void authenticate(Login login) throws IOException, ProxyFailure {
        PgScram scram = null;
        boolean proven = false;
        while (true) {
            Message message = next();
            if (message.type() == 'E') {
                throw refused("the login of " + login.user(), message);
            }
            if (message.type() != 'R') {
                throw unexpected(message);
            }
            int method = message.body().readInt();
            switch (method) {
                case 0 -> {
                    if (scram != null && !proven) {
                        throw new ProxyFailure(
                                "The console at " + address + " let us in without proving itself.",
                                "Find out who answers at this address before you give it a password.");
                    }
                    return;
                }
                case 3 -> {
                    if (overheard) {
                        throw new ProxyFailure(
                                "The console at " + address + " wants the password in clear text and without TLS.",
                                "Use sslmode=verify-full, a Unix socket, or another auth_type.");
                    }
                    withPassword(login, password -> send('p', terminated(utf8(password))));
                }
                case 5 -> {
                    byte[] salt = message.rest();
                    withPassword(login, password -> send('p', terminated(md5(login.user(), password, salt))));
                }
                case 10 -> {
                    if (!mechanisms(message).contains(PgScram.MECHANISM)) {
                        throw unsupported("SASL without " + PgScram.MECHANISM);
                    }
                    scram = new PgScram("", nonce());
                    byte[] first = scram.first();
                    ByteArrayOutputStream body = new ByteArrayOutputStream();
                    body.write(terminated(PgScram.MECHANISM.getBytes(UTF_8)));
                    body.write(ByteBuffer.allocate(4).putInt(first.length).array());
                    body.write(first);
                    send('p', body.toByteArray());
                }
                case 11 -> {
                    PgScram begun = begun(scram, message);
                    byte[] serverFirst = message.rest();
                    withPassword(login, password -> send('p', begun.answer(serverFirst, password)));
                }
                case 12 -> {
                    begun(scram, message).verify(message.rest());
                    proven = true;
                }
                default -> throw unsupported("authentication method " + method);
            }
        }
    }

    private PgScram begun(PgScram scram, Message message) throws ProxyFailure {
        if (scram == null) {
            throw unexpected(message);
        }
        return scram;
    }

    /** Something that needs the password. */
    private interface PasswordUse {
        void with(char[] password) throws IOException, ProxyFailure;
    }

    private void withPassword(Login login, PasswordUse use) throws IOException, ProxyFailure {
        char[] password = login.password().read();
        if (password.length == 0) {
            throw new ProxyFailure(
                    "The console at " + address + " wants a password for " + login.user() + ", and none is given.",
                    "Give the password of this user, by environment or file.");
        }
        try {
            use.with(password);
        } finally {
            Arrays.fill(password, '\0');
        }
    }

    private static List<String> mechanisms(Message message) throws IOException {
        List<String> names = new ArrayList<>();
        for (String name = message.text(); !name.isEmpty(); name = message.text()) {
            names.add(name);
        }
        return names;
    }

    private static String nonce() {
        byte[] random = new byte[18];
        RANDOM.nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }

    private static byte[] md5(String user, char[] password, byte[] salt) {
        try {
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            md5.update(utf8(password));
            String inner = HexFormat.of().formatHex(md5.digest(user.getBytes(UTF_8)));
            md5.update(inner.getBytes(UTF_8));
            return ("md5" + HexFormat.of().formatHex(md5.digest(salt))).getBytes(UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }

    private static byte[] utf8(char[] password) {
        ByteBuffer encoded = UTF_8.encode(CharBuffer.wrap(password));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    private static byte[] terminated(byte[] text) {
        return Arrays.copyOf(text, text.length + 1);
    }

    /** What the server calls itself; a PgBouncer ends with "/bouncer". */
    String serverVersion() {
        return parameters.getOrDefault("server_version", "of an unknown version");
    }

    /**
     * Asks and waits for the answer.
     *
     * @throws ProxyFailure if the connection broke or the server refused
     */
    Reply query(String sql) throws ProxyFailure {
        ask(sql);
        return answer(sql);
    }

    /**
     * Asks without waiting; {@link #answer} does.
     *
     * @throws ProxyFailure if the connection broke
     */
    void ask(String sql) throws ProxyFailure {
        try {
            send('Q', terminated(sql.getBytes(UTF_8)));
        } catch (IOException e) {
            throw broken(address, e);
        }
    }

    /**
     * The answer to what was asked.
     *
     * @param sql what was asked, for messages
     * @throws ProxyFailure if the connection broke or the server refused
     */
    Reply answer(String sql) throws ProxyFailure {
        List<String> columns = List.of();
        List<Map<String, String>> rows = new ArrayList<>();
        String tag = "";
        ProxyFailure refusal = null;
        long size = 0;
        try {
            while (true) {
                Message message = next();
                size += message.length();
                if (size > LONGEST_REPLY) {
                    throw new IOException("its answer is longer than " + LONGEST_REPLY + " bytes");
                }
                switch (message.type()) {
                    case 'T' -> columns = columns(message);
                    case 'D' -> rows.add(row(message, columns));
                    case 'C' -> tag = message.text();
                    case 'E' -> refusal = refused(sql, message);
                    case 'Z' -> {
                        if (refusal != null) {
                            throw refusal;
                        }
                        return new Reply(rows, tag);
                    }
                    default -> throw unexpected(message);
                }
            }
        } catch (IOException e) {
            // A server that closes behind its refusal has still said why.
            throw refusal == null ? broken(address, e) : refusal;
        }
    }

    private static List<String> columns(Message message) throws IOException {
        int count = message.body().readShort();
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            columns.add(message.text());
            message.bytes(18); // where it comes from, its type
        }
        return columns;
    }

    private static Map<String, String> row(Message message, List<String> columns) throws IOException {
        int count = message.body().readShort();
        if (count != columns.size()) {
            throw new IOException("a row of its answer has another length than the header");
        }
        Map<String, String> row = new LinkedHashMap<>();
        for (String column : columns) {
            int length = message.body().readInt();
            row.put(column, new String(message.bytes(Math.max(0, length)), UTF_8));
        }
        return row;
    }

    /** The next message that is not about something else: notices and settings may come at any time. */
    private Message next() throws IOException {
        while (true) {
            char type = (char) in.readUnsignedByte();
            int length = in.readInt() - 4;
            if (length < 0 || length > LONGEST_MESSAGE) {
                throw new IOException("it sent a message of " + length + " bytes, which is none of PostgreSQL's");
            }
            byte[] body = new byte[length];
            in.readFully(body);
            Message message = new Message(type, length, new DataInputStream(new ByteArrayInputStream(body)));
            if (type == 'S') {
                parameters.put(message.text(), message.text());
            } else if (type != 'N') {
                return message;
            }
        }
    }

    private void send(char type, byte[] body) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(body.length + 5);
        message.put((byte) type).putInt(body.length + 4).put(body);
        out.write(message.array());
        out.flush();
    }

    private ProxyFailure refused(String what, Message error) throws IOException {
        Map<Character, String> fields = new HashMap<>();
        for (int code = error.body().read(); code > 0; code = error.body().read()) {
            fields.put((char) code, error.text());
        }
        return refused(address, what, fields.getOrDefault('M', "nothing"), fields.getOrDefault('C', "none"));
    }

    private ProxyFailure unsupported(String method) {
        return new ProxyFailure(
                "The console at " + address + " wants " + method + ", which is not supported.",
                "Use auth_type scram-sha-256, md5 or plain for the admin user, or a Unix socket.");
    }

    private ProxyFailure unexpected(Message message) {
        return new ProxyFailure(
                "The console at " + address + " sent a message \"" + message.type() + "\" where none belongs.",
                "Check that a PgBouncer answers at this address.");
    }

    /** A connection that broke, or was never made. */
    private static ProxyFailure broken(PgAddress address, IOException cause) {
        return new ProxyFailure(
                "The console at " + address + " cannot be talked to (" + ProxyFailure.words(cause) + ").",
                "Check that PgBouncer runs and listens there.");
    }

    /**
     * A server that said no.
     *
     * @param what what we asked for
     * @param message its words
     * @param sqlState its five letters; PgBouncer's console has 08P01 for everything
     */
    private static ProxyFailure refused(PgAddress address, String what, String message, String sqlState) {
        return new ProxyFailure(
                "The console at " + address + " refused " + what + ": \"" + message + "\" (SQLSTATE " + sqlState + ").",
                remedy(message, sqlState));
    }

    private static String remedy(String message, String sqlState) {
        if (message.contains("no such database")) {
            return "Check the database's name against the lines under [databases]; in a console, that is SHOW DATABASES.";
        }
        if (message.contains("is not paused")) {
            return "Somebody else resumed it meanwhile: look at the status again.";
        }
        if (message.contains("admin access needed") || message.contains("not allowed")) {
            return "Name this user in admin_users in pgbouncer.ini, and RELOAD.";
        }
        if (sqlState.equals("28P01") || sqlState.equals("28000") || message.contains("auth")) {
            return "Check user name and password, and that auth_file in pgbouncer.ini has them.";
        }
        return "Check that this is the admin console of a PgBouncer, and read its log.";
    }

    @Override
    public void close() {
        try {
            raw.close();
        } catch (IOException ignored) {
            // it is of no use any more, closed or not
        }
    }
}
