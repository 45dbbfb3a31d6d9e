package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.EchoServer;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.servers.RealHaProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsPrograms("haproxy")
class HaProxyTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final ExecutorService io = Executors.newCachedThreadPool();
    private final EchoServer active = EchoServer.start("A");
    private final EchoServer original = EchoServer.start("P");
    private RealHaProxy haproxy;
    private Proxy proxy;

    @BeforeEach
    void start() throws Exception {
        haproxy = RealHaProxy.start(directory, active, original);
        proxy = ProxyDescription.parse("haproxy:" + haproxy.socket() + "?stateFile=" + haproxy.stateFile())
                .connect(new ProxyEnvironment(name -> Optional.empty(), io, timer));
        proxy.unfence(LIMIT).get();
    }

    @AfterEach
    void stop() throws Exception {
        haproxy.close();
        active.close();
        original.close();
        io.shutdownNow();
        timer.shutdownNow();
    }

    @Test
    void a_fence_cuts_every_session_and_a_release_sends_clients_home() throws Exception {
        EchoClient idle = EchoClient.connect(haproxy.port());
        assertThat(idle.server()).contains("A");

        ProxyStatus fenced = proxy.fence(Duration.ofMillis(100), LIMIT).get();

        assertThat(fenced.traffic()).isEqualTo(Traffic.FENCED);
        idle.awaitEnd();
        assertThat(EchoClient.whoAnswers(haproxy.port())).isEmpty();

        ProxyStatus released = proxy.release(LIMIT).get();

        assertThat(released.traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        assertThat(EchoClient.whoAnswers(haproxy.port())).contains("P");
    }
}
