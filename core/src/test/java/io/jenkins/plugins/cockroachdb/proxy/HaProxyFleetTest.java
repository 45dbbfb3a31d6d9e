package io.jenkins.plugins.cockroachdb.proxy;

import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.LIMIT;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.NO_DRAIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many proxies at the same time: as many backends of one HAProxy, which share one state file. */
@NeedsPrograms("haproxy")
class HaProxyFleetTest {

    private static final int PROXIES = 20;

    @TempDir
    private Path directory;

    private HaProxyRig rig;

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private static String backends(String example) {
        int begin = example.indexOf("\nbackend cockroach_backend\n");
        StringBuilder all = new StringBuilder(example);
        for (int i = 1; i < PROXIES; i++) {
            all.append(example.substring(begin).replace("cockroach_backend", "backend" + i));
        }
        return all.toString();
    }

    @Test
    void theyAreMovedInParallelAndNoneSavesOverWhatAnotherDid() throws Exception {
        rig = HaProxyRig.start(directory, HaProxyFleetTest::backends);
        List<Proxy> proxies = IntStream.range(0, PROXIES)
                .mapToObj(i -> rig.proxy("name=p" + i + "&stateFile=" + rig.haproxy.stateFile() + "&backend="
                        + (i == 0 ? "cockroach_backend" : "backend" + i)))
                .toList();

        assertThat(all(proxies, proxy -> proxy.unfence(LIMIT))).containsOnly(Traffic.ON_ACTIVE);
        try (EchoClient session = rig.client()) {
            assertThat(all(proxies, proxy -> proxy.fence(NO_DRAIN, LIMIT))).containsOnly(Traffic.FENCED);
            session.awaitEnd();
        }
        restart();
        assertThat(all(proxies, proxy -> proxy.status(LIMIT))).containsOnly(Traffic.FENCED);
        assertThat(all(proxies, proxy -> proxy.release(LIMIT))).containsOnly(Traffic.ON_ORIGINAL_PRIMARY);
        restart();
        assertThat(all(proxies, proxy -> proxy.status(LIMIT))).containsOnly(Traffic.ON_ORIGINAL_PRIMARY);
        assertThat(rig.whoAnswers()).contains("P");
    }

    private void restart() {
        rig.haproxy.kill();
        rig.haproxy.start();
    }

    private static List<Traffic> all(List<Proxy> proxies, Function<Proxy, CompletableFuture<ProxyStatus>> verb) {
        List<CompletableFuture<ProxyStatus>> started = new ArrayList<>();
        proxies.forEach(proxy -> started.add(verb.apply(proxy)));
        return started.stream().map(each -> each.join().traffic()).toList();
    }
}
