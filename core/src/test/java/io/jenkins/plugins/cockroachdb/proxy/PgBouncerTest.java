package io.jenkins.plugins.cockroachdb.proxy;

import static io.jenkins.plugins.cockroachdb.proxy.PgBouncerRig.LIMIT;
import static io.jenkins.plugins.cockroachdb.proxy.PgBouncerRig.get;
import static io.jenkins.plugins.cockroachdb.proxy.PgBouncerRig.whoAnswers;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.servers.RealPgBouncer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each verb at a real PgBouncer, configured as in docs/examples. */
@NeedsPrograms({"pgbouncer", "postgres", "initdb"})
class PgBouncerTest {

    @TempDir
    static Path servers;

    private static PgBouncerRig rig;

    @TempDir
    Path directory;

    private RealPgBouncer pgBouncer;
    private Proxy proxy;

    @BeforeAll
    static void startServers() {
        rig = new PgBouncerRig(servers);
    }

    @AfterAll
    static void stopServers() {
        rig.close();
    }

    @BeforeEach
    void start() {
        pgBouncer = rig.pgBouncer(directory, Map.of());
        proxy = rig.proxy(pgBouncer);
    }

    @AfterEach
    void stop() {
        pgBouncer.close();
    }

    @Test
    void aSwitchGoesFromAToNobodyToP() throws Exception {
        assertThat(get(proxy.status(LIMIT)).traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(whoAnswers(pgBouncer)).isEqualTo("A");

        assertThat(get(proxy.fence(Duration.ofSeconds(10), LIMIT)).traffic()).isEqualTo(Traffic.FENCED);
        assertThat(get(proxy.status(LIMIT)).traffic()).isEqualTo(Traffic.FENCED);

        assertThat(get(proxy.release(LIMIT)).traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        assertThat(whoAnswers(pgBouncer)).isEqualTo("P");
    }

    @Test
    void anUnfenceGoesBackToA() throws Exception {
        get(proxy.fence(Duration.ofSeconds(10), LIMIT));

        assertThat(get(proxy.unfence(LIMIT)).traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(whoAnswers(pgBouncer)).isEqualTo("A");
    }
}
