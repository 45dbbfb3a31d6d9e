package io.jenkins.plugins.cockroachdb.proxy;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Sits between us and a console, and has a test do something just before PgBouncer hears a query. */
final class ConsoleTap implements AutoCloseable {

    /** Is told each query before PgBouncer is. */
    interface Ear {
        void hear(String query) throws IOException;
    }

    private final ServerSocket door;
    private final UnixDomainSocketAddress console;
    private final Ear ear;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Closeable> open = new CopyOnWriteArrayList<>();

    /**
     * @param directory of the console's Unix socket
     * @param port in the socket's name
     */
    ConsoleTap(Path directory, int port, Ear ear) {
        this.console = UnixDomainSocketAddress.of(directory.resolve(".s.PGSQL." + port));
        this.ear = ear;
        try {
            door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(this::welcome);
    }

    /** Where it listens, as a description names a console. */
    String address() {
        return "127.0.0.1:" + door.getLocalPort();
    }

    private void welcome() {
        try {
            while (true) {
                Socket client = door.accept();
                SocketChannel server = SocketChannel.open(StandardProtocolFamily.UNIX);
                open.addAll(List.of(client, server));
                threads.execute(() -> carry(client, server));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void carry(Socket client, SocketChannel server) {
        try (client;
                server) {
            server.connect(console);
            threads.execute(() -> carryBack(server, client));
            DataInputStream in = new DataInputStream(client.getInputStream());
            byte[] startup = in.readNBytes(in.readInt() - 4);
            send(
                    server,
                    ByteBuffer.allocate(startup.length + 4)
                            .putInt(startup.length + 4)
                            .put(startup));
            while (true) {
                int type = in.readUnsignedByte();
                byte[] body = in.readNBytes(in.readInt() - 4);
                if (type == 'Q') {
                    String query = new String(body, 0, body.length - 1, StandardCharsets.UTF_8);
                    ear.hear(query);
                }
                send(
                        server,
                        ByteBuffer.allocate(body.length + 5)
                                .put((byte) type)
                                .putInt(body.length + 4)
                                .put(body));
            }
        } catch (IOException e) {
            // either side hung up
        }
    }

    private static void send(SocketChannel server, ByteBuffer message) throws IOException {
        message.flip();
        while (message.hasRemaining()) {
            server.write(message);
        }
    }

    /** Not by the streams of {@link java.nio.channels.Channels}: one that reads locks out one that writes. */
    private static void carryBack(SocketChannel server, Socket client) {
        try (client) {
            ByteBuffer some = ByteBuffer.allocate(8192);
            while (server.read(some.clear()) >= 0) {
                client.getOutputStream().write(some.array(), 0, some.position());
            }
        } catch (IOException e) {
            // either side hung up
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (Closeable each : open) {
            each.close();
        }
        threads.shutdownNow();
    }
}
