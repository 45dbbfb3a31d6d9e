package io.jenkins.plugins.cockroachdb.simulator;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings.ScanReplicatedTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API says about a stream from its creation to its end. */
class StreamLifecycleTest {

    private static final String[] ALWAYS = {"id", "status", "primary_cluster_id", "standby_cluster_id", "created_at"};

    private final Pair pair = new Pair();
    private final VirtualTime time = pair.time;
    private final Caller caller = pair.caller;

    @Test
    void startsForFiveMinutesAndReplicatesThen() {
        String id = pair.reverseStream();
        time.advance(ofMinutes(5).minusNanos(1));
        assertThat(caller.status(id)).isEqualTo("STARTING");

        time.advance(Duration.ofNanos(1));
        assertThat(caller.status(id)).isEqualTo("REPLICATING");
    }

    @Test
    void tellsOfACompletedStreamOnceAndBeforeAnybodyCanReadIt() {
        List<String> told = new ArrayList<>();
        pair.cloud.onCompleted(told::add);
        String id = pair.replicatingStream();
        caller.cutOver(id).ok();
        time.advance(ofMinutes(3).minusNanos(1));
        caller.stream(id);
        assertThat(told).isEmpty();

        time.advance(Duration.ofNanos(1));
        assertThat(caller.status(id)).isEqualTo("COMPLETED");
        caller.stream(id);

        assertThat(told).as("and not of the failover before").containsExactly(id);
    }

    @Test
    void isReplicatingDuringTheInitialScanWithoutHavingReplicatedAnything() {
        String id = pair.reverseStream();
        time.advance(ofMinutes(7).minusNanos(1));
        assertThat(caller.status(id)).isEqualTo("REPLICATING");
        assertThat(caller.stream(id).has("replicated_time")).isFalse();

        time.advance(Duration.ofNanos(1));
        assertThat(instant(caller.stream(id), "replicated_time"))
                .isEqualTo(Pair.START.plus(ofMinutes(7)).minusSeconds(2));
    }

    @ParameterizedTest
    @EnumSource
    void showsOneOfSeveralUnrealTimesDuringTheInitialScan(ScanReplicatedTime shown) {
        Pair pair = new Pair(CloudSettings.defaults().withScanReplicatedTime(shown));
        String id = pair.reverseStream();
        pair.time.advance(ofMinutes(6));

        JsonNode stream = pair.caller.stream(id);

        JsonNode replicatedTime = stream.path("replicated_time");
        switch (shown) {
            case ABSENT -> assertThat(replicatedTime.isMissingNode()).isTrue();
            case ZERO -> assertThat(replicatedTime.asText()).isEqualTo("0001-01-01T00:00:00Z");
            case EPOCH -> assertThat(replicatedTime.asText()).isEqualTo("1970-01-01T00:00:00Z");
            case CREATED_AT -> assertThat(replicatedTime.asText()).isEqualTo("2026-03-01T12:00:00Z");
        }
        assertThat(stream.path("replication_lag_seconds").isInt()).isEqualTo(shown != ScanReplicatedTime.ABSENT);
        assertThat(instant(stream, "retained_time")).isEqualTo(Pair.START.plus(ofMinutes(5)));
    }

    @Test
    void movesReplicatedTimeEveryThirtySecondsInWholeSecondsTwoSecondsBehind() {
        time.advance(Duration.ofMillis(400));
        String id = pair.reverseStream();
        time.advance(ofMinutes(7));

        List<Instant> seen = IntStream.range(0, 70)
                .mapToObj(second -> {
                    time.advance(ofSeconds(1));
                    return instant(caller.stream(id), "replicated_time");
                })
                .distinct()
                .toList();

        Instant scanned = Pair.START.plus(ofMinutes(7));
        assertThat(seen).containsExactly(scanned.minusSeconds(2), scanned.plusSeconds(28), scanned.plusSeconds(58));
    }

    @Test
    void reportsTheLagInWholeSecondsAsNowMinusReplicatedTime() {
        String id = pair.reverseStream();
        time.advance(ofMinutes(7).plusSeconds(12).plusMillis(900));
        assertThat(caller.stream(id).path("replication_lag_seconds").asInt()).isEqualTo(14);
    }

    @Test
    void retainsFourHours() {
        String id = pair.replicatingStream();
        assertThat(instant(caller.stream(id), "retained_time")).isEqualTo(Pair.START.plus(ofMinutes(5)));

        time.advance(ofHours(6));

        JsonNode stream = caller.stream(id);
        assertThat(instant(stream, "retained_time"))
                .isEqualTo(instant(stream, "replicated_time").minus(ofHours(4)));
    }

    @Test
    void hasExactlyTheFieldsOfItsStatus() {
        String id = pair.reverseStream();
        assertThat(fields(id)).containsExactlyInAnyOrder(ALWAYS);

        time.advance(ofMinutes(10));
        assertThat(fields(id))
                .contains(ALWAYS)
                .hasSize(ALWAYS.length + 3)
                .contains("replicated_time", "replication_lag_seconds", "retained_time");

        caller.cutOver(id).ok();
        assertThat(fields(id)).containsExactlyInAnyOrder(ALWAYS);

        time.advance(ofMinutes(3));
        assertThat(fields(id)).contains(ALWAYS).hasSize(ALWAYS.length + 1).contains("activated_at");
    }

    @Test
    void keepsFailoverAtWhenOneWasAskedFor() {
        String id = pair.replicatingStream();
        Instant asked = time.instant().minusSeconds(90);

        assertThat(instant(caller.cutOver(id, asked).ok(), "failover_at")).isEqualTo(asked);
        assertThat(instant(caller.stream(id), "failover_at")).isEqualTo(asked);
        time.advance(ofMinutes(3));
        assertThat(fields(id)).contains("failover_at", "activated_at");
    }

    @Test
    void failsOverForMinutesAndIsCompletedInWholeSecondsThen() {
        String id = pair.replicatingStream();
        time.advance(Duration.ofMillis(700));
        assertThat(caller.cutOver(id).ok().path("status").asText()).isEqualTo("FAILING_OVER");

        time.advance(ofMinutes(3).minusNanos(1));
        assertThat(caller.status(id)).isEqualTo("FAILING_OVER");

        time.advance(Duration.ofNanos(1));
        assertThat(caller.status(id)).isEqualTo("COMPLETED");
        assertThat(instant(caller.stream(id), "activated_at"))
                .isEqualTo(time.instant().minusMillis(700));
    }

    @Test
    void isCanceledAtOnceAndForGood() {
        String id = pair.replicatingStream();
        JsonNode answer = caller.cancel(id).ok();
        assertThat(answer.path("status").asText()).isEqualTo("CANCELED");
        assertThat(instant(answer, "canceled_at")).isEqualTo(time.instant());

        time.advance(ofHours(100));
        assertThat(caller.stream(id)).isEqualTo(answer);
        caller.cutOver(id).refused(400, 9, "is CANCELED");
    }

    @Test
    void ignoresFailoverAtBesideCanceled() {
        String id = pair.replicatingStream();
        JsonNode answer = caller.patch(id, "{\"status\":\"CANCELED\",\"failover_at\":\"2020-01-01T00:00:00Z\"}")
                .ok();
        assertThat(answer.has("failover_at")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"FAILING_OVER", "CANCELED"})
    void acceptsAnUpdateOnlyWhileReplicating(String target) {
        String body = "{\"status\":\"%s\"}".formatted(target);
        String id = pair.reverseStream();
        caller.patch(id, body).refused(400, 9, "is STARTING and cannot become " + target);

        time.advance(ofMinutes(10));
        caller.cutOver(id).ok();
        caller.patch(id, body).refused(400, 9, "is FAILING_OVER and cannot become " + target);

        time.advance(ofMinutes(3));
        caller.patch(id, body).refused(400, 9, "is COMPLETED and cannot become " + target);
    }

    @ParameterizedTest
    @ValueSource(strings = {"STARTING", "REPLICATING", "COMPLETED"})
    void canBeSetToNothingButFailingOverAndCanceled(String target) {
        String id = pair.replicatingStream();
        caller.patch(id, "{\"status\":\"%s\"}".formatted(target)).refused(400, 9, "cannot be set to " + target);
        assertThat(caller.status(id)).isEqualTo("REPLICATING");
    }

    @Test
    void freezesWithoutAHeartbeatAndIsCanceledAfterTwentyFourHours() {
        String id = pair.replicatingStream();
        Instant frozen = instant(caller.stream(id), "replicated_time");
        pair.cloud.loseHeartbeat(id);
        Instant lost = time.instant();

        time.advance(ofHours(24).minusNanos(1));
        assertThat(caller.status(id)).isEqualTo("REPLICATING");
        assertThat(instant(caller.stream(id), "replicated_time")).isEqualTo(frozen);

        time.advance(Duration.ofNanos(1));
        assertThat(caller.status(id)).isEqualTo("CANCELED");
        assertThat(instant(caller.stream(id), "canceled_at")).isEqualTo(lost.plus(ofHours(24)));
    }

    @Test
    void canBeCutOverWithoutAHeartbeatAndIsNotCanceledThen() {
        String id = pair.replicatingStream();
        pair.cloud.loseHeartbeat(id);
        time.advance(ofHours(24).minusSeconds(1));
        caller.cutOver(id).ok();

        time.advance(ofMinutes(3));

        assertThat(caller.status(id)).isEqualTo("COMPLETED");
    }

    @Test
    void aCutoverToATimeThatASilentPrimaryNeverReachesEndsCanceled() {
        String id = pair.replicatingStream();
        caller.cutOver(id, time.instant().plus(ofMinutes(30))).ok();
        pair.cloud.loseHeartbeat(id);

        time.advance(ofHours(23));
        assertThat(caller.status(id)).isEqualTo("FAILING_OVER");
        assertThat(pair.cloud.cutoverPoint(id)).isEmpty();

        time.advance(ofHours(1));
        assertThat(caller.status(id)).isEqualTo("CANCELED");
    }

    @Test
    void waitsForAFailoverAtInTheFuture() {
        String id = pair.replicatingStream();
        Instant asked = time.instant().plus(ofMinutes(40));
        caller.cutOver(id, asked).ok();

        time.advance(ofMinutes(42));
        assertThat(caller.status(id)).isEqualTo("FAILING_OVER");

        time.advance(ofMinutes(2));
        assertThat(caller.status(id)).isEqualTo("COMPLETED");
        assertThat(pair.cloud.cutoverPoint(id)).contains(asked);
    }

    @Test
    void acceptsAFailoverAtOfUpToOneHourAhead() {
        String id = pair.replicatingStream();
        Instant limit = time.instant().plus(ofHours(1));
        caller.cutOver(id, limit.plusSeconds(1)).refused(400, 3, "more than one hour ahead");
        caller.cutOver(id, limit).ok();
    }

    @Test
    void acceptsAFailoverAtNotBeforeTheRetainedTime() {
        String id = pair.replicatingStream();
        Instant retained = instant(caller.stream(id), "retained_time");
        caller.cutOver(id, retained.minusSeconds(1)).refused(400, 3, "before retained_time");
        caller.cutOver(id, retained).ok();
        assertThat(pair.cloud.cutoverPoint(id)).contains(retained);
    }

    @Test
    void failsOverToTheRetainedTimeIfThatPassesFailoverAtMeanwhile() {
        Pair pair =
                new Pair(CloudSettings.defaults().withEffectDelay(ofMinutes(2)).withRetention(ofMinutes(1)));
        String id = pair.replicatingStream();
        Instant asked = instant(pair.caller.stream(id), "retained_time");
        pair.caller.cutOver(id, asked).ok();

        assertThat(pair.cloud.cutoverPoint(id)).contains(asked.plusSeconds(120));
    }

    @Test
    void theLatestCutoverPointIsTheReplicatedTimeOfTheRequest() {
        String id = pair.replicatingStream();
        Instant replicated = instant(caller.stream(id), "replicated_time");
        caller.cutOver(id).ok();
        assertThat(pair.cloud.cutoverPoint(id)).contains(replicated);
    }

    @Test
    void aPairHasOneLiveStreamWhereTheServerInsists() {
        String id = pair.reverseStream();
        caller.create(pair.active, pair.originalPrimary).refused(400, 9, id + " is STARTING");
        caller.create(pair.originalPrimary, pair.active).refused(400, 9, id + " is STARTING");

        time.advance(ofMinutes(10));
        caller.cancel(id).ok();
        caller.create(pair.active, pair.originalPrimary).ok();
    }

    @Test
    void aPairHasTwoLiveStreamsWhereTheServerDoesNotCare() {
        Pair pair = new Pair(CloudSettings.defaults().withRefuseSecondLiveStream(false));
        String first = pair.reverseStream();
        String second = pair.reverseStream();
        assertThat(pair.cloud.streamIds(pair.active, pair.originalPrimary)).containsExactly(first, second);
    }

    private List<String> fields(String id) {
        List<String> names = new ArrayList<>();
        caller.stream(id).fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Instant instant(JsonNode json, String field) {
        return Instant.parse(json.path(field).asText());
    }
}
