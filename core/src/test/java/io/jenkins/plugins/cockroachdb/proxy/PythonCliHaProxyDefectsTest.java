package io.jenkins.plugins.cockroachdb.proxy;

import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.LIMIT;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.NO_DRAIN;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bites users of the Python CLI at HAProxy must not bite here. */
@NeedsPrograms("haproxy")
class PythonCliHaProxyDefectsTest {

    @TempDir
    private Path directory;

    private HaProxyRig rig;

    @BeforeEach
    void start() throws Exception {
        rig = HaProxyRig.start(directory);
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    /** "No such server." was read by nobody there, and passed as success. */
    @Test
    void repliesAreRead() throws Exception {
        Proxy misspelled = rig.proxy("standby=stadby");

        assertThat(failure(misspelled.unfence(LIMIT))).hasMessageContaining("no server cockroach_backend/stadby");
        assertThat(failure(misspelled.release(LIMIT))).hasMessageContaining("no server cockroach_backend/stadby");
        assertThat(rig.whoAnswers()).contains("A");
    }

    /** There {@code restore} opened P and left every session on the cluster that was to be left. */
    @Test
    void noSessionStaysOnTheOldCluster() throws Exception {
        try (EchoClient pooled = rig.client()) {
            assertThat(pooled.server()).contains("A");

            rig.proxy.fence(NO_DRAIN, LIMIT).get();
            ProxyStatus released = rig.proxy.release(LIMIT).get();

            assertThat(released.sessionsActive()).isZero();
            pooled.awaitEnd();
        }
        assertThat(rig.whoAnswers()).contains("P");
    }

    /** Nor does whoever releases without a fence have clients on both. */
    @Test
    void aReleaseWithoutAFenceIsRefusedAndChangesNothing() throws Exception {
        try (EchoClient pooled = rig.client()) {
            assertThat(rig.proxy.release(LIMIT))
                    .failsWithin(LIMIT)
                    .withThrowableThat()
                    .withMessageContaining("Clients reach A")
                    .withMessageContaining("Fence this proxy first");
            assertThat(pooled.isServed()).isTrue();
        }
        assertThat(rig.whoAnswers()).contains("A");
    }

    /** The configuration that was shipped there had no admin socket. */
    @Test
    void theExampleHasAnAdminSocket() {
        assertThat(rig.haproxy.ask("show cli level")).isEqualTo("admin\n\n");
        assertThat(rig.proxy.findings(LIMIT).join()).isEmpty();
    }
}
