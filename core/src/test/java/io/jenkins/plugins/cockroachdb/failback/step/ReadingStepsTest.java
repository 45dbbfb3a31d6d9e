package io.jenkins.plugins.cockroachdb.failback.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Clusters, streams and prerequisites, as they are read. */
class ReadingStepsTest extends SteppedWorld {

    private Map<String, Object> cluster() {
        return result(CloudSteps.CLUSTER_STATUS, Map.of("clusterId", original));
    }

    @Test
    void showsAClusterThatIsHealthy() {
        assertThat(cluster())
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("id", original),
                        Map.entry("name", P),
                        Map.entry("state", "CREATED"),
                        Map.entry("operationStatus", "UNSPECIFIED"),
                        Map.entry("upgradeStatus", "FINALIZED"),
                        Map.entry("version", "v25.2.4"),
                        Map.entry("provider", "AWS"),
                        Map.entry("regions", List.of("us-east-1")),
                        Map.entry("sqlDns", "orders-east.aws-us-east-1.cockroachlabs.cloud"),
                        Map.entry("health", "HEALTHY"),
                        Map.entry("reason", "is CREATED and idle")));
    }

    @Test
    void showsWhyAClusterIsNotFit() {
        cloud.changeCluster(original, cluster -> cluster.withState("LOCKED").withOperationStatus(null));
        assertThat(cluster())
                .containsEntry("health", "BUSY")
                .containsEntry("reason", "is LOCKED")
                .containsEntry("operationStatus", null);

        cloud.changeCluster(original, cluster -> cluster.withState("CREATED").withOperationStatus("CRDB_PATCH_FAILED"));
        assertThat(cluster()).containsEntry("health", "UNHEALTHY");
    }

    @Test
    void aClusterThatIsNotThereFails() {
        StepFailedException failure = failure(CloudSteps.CLUSTER_STATUS, Map.of("clusterId", "none"));

        assertThat(failure.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(failure).hasMessageContainingAll("none", "no such thing", "Check the id");
    }

    @Test
    void aCloudThatIsSilentForAMinuteIsSatOut() {
        world.faults.always(Operation.GET_CLUSTER, Fault.of(FaultKind.UNAVAILABLE));
        time.schedule(world.faults::clear, 1, TimeUnit.MINUTES);

        assertThat(cluster()).containsEntry("health", "HEALTHY");
        assertThat(life.notes).hasSize(1).first().asString().contains("It is tried again until ");
    }

    @Test
    void aCloudThatStaysSilentFailsAfterAWhile() {
        world.faults.always(Operation.GET_CLUSTER, Fault.of(FaultKind.NO_ANSWER));
        Instant begin = time.instant();

        assertThat(outcome(CloudSteps.CLUSTER_STATUS, Map.of("clusterId", original)))
                .isEqualTo(Outcome.FAILED);
        assertThat(Duration.between(begin, time.instant())).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(8));
    }

    @Test
    void aKeyThatIsNotTakenFailsAtOnce() {
        cloud.revokeKey(world.scene.key());
        Instant begin = time.instant();

        assertThat(outcome(CloudSteps.STREAM_STATUS, pair())).isEqualTo(Outcome.FAILED);
        assertThat(Duration.between(begin, time.instant())).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void showsAStreamByItsIdAndByItsPair() {
        String id = replicating();

        Map<String, Object> byId = result(CloudSteps.STREAM_STATUS, Map.of("streamId", id));
        Map<String, Object> byPair = result(CloudSteps.STREAM_STATUS, pair());

        assertThat(byId.keySet())
                .containsExactly(
                        "id",
                        "status",
                        "primaryClusterId",
                        "standbyClusterId",
                        "createdAt",
                        "replicatedTime",
                        "replicationLagSeconds",
                        "retainedTime",
                        "failoverAt",
                        "activatedAt",
                        "canceledAt",
                        "caughtUp");
        assertThat(byId)
                .containsEntry("id", id)
                .containsEntry("status", "REPLICATING")
                .containsEntry("primaryClusterId", active)
                .containsEntry("standbyClusterId", original)
                .containsEntry("createdAt", "2026-02-28T03:00:00Z")
                .containsEntry("failoverAt", null)
                .containsEntry("caughtUp", true);
        assertThat(Instant.parse((String) byId.get("replicatedTime"))).isBefore(time.instant());
        assertThat((Integer) byId.get("replicationLagSeconds")).isBetween(0, 60);
        assertThat(byPair).containsEntry("id", id).containsEntry("caughtUp", true);
        assertThat(life.seen).containsExactly("REPLICATING");
    }

    @Test
    void thereMayBeNoStream() {
        assertThat(result(CloudSteps.STREAM_STATUS, pair())).isNull();
    }

    @Test
    void aStreamThatScansOrLagsHasNotCaughtUp() {
        String id = liveSince(Duration.ofMinutes(6));
        assertThat(result(CloudSteps.STREAM_STATUS, Map.of("streamId", id)))
                .containsEntry("status", "REPLICATING")
                .containsEntry("replicatedTime", null)
                .containsEntry("caughtUp", false);

        time.advance(Duration.ofMinutes(5));
        cloud.loseHeartbeat(id);
        time.advance(Duration.ofMinutes(5));
        Map<String, Object> lagging = Map.of("streamId", id);
        assertThat(result(CloudSteps.STREAM_STATUS, lagging)).containsEntry("caughtUp", false);
        assertThat(result(CloudSteps.STREAM_STATUS, with(lagging, "maxLagSeconds", 600)))
                .containsEntry("caughtUp", true);
    }

    @Test
    void aStreamThatDoesNotReplicateHasNotCaughtUpWhateverItShows() {
        Instant now = time.instant();
        ReplicationStream cuttingOver = new ReplicationStream(
                "s", "FAILING_OVER", active, original, now.minusSeconds(60), now, 0, null, null, null, null);

        assertThat(ResultMaps.stream(cuttingOver, now, Duration.ofSeconds(90))).containsEntry("caughtUp", false);
    }

    @Test
    void ofTwoLiveStreamsNobodyCanTellWhichCounts() {
        String one = replicating();
        String other = replicating();

        StepFailedException failure = failure(CloudSteps.STREAM_STATUS, pair());

        assertThat(failure.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(failure).hasMessageContainingAll("2 live streams", one, other, "cancel all but the one");
    }

    private static Map<String, Object> edge(Traffic traffic) {
        return SeenProxy.of(new ProxyStatus("edge", traffic, 3, 0, "")).toMap();
    }

    private Map<String, Object> preflight(Object proxies) {
        return result(CloudSteps.PREFLIGHT, with(pair(), "proxies", proxies));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> checks(Map<String, Object> preflight) {
        return (List<Map<String, Object>>) preflight.get("checks");
    }

    @Test
    void aPairThatCanFailBackPasses() {
        Map<String, Object> preflight = preflight(List.of(edge(Traffic.ON_ACTIVE)));

        assertThat(preflight).containsOnlyKeys("ok", "checks").containsEntry("ok", true);
        assertThat(checks(preflight))
                .hasSizeGreaterThan(10)
                .allSatisfy(check -> assertThat(check).containsOnlyKeys("name", "verdict", "reason", "remedy"))
                .extracting(check -> check.get("verdict"))
                .containsOnly("PASS");
    }

    @Test
    void withoutProxiesNobodyProvesWhoServes() {
        Map<String, Object> preflight = result(CloudSteps.PREFLIGHT, pair());

        assertThat(preflight).containsEntry("ok", true);
        assertThat(checks(preflight))
                .anySatisfy(check ->
                        assertThat(check).containsEntry("name", "who serves").containsEntry("verdict", "WARN"));
    }

    @Test
    void aProxyThatSendsClientsHomeAlreadyIsNoGroundToEraseIt() {
        Map<String, Object> preflight = preflight(List.of(edge(Traffic.ON_ACTIVE), edge(Traffic.ON_ORIGINAL_PRIMARY)));

        assertThat(preflight).containsEntry("ok", false);
        assertThat(checks(preflight)).anySatisfy(check -> assertThat(check)
                .containsEntry("name", "who serves")
                .containsEntry("verdict", "FAIL")
                .hasEntrySatisfying("remedy", remedy -> assertThat(remedy)
                        .asString()
                        .contains("before anything is erased", "proxy unfence")));
    }

    @Test
    void whatCannotBeReadIsAnAnswerOfThePreflight() {
        cloud.revokeKey(world.scene.key());

        Map<String, Object> preflight = result(CloudSteps.PREFLIGHT, pair());

        assertThat(preflight).containsEntry("ok", false);
        assertThat(checks(preflight)).singleElement().satisfies(check -> assertThat(check)
                .containsEntry("name", "prerequisites can be read"));
    }

    @Test
    void theLargestSkewIsAParameter() {
        InstantSource early = () -> time.instant().plusSeconds(3);
        life = new Life(world.clientWithClock(early), Progress.NEW.toMap());
        assertThat(result(CloudSteps.PREFLIGHT, with(pair(), "maxSkewSeconds", 1)))
                .containsEntry("ok", false);

        life = new Life(world.clientWithClock(early), Progress.NEW.toMap());
        assertThat(result(CloudSteps.PREFLIGHT, pair())).containsEntry("ok", true);
    }

    @Test
    void readingLeavesNothingBehind() {
        for (StepContract step : List.of(CloudSteps.CLUSTER_STATUS, CloudSteps.PREFLIGHT, CloudSteps.STREAM_STATUS)) {
            assertThat(step.leftBehind(null, Progress.NEW)).contains("nothing was changed");
        }
    }
}
