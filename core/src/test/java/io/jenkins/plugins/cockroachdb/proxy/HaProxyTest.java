package io.jenkins.plugins.cockroachdb.proxy;

import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.LIMIT;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.NO_DRAIN;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.LocalServer;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the verbs do to a real HAProxy, and to who uses it. */
@NeedsPrograms("haproxy")
class HaProxyTest {

    private static final Duration LONG_DRAIN = Duration.ofHours(1);

    @TempDir
    private Path directory;

    private HaProxyRig rig;

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void clientsAreOnAThenNowhereThenOnP() throws Exception {
        rig = HaProxyRig.start(directory);
        assertThat(rig.traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(rig.whoAnswers()).contains("A");

        assertThat(rig.proxy.fence(NO_DRAIN, LIMIT).get().traffic()).isEqualTo(Traffic.FENCED);
        assertThat(rig.whoAnswers()).isEmpty();

        assertThat(rig.proxy.release(LIMIT).get().traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        assertThat(rig.whoAnswers()).contains("P");

        assertThat(rig.proxy.unfence(LIMIT).get().traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(rig.whoAnswers()).contains("A");
    }

    @Test
    void sessionsAreCounted() throws Exception {
        rig = HaProxyRig.start(directory);
        try (EchoClient one = rig.client();
                EchoClient two = rig.client()) {
            ProxyStatus status = rig.proxy.status(LIMIT).get();

            assertThat(List.of(status.sessionsActive(), status.sessionsOriginal()))
                    .containsExactly(2, 0);
            assertThat(status.detail())
                    .isEqualTo("server standby (A) is ready and up, 2 sessions;"
                            + " server primary (P) is in maintenance, 0 sessions, none since HAProxy was started.");
            assertThat(one.isServed() && two.isServed()).isTrue();
        }
    }

    @Test
    void whetherSomebodyWasThereBeforeIsTold() throws Exception {
        rig = HaProxyRig.start(directory);
        try (EchoClient client = rig.client()) {
            assertThat(client.isServed()).isTrue();
        }
        rig.proxy.fence(NO_DRAIN, LIMIT).get();

        assertThat(rig.proxy.status(LIMIT).get().detail())
                .containsPattern("server standby \\(A\\) is in maintenance, 0 sessions, the last began \\d+ s ago;");
    }

    @Test
    void everySessionIsCutHoweverLongIdle() throws Exception {
        rig = HaProxyRig.start(directory);
        List<EchoClient> idle = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            idle.add(rig.client());
        }

        ProxyStatus fenced = rig.proxy.fence(NO_DRAIN, LIMIT).get();

        assertThat(fenced.sessionsActive()).isZero();
        assertThat(fenced.detail()).contains("Cut after the drain: 30 sessions.");
        for (EchoClient each : idle) {
            each.awaitEnd();
            each.close();
        }
    }

    @Test
    void aSessionThatEndsByItselfEndsTheDrain() throws Exception {
        rig = HaProxyRig.start(directory);
        EchoClient busy = rig.client();

        CompletableFuture<ProxyStatus> fence = rig.proxy.fence(LONG_DRAIN, LIMIT);
        await(this::activeDrains);
        assertThat(busy.isServed()).as("who drains may finish").isTrue();
        assertThat(rig.whoAnswers()).as("nobody new gets in, and nobody to P").isEmpty();
        busy.close();

        assertThat(fence.get().traffic()).isEqualTo(Traffic.FENCED);
        assertThat(fence.get().detail()).doesNotContain("Cut");
    }

    @Test
    void nobodyReachesPBeforeTheReleaseNorAAfterTheFence() throws Exception {
        rig = HaProxyRig.start(directory);
        try (Crowd crowd = new Crowd()) {
            await(() -> crowd.saw("A"));
            for (int round = 0; round < 5; round++) {
                rig.proxy.fence(NO_DRAIN, LIMIT).get();
                rig.proxy.unfence(LIMIT).get();
            }
            rig.proxy.fence(Duration.ofMillis(50), LIMIT).get();
            assertThat(crowd.saw("P")).isFalse();
            int lines = rig.active.lines();

            rig.proxy.release(LIMIT).get();
            await(() -> crowd.saw("P"));

            assertThat(rig.active.lines()).isEqualTo(lines);
        }
    }

    /** Clients that come, ask and go, or come again. */
    private final class Crowd implements AutoCloseable {

        private final List<CompletableFuture<Void>> clients = new ArrayList<>();
        private final Set<String> seen = ConcurrentHashMap.newKeySet();
        private volatile boolean over;

        Crowd() {
            for (int i = 0; i < 4; i++) {
                clients.add(CompletableFuture.runAsync(this::come, rig.io));
            }
        }

        boolean saw(String server) {
            return seen.contains(server);
        }

        private void come() {
            while (!over) {
                try (EchoClient client = rig.client()) {
                    client.server().filter(name -> client.isServed()).ifPresent(seen::add);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        @Override
        public void close() {
            over = true;
            clients.forEach(CompletableFuture::join);
        }
    }

    @Test
    void eachVerbCanBeRepeatedAndThenSaysNothingToHAProxy() throws Exception {
        rig = HaProxyRig.start(directory);
        HaProxyDescription description = rig.description("stateFile=" + rig.haproxy.stateFile());
        for (Verb verb : List.of(Verb.FENCE, Verb.UNFENCE, Verb.FENCE, Verb.RELEASE)) {
            List<String> first = new ArrayList<>();
            List<String> second = new ArrayList<>();

            Traffic after = perform(verb, description, first);
            assertThat(perform(verb, description, second)).isEqualTo(after);

            assertThat(first).as(verb + " has to do something").anyMatch(HaProxyTest::changes);
            assertThat(second).as(verb + " has been done").noneMatch(HaProxyTest::changes);
        }
    }

    private Traffic perform(Verb verb, HaProxyDescription description, List<String> said) throws Exception {
        RuntimeApi.Network listened = (address, deadline) -> {
            RuntimeApi socket = new RuntimeSocket(address, deadline);
            return command -> {
                said.add(command);
                return socket.ask(command);
            };
        };
        try (Deadline deadline = new Deadline(rig.timer, LIMIT);
                HaProxyWork work = new HaProxyWork(description, listened, rig.timer, deadline)) {
            return switch (verb) {
                case FENCE -> work.fence(NO_DRAIN).traffic();
                case UNFENCE -> work.unfence().traffic();
                case RELEASE -> work.release().traffic();
            };
        }
    }

    private static boolean changes(String command) {
        return command.startsWith("set ") || command.startsWith("shutdown ");
    }

    @Test
    void aVerbSaysWhatWasShownBeforeItWasApproved() throws Exception {
        rig = HaProxyRig.start(directory);
        HaProxyDescription description = rig.description("");
        try (EchoClient idle = rig.client()) {
            List<String> said = new ArrayList<>();

            perform(Verb.FENCE, description, said);

            // P is in maintenance already, and has no session to be cut.
            assertThat(said.stream().filter(HaProxyTest::changes))
                    .containsExactly(
                            "set server cockroach_backend/standby state drain",
                            "set server cockroach_backend/standby state maint",
                            "shutdown sessions server cockroach_backend/standby");
            assertThat(said.stream()
                            .filter(HaProxyTest::changes)
                            .map(command -> "at " + rig.haproxy.socket() + ": " + command))
                    .isSubsetOf(description.commands(Verb.FENCE));
            idle.awaitEnd();
        }
    }

    /** What is written there meanwhile is missing on P: it has to be seen. */
    @Test
    void aReleaseDoesNotUndoThatSomebodyOpenedAMeanwhile() throws Exception {
        rig = HaProxyRig.start(directory);
        perform(Verb.FENCE, rig.description(""), new ArrayList<>());
        String open = "set server cockroach_backend/standby state ready";
        boolean[] opened = {false};
        RuntimeApi.Network hasty = (address, deadline) -> {
            RuntimeApi socket = new RuntimeSocket(address, deadline);
            return command -> {
                String reply = socket.ask(command);
                if (command.startsWith("show stat") && !opened[0]) {
                    opened[0] = true;
                    rig.haproxy.ask(open);
                }
                return reply;
            };
        };
        try (Deadline deadline = new Deadline(rig.timer, LIMIT);
                HaProxyWork work = new HaProxyWork(rig.description(""), hasty, rig.timer, deadline)) {
            assertThatThrownBy(work::release)
                    .isInstanceOf(ProxyFailure.class)
                    .hasMessageStartingWith("Clients should be on P and are mixed");
        }
        assertThat(rig.traffic()).isEqualTo(Traffic.MIXED);
    }

    @Test
    void aFenceClosesPBeforeAIsDrained() throws Exception {
        rig = HaProxyRig.start(directory);
        rig.haproxy.ask("set server cockroach_backend/primary state ready");
        assertThat(rig.traffic()).as("both open").isEqualTo(Traffic.MIXED);
        List<String> said = new ArrayList<>();
        try (EchoClient one = rig.client();
                EchoClient other = rig.client()) {
            assertThat(List.of(one.server(), other.server())).contains(Optional.of("A"), Optional.of("P"));

            assertThat(perform(Verb.FENCE, rig.description(""), said)).isEqualTo(Traffic.FENCED);

            assertThat(said.indexOf("set server cockroach_backend/primary state maint"))
                    .isLessThan(said.indexOf("set server cockroach_backend/standby state drain"));
            one.awaitEnd();
            other.awaitEnd();
        }
    }

    @Test
    void whoeverWaitsInTheQueueOfADoesNotSlipThroughTheFence() throws Exception {
        rig = HaProxyRig.start(
                directory,
                HaProxyRig.FORGETFUL.andThen(example -> example.replaceAll(
                        "(?m)^( *server standby .*)$",
                        "    use-server standby if TRUE\n    timeout queue 1m\n$1 maxconn 2"))::apply);
        EchoClient one = rig.client();
        EchoClient two = rig.client();
        List<Future<EchoClient>> waiting = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            waiting.add(rig.io.submit(rig::client));
        }
        await(() -> sessionsOnActive() == 8);

        ProxyStatus fenced = rig.proxy.fence(NO_DRAIN, LIMIT).get();

        assertThat(fenced.traffic()).isEqualTo(Traffic.FENCED);
        one.awaitEnd();
        two.awaitEnd();
        int lines = rig.active.lines();
        for (Future<EchoClient> each : waiting) {
            assertThat(each.get().isServed()).isFalse();
        }
        assertThat(rig.active.lines()).isEqualTo(lines);
    }

    private int sessionsOnActive() {
        return rig.proxy.status(LIMIT).join().sessionsActive();
    }

    @Test
    void aCrashInTheMiddleLeavesWhatTheNextFenceCompletesOrAnUnfenceUndoes() throws Exception {
        rig = HaProxyRig.start(directory);
        EchoClient client = rig.client();
        rig.haproxy.ask("set server cockroach_backend/standby state drain");
        assertThat(rig.traffic()).isEqualTo(Traffic.MIXED);

        assertThat(rig.proxy.unfence(LIMIT).get().traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(client.isServed()).isTrue();

        rig.haproxy.ask("set server cockroach_backend/standby state maint");
        assertThat(rig.traffic()).as("a session is left").isEqualTo(Traffic.MIXED);
        assertThat(client.isServed()).as("maintenance cuts nobody").isTrue();

        assertThat(rig.proxy.fence(NO_DRAIN, LIMIT).get().traffic()).isEqualTo(Traffic.FENCED);
        client.awaitEnd();
    }

    @Test
    void whatAHealthCheckClosedIsNotFenced() throws Exception {
        rig = HaProxyRig.start(directory);
        rig.active.close();
        await(() -> rig.haproxy.ask("show stat").contains(",DOWN,"));

        ProxyStatus status = rig.proxy.status(LIMIT).get();

        assertThat(status.traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(status.detail()).contains("server standby (A) is ready and down");
        assertThat(rig.proxy.fence(NO_DRAIN, LIMIT).get().traffic()).isEqualTo(Traffic.FENCED);
    }

    @Test
    void aReleaseEndsWhenPIsUpAndSaysSoWhenItIsNot() throws Exception {
        rig = HaProxyRig.start(directory);
        rig.proxy.fence(NO_DRAIN, LIMIT).get();
        rig.haproxy.ask("set server cockroach_backend/primary state ready");
        rig.haproxy.ask("set server cockroach_backend/primary health down");

        ProxyException late = HaProxyRig.failure(rig.proxy.release(Duration.ofMillis(200)));

        assertThat(late)
                .hasMessageContaining("release was not done within 200 ms. No server of P came up:")
                .hasMessageContaining("server primary (P) is ready and down");
        assertThat(rig.proxy.release(LIMIT).get().traffic())
                .as("its health check brings it up")
                .isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
    }

    @Test
    void severalServersMayStandForACluster() throws Exception {
        rig = HaProxyRig.start(directory, example -> HaProxyRig.FORGETFUL
                .apply(example)
                .replaceAll("(?m)^( *server )standby( .*)$", "$1s1$2\n$1s2$2")
                .replaceAll("(?m)^( *server )primary( .*)$", "$1p1$2\n$1p2$2"));
        Proxy proxy = rig.proxy("primary=p1,p2&standby=s1,s2");
        try (EchoClient one = rig.client();
                EchoClient two = rig.client()) {
            assertThat(proxy.fence(NO_DRAIN, LIMIT).get().traffic()).isEqualTo(Traffic.FENCED);
            one.awaitEnd();
            two.awaitEnd();
        }
        assertThat(proxy.release(LIMIT).get().traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        assertThat(rig.whoAnswers()).contains("P");
        assertThat(rig.whoAnswers()).contains("P");
        rig.haproxy.ask("set server cockroach_backend/s2 state ready");
        assertThat(proxy.status(LIMIT).get().traffic()).isEqualTo(Traffic.MIXED);
    }

    @Test
    void aFenceThatIsCanceledLeavesClientsWhereTheyWere() throws Exception {
        rig = HaProxyRig.start(directory);
        try (EchoClient busy = rig.client()) {
            CompletableFuture<ProxyStatus> fence = rig.proxy.fence(LONG_DRAIN, LIMIT);
            await(this::activeDrains);

            fence.cancel(false);

            await(() -> !activeDrains());
            assertThat(rig.traffic()).isEqualTo(Traffic.ON_ACTIVE);
            assertThat(busy.isServed()).isTrue();
            assertThat(rig.whoAnswers()).contains("A");
        }
    }

    private boolean activeDrains() {
        return rig.haproxy.ask("show servers state cockroach_backend").lines().anyMatch(line -> {
            String[] fields = line.split(" ");
            return fields.length > 6 && fields[3].equals("standby") && (Integer.parseInt(fields[6]) & 8) != 0;
        });
    }

    @Test
    void aFenceThatFailsAtAnyCommandLeavesClientsWhereTheyWere() throws Exception {
        rig = HaProxyRig.start(directory);
        HaProxyDescription description = rig.description("stateFile=" + rig.haproxy.stateFile());
        for (int failing = 0; ; failing++) {
            EchoClient client = rig.client();
            FailingNetwork network = new FailingNetwork(failing);
            try (Deadline deadline = new Deadline(rig.timer, LIMIT);
                    HaProxyWork work = new HaProxyWork(description, network, rig.timer, deadline)) {
                work.fence(NO_DRAIN);
                assertThat(failing).as("commands of a fence").isGreaterThan(20);
                break;
            } catch (ProxyFailure e) {
                assertThat(e).hasMessageContaining("the wire broke");
                assertThat(rig.traffic()).as(e.getMessage()).isEqualTo(Traffic.ON_ACTIVE);
                assertThat(rig.whoAnswers()).contains("A");
                assertThat(rig.proxy.status(LIMIT).get().detail())
                        .as("the state file holds for a restart")
                        .doesNotContain("restart");
            } finally {
                client.close();
            }
        }
        assertThat(rig.traffic()).isEqualTo(Traffic.FENCED);
    }

    @Test
    void onceACutoverMayHaveBegunNobodyDrainsAndWhatIsClosedStaysClosed() throws Exception {
        rig = HaProxyRig.start(directory);
        try (EchoClient session = rig.client()) {
            RuntimeApi.Network withoutCuts = (address, deadline) -> {
                RuntimeApi socket = new RuntimeSocket(address, deadline);
                return command -> command.startsWith("shutdown") ? "Out of memory.\n" : socket.ask(command);
            };
            try (Deadline deadline = new Deadline(rig.timer, LIMIT);
                    HaProxyWork work = new HaProxyWork(rig.description(""), withoutCuts, rig.timer, deadline)) {
                assertThatThrownBy(work::fenceAtOnce).hasMessageContaining("Out of memory.");
            }
            assertThat(rig.traffic()).as("closed, with a session left").isEqualTo(Traffic.MIXED);
            assertThat(rig.whoAnswers()).isEmpty();

            assertThat(rig.proxy.fenceAtOnce(LIMIT).get().traffic()).isEqualTo(Traffic.FENCED);
            session.awaitEnd();
        }
    }

    /** Breaks once, at one command. */
    private static final class FailingNetwork implements RuntimeApi.Network {
        private int left;

        FailingNetwork(int left) {
            this.left = left;
        }

        @Override
        public RuntimeApi at(RuntimeAddress address, Deadline deadline) {
            RuntimeApi socket = new RuntimeSocket(address, deadline);
            return command -> {
                // What does not name the master socket may do without it.
                if (!command.startsWith("show env") && !command.startsWith("show proc") && left-- == 0) {
                    throw new ProxyFailure("At \"" + command + "\" the wire broke.", "Mend it.");
                }
                return socket.ask(command);
            };
        }
    }

    @Test
    void overTCPItIsTheSame() throws Exception {
        int port = LocalServer.freePort();
        rig = HaProxyRig.start(directory, example -> HaProxyRig.FORGETFUL
                .apply(example)
                .replaceFirst("(?m)^ *stats timeout", "    stats socket ipv4@127.0.0.1:" + port + " level admin\n$0"));
        Proxy proxy = ProxyDescription.parse("haproxy:127.0.0.1:" + port).connect(rig.environment);

        assertThat(proxy.fence(NO_DRAIN, LIMIT).get().traffic()).isEqualTo(Traffic.FENCED);
        assertThat(rig.whoAnswers()).isEmpty();
    }
}
