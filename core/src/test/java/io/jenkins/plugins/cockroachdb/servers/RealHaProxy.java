package io.jenkins.plugins.cockroachdb.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** HAProxy before two servers on loopback, with docs/examples/haproxy/haproxy.cfg as it is, or with a change to it. */
public final class RealHaProxy implements AutoCloseable {

    private static final String LOADED = "Loading success";

    private final Path directory;
    private final Path configuration;
    private final Map<String, String> environment;
    private final int port;
    private final boolean hasMasterSocket;
    private LocalServer process;
    private int loads;

    private RealHaProxy(
            Path directory, int activePort, int originalPort, boolean hasMasterSocket, UnaryOperator<String> change) {
        this.hasMasterSocket = hasMasterSocket;
        try {
            this.directory = Files.createDirectories(directory);
            this.configuration = directory.resolve("haproxy.cfg");
            Files.writeString(configuration, change.apply(Files.readString(example("haproxy.cfg"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.port = LocalServer.freePort();
        this.environment = Map.of(
                "HAPROXY_ADMIN_SOCKET", socket().toString(),
                "HAPROXY_STATE_FILE", stateFile().toString(),
                "HAPROXY_BIND", "127.0.0.1:" + port,
                "PRIMARY_ADDR", "127.0.0.1:" + originalPort,
                "STANDBY_ADDR", "127.0.0.1:" + activePort);
    }

    /** With the example as it is. Nobody gets through at first: that is how the example begins. */
    public static RealHaProxy start(Path directory, EchoServer active, EchoServer original) {
        return start(directory, active.port(), original.port(), example -> example);
    }

    /**
     * With a changed example.
     *
     * @param change from the example to what HAProxy reads
     */
    public static RealHaProxy start(Path directory, int activePort, int originalPort, UnaryOperator<String> change) {
        RealHaProxy proxy = new RealHaProxy(directory, activePort, originalPort, true, change);
        proxy.start();
        return proxy;
    }

    /** With a changed example, and without a socket of the master process. */
    public static RealHaProxy startWithoutMasterSocket(
            Path directory, EchoServer active, EchoServer original, UnaryOperator<String> change) {
        RealHaProxy proxy = new RealHaProxy(directory, active.port(), original.port(), false, change);
        proxy.start();
        return proxy;
    }

    private static Path example(String file) {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/examples"))) {
            root = root.getParent();
        }
        return root.resolve("docs/examples/haproxy").resolve(file);
    }

    /** Starts it again after {@link #kill} or {@link #close}. */
    public void start() {
        List<String> command = new ArrayList<>();
        command.add(LocalServer.find("haproxy").orElseThrow().toString());
        command.addAll(List.of("-W", "-f", configuration.toString()));
        if (hasMasterSocket) {
            command.addAll(List.of("-S", master().toString()));
        }
        process = LocalServer.start(directory, environment, LOADED, command);
        loads = 1;
    }

    public Path socket() {
        return directory.resolve("admin.sock");
    }

    public Path master() {
        return directory.resolve("master.sock");
    }

    public Path stateFile() {
        return directory.resolve("server-state");
    }

    public Path configuration() {
        return configuration;
    }

    /** Where clients connect. */
    public int port() {
        return port;
    }

    /** Starts a new worker with the configuration as it is now; the old one keeps its sessions. */
    public void reload() {
        loads++;
        ask(master(), "reload");
        process.awaitLog(LOADED, loads);
        awaitMaster();
    }

    /** Tries to reload a configuration that is wrong; the worker stays. */
    public void reloadInVain() {
        ask(master(), "reload");
        process.awaitLog("Fatal errors found in configuration", 1);
        awaitMaster();
    }

    /** The master starts itself anew, and answers a little later than it says that it is ready. */
    private void awaitMaster() {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (true) {
            try {
                ask(master(), "show proc");
                return;
            } catch (UncheckedIOException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
            }
        }
    }

    /** Says a command, with code of its own, and returns what comes back. */
    public String ask(String command) {
        return ask(socket(), command);
    }

    private static String ask(Path socket, String command) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(StandardCharsets.UTF_8.encode(command + "\n"));
            channel.shutdownOutput();
            StringBuilder reply = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            while (channel.read(buffer) >= 0) {
                reply.append(StandardCharsets.UTF_8.decode(buffer.flip()));
                buffer.clear();
            }
            return reply.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs the example's save-server-state.
     *
     * @return whether it said that it saved
     */
    public boolean saveState() {
        ProcessBuilder script = new ProcessBuilder(example("save-server-state").toString()).redirectErrorStream(true);
        script.environment().putAll(environment);
        script.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        try {
            return script.start().waitFor() == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Changes the configuration that the next start or reload reads. */
    public void change(UnaryOperator<String> change) {
        try {
            Files.writeString(configuration, change.apply(Files.readString(configuration)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets it stand still, as a machine without memory does: it answers nobody and closes nothing. */
    public void stopForAWhile() {
        process.signal("STOP");
    }

    /** Ends {@link #stopForAWhile}. */
    public void goOn() {
        process.signal("CONT");
    }

    /** Ends it as a power cut would. */
    public void kill() {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
    }
}
