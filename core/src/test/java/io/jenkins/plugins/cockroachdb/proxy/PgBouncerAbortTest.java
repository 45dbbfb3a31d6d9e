package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.RealPgBouncer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A verb that ends before its end: by its time, by whoever asked for it, by a kill -9 of us. */
class PgBouncerAbortTest extends DrivenPgBouncer {

    @Test
    void aFenceThatIsCanceledLetsClientsGoOn() throws Exception {
        String before = databasesFile();
        try (Connection client = pgBouncer.connect()) {
            client.setAutoCommit(false);
            write(client, "before");
            CompletableFuture<ProxyStatus> fence = proxy.fence(DRAIN, LIMIT);
            awaitPaused();

            fence.cancel(true);

            awaitResumed();
            client.commit();
        }
        assertThat(databasesFile()).isEqualTo(before);
        assertThat(whoAnswers()).isEqualTo("A");
    }

    private void awaitResumed() throws ProxyException {
        while (status().traffic() != Traffic.ON_ACTIVE) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aFenceThatRunsOutOfTimeLetsClientsGoOn() throws Exception {
        String before = databasesFile();
        try (ConsoleTap tap = tap(query -> {
            if (query.startsWith("KILL")) {
                throw new IOException("PgBouncer does not hear this"); // and we wait for its answer
            }
        })) {
            try (Connection client = pgBouncer.connect()) {
                client.setAutoCommit(false);
                write(client, "before");
                Proxy slow = proxy(text(tap.address(), "app", pgBouncer.databasesFile(), "sslmode=disable"));

                assertThat(refused(slow.fence(Duration.ofMillis(50), LIMIT)))
                        .hasMessageContaining("Clients were put back to where they were before the fence.");
                client.commit();
            }
        }
        assertThat(written(active)).containsExactly("before");
        assertThat(databasesFile()).isEqualTo(before);
        assertThat(traffic()).isEqualTo(Traffic.ON_ACTIVE);
    }

    /** Nobody is cut without a fence: clients wait, and it is said. */
    @Test
    void anUnfenceThatRunsOutOfTimeKeepsPClosed() throws Exception {
        get(proxy.fence(DRAIN, LIMIT));
        get(proxy.release(LIMIT));
        try (Connection client = pgBouncer.connect()) {
            client.setAutoCommit(false);
            write(client, "before");

            assertThat(refused(proxy.unfence(Duration.ofMillis(300))))
                    .hasMessageContainingAll(
                            "unfence was not done within 300 ms",
                            "Transactions of clients that are not on A did not end in time.",
                            "Clients may be waiting. The databases file leads to A",
                            "Fence first");
            assertThat(traffic()).isEqualTo(Traffic.MIXED);
            client.commit();
        }
        assertThat(get(proxy.unfence(LIMIT)).traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(whoAnswers()).isEqualTo("A");
    }

    @Test
    void aKillOfOursWhilePauseWaitsIsSeenByTheNextRunWhichGoesBack() throws Exception {
        try (Connection client = pgBouncer.connect()) {
            client.setAutoCommit(false);
            write(client, "before");
            Process ours = ours("fence", console());
            awaitPaused();
            ours.destroyForcibly().waitFor();
            client.commit();

            assertThat(traffic()).isEqualTo(Traffic.MIXED);
            assertThat(status().detail()).contains("(A), paused");
            assertThat(get(proxy.unfence(LIMIT)).traffic()).isEqualTo(Traffic.ON_ACTIVE);
        }
        assertThat(whoAnswers()).isEqualTo("A");
    }

    @ParameterizedTest
    @CsvSource({
        "fence,PAUSE",
        "fence,RELOAD",
        "unfence,RELOAD",
        "unfence,RESUME",
        "release,RELOAD",
        "release,RESUME",
        "release,SET"
    })
    void aKillOfOursBeforeAnyCommandIsMadeGoodByTheNextRun(String verb, String command) throws Exception {
        if (!verb.equals("fence")) {
            get(proxy.fence(DRAIN, LIMIT));
        }
        CompletableFuture<String> client = verb.equals("fence") ? null : clientAsks();
        if (client != null) {
            awaitWaiting(1);
        }
        AtomicReference<Process> ours = new AtomicReference<>();
        CompletableFuture<Void> started = new CompletableFuture<>();
        CompletableFuture<Void> killed = new CompletableFuture<>();
        try (ConsoleTap tap = tap(query -> {
            if (query.startsWith(command)) {
                started.join();
                ours.get().destroyForcibly();
                killed.complete(null);
                throw new IOException("whoever asked is dead");
            }
        })) {
            ours.set(ours(verb, tap.address()));
            started.complete(null);
            get(killed);
            ours.get().waitFor();
        }

        switch (verb) {
            case "fence" -> {
                assertThat(get(proxy.fence(DRAIN, LIMIT)).traffic()).isEqualTo(Traffic.FENCED);
                assertThat(get(proxy.unfence(LIMIT)).traffic()).isEqualTo(Traffic.ON_ACTIVE);
                assertThat(whoAnswers()).isEqualTo("A");
            }
            case "unfence" -> {
                assertThat(get(proxy.unfence(LIMIT)).traffic()).isEqualTo(Traffic.ON_ACTIVE);
                assertThat(get(client)).isEqualTo("A");
            }
            default -> {
                assertThat(get(proxy.release(LIMIT)).traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
                assertThat(get(client)).isEqualTo("P");
            }
        }
    }

    private ConsoleTap tap(ConsoleTap.Ear ear) {
        return new ConsoleTap(pgBouncer.socketDirectory(), pgBouncer.port(), ear);
    }

    /** A verb in a process of its own. */
    private Process ours(String verb, String console) throws IOException {
        ProcessBuilder command = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        "target/classes:target/test-classes",
                        OneVerb.class.getName(),
                        verb,
                        text(console, "app", pgBouncer.databasesFile(), "sslmode=disable")))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("ours.log").toFile());
        command.environment().put("PGBOUNCER_PASSWORD", RealPgBouncer.ADMIN_PASSWORD);
        return command.start();
    }
}
