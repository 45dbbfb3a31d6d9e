package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real HAProxy of this machine, on loopback, with a port for each simulated cluster behind it. */
final class HaProxyWay implements RehearsedWay {

    private static final int PATIENCE_MILLIS = 1000;
    private static final int START_TRIES = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final String CONFIGURATION =
            """
            # A rehearsal's HAProxy. For a real one, see docs/examples/haproxy.
            global
                stats socket %1$s/admin.sock mode 600 level admin
            defaults
                mode tcp
                timeout connect 1s
                timeout client 1h
                timeout server 1h
            listen cockroach_backend
                bind 127.0.0.1:%2$d
                server primary 127.0.0.1:%3$d disabled
                server standby 127.0.0.1:%4$d
            """;

    private final Process haProxy;
    private final SimulatedPort originalPrimary;
    private final SimulatedPort active;
    private final int port;
    private final Proxies proxies;
    private final Path directory;

    /** The application's connection; null when it has none. */
    private Socket connection;

    private BufferedReader answers;

    private HaProxyWay(
            Process haProxy,
            SimulatedPort originalPrimary,
            SimulatedPort active,
            int port,
            Proxies proxies,
            Path directory) {
        this.haProxy = haProxy;
        this.originalPrimary = originalPrimary;
        this.active = active;
        this.port = port;
        this.proxies = proxies;
        this.directory = directory;
    }

    /** The program, where it is installed. */
    static Optional<Path> program(Shell shell) {
        return Optional.ofNullable(shell.environment().get("PATH")).flatMap(path -> Stream.concat(
                        Stream.of(path.split(":")),
                        Stream.of("/usr/sbin", "/usr/local/sbin")) // not on everybody's PATH
                .map(place -> Path.of(place, "haproxy"))
                .filter(Files::isExecutable)
                .findFirst());
    }

    /**
     * Starts HAProxy, with clients on the active cluster.
     *
     * @param directory for its configuration and socket, which are removed in the end
     * @throws IOException if it does not start
     */
    static HaProxyWay start(
            Path program, Path directory, Scene scene, Shell shell, Variables variables, ScheduledExecutorService timer)
            throws IOException, InterruptedException {
        SimulatedPort originalPrimary =
                SimulatedPort.open(value -> scene.cloud().write(scene.originalPrimaryId(), value));
        SimulatedPort active = SimulatedPort.open(value -> scene.cloud().write(scene.activeId(), value));
        int port = freePort();
        Path configuration = directory.toAbsolutePath().resolve("haproxy.cfg");
        Files.writeString(
                configuration, CONFIGURATION.formatted(directory, port, originalPrimary.number(), active.number()));
        Process haProxy = new ProcessBuilder(program.toString(), "-db", "-f", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("haproxy.log").toFile())
                .start();
        Proxies proxies = Proxies.open(
                List.of(ProxyDescription.parse("haproxy:" + directory.resolve("admin.sock") + "?name=rehearsal")),
                shell,
                variables,
                timer);
        HaProxyWay way = new HaProxyWay(haProxy, originalPrimary, active, port, proxies, directory);
        for (int i = 0; i < START_TRIES && haProxy.isAlive(); i++) {
            if (way.proxy().status(PATIENCE).join().traffic() == Traffic.ON_ACTIVE) {
                return way;
            }
            haProxy.waitFor(20, TimeUnit.MILLISECONDS);
        }
        String log = Files.readString(directory.resolve("haproxy.log")).strip();
        way.close();
        throw new IOException(program + " did not start" + (log.isEmpty() ? "" : ": " + log));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public Proxy proxy() {
        return proxies.all().get(0);
    }

    @Override
    public String words() {
        return "a real HAProxy on this machine";
    }

    /** Over one connection for as long as it lives, as applications do. */
    @Override
    public boolean write(String value) {
        try {
            if (connection == null) {
                connection = new Socket();
                connection.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
                connection.setSoTimeout(PATIENCE_MILLIS);
                answers =
                        new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
            }
            connection.getOutputStream().write((value + "\n").getBytes(StandardCharsets.UTF_8));
            String answer = answers.readLine();
            if (answer != null) {
                return answer.equals(SimulatedPort.ACKNOWLEDGED);
            }
        } catch (IOException e) {
            // the proxy has cut it, or lets nobody in
        }
        disconnect();
        return false;
    }

    private void disconnect() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (IOException e) {
            // of no use any more
        }
        connection = null;
    }

    @Override
    public void close() {
        disconnect();
        haProxy.destroyForcibly();
        proxies.close();
        originalPrimary.close();
        active.close();
        for (String file : List.of("haproxy.cfg", "haproxy.log", "admin.sock")) {
            try {
                Files.deleteIfExists(directory.resolve(file));
            } catch (IOException e) {
                // a temporary file stays
            }
        }
    }
}
