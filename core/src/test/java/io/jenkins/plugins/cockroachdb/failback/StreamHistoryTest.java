package io.jenkins.plugins.cockroachdb.failback;

import static io.jenkins.plugins.cockroachdb.failback.Clusters.canceled;
import static io.jenkins.plugins.cockroachdb.failback.Clusters.completed;
import static io.jenkins.plugins.cockroachdb.failback.Clusters.live;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.failback.Check.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The histories of R0 and R1, each with what a person reads. East is the original primary, west the active cluster. */
class StreamHistoryTest {

    private static final String PROVEN =
            "The last failover led from east to west: stream east-west-1 from east to west was completed at"
                    + " 2026-03-05T00:00:00Z.";

    @Test
    void anOrdinaryFailoverProvesTheRoles() {
        StreamHistory history = history(completed("east", "west", 1, 5));

        assertThat(history.reverseStream()).isEmpty();
        assertThat(history.roleProof(false)).extracting(Check::verdict).containsOnly(Verdict.PASS);
        assertThat(history.roleProof(false))
                .extracting(Check::reason)
                .containsExactly(
                        PROVEN,
                        "No stream was created into west since the last failover.",
                        "No live stream has east as its source.");
    }

    @Test
    void secondFailback() {
        StreamHistory history = history(
                completed("east", "west", 1, 5), completed("west", "east", 6, 8), completed("east", "west", 9, 12));

        assertThat(history.reverseStream())
                .as("that of day 6 belongs to the earlier failback")
                .isEmpty();
        assertThat(failed(history.roleProof(false))).isEmpty();
    }

    @Test
    void secondFailbackAfterAFailoverWhoseTimeIsMissing() {
        ReplicationStream dated = completed("east", "west", 9, 12);
        ReplicationStream undated = new ReplicationStream(
                dated.id(),
                dated.statusName(),
                dated.primaryClusterId(),
                dated.standbyClusterId(),
                dated.createdAt(),
                null,
                null,
                null,
                null,
                null,
                null);
        StreamHistory history = history(completed("east", "west", 1, 5), completed("west", "east", 6, 8), undated);

        assertThat(history.reverseStream())
                .as("that of day 6 belongs to the earlier failback")
                .isEmpty();
        assertThat(failed(history.roleProof(false))).first().asString().contains("The time of a failover");
    }

    @Test
    void secondFailbackUnderWay() {
        StreamHistory history = history(
                completed("east", "west", 1, 5),
                completed("west", "east", 6, 8),
                completed("east", "west", 9, 12),
                live("west", "east", 13, StreamStatus.REPLICATING));

        assertThat(history.reverseStream()).map(ReplicationStream::id).contains("west-east-13");
        assertThat(history.adoptionProof()).extracting(Check::verdict).containsOnly(Verdict.PASS);
    }

    @Test
    void thirdClusterThatTookOver() {
        StreamHistory history = history(completed("east", "west", 1, 5), completed("west", "north", 6, 8));

        assertThat(failed(history.roleProof(false)))
                .containsExactly(
                        "The last failover was with another cluster: stream west-north-6 from west to north-id was completed at"
                                + " 2026-03-08T00:00:00Z.");
    }

    @Test
    void thirdClusterThatReplicatesFromTheOriginalPrimary() {
        StreamHistory history =
                history(completed("east", "west", 1, 5), live("east", "north", 6, StreamStatus.REPLICATING));

        assertThat(failed(history.roleProof(true)))
                .containsExactly("east is the source of a live stream: stream east-north-6 from east to north-id is"
                        + " REPLICATING.");
    }

    @Test
    void abortedAttemptThatWasCanceled() {
        StreamHistory history = history(completed("east", "west", 1, 5), canceled("west", "east", 6, 7));

        assertThat(history.reverseStream()).map(ReplicationStream::status).contains(StreamStatus.CANCELED);
        assertThat(history.liveReverseStreams()).isEmpty();
        assertThat(failed(history.roleProof(false))).isEmpty();
    }

    @Test
    void handMadeStreamIsAdopted() {
        StreamHistory history =
                history(completed("east", "west", 1, 5), live("west", "east", 6, StreamStatus.REPLICATING));

        assertThat(history.reverseStream()).map(ReplicationStream::id).contains("west-east-6");
        assertThat(failed(history.adoptionProof())).isEmpty();
    }

    @Test
    void handMadeStreamWithoutAnyFailoverIsItsOwnProof() {
        StreamHistory history = history(live("west", "east", 6, StreamStatus.REPLICATING));

        assertThat(history.reverseStream()).map(ReplicationStream::id).contains("west-east-6");
        assertThat(failed(history.adoptionProof())).isEmpty();
    }

    @Test
    void erasedActiveCannotBeWaived() {
        StreamHistory history = history(completed("east", "west", 1, 5), canceled("east", "west", 6, 7));

        assertThat(failed(history.roleProof(true)))
                .containsExactly("west was erased: stream east-west-6 from east to west was created at"
                        + " 2026-03-06T00:00:00Z, after the last failover, and is CANCELED.");
    }

    @Test
    void activeErasedByAThirdCluster() {
        StreamHistory history =
                history(completed("east", "west", 1, 5), live("north", "west", 6, StreamStatus.STARTING));

        assertThat(failed(history.roleProof(true)))
                .containsExactly("west was erased: stream north-west-6 from north-id to west was created at"
                        + " 2026-03-06T00:00:00Z, after the last failover, and is STARTING.");
    }

    @Test
    void drillThatLeftTheOriginalPrimaryServing() {
        StreamHistory history = history(completed("east", "west", 1, 5), completed("west", "east", 6, 8));

        assertThat(history.reverseStream()).map(ReplicationStream::status).contains(StreamStatus.COMPLETED);
        assertThat(failed(history.roleProof(false)))
                .containsExactly(
                        "The last failover led from west to east (stream west-east-6 from west to east was completed"
                                + " at 2026-03-08T00:00:00Z): east is the cluster that serves, or the two ids are exchanged.");
    }

    @Test
    void forwardStreamLive() {
        StreamHistory history = history(live("east", "west", 1, StreamStatus.REPLICATING));

        assertThat(history.liveForwardStream()).map(ReplicationStream::id).contains("east-west-1");
        assertThat(failed(history.roleProof(true)))
                .containsExactly(
                        "west was erased: stream east-west-1 from east to west was created at 2026-03-01T00:00:00Z, after"
                                + " the last failover, and is REPLICATING.",
                        "east is the source of a live stream: stream east-west-1 from east to west is REPLICATING.");
        assertThat(history.roleProof(true).get(2).remedy())
                .isEqualTo(
                        "Before a failover there is nothing to fail back. For a planned switchover to west, exchange the"
                                + " two cluster ids.");
    }

    @Test
    void rolesSwapped() {
        // What really happened is a failover from west to east; the settings name east the original primary.
        StreamHistory history = history(completed("west", "east", 1, 5));

        assertThat(failed(history.roleProof(false)))
                .containsExactly(
                        "The last failover led from west to east (stream west-east-1 from west to east was completed"
                                + " at 2026-03-05T00:00:00Z): east is the cluster that serves, or the two ids are exchanged.");
        assertThat(history.roleProof(false).get(0).remedy()).contains("exchange the two cluster ids");
    }

    @Test
    void nothingEverFailedOver() {
        StreamHistory history = history();

        assertThat(failed(history.roleProof(false)))
                .containsExactly(
                        "No failover was ever completed with either cluster, so nothing shows that east was replaced"
                                + " by west.");
        assertThat(history.roleProof(true).get(0).verdict()).isEqualTo(Verdict.WARN);
    }

    @Test
    void theWaiverIsNamedWhereItWaives() {
        assertThat(history().roleProof(true).get(0).reason()).endsWith("Unproven roles were allowed explicitly.");
    }

    @Test
    void aStatusThatIsNotKnownCountsAsLive() {
        ReplicationStream strange = new ReplicationStream(
                "s", "HIBERNATING", "east-id", "north-id", Clusters.day(6), null, null, null, null, null, null);

        assertThat(failed(history(completed("east", "west", 1, 5), strange).roleProof(true)))
                .singleElement()
                .asString()
                .contains("is HIBERNATING");
    }

    @Test
    void aFailoverWithoutATimeProvesNothing() {
        ReplicationStream undated = new ReplicationStream(
                "s", "COMPLETED", "east-id", "west-id", Clusters.day(6), null, null, null, null, null, null);

        assertThat(failed(history(completed("east", "west", 1, 5), undated).roleProof(false)))
                .anyMatch(reason -> reason.startsWith("The time of a failover is missing"));
    }

    @Test
    void newestCompletedIsByActivationNotByCreation() {
        // The stream of day 1 was completed last.
        StreamHistory history = history(completed("west", "east", 2, 3), completed("east", "west", 1, 5));

        assertThat(history.reverseStream()).isEmpty();
        assertThat(failed(history.roleProof(false))).isEmpty();
    }

    @Test
    void twoLiveReverseStreamsAreBothShown() {
        StreamHistory history = history(
                completed("east", "west", 1, 5),
                live("west", "east", 6, StreamStatus.REPLICATING),
                live("west", "east", 7, StreamStatus.STARTING));

        assertThat(history.liveReverseStreams())
                .extracting(ReplicationStream::id)
                .containsExactly("west-east-6", "west-east-7");
    }

    @Test
    void aStreamOfTheListsOfBothClustersCountsOnceAndOthersNotAtAll() {
        ReplicationStream reverse = live("west", "east", 6, StreamStatus.REPLICATING);

        assertThat(history(reverse, reverse, live("north", "south", 6, StreamStatus.REPLICATING))
                        .liveReverseStreams())
                .containsExactly(reverse);
    }

    private static StreamHistory history(ReplicationStream... streams) {
        return new StreamHistory(Clusters.PAIR, List.of(streams));
    }

    private static List<String> failed(List<Check> checks) {
        return checks.stream().filter(Check::failed).map(Check::reason).toList();
    }
}
