package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.LocalServer;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example that docs/hook.md calls complete, as it is, with a real HAProxy. */
@NeedsPrograms({"haproxy", "bash", "awk"})
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HookExampleTest {

    private static final Path EXAMPLES = Path.of("../docs/examples/hook").toAbsolutePath();
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration NO_DRAIN = Duration.ZERO;

    @TempDir
    Path directory;

    private final ExecutorService io = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Queue<AutoCloseable> open = new ConcurrentLinkedQueue<>();
    private final int clients = LocalServer.freePort();
    private final int admin = LocalServer.freePort();
    private Cluster active;
    private Cluster primary;
    private Path map;
    private LocalServer haproxy;
    private Proxy proxy;

    @BeforeEach
    void start() throws IOException {
        active = new Cluster('A');
        primary = new Cluster('P');
        map = directory.resolve("traffic.map");
        Files.writeString(map, "billing primary\norders active\n");
        haproxy = haproxy();
        proxy = ProxyDescription.parse(
                        "hook:" + EXAMPLES.resolve("haproxy-map") + "?admin=127.0.0.1:" + admin + "&map=" + map)
                .connect(new ProxyEnvironment(name -> Optional.ofNullable(System.getenv(name)), io, timer));
    }

    @AfterEach
    void stop() throws Exception {
        haproxy.close();
        for (AutoCloseable each : open) {
            each.close();
        }
        io.shutdownNow();
        timer.shutdownNow();
    }

    private LocalServer haproxy() {
        return LocalServer.start(
                directory,
                "Loading success",
                List.of(
                        "env",
                        "ADMIN_PORT=" + admin,
                        "CLIENTS_PORT=" + clients,
                        "MAP=" + map,
                        "ACTIVE=127.0.0.1:" + active.port(),
                        "PRIMARY=127.0.0.1:" + primary.port(),
                        LocalServer.find("haproxy").orElseThrow().toString(),
                        "-W",
                        "-db",
                        "-f",
                        EXAMPLES.resolve("haproxy-map.cfg").toString()));
    }

    @Test
    void clientsGoHome() throws Exception {
        Socket idle = new Socket(InetAddress.getLoopbackAddress(), clients);
        open.add(idle);
        assertThat(idle.getInputStream().read()).isEqualTo('A');
        assertThat(proxy.status(LIMIT).join())
                .isEqualTo(new ProxyStatus(
                        "haproxy-map",
                        Traffic.ON_ACTIVE,
                        1,
                        0,
                        "HAProxy sends clients to active, after a restart to active"));

        ProxyStatus fenced = proxy.fence(NO_DRAIN, LIMIT).join();

        assertThat(fenced.traffic()).isEqualTo(Traffic.FENCED);
        assertThat(fenced.sessionsActive()).isZero();
        assertThat(fenced.sessionsOriginal()).isZero();
        assertThat(idle.getInputStream().read()).isEqualTo(-1);
        assertThat(whoAnswers()).isEqualTo(-1);

        assertThat(proxy.release(LIMIT).join().traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        assertThat(whoAnswers()).isEqualTo('P');
        assertThat(proxy.release(LIMIT).join().traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        assertThat(map).hasContent("billing primary\norders primary\n");
    }

    @Test
    void clientsGoBack() throws Exception {
        proxy.fence(NO_DRAIN, LIMIT).join();
        assertThat(proxy.unfence(LIMIT).join().traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(whoAnswers()).isEqualTo('A');
    }

    @Test
    void aSessionThatEndsWithinTheDrainIsNotCut() throws Exception {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), clients);
        open.add(client);
        assertThat(client.getInputStream().read()).isEqualTo('A');
        CompletableFuture<ProxyStatus> fence = proxy.fence(Duration.ofSeconds(15), LIMIT);
        while (whoAnswers() != -1) {
            Thread.onSpinWait();
        }

        client.getOutputStream().write('!');
        assertThat(client.getInputStream().read()).isEqualTo('!');
        assertThat(fence).isNotDone();
        client.close();

        assertThat(fence.join().traffic()).isEqualTo(Traffic.FENCED);
    }

    @Test
    void aFenceSurvivesARestart() throws Exception {
        proxy.fence(NO_DRAIN, LIMIT).join();

        haproxy.kill();
        assertThat(proxy.status(LIMIT).join().traffic()).isEqualTo(Traffic.UNKNOWN);
        assertThat(proxy.status(LIMIT).join().detail()).contains("exit code 1").contains("refused");
        haproxy = haproxy();

        assertThat(proxy.status(LIMIT).join().traffic()).isEqualTo(Traffic.FENCED);
        assertThat(whoAnswers()).isEqualTo(-1);
    }

    @Test
    void aMapThatARestartWouldReadOtherwiseIsMixed() throws Exception {
        Files.writeString(map, "orders primary\n");

        assertThat(proxy.status(LIMIT).join().traffic()).isEqualTo(Traffic.MIXED);
        assertThat(proxy.fence(NO_DRAIN, LIMIT).join().traffic()).isEqualTo(Traffic.FENCED);
        assertThat(map).hasContent("orders nobody\n");
    }

    @Test
    void aKeyThatIsNotThereIsSaid() {
        Proxy other = ProxyDescription.parse("hook:" + EXAMPLES.resolve("haproxy-map")
                        + "?key=invoices&admin=127.0.0.1:" + admin + "&map=" + map)
                .connect(new ProxyEnvironment(name -> Optional.ofNullable(System.getenv(name)), io, timer));

        assertThat(other.status(LIMIT).join().detail()).contains("has no invoices in " + map);
    }

    /** The letter of the cluster that a new client reaches, or -1. */
    private int whoAnswers() throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), clients)) {
            return client.getInputStream().read();
        } catch (SocketException e) {
            return -1; // cut
        }
    }

    /** Greets whoever connects with its letter, then says everything again. */
    private final class Cluster {
        private final char letter;
        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

        Cluster(char letter) throws IOException {
            this.letter = letter;
            open.add(server);
            io.execute(this::serve);
        }

        int port() {
            return server.getLocalPort();
        }

        private void serve() {
            try {
                while (true) {
                    Socket session = server.accept();
                    open.add(session);
                    io.execute(() -> echo(session));
                }
            } catch (IOException e) {
                // the test is over
            }
        }

        private void echo(Socket session) {
            try (session) {
                session.getOutputStream().write(letter);
                session.getInputStream().transferTo(session.getOutputStream());
            } catch (IOException e) {
                // cut
            }
        }
    }
}
