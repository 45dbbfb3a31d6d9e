package io.jenkins.plugins.cockroachdb.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** A port of a simulated cluster on loopback: each line is a write, and the answer tells whether it was acknowledged. */
final class SimulatedPort implements AutoCloseable {

    static final String ACKNOWLEDGED = "ok";

    private final ServerSocket socket;
    private final Predicate<String> write;
    private final Set<Socket> sessions = ConcurrentHashMap.newKeySet();

    private SimulatedPort(ServerSocket socket, Predicate<String> write) {
        this.socket = socket;
        this.write = write;
    }

    /** @param write a write, which tells whether it was acknowledged */
    static SimulatedPort open(Predicate<String> write) throws IOException {
        SimulatedPort port = new SimulatedPort(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), write);
        start("port", port::accept);
        return port;
    }

    int number() {
        return socket.getLocalPort();
    }

    private void accept() {
        while (true) {
            try {
                Socket session = socket.accept();
                sessions.add(session);
                start("session", () -> serve(session));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket session) {
        try (session;
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(session.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String answer = write.test(line) ? ACKNOWLEDGED : "no";
                session.getOutputStream().write((answer + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // the proxy has cut it
        } finally {
            sessions.remove(session);
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            socket.close();
            for (Socket session : sessions) {
                session.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
