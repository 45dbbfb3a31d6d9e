package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.RealPgBouncer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A kill -9 and restart of PgBouncer: its PAUSE is lost, and what it does then is in the file. */
class PgBouncerRestartTest extends DrivenPgBouncer {

    @Test
    void whileFencedNobodyGetsThroughAndClientsWait() throws Exception {
        get(proxy.fence(DRAIN, LIMIT));

        pgBouncer.restart();

        assertThat(traffic()).isEqualTo(Traffic.FENCED);
        CompletableFuture<String> client = clientAsks();
        awaitWaiting(1);
        assertThat(traffic()).isEqualTo(Traffic.FENCED);
        get(proxy.release(LIMIT));
        assertThat(get(client)).isEqualTo("P");
    }

    @Test
    void afterTheReleaseClientsStayOnP() throws Exception {
        get(proxy.fence(DRAIN, LIMIT));
        get(proxy.release(LIMIT));

        pgBouncer.restart();

        assertThat(traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        assertThat(whoAnswers()).isEqualTo("P");
    }

    /** The cutover is done, and nothing may lead back: the file is first. */
    @Test
    void whileDownAReleaseFailsAndAStartLeadsToP() throws Exception {
        get(proxy.fence(DRAIN, LIMIT));
        pgBouncer.kill();

        assertThat(refused(proxy.release(LIMIT)))
                .hasMessageContainingAll("cannot be talked to", "The databases file leads to P");
        pgBouncer.start();

        assertThat(traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        assertThat(whoAnswers()).isEqualTo("P");
    }

    @Test
    void beforeAnyCommandOfAFenceNothingIsLostAndTheFenceCanBeRepeated() throws Exception {
        boolean interfered = true;
        for (int at = 1; interfered; at++) {
            interfered = restartAtCommand(at, tapped -> tapped.fence(DRAIN, LIMIT));

            // It may have been down while we put back what we could: then that is said.
            assertThat(traffic())
                    .as("after a restart at command " + at + ": " + answer)
                    .isIn(
                            Traffic.ON_ACTIVE,
                            Traffic.FENCED,
                            answer.contains("It was not put back everywhere") ? Traffic.MIXED : Traffic.FENCED);
            assertThat(get(proxy.fence(DRAIN, LIMIT)).traffic()).isEqualTo(Traffic.FENCED);
            get(proxy.unfence(LIMIT));
            assertThat(whoAnswers()).isEqualTo("A");
        }
    }

    @Test
    void beforeAnyCommandOfAReleaseClientsReachPOrNobody() throws Exception {
        boolean interfered = true;
        for (int at = 1; interfered; at++) {
            get(proxy.fence(DRAIN, LIMIT));

            interfered = restartAtCommand(at, tapped -> tapped.release(LIMIT));

            assertThat(traffic())
                    .as("after a restart at command " + at + ": " + answer)
                    .isIn(Traffic.ON_ORIGINAL_PRIMARY, Traffic.FENCED);
            assertThat(get(proxy.release(LIMIT)).traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
            assertThat(whoAnswers()).isEqualTo("P");
        }
    }

    /** How the last verb ended. */
    private String answer;

    private interface VerbAt {
        CompletableFuture<ProxyStatus> of(Proxy proxy);
    }

    /**
     * Does the verb, and restarts PgBouncer just before it hears its nth command.
     *
     * @return whether there were so many
     */
    private boolean restartAtCommand(int n, VerbAt verb) throws Exception {
        AtomicInteger heard = new AtomicInteger();
        CompletableFuture<Void> restarted = new CompletableFuture<>();
        try (ConsoleTap tap = new ConsoleTap(pgBouncer.socketDirectory(), pgBouncer.port(), query -> {
            if (heard.incrementAndGet() == n) {
                pgBouncer.restart();
                restarted.complete(null);
            }
        })) {
            Proxy tapped = proxy(text(tap.address(), "app", pgBouncer.databasesFile(), "sslmode=disable"));
            answer = verb.of(tapped)
                    .handle((status, failure) -> failure == null ? status.detail() : failure.getMessage())
                    .join();
            if (heard.get() < n) {
                return false;
            }
            get(restarted);
            return true;
        }
    }

    /** What the example would not do: the fence is in PgBouncer's memory alone, because it does not read our file. */
    @Test
    void withTheFenceInMemoryAloneARestartWouldOpenIt() throws Exception {
        inConsole("PAUSE app");
        assertThat(traffic()).isEqualTo(Traffic.MIXED);

        pgBouncer.restart();

        assertThat(traffic()).isEqualTo(Traffic.ON_ACTIVE);
    }

    @Test
    void severalProcessesAreFencedAndReleasedTogether() throws Exception {
        configure(Map.of("so_reuseport", "1"));
        try (RealPgBouncer second = pgBouncer.startAnother(directory.resolve("second"))) {
            String consoles = console() + "," + second.socketDirectory() + ":" + second.port();
            Proxy both = proxy(text(consoles, "app", pgBouncer.databasesFile()));
            assertThat(get(both.findings(LIMIT))).isEmpty();

            assertThat(get(both.fence(DRAIN, LIMIT)).traffic()).isEqualTo(Traffic.FENCED);
            second.restart();
            assertThat(get(both.status(LIMIT)).traffic()).isEqualTo(Traffic.FENCED);
            assertThat(get(both.release(LIMIT)).traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
            assertThat(whoAnswers()).isEqualTo("P");

            get(both.fence(DRAIN, LIMIT));
            get(both.unfence(LIMIT));
            second.kill();
            assertThat(refused(both.fence(DRAIN, LIMIT))).hasMessageContaining("cannot be talked to");
            assertThat(traffic()).isEqualTo(Traffic.ON_ACTIVE);
            get(proxy.fence(DRAIN, LIMIT));
            assertThat(refused(both.release(LIMIT))).hasMessageContaining("The databases file leads to P");
            assertThat(traffic()).as("the process that answers").isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
            second.start();
            assertThat(get(both.status(LIMIT)).traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
        }
    }
}
