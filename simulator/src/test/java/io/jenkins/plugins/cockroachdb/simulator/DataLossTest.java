package io.jenkins.plugins.cockroachdb.simulator;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What clusters hold, and what a failback loses. */
class DataLossTest {

    private final Pair pair = new Pair();
    private final SimulatedCloud cloud = pair.cloud;
    private final VirtualTime time = pair.time;
    private final Caller caller = pair.caller;

    @Test
    void afterAFailoverBothClustersTakeWritesEachForItself() {
        assertThat(cloud.write(pair.active, "new")).isTrue();
        assertThat(cloud.write(pair.originalPrimary, "old")).isTrue();
        assertThat(values(pair.active)).containsExactly("new");
        assertThat(values(pair.originalPrimary)).containsExactly("old");
    }

    @Test
    void creatingAStreamErasesTheStandby() {
        cloud.write(pair.originalPrimary, "precious");
        cloud.write(pair.active, "current");

        pair.reverseStream();

        assertThat(values(pair.originalPrimary)).isEmpty();
        assertThat(values(pair.active)).containsExactly("current");
    }

    @Test
    void rolesTheWrongWayRoundEraseTheClusterThatServes() {
        cloud.write(pair.active, "every order since the failover");

        caller.created(pair.originalPrimary, pair.active);

        assertThat(values(pair.active)).isEmpty();
        assertThat(cloud.write(pair.active, "the next order")).isFalse();
    }

    @Test
    void aStandbyAcknowledgesNothingUntilItsStreamIsCompleted() {
        String id = pair.replicatingStream();
        assertThat(cloud.write(pair.originalPrimary, "too early")).isFalse();

        caller.cutOver(id).ok();
        assertThat(cloud.write(pair.originalPrimary, "still too early")).isFalse();
        assertThat(cloud.write(pair.active, "the old one goes on")).isTrue();

        time.advance(ofMinutes(3));
        assertThat(cloud.write(pair.originalPrimary, "home")).isTrue();
        assertThat(values(pair.originalPrimary)).containsExactly("home");
    }

    @Test
    void aCanceledStreamLeavesItsStandbyEmptyAndUnusable() {
        cloud.write(pair.originalPrimary, "precious");
        caller.cancel(pair.replicatingStream()).ok();

        assertThat(values(pair.originalPrimary)).isEmpty();
        assertThat(cloud.write(pair.originalPrimary, "anything")).isFalse();
    }

    @Test
    void nothingIsLostWhenWritersAreFencedAndReplicatedTimeHasReachedTheFence() {
        cloud.write(pair.active, "before the stream");
        String id = pair.replicatingStream();
        cloud.write(pair.active, "the last one");
        Instant fence = time.instant();
        while (replicatedTime(id).isBefore(fence)) {
            time.advance(ofSeconds(1));
        }

        caller.cutOver(id).ok();
        time.advance(ofMinutes(3));

        assertThat(values(pair.originalPrimary)).containsExactly("before the stream", "the last one");
    }

    @Test
    void whatCameAfterReplicatedTimeIsLostWhenNobodyWaitsForTheFence() {
        cloud.write(pair.active, "before the stream");
        String id = pair.replicatingStream();
        cloud.write(pair.active, "the last one");

        caller.cutOver(id).ok();
        time.advance(ofMinutes(3));

        assertThat(values(pair.originalPrimary)).containsExactly("before the stream");
        assertThat(values(pair.active)).containsExactly("before the stream", "the last one");
    }

    @Test
    void writesOfTheCutoverPointItselfAreKept() {
        String id = pair.replicatingStream();
        time.advanceTo(replicatedTime(id).plusSeconds(30));
        Instant point = time.instant();
        cloud.write(pair.active, "at the point");
        time.advance(ofSeconds(30));
        cloud.write(pair.active, "after the point");

        caller.cutOver(id, point).ok();
        time.advance(ofMinutes(10));

        assertThat(cloud.cutoverPoint(id)).contains(point);
        assertThat(values(pair.originalPrimary)).containsExactly("at the point");
    }

    @Test
    void aCutoverToATimeInThePastDiscardsWhatCameAfterIt() {
        String id = pair.replicatingStream();
        cloud.write(pair.active, "good");
        Instant beforeTheMistake = time.instant();
        time.advance(ofSeconds(1));
        cloud.write(pair.active, "mistake");
        time.advance(ofMinutes(5));

        caller.cutOver(id, beforeTheMistake).ok();
        time.advance(ofMinutes(3));

        assertThat(values(pair.originalPrimary)).containsExactly("good");
    }

    @Test
    void aCutoverDuringTheInitialScanLosesEverything() {
        cloud.write(pair.active, "every order since the failover");
        String id = pair.reverseStream();
        time.advance(ofMinutes(6));
        assertThat(caller.status(id)).isEqualTo("REPLICATING");

        caller.cutOver(id).ok();
        time.advance(ofMinutes(3));

        assertThat(caller.status(id)).isEqualTo("COMPLETED");
        assertThat(values(pair.originalPrimary)).isEmpty();
        assertThat(cloud.cutoverPoint(id)).contains(Instant.parse("0001-01-01T00:00:00Z"));
    }

    @Test
    void afterCompletedWritesToTheOldClusterAreLostToTheNewOne() {
        String id = pair.replicatingStream();
        caller.cutOver(id).ok();
        time.advance(ofMinutes(3));

        assertThat(cloud.write(pair.active, "from a client that nobody redirected"))
                .isTrue();
        assertThat(cloud.write(pair.originalPrimary, "from all others")).isTrue();

        assertThat(values(pair.originalPrimary)).containsExactly("from all others");
    }

    @Test
    void dataSurviveThereAndBackAgain() {
        cloud.write(pair.active, "first");
        String home = pair.replicatingStream();
        caller.cutOver(home).ok();
        time.advance(ofMinutes(3));
        cloud.write(pair.originalPrimary, "second");

        String away = caller.created(pair.originalPrimary, pair.active);
        time.advance(ofMinutes(10));
        caller.cutOver(away).ok();
        time.advance(ofMinutes(3));
        cloud.write(pair.active, "third");

        assertThat(values(pair.active)).containsExactly("first", "second", "third");
        assertThat(values(pair.originalPrimary)).containsExactly("first", "second");
    }

    private Instant replicatedTime(String id) {
        return Instant.parse(caller.stream(id).path("replicated_time").asText());
    }

    private List<String> values(String clusterId) {
        return cloud.writes(clusterId).stream().map(Write::value).toList();
    }
}
