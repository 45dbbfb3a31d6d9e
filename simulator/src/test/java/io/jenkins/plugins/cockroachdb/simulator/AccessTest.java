package io.jenkins.plugins.cockroachdb.simulator;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what, and how often. */
class AccessTest {

    private final Pair pair = new Pair();
    private final SimulatedCloud cloud = pair.cloud;

    @Test
    void keysLookLikeRealOnesAndFollowFromTheirSeed() {
        String key = SimulatedCloud.randomKey(new Random(1));
        assertThat(key)
                .matches("CCDB1_[A-Za-z0-9]{22}_[A-Za-z0-9]{40}")
                .isEqualTo(SimulatedCloud.randomKey(new Random(1)));
        assertThat(key).isNotEqualTo(SimulatedCloud.randomKey(new Random(2)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer ", "Bearer nobody", "Basic Zm9v"})
    void nobodyGetsInWithoutAKeyThatTheCloudKnows(String authorization) {
        Caller nobody = pair.caller;
        nobody.send("GET", Caller.CLUSTERS, "", Map.of("Authorization", authorization))
                .refused(401, 16, "no valid API key");
    }

    @Test
    void aRevokedKeyGetsInNoMore() {
        cloud.revokeKey(pair.caller.key());
        pair.caller.get(Caller.CLUSTERS).refused(401, 16, "no valid API key");
    }

    @ParameterizedTest
    @EnumSource
    void everyRoleReads(Role role) {
        String stream = pair.reverseStream();
        Caller caller = with(Map.of(pair.active, role));
        caller.get("/api/v1/organization").ok();
        caller.get(Caller.CLUSTERS + "/" + pair.active).ok();
        caller.get(Caller.CLUSTERS + "/" + pair.active + "/nodes").ok();
        caller.stream(stream);
    }

    @ParameterizedTest
    @EnumSource
    void theDisruptionNeedsMoreThanADeveloper(Role role) {
        Caller caller = with(Map.of(pair.active, role));
        Caller.Reply reply = caller.get(Caller.CLUSTERS + "/" + pair.active + "/disrupt");
        if (role == Role.CLUSTER_DEVELOPER) {
            reply.refused(403, 7, "CLUSTER_OPERATOR_WRITER");
        } else {
            reply.ok();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CLUSTER_ADMIN, CLUSTER_OPERATOR_WRITER, false",
        "CLUSTER_OPERATOR_WRITER, CLUSTER_ADMIN, false",
        "CLUSTER_ADMIN, CLUSTER_ADMIN, true"
    })
    void creatingAStreamNeedsTheAdminOfBothClusters(Role onPrimary, Role onStandby, boolean enough) {
        Caller.Reply reply = with(Map.of(pair.active, onPrimary, pair.originalPrimary, onStandby))
                .create(pair.active, pair.originalPrimary);
        if (enough) {
            reply.ok();
        } else {
            reply.refused(403, 7, "CLUSTER_ADMIN on both");
        }
    }

    @Test
    void updatingAStreamNeedsTheAdminOfEitherCluster() {
        String stream = pair.replicatingStream();
        with(Map.of(pair.active, Role.CLUSTER_OPERATOR_WRITER, pair.originalPrimary, Role.CLUSTER_DEVELOPER))
                .cutOver(stream)
                .refused(403, 7, "CLUSTER_ADMIN on one");
        with(Map.of(pair.originalPrimary, Role.CLUSTER_ADMIN)).cutOver(stream).ok();
    }

    @Test
    void oneSeesOnlyWhatOneHasARoleOn() {
        String foreign = ClusterSpec.of("other", "eu-west-1").id();
        cloud.addCluster(ClusterSpec.of("other", "eu-west-1"));
        String stream = pair.reverseStream();
        Caller caller = with(Map.of(foreign, Role.CLUSTER_ADMIN));

        assertThat(caller.get(Caller.CLUSTERS).ok().path("clusters").findValuesAsText("id"))
                .containsExactly(foreign);
        assertThat(caller.get(Caller.STREAMS + "?show_completed=true").ok().path("physical_replication_streams"))
                .isEmpty();
        caller.get(Caller.CLUSTERS + "/" + pair.active).refused(403, 7, "no role");
        caller.get(Caller.CLUSTERS + "/" + pair.active + "/nodes").refused(403, 7, "no role");
        caller.get(Caller.STREAMS + "/" + stream).refused(403, 7, "no role");
    }

    @Test
    void answersTenRequestsASecondOfOneKeyWhoeverElseAsks() {
        Pair limited = new Pair();
        SimulatedCloud cloud = new SimulatedCloud(limited.time, CloudSettings.defaults());
        cloud.addKey("mine", Role.CLUSTER_ADMIN);
        cloud.addKey("yours", Role.CLUSTER_ADMIN);
        Caller mine = new Caller(cloud, "mine");
        for (int i = 0; i < 10; i++) {
            mine.get(Caller.CLUSTERS).ok();
            limited.time.advance(ofMillis(50));
        }

        Caller.Reply refused = mine.get(Caller.CLUSTERS);
        refused.refused(429, 8, "more than 10 requests");
        assertThat(refused.response().header("retry-after")).contains("1");
        new Caller(cloud, "yours").get(Caller.CLUSTERS).ok();

        limited.time.advance(ofMillis(500));
        mine.get(Caller.CLUSTERS).ok();
        mine.get(Caller.CLUSTERS).refused(429, 8, "more than 10 requests");
    }

    private Caller with(Map<String, Role> roles) {
        cloud.addKey("limited", roles);
        return new Caller(cloud, "limited");
    }
}
