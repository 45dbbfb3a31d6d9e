package io.jenkins.plugins.cockroachdb.proxy;

import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.FORGETFUL;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.LIMIT;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.NO_DRAIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restart, a kill and a reload of HAProxy do to a fence. */
@NeedsPrograms("haproxy")
class HaProxyRestartTest {

    @TempDir
    private Path directory;

    private HaProxyRig rig;

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    @Test
    void configuredAsInTheExampleARestartChangesNothing() throws Exception {
        rig = HaProxyRig.start(directory);
        requireToSurviveEverything(Traffic.ON_ACTIVE);
        rig.proxy.fence(NO_DRAIN, LIMIT).get();
        requireToSurviveEverything(Traffic.FENCED);
        rig.proxy.release(LIMIT).get();
        requireToSurviveEverything(Traffic.ON_ORIGINAL_PRIMARY);
        rig.proxy.unfence(LIMIT).get();
        requireToSurviveEverything(Traffic.ON_ACTIVE);
    }

    private void requireToSurviveEverything(Traffic traffic) throws Exception {
        rig.haproxy.kill();
        assertThat(rig.traffic()).as("while it is down").isEqualTo(Traffic.UNKNOWN);
        rig.haproxy.start();
        assertThat(rig.traffic()).as("killed").isEqualTo(traffic);
        rig.haproxy.close();
        rig.haproxy.start();
        assertThat(rig.traffic()).as("restarted").isEqualTo(traffic);
        rig.haproxy.reload();
        assertThat(rig.traffic()).as("reloaded").isEqualTo(traffic);
        assertThat(rig.whoAnswers().orElse("nobody"))
                .isEqualTo(
                        switch (traffic) {
                            case ON_ACTIVE -> "A";
                            case ON_ORIGINAL_PRIMARY -> "P";
                            default -> "nobody";
                        });
    }

    @Test
    void killedBeforeAnyCommandOfAFenceItIsFencedByTheNextOne() throws Exception {
        rig = HaProxyRig.start(directory);
        HaProxyDescription description = rig.description("stateFile=" + rig.haproxy.stateFile());
        boolean survived = false;
        for (int fatal = 0; !survived; fatal++) {
            EchoClient client = rig.client();
            KillingNetwork network = new KillingNetwork(fatal);
            try (Deadline deadline = new Deadline(rig.timer, LIMIT);
                    HaProxyWork work = new HaProxyWork(description, network, rig.timer, deadline)) {
                // Where the fence was saved already it holds after the restart too, and is proven there.
                assertThat(work.fence(NO_DRAIN).traffic()).isEqualTo(Traffic.FENCED);
                survived = network.left >= 0;
            } catch (ProxyFailure e) {
                assertThat(rig.traffic()).as(e.getMessage()).isEqualTo(Traffic.ON_ACTIVE);
                assertThat(rig.whoAnswers()).contains("A");
            }
            assertThat(rig.proxy.fence(NO_DRAIN, LIMIT).get().traffic()).isEqualTo(Traffic.FENCED);
            assertThat(rig.whoAnswers()).isEmpty();
            client.awaitEnd();
            client.close();
            rig.proxy.unfence(LIMIT).get();
        }
    }

    /** Kills HAProxy, and starts it again, before one command. */
    private final class KillingNetwork implements RuntimeApi.Network {
        private int left;

        KillingNetwork(int left) {
            this.left = left;
        }

        @Override
        public RuntimeApi at(RuntimeAddress address, Deadline deadline) {
            RuntimeApi socket = new RuntimeSocket(address, deadline);
            return command -> {
                if (left-- == 0) {
                    rig.haproxy.kill();
                    rig.haproxy.start();
                }
                return socket.ask(command);
            };
        }
    }

    @Test
    void withoutAStateFileTheOpeningIsSeenAndCanBeClosedAgain() throws Exception {
        rig = HaProxyRig.start(directory, FORGETFUL);
        assertThat(rig.proxy.fence(NO_DRAIN, LIMIT).get().traffic()).isEqualTo(Traffic.FENCED);

        rig.haproxy.kill();
        rig.haproxy.start();

        assertThat(rig.traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(rig.whoAnswers()).contains("A");
        assertThat(rig.proxy.fence(NO_DRAIN, LIMIT).get().traffic()).isEqualTo(Traffic.FENCED);
        assertThat(rig.whoAnswers()).isEmpty();
    }

    @Test
    void withoutTheStateFileTheExampleLetsNobodyThrough() throws Exception {
        rig = HaProxyRig.start(directory);
        Files.delete(rig.haproxy.stateFile());

        rig.haproxy.kill();
        rig.haproxy.start();

        assertThat(rig.traffic()).isEqualTo(Traffic.FENCED);
        assertThat(rig.whoAnswers()).isEmpty();
    }

    @Test
    void aFenceSavesAgainWhatSomebodyElseWroteOver() throws Exception {
        rig = HaProxyRig.start(directory);
        String open = Files.readString(rig.haproxy.stateFile());
        rig.proxy.fence(NO_DRAIN, LIMIT).get();
        Files.writeString(rig.haproxy.stateFile(), open);
        assertThat(rig.proxy.status(LIMIT).get().detail())
                .endsWith("The state file says otherwise, so a restart would change this.");

        rig.proxy.fence(NO_DRAIN, LIMIT).get();

        assertThat(rig.proxy.status(LIMIT).get().detail()).doesNotContain("state file");
        rig.haproxy.kill();
        rig.haproxy.start();
        assertThat(rig.traffic()).isEqualTo(Traffic.FENCED);
    }

    @Test
    @NeedsPrograms({"haproxy", "socat"})
    void whatWasChangedByHandSurvivesARestartOnceTheScriptHasSavedIt() throws Exception {
        rig = HaProxyRig.start(directory);
        rig.haproxy.ask("set server cockroach_backend/standby state maint");
        rig.haproxy.ask("set server cockroach_backend/primary state ready");
        assertThat(rig.proxy.findings(LIMIT).get()).hasSize(1);

        assertThat(rig.haproxy.saveState()).isTrue();

        assertThat(rig.proxy.findings(LIMIT).get()).isEmpty();
        rig.haproxy.kill();
        String saved = Files.readString(rig.haproxy.stateFile());
        assertThat(rig.haproxy.saveState()).as("nobody to ask").isFalse();
        assertThat(Files.readString(rig.haproxy.stateFile())).isEqualTo(saved);
        rig.haproxy.start();
        assertThat(rig.traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
    }

    @Test
    void sessionsThatAReloadLeftWithAnOldWorkerAreSeenAndCut() throws Exception {
        rig = HaProxyRig.start(directory);
        EchoClient before = rig.client();
        rig.haproxy.reload();
        EchoClient between = rig.client();
        rig.haproxy.reload();
        EchoClient after = rig.client();
        assertThat(before.isServed() && between.isServed() && after.isServed()).isTrue();

        ProxyStatus status = rig.proxy.status(LIMIT).get();
        assertThat(status.sessionsActive()).isEqualTo(3);
        assertThat(status.detail()).contains("old workers of a reload hold 2 more sessions on A and 0 on P");

        ProxyStatus fenced = rig.proxy.fence(NO_DRAIN, LIMIT).get();

        assertThat(fenced.traffic()).isEqualTo(Traffic.FENCED);
        for (EchoClient each : new EchoClient[] {before, between, after}) {
            each.awaitEnd();
            each.close();
        }
    }

    @Test
    void reloadedUnderTheFenceSessionsOnAnOldWorkerAreNoFence() throws Exception {
        rig = HaProxyRig.start(directory);
        try (EchoClient session = rig.client()) {
            rig.haproxy.ask("set server cockroach_backend/standby state maint");
            rig.haproxy.ask("shutdown sessions server cockroach_backend/standby");
            session.awaitEnd();
        }
        assertThat(rig.traffic()).isEqualTo(Traffic.FENCED);
        rig.proxy.unfence(LIMIT).get();
        try (EchoClient session = rig.client()) {
            rig.haproxy.reload();
            rig.haproxy.ask("set server cockroach_backend/standby state maint");

            assertThat(rig.traffic()).as("the old worker serves on").isEqualTo(Traffic.MIXED);
            assertThat(session.isServed()).isTrue();
        }
    }

    @Test
    void aFenceThatMeetsAReloadHoldsOrSaysThatItDoesNot() throws Exception {
        rig = HaProxyRig.start(directory);
        for (int round = 0; round < 3; round++) {
            try (EchoClient session = rig.client()) {
                CompletableFuture<Void> reload = CompletableFuture.runAsync(rig.haproxy::reload, rig.io);
                CompletableFuture<ProxyStatus> fence = rig.proxy.fence(Duration.ofMillis(50L * round), LIMIT);
                fence.exceptionally(failure -> null).join();
                reload.join();

                Traffic traffic = rig.traffic();
                if (traffic == Traffic.FENCED) {
                    session.awaitEnd();
                } else {
                    // The new worker had read the state file before the fence was saved.
                    assertThat(traffic)
                            .as(rig.proxy.status(LIMIT).get().detail())
                            .isIn(Traffic.ON_ACTIVE, Traffic.MIXED);
                    assertThat(rig.proxy.fence(NO_DRAIN, LIMIT).get().traffic()).isEqualTo(Traffic.FENCED);
                    session.awaitEnd();
                }
                assertThat(rig.whoAnswers()).isEmpty();
            }
            rig.proxy.unfence(LIMIT).get();
        }
    }

    @Test
    void afterAReloadThatFailedTheWorkerThatStayedIsNoOldOne() throws Exception {
        rig = HaProxyRig.start(directory);
        try (EchoClient session = rig.client()) {
            rig.haproxy.change(example -> example + "\nno such section\n");
            rig.haproxy.reloadInVain();

            ProxyStatus status = rig.proxy.status(LIMIT).get();

            assertThat(session.isServed()).isTrue();
            assertThat(status.sessionsActive()).isEqualTo(1);
            assertThat(status.traffic()).isEqualTo(Traffic.ON_ACTIVE);
            assertThat(rig.proxy.fence(NO_DRAIN, LIMIT).get().traffic()).isEqualTo(Traffic.FENCED);
            session.awaitEnd();
        }
    }

    @Test
    void withoutTheMasterSocketNobodyCanSeeOldWorkersAndThatIsSaid() throws Exception {
        rig = HaProxyRig.startWithoutMasterSocket(directory, FORGETFUL);

        assertThat(rig.proxy.status(LIMIT).get().detail()).contains("old workers of a reload could not be seen");
        assertThat(rig.proxy.findings(LIMIT).get())
                .anySatisfy(finding -> assertThat(finding.what() + " " + finding.whatToDo())
                        .contains("Sessions that a reload left with old workers outlive a fence unseen")
                        .contains("-S /run/haproxy-master.sock"));
    }

    @Test
    void aMasterSocketThatWasNamedHasToAnswer() throws Exception {
        rig = HaProxyRig.start(directory);
        Proxy proxy = rig.proxy("master=" + directory.resolve("nothing.sock"));

        assertThat(HaProxyRig.failure(proxy.fence(NO_DRAIN, LIMIT)))
                .hasMessageContaining("There is no master socket " + directory + "/nothing.sock.");
        assertThat(rig.traffic()).isEqualTo(Traffic.ON_ACTIVE);
    }
}
