package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An errand at proxies, for whoever is where they can be reached. */
class ProxyErrandTest {

    private static final String PGBOUNCER = "pgbouncer:127.0.0.1:1?database=app&file=/none&primary=p:1&standby=a:1";

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    private ProxyErrand errand(Optional<Verb> verb, String... descriptions) {
        return new ProxyErrand(
                verb,
                ProxyErrand.parse(List.of(descriptions)),
                Set.of(),
                false,
                true,
                null,
                null,
                Duration.ZERO,
                Duration.ofSeconds(5));
    }

    private List<SeenProxy> run(ProxyErrand errand) {
        ProxyEnvironment environment = new ProxyEnvironment(name -> Optional.empty(), timer, timer);
        CompletableFuture<List<SeenProxy>> end = errand.run(
                new ProxyEnvironment(environment.variables(), task -> new Thread(task).start(), timer),
                Optional.of(new ProxyErrand.Login("lead", "s3cret")));
        return end.join();
    }

    @Test
    void aVerbThatFailsSaysWhyBesideWhatWasSeenAfterwards() {
        SeenProxy seen = run(errand(Optional.of(Verb.FENCE), "hook:/bin/false?name=edge"))
                .get(0);

        assertThat(seen.seen().traffic()).isEqualTo(Traffic.UNKNOWN);
        assertThat(seen.seen().detail()).contains("/bin/false");
    }

    @Test
    void crossesProcessesAsPlainValues() {
        SeenProxy seen =
                run(errand(Optional.empty(), "hook:/bin/false?name=edge")).get(0);

        assertThat(seen.isExamined()).isTrue();
        assertThat(SeenProxy.ofMap(seen.toMap())).contains(seen);
        assertThat(SeenProxy.ofMap("edge")).isEmpty();
    }

    @Test
    void whoLogsInIsGivenInPlaceOfWhatTheDescriptionNames() {
        ProxyDescription given = ProxyDescription.parse(PGBOUNCER + "&user=other&passwordFile=/none");

        PgBouncerDescription asLead = (PgBouncerDescription) given.loginAs("lead");

        assertThat(asLead.user()).isEqualTo("lead");
        assertThat(given.passwordVariable()).isEmpty();
        assertThat(asLead.passwordVariable()).contains("PGBOUNCER_PASSWORD");
    }

    @Test
    void aPasswordIsInNoText() {
        assertThat(new ProxyErrand.Login("lead", "s3cret").toString())
                .contains("lead")
                .doesNotContain("s3cret");
        assertThat(run(errand(Optional.empty(), PGBOUNCER)).toString()).doesNotContain("s3cret");
    }
}
