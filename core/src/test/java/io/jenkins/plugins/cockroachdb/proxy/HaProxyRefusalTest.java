package io.jenkins.plugins.cockroachdb.proxy;

import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.FORGETFUL;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.LIMIT;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.NO_DRAIN;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.LocalServer;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real HAProxy refuses, and what the person who has to mend it reads. Traffic stays where it was. */
@NeedsPrograms("haproxy")
class HaProxyRefusalTest {

    private static final Duration SHORT = Duration.ofMillis(200);

    @TempDir
    private Path directory;

    private HaProxyRig rig;

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private void requireUntouched(EchoClient session) throws Exception {
        assertThat(rig.traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(session.isServed()).isTrue();
        assertThat(rig.whoAnswers()).contains("A");
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "operator"})
    void aSocketBelowLevelAdmin(String level) throws Exception {
        Path weak = directory.resolve("weak.sock");
        rig = HaProxyRig.start(directory, example -> FORGETFUL
                .apply(example)
                .replaceFirst("(?m)^ *stats timeout", "    stats socket " + weak + " level " + level + "\n$0"));
        Proxy proxy = ProxyDescription.parse("haproxy:" + weak + "?name=edge").connect(rig.environment);
        try (EchoClient session = rig.client()) {
            assertThat(proxy.status(LIMIT).get().traffic()).as("it may look").isEqualTo(Traffic.ON_ACTIVE);

            assertThat(failure(proxy.fence(NO_DRAIN, LIMIT)))
                    .hasMessage("Proxy edge: The socket " + weak + " has the level " + level
                            + ", which may not change anything. Give it level admin in haproxy.cfg (stats socket "
                            + weak
                            + " level admin) and reload, or name the socket that has it.");
            assertThat(proxy.findings(LIMIT).get())
                    .filteredOn(ProxyFinding::prevents)
                    .singleElement()
                    .extracting(ProxyFinding::what)
                    .isEqualTo("The socket " + weak + " has the level " + level + ", which may not change anything.");
            assertThat(failure(proxy.fenceAtOnce(LIMIT)))
                    .hasMessageContaining("answered \"set server cockroach_backend/standby state drain\" with"
                            + " \"Permission denied\". Give it level admin");
            requireUntouched(session);
        }
    }

    @Test
    void anUnknownServer() throws Exception {
        rig = HaProxyRig.start(directory, FORGETFUL);
        try (EchoClient session = rig.client()) {
            Proxy proxy = rig.proxy("name=edge&primary=prmary");

            assertThat(failure(proxy.fence(NO_DRAIN, LIMIT)))
                    .hasMessage("Proxy edge: HAProxy at " + rig.haproxy.socket()
                            + " has no server cockroach_backend/prmary. Name servers of this backend with primary= and"
                            + " standby=: it has primary, standby.");
            assertThat(failure(proxy.findings(LIMIT))).hasMessageContaining("has no server cockroach_backend/prmary");
            assertThat(proxy.status(LIMIT).get().traffic()).isEqualTo(Traffic.UNKNOWN);
            requireUntouched(session);
        }
    }

    @Test
    void anUnknownBackend() throws Exception {
        rig = HaProxyRig.start(directory, FORGETFUL);
        try (EchoClient session = rig.client()) {
            Proxy proxy = rig.proxy("name=edge&backend=roach");

            assertThat(failure(proxy.fence(NO_DRAIN, LIMIT)))
                    .hasMessage("Proxy edge: HAProxy at " + rig.haproxy.socket()
                            + " answered \"show servers state roach\" with \"Can't find backend.\". Name a backend of"
                            + " haproxy.cfg with backend=; \"show backend\" lists them.");
            requireUntouched(session);
        }
    }

    @Test
    void aServerThatVanishedBetweenLookAndCommand() throws Exception {
        rig = HaProxyRig.start(directory, FORGETFUL);
        HaProxyControl control =
                new HaProxyControl(rig.description(""), RuntimeSocket::new, new Deadline(rig.timer, LIMIT));

        for (String[] refused : new String[][] {
            {"set server cockroach_backend/gone state maint", "No such server."},
            {"shutdown sessions server cockroach_backend/gone", "No such server."},
            {"set server gone/primary state maint", "No such backend."},
            {"set server cockroach_backend state maint", "Require 'backend/server'."},
            {"set serve cockroach_backend/primary state maint", "Unknown command"},
            {"set server cockroach_backend/primary addr 127.0.0.1 port 1", "changed"}
        }) {
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> control.tell(refused[0])))
                    .as(refused[0])
                    .isInstanceOf(ProxyFailure.class)
                    .hasMessageContaining("answered \"" + refused[0] + "\" with \"")
                    .hasMessageContaining(refused[1]);
        }
    }

    @Test
    void aServerThatNobodyNamed() throws Exception {
        rig = HaProxyRig.start(
                directory,
                example -> FORGETFUL.apply(example).replaceFirst("(?m)^( *server )standby( .*)$", "$0\n$1third$2"));
        try (EchoClient session = rig.client()) {
            assertThat(rig.proxy.status(LIMIT).get().traffic()).isEqualTo(Traffic.MIXED);
            assertThat(failure(rig.proxy.fence(NO_DRAIN, LIMIT)))
                    .hasMessageContaining("may send clients to cockroach_backend/third, which is said to be neither")
                    .hasMessageContaining("Name every server of the backend with primary= or standby=");
            assertThat(session.isServed()).isTrue();

            rig.haproxy.ask("set server cockroach_backend/third state maint");
            assertThat(rig.proxy.fence(NO_DRAIN, LIMIT).get().traffic()).isEqualTo(Traffic.FENCED);
        }
    }

    @Test
    void noSocketThere() throws Exception {
        rig = HaProxyRig.start(directory, FORGETFUL);
        Proxy proxy = ProxyDescription.parse("haproxy:" + directory + "/nothing.sock?name=edge")
                .connect(rig.environment);

        assertThat(failure(proxy.fence(NO_DRAIN, LIMIT)))
                .hasMessage("Proxy edge: HAProxy at " + directory + "/nothing.sock did not answer \"show servers state"
                        + " cockroach_backend\" (SocketException: No such file or directory). Check that HAProxy runs, that"
                        + " this is its stats socket and that this user may open it.");
        assertThat(proxy.status(LIMIT).get().traffic()).isEqualTo(Traffic.UNKNOWN);
    }

    @Test
    void nobodyListensAtTheAddress() throws Exception {
        rig = HaProxyRig.start(directory, FORGETFUL);
        int port = LocalServer.freePort();
        Proxy proxy = ProxyDescription.parse("haproxy:127.0.0.1:" + port).connect(rig.environment);

        assertThat(failure(proxy.fence(NO_DRAIN, LIMIT)))
                .hasMessageContaining("HAProxy at 127.0.0.1:" + port + " did not answer")
                .hasMessageContaining("Connection refused");
    }

    @Test
    void aNameThatNobodyCanResolve() throws Exception {
        rig = HaProxyRig.start(directory, FORGETFUL);
        Proxy proxy = ProxyDescription.parse("haproxy:nowhere.invalid:9999").connect(rig.environment);

        assertThat(failure(proxy.fence(NO_DRAIN, LIMIT))).hasMessageContaining("its name cannot be resolved");
    }

    @Test
    void theProxyIsDown() throws Exception {
        rig = HaProxyRig.start(directory, FORGETFUL);
        rig.haproxy.kill();

        ProxyStatus status = rig.proxy.status(LIMIT).get();

        assertThat(status.traffic()).isEqualTo(Traffic.UNKNOWN);
        assertThat(status.detail()).contains("did not answer").contains("Check that HAProxy runs");
        assertThat(failure(rig.proxy.fence(NO_DRAIN, LIMIT))).hasMessageContaining("Connection refused");
    }

    @Test
    void theProxyHangs() throws Exception {
        rig = HaProxyRig.start(directory, FORGETFUL);
        rig.haproxy.stopForAWhile();
        try {
            ProxyStatus status = rig.proxy.status(SHORT).get();

            assertThat(status.traffic()).isEqualTo(Traffic.UNKNOWN);
            assertThat(status.detail())
                    .contains("status was not done within 200 ms.")
                    .contains("did not answer");
            assertThat(failure(rig.proxy.fence(NO_DRAIN, SHORT)))
                    .hasMessageContaining("fence was not done within 200 ms.");
        } finally {
            rig.haproxy.goOn();
        }
        assertThat(rig.traffic()).isEqualTo(Traffic.ON_ACTIVE);
    }

    @Test
    void aStateFileThatCannotBeWrittenStopsNobody() throws Exception {
        rig = HaProxyRig.start(directory, FORGETFUL);
        Files.createFile(directory.resolve("file"));
        Proxy proxy = rig.proxy("stateFile=" + directory + "/missing/server-state");
        try (EchoClient session = rig.client()) {
            assertThat(failure(proxy.fence(NO_DRAIN, LIMIT)))
                    .hasMessageContaining("The state file " + directory + "/missing/server-state could not be replaced")
                    .hasMessageContaining("server-state-file");
            requireUntouched(session);
        }
    }
}
