package io.jenkins.plugins.cockroachdb.servers;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on loopback that stands for a cluster: it says its name to whoever connects, and repeats each line. */
public final class EchoServer implements Closeable {

    private final String name;
    private final ServerSocket listener;
    private final List<Socket> connections = new ArrayList<>();
    private final AtomicInteger greeted = new AtomicInteger();

    private EchoServer(String name, ServerSocket listener) {
        this.name = name;
        this.listener = listener;
    }

    /** On a port that nobody uses. */
    public static EchoServer start(String name) {
        return start(name, 0);
    }

    /** On a port of choice, as a cluster that comes back does. */
    public static EchoServer start(String name, int port) {
        try {
            ServerSocket listener = new ServerSocket();
            listener.setReuseAddress(true);
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            EchoServer server = new EchoServer(name, listener);
            daemon(server::accept);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "echo server");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = listener.accept();
                synchronized (connections) {
                    connections.add(connection);
                }
                daemon(() -> serve(connection));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            connection.getOutputStream().write((name + "\n").getBytes(StandardCharsets.UTF_8));
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                greeted.incrementAndGet();
                connection.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // the client, or the proxy, is gone
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** How many lines were repeated so far: health checks say nothing. */
    public int lines() {
        return greeted.get();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        synchronized (connections) {
            for (Socket each : connections) {
                each.close();
            }
        }
    }
}
