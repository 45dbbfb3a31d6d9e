package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What each verb does at a PgBouncer that behaves. */
class PgBouncerTest extends DrivenPgBouncer {

    @Test
    void aSwitchGoesFromAToNobodyToP() throws Exception {
        assertThat(traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(whoAnswers()).isEqualTo("A");

        assertThat(get(proxy.fence(DRAIN, LIMIT)).traffic()).isEqualTo(Traffic.FENCED);
        assertThat(traffic()).isEqualTo(Traffic.FENCED);

        assertThat(get(proxy.release(LIMIT)).traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        assertThat(traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        assertThat(whoAnswers()).isEqualTo("P");
    }

    @Test
    void anUnfenceGoesBackToAAndLeavesTheFileAsItWas() throws Exception {
        String before = databasesFile();
        get(proxy.fence(DRAIN, LIMIT));

        assertThat(get(proxy.unfence(LIMIT)).traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(whoAnswers()).isEqualTo("A");
        assertThat(databasesFile()).isEqualTo(before);
    }

    @Test
    void everyVerbMayBeRepeated() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(get(proxy.unfence(LIMIT)).traffic()).isEqualTo(Traffic.ON_ACTIVE);
        }
        for (int i = 0; i < 2; i++) {
            assertThat(get(proxy.fence(DRAIN, LIMIT)).traffic()).isEqualTo(Traffic.FENCED);
        }
        for (int i = 0; i < 2; i++) {
            assertThat(get(proxy.release(LIMIT)).traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        }
        assertThat(whoAnswers()).isEqualTo("P");
    }

    @Test
    void onlyAReleaseNeedsAFenceBefore() throws Exception {
        assertThat(refused(proxy.release(LIMIT))).hasMessageContainingAll("Clients reach A", "Fence this proxy first");
        assertThat(whoAnswers()).isEqualTo("A");
        get(proxy.fence(DRAIN, LIMIT));
        assertThat(get(proxy.release(LIMIT)).traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        assertThat(whoAnswers()).isEqualTo("P");
        assertThat(get(proxy.unfence(LIMIT)).traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(whoAnswers()).isEqualTo("A");
        get(proxy.fence(DRAIN, LIMIT));
        get(proxy.release(LIMIT));
        assertThat(get(proxy.fence(DRAIN, LIMIT)).traffic()).isEqualTo(Traffic.FENCED);
    }

    @Test
    void aFenceWaitsForTransactionsAndCutsNone() throws Exception {
        try (Connection client = pgBouncer.connect()) {
            client.setAutoCommit(false);
            write(client, "before");
            CompletableFuture<ProxyStatus> fence = proxy.fence(DRAIN, LIMIT);
            awaitPaused();
            assertThat(traffic()).isEqualTo(Traffic.MIXED);
            write(client, "while the fence waits");
            client.commit();

            assertThat(get(fence).detail()).doesNotContain("Cut");
            assertThat(written(active)).containsExactly("before", "while the fence waits");

            CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> ask(client), io);
            awaitWaiting(1);
            get(proxy.release(LIMIT));
            assertThat(waiting.get()).isEqualTo("P");
        }
    }

    private static String ask(Connection client) {
        try {
            return whoAnswers(client);
        } catch (SQLException e) {
            return e.getMessage();
        }
    }

    @Test
    void aFenceCutsWhatHasNotEndedAfterTheDrain() throws Exception {
        try (Connection client = pgBouncer.connect()) {
            client.setAutoCommit(false);
            write(client, "never committed");

            ProxyStatus fenced = get(proxy.fence(Duration.ofMillis(100), LIMIT));

            assertThat(fenced.traffic()).isEqualTo(Traffic.FENCED);
            assertThat(fenced.detail()).contains("Cut after the drain: 1 server connections");
            assertThatThrownBy(client::commit).isInstanceOf(SQLException.class);
        }
        get(proxy.release(LIMIT));
        assertThat(whoAnswers()).isEqualTo("P");
        assertThat(written(active)).isEmpty();
    }

    @Test
    void withoutADrainAFenceCutsAtOnce() throws Exception {
        try (Connection client = pgBouncer.connect()) {
            client.setAutoCommit(false);
            write(client, "never committed");

            assertThat(get(proxy.fence(Duration.ZERO, LIMIT)).traffic()).isEqualTo(Traffic.FENCED);
            assertThatThrownBy(client::commit).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void withSessionPoolingClientsThatStayAreCut() throws Exception {
        configure(Map.of("pool_mode", "session"));
        try (Connection client = pgBouncer.connect()) {
            write(client, "acknowledged");

            assertThat(get(proxy.fence(Duration.ofMillis(100), LIMIT)).traffic())
                    .isEqualTo(Traffic.FENCED);
            assertThatThrownBy(() -> write(client, "too late")).isInstanceOf(SQLException.class);
        }
        assertThat(written(active)).containsExactly("acknowledged");
        get(proxy.release(LIMIT));
        assertThat(whoAnswers()).isEqualTo("P");
    }

    @Test
    void clientsThatComeWhileFencedWaitAndAreLetInAtOnce() throws Exception {
        // Nobody is waited for so long in this test: what is left of the time after a failed login would show as a
        // time-out.
        configure(Map.of("server_login_retry", "3600"));
        get(proxy.fence(DRAIN, LIMIT));
        CompletableFuture<String> first = clientAsks();
        awaitWaiting(1);
        CompletableFuture<String> second = clientAsks();
        awaitWaiting(2);

        get(proxy.release(LIMIT));

        assertThat(get(first)).isEqualTo("P");
        assertThat(get(second)).isEqualTo("P");
        assertThat(inConsole("SHOW CONFIG").rows())
                .anyMatch(row -> row.get("key").equals("server_login_retry")
                        && row.get("value").equals("3600"));
    }

    @Test
    void everyPoolOfTheDatabaseIsFenced() throws Exception {
        active.execute("CREATE ROLE other LOGIN SUPERUSER PASSWORD 'change-me-other'");
        Files.writeString(pgBouncer.userList(), "\"other\" \"change-me-other\"\n", StandardOpenOption.APPEND);
        inConsole("RELOAD");
        try (Connection app = pgBouncer.connect();
                Connection other = pgBouncer.connect("other", "change-me-other")) {
            app.setAutoCommit(false);
            other.setAutoCommit(false);
            write(app, "app");
            write(other, "other");
            CompletableFuture<ProxyStatus> fence = proxy.fence(DRAIN, LIMIT);
            awaitPaused();
            app.commit();
            assertThat(status().sessionsActive()).isEqualTo(1);
            other.commit();

            assertThat(get(fence).detail()).doesNotContain("Cut");
            assertThat(written(active)).containsExactly("app", "other");
        }
    }

    @Test
    void aDisabledDatabaseIsFencedAndReleasedAndStaysDisabled() throws Exception {
        inConsole("DISABLE app");

        assertThat(get(proxy.findings(LIMIT)))
                .anyMatch(finding -> finding.what().contains("disabled") && !finding.prevents());
        get(proxy.fence(DRAIN, LIMIT));
        assertThat(get(proxy.release(LIMIT)).detail()).contains("disabled for new clients");
        inConsole("ENABLE app");
        assertThat(whoAnswers()).isEqualTo("P");
    }

    @Test
    void afterAWaitCloseAFenceStillWaitsForTransactions() throws Exception {
        whoAnswers();
        inConsole("WAIT_CLOSE app");
        try (Connection client = pgBouncer.connect()) {
            client.setAutoCommit(false);
            write(client, "before");
            CompletableFuture<ProxyStatus> fence = proxy.fence(DRAIN, LIMIT);
            awaitPaused();
            write(client, "while the fence waits");
            client.commit();

            assertThat(get(fence).traffic()).isEqualTo(Traffic.FENCED);
            assertThat(written(active)).containsExactly("before", "while the fence waits");
        }
    }
}
