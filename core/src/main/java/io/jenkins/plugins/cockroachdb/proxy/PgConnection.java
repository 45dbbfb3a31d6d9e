package io.jenkins.plugins.cockroachdb.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
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
final class PgConnection implements PgSession {

    /** A console's longest message is one row. */
    private static final int LONGEST_MESSAGE = 1 << 20;

    /** A busy PgBouncer has ten thousand connections, each a row of some 200 bytes. */
    private static final int LONGEST_REPLY = 1 << 26;

    private static final int PROTOCOL_3 = 3 << 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final PgAddress address;
    private final PgSocket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final Map<String, String> parameters = new HashMap<>();

    /** Where the password comes from. */
    interface Password {
        /** @throws ProxyFailure if there is none */
        String read() throws ProxyFailure;
    }

    /**
     * Who we are to the server.
     *
     * @param password asked for when the server wants it, and only then
     */
    record Login(String database, String user, Password password) {}

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

    private PgConnection(PgAddress address, PgSocket socket) {
        this.address = address;
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.in()));
        this.out = new DataOutputStream(socket.out());
    }

    /**
     * Connects and logs in.
     *
     * @throws ProxyFailure if nobody answers there, the server cannot be trusted or it refuses us
     */
    static PgConnection open(PgAddress address, PgTls tls, Login login, Deadline deadline) throws ProxyFailure {
        try {
            return over(PgSocket.open(address, tls, deadline), address, login);
        } catch (SSLException e) {
            throw new ProxyFailure(
                    "The console at " + address + " could not be trusted (" + ProxyFailure.words(e) + ").",
                    "Check the CA file, the name in the server's certificate and sslmode.");
        } catch (IOException e) {
            throw broken(address, e);
        }
    }

    /** Logs in over a socket, which is closed if that fails. */
    static PgConnection over(PgSocket socket, PgAddress address, Login login) throws IOException, ProxyFailure {
        PgConnection connection = new PgConnection(address, socket);
        try {
            connection.logIn(login);
            return connection;
        } catch (ProxyFailure | IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
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
                    if (!socket.isPrivate()) {
                        throw new ProxyFailure(
                                "The console at " + address
                                        + " wants the password in clear text, and somebody else could read it.",
                                "Use sslmode=verify-full, a Unix socket or auth_type scram-sha-256.");
                    }
                    send('p', terminated(login.password().read().getBytes(UTF_8)));
                }
                case 5 -> {
                    String password = login.password().read();
                    send('p', terminated(md5(login.user(), password, message.rest())));
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
                    send(
                            'p',
                            begun(scram, message)
                                    .answer(message.rest(), login.password().read()));
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

    private static byte[] md5(String user, String password, byte[] salt) {
        try {
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            md5.update(password.getBytes(UTF_8));
            String inner = HexFormat.of().formatHex(md5.digest(user.getBytes(UTF_8)));
            md5.update(inner.getBytes(UTF_8));
            return ("md5" + HexFormat.of().formatHex(md5.digest(salt))).getBytes(UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
    }

    private static byte[] terminated(byte[] text) {
        return Arrays.copyOf(text, text.length + 1);
    }

    @Override
    public String serverVersion() {
        return parameters.getOrDefault("server_version", "of an unknown version");
    }

    @Override
    public void ask(String sql) throws ProxyFailure {
        try {
            send('Q', terminated(sql.getBytes(UTF_8)));
        } catch (IOException e) {
            throw broken(address, e);
        }
    }

    @Override
    public Reply answer(String sql) throws ProxyFailure {
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
                "The console at " + address + " refused " + what + ": \"" + message.replaceAll("\\p{Cntrl}", " ")
                        + "\" (SQLSTATE " + sqlState + ").",
                remedy(message, sqlState));
    }

    private static String remedy(String message, String sqlState) {
        if (message.contains("no such database")) {
            return "Check the database's name against the lines under [databases]; in a console, that is SHOW DATABASES.";
        }
        if (message.contains("already suspended/paused")) {
            return "Somebody paused or suspended the whole PgBouncer: end that with RESUME in its console.";
        }
        if (message.contains("SSL required")) {
            return "Use sslmode=require, or better.";
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
            socket.close();
        } catch (IOException ignored) {
            // it is of no use any more, closed or not
        }
    }
}
