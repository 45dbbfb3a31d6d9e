package io.jenkins.plugins.cockroachdb.simulator;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A cloud whose writes take effect late, or whose reads are old. */
class ConsistencyTest {

    private final Pair late = new Pair(CloudSettings.defaults().withEffectDelay(ofSeconds(20)));
    private final Pair stale = new Pair(CloudSettings.defaults().withStaleness(ofSeconds(20)));

    @Test
    void aLateStreamIsAnsweredAtOnceAndSeenLater() {
        JsonNode answer = late.caller.create(late.active, late.originalPrimary).ok();
        String id = answer.path("id").asText();
        assertThat(answer.path("status").asText()).isEqualTo("STARTING");
        assertThat(answer.path("created_at").asText()).isEqualTo("2026-03-01T12:00:00Z");

        late.time.advance(ofSeconds(20).minusNanos(1));
        late.caller.get(Caller.STREAMS + "/" + id).refused(404, 5, "no such replication stream");
        assertThat(late.caller.get(Caller.STREAMS).ok().path("physical_replication_streams"))
                .isEmpty();

        late.time.advance(Duration.ofNanos(1));
        assertThat(late.caller.status(id)).isEqualTo("STARTING");
        late.time.advance(ofMinutes(5).minusNanos(1));
        assertThat(late.caller.status(id)).isEqualTo("STARTING");
        late.time.advance(Duration.ofNanos(1));
        assertThat(late.caller.status(id)).isEqualTo("REPLICATING");
    }

    @Test
    void aLateStreamErasesItsStandbyLate() {
        late.reverseStream();
        assertThat(late.cloud.write(late.originalPrimary, "still there")).isTrue();
        late.time.advance(ofSeconds(20));
        assertThat(late.cloud.writes(late.originalPrimary)).isEmpty();
        assertThat(late.cloud.write(late.originalPrimary, "too late")).isFalse();
    }

    @Test
    void aStreamThatReadsDoNotShowYetStandsInTheWayOfASecondOne() {
        late.reverseStream();
        late.caller.create(late.active, late.originalPrimary).refused(400, 9, "is STARTING");
    }

    @Test
    void aLateCutoverIsAnsweredAtOnceBeginsLaterAndIsJudgedAsIfItHadBegun() {
        String id = late.replicatingStream();
        JsonNode answer = late.caller.cutOver(id).ok();
        assertThat(answer.path("status").asText()).isEqualTo("FAILING_OVER");

        assertThat(late.caller.status(id)).isEqualTo("REPLICATING");
        assertThat(late.cloud.status(id)).isEqualTo(StreamStatus.FAILING_OVER);
        late.caller.cutOver(id).refused(400, 9, "is FAILING_OVER");

        late.time.advance(ofSeconds(20));
        assertThat(late.caller.status(id)).isEqualTo("FAILING_OVER");
        late.time.advance(ofMinutes(3).minusNanos(1));
        assertThat(late.caller.status(id)).isEqualTo("FAILING_OVER");
        late.time.advance(Duration.ofNanos(1));
        assertThat(late.caller.status(id)).isEqualTo("COMPLETED");
    }

    @Test
    void aLateCancellationFreesThePairAtOnce() {
        String id = late.replicatingStream();
        late.caller.cancel(id).ok();
        assertThat(late.caller.status(id)).isEqualTo("REPLICATING");
        late.caller.create(late.active, late.originalPrimary).ok();
    }

    @Test
    void staleReadsShowTheStateOfAWhileAgoUnderAFreshDate() {
        String id = stale.reverseStream();
        stale.caller.get(Caller.STREAMS + "/" + id).refused(404, 5, "no such replication stream");

        stale.time.advance(ofMinutes(5).plusSeconds(19));
        assertThat(stale.caller.status(id)).isEqualTo("STARTING");
        stale.time.advance(ofSeconds(1));

        Caller.Reply reply = stale.caller.get(Caller.STREAMS + "/" + id);
        assertThat(reply.ok().path("status").asText()).isEqualTo("REPLICATING");
        assertThat(reply.response().header("Date")).contains("Sun, 01 Mar 2026 12:05:20 GMT");
    }

    @Test
    void aStaleLagIsThatOfAWhileAgo() {
        String id = stale.replicatingStream();
        JsonNode stream = stale.caller.stream(id);
        Instant seen = stale.time.instant().minusSeconds(20);
        Instant replicated = Instant.parse(stream.path("replicated_time").asText());
        assertThat(stream.path("replication_lag_seconds").asLong())
                .isEqualTo(Duration.between(replicated, seen).toSeconds());
    }

    @Test
    void staleReadsOfAClusterShowWhatItWas() {
        stale.cloud.changeCluster(stale.active, cluster -> cluster.withOperationStatus("CRDB_PATCH_RUNNING"));
        String path = Caller.CLUSTERS + "/" + stale.active;
        assertThat(stale.caller.get(path).ok().path("operation_status").asText())
                .isEqualTo("UNSPECIFIED");
        stale.time.advance(ofSeconds(20));
        assertThat(stale.caller.get(path).ok().path("operation_status").asText())
                .isEqualTo("CRDB_PATCH_RUNNING");
    }

    @Test
    void requestsAreJudgedByTheFreshStateHoweverStaleReadsAre() {
        String id = stale.reverseStream();
        stale.time.advance(ofMinutes(5));
        assertThat(stale.caller.status(id)).isEqualTo("STARTING");
        assertThat(stale.caller.cutOver(id).ok().path("status").asText()).isEqualTo("FAILING_OVER");
    }
}
