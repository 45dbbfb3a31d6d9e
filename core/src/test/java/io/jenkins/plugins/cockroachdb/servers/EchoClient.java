package io.jenkins.plugins.cockroachdb.servers;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A client of an {@link EchoServer} behind a proxy. */
public final class EchoClient implements Closeable {

    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final BufferedReader lines;
    private final Optional<String> server;

    private EchoClient(Socket socket, BufferedReader lines, Optional<String> server) {
        this.socket = socket;
        this.lines = lines;
        this.server = server;
    }

    /** Connects to a port of loopback, and returns once a server, or the end of the connection, is there. */
    public static EchoClient connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        EchoClient client = new EchoClient(socket, lines, Optional.empty());
        return new EchoClient(socket, lines, client.read());
    }

    /** Which server answers there now; empty when nobody does. */
    public static Optional<String> whoAnswers(int port) throws IOException {
        try (EchoClient client = connect(port)) {
            return client.server;
        }
    }

    /** Who answered; empty when the proxy closed the connection instead. */
    public Optional<String> server() {
        return server;
    }

    /** Whether a line still comes back. */
    public boolean isServed() {
        try {
            socket.getOutputStream().write("ping\n".getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return false;
        }
        return read().isPresent();
    }

    /** Returns once the proxy has ended the connection. */
    public void awaitEnd() {
        while (read().isPresent()) {
            // what was under way
        }
    }

    private Optional<String> read() {
        try {
            return Optional.ofNullable(lines.readLine());
        } catch (SocketTimeoutException e) {
            throw new IllegalStateException("nothing came within " + PATIENCE_MILLIS + " ms", e);
        } catch (IOException e) {
            return Optional.empty(); // reset
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
