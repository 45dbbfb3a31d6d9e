package io.jenkins.plugins.cockroachdb.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API refuses. */
class StrictnessTest {

    private static final String NOBODY = "00000000-0000-0000-0000-000000000000";

    private final Pair pair = new Pair();
    private final SimulatedCloud cloud = pair.cloud;
    private final Caller caller = pair.caller;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    verbose=true                          | unknown query parameter: verbose
                    show_completed=yes                    | show_completed must be true or false
                    show_completed=true&show_completed=true | given twice
                    show_completed                        | without a value
                    cluster_id=%                          | not percent-encoded
                    pagination.limit=0                    | above zero
                    pagination.limit=ten                  | above zero
                    pagination.sort_order=UP              | must be one of [ASC, DESC]
                    pagination.as_of_time=yesterday       | must be a time
                    pagination.as_of_time=2026-01-01T00:00Z | must be a time
                    pagination.as_of_time=-999999999-01-01T00:00:00%2B18:00 | must be a time
                    pagination.as_of_time=2026-02-30T00:00:00Z | must be a time
                    pagination.as_of_time=2999-01-01T00:00:00Z | in the future
                    pagination.page=2                     | not a page token
                    pagination.page=***                   | not a page token
                    """)
    void refusesQueriesThatItDoesNotUnderstand(String query, String message) {
        caller.get(Caller.STREAMS + "?" + query).refused(400, 3, message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/organization",
                "/api/v1/clusters/CLUSTER",
                "/api/v1/clusters/CLUSTER/disrupt",
                Caller.STREAMS + "/STREAM"
            })
    void refusesParametersWhereThereAreNone(String target) {
        String real = target.replace("CLUSTER", pair.active).replace("STREAM", pair.reverseStream());
        caller.get(real).ok();
        caller.get(real + "?pagination.limit=5").refused(400, 3, "unknown query parameter");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    ``                                                  | must be a JSON object
                    primary_cluster_id=a                                | not JSON
                    []                                                  | must be a JSON object
                    {} {}                                               | not JSON
                    {}                                                  | primary_cluster_id is required
                    {"primary_cluster_id":"A"}                          | standby_cluster_id is required
                    {"primary_cluster_id":"A","standby_cluster_id":""}  | standby_cluster_id is required
                    {"primary_cluster_id":7,"standby_cluster_id":"P"}   | must be a string
                    {"primary_cluster_id":null,"standby_cluster_id":"P"} | must be a string
                    {"primary_cluster_id":"A","standby_cluster_id":"P","force":true} | unknown field: force
                    {"primary_cluster_id":"A","primary_cluster_id":"A"} | not JSON
                    """)
    void refusesBodiesThatItDoesNotUnderstand(String body, String message) {
        String real = body.replace("\"A\"", '"' + pair.active + '"').replace("\"P\"", '"' + pair.originalPrimary + '"');
        caller.post(real).refused(400, 3, message);
        assertThat(cloud.streamIds(pair.active, pair.originalPrimary)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {}                                                  | status is required
                    {"status":"PAUSED"}                                 | unknown status: PAUSED
                    {"status":"FAILING_OVER","failover_at":"latest"}    | must be a time
                    {"status":"FAILING_OVER","failover_at":"2026-01-01T00:00Z"} | must be a time
                    {"status":"FAILING_OVER","failover_at":1767225600}  | must be a string
                    {"status":"FAILING_OVER","force":true}              | unknown field: force
                    """)
    void refusesUpdatesThatItDoesNotUnderstand(String body, String message) {
        String id = pair.replicatingStream();
        caller.patch(id, body).refused(400, 3, message);
        assertThat(caller.status(id)).isEqualTo("REPLICATING");
    }

    @Test
    void refusesABodyThatIsNotSaidToBeJson() {
        caller.send("POST", Caller.STREAMS, "{}", Map.of("Content-Type", "text/plain"))
                .refused(400, 3, "Content-Type must be application/json");
        caller.send("POST", Caller.STREAMS, "{}", Map.of("content-type", "application/json; charset=utf-8"))
                .refused(400, 3, "is required");
    }

    @Test
    void knowsOneVersionOfItself() {
        caller.send("GET", Caller.CLUSTERS, "", Map.of("cc-version", "2024-09-16"))
                .ok();
        caller.send("GET", Caller.CLUSTERS, "", Map.of("Cc-Version", "2023-04-10"))
                .refused(400, 3, "unknown Cc-Version 2023-04-10");
    }

    @Test
    void findsNothingUnderAnUnknownId() {
        caller.get(Caller.CLUSTERS + "/" + NOBODY).refused(404, 5, "no such cluster: " + NOBODY);
        caller.get(Caller.CLUSTERS + "/" + NOBODY + "/nodes").refused(404, 5, "no such cluster");
        caller.get(Caller.STREAMS + "/" + NOBODY).refused(404, 5, "no such replication stream: " + NOBODY);
        caller.cutOver(NOBODY).refused(404, 5, "no such replication stream");
        caller.create(NOBODY, pair.active).refused(404, 5, "no such cluster");
        caller.create(pair.active, NOBODY).refused(404, 5, "no such cluster");
    }

    @Test
    void findsNothingOutsideItsPaths() {
        caller.get("/api/v2/clusters").refused(404, 5, "no such call: GET /api/v2/clusters");
        caller.send("DELETE", Caller.CLUSTERS + "/" + pair.active, "", Map.of()).refused(404, 5, "no such call");
    }

    @Test
    void refusesOneClusterInBothRoles() {
        caller.create(pair.active, pair.active).refused(400, 3, "cannot replicate to itself");
    }

    @Test
    void refusesDifferentProviders() {
        refuses(400, 3, "same cloud provider", cluster -> cluster.withProvider("AZURE"));
    }

    @Test
    void refusesSeveralRegions() {
        refuses(400, 3, "single region", cluster -> cluster.withRegions("us-east-1", "us-east-2"));
    }

    @Test
    void refusesOtherPlans() {
        refuses(400, 3, "ADVANCED plan", cluster -> cluster.withPlan("STANDARD"));
    }

    @Test
    void refusesAClusterOnWhichAnExclusiveOperationRuns() {
        refuses(400, 9, "orders-east is LOCKED", cluster -> cluster.withState("LOCKED"));
    }

    @Test
    void refusesAStandbyOlderThanThePrimaryAndAcceptsANewerOne() {
        refuses(400, 3, "must not be older", cluster -> cluster.withVersion("v24.3.17"));
        change(cluster -> cluster.withVersion("v25.4.0"));
        pair.reverseStream();
    }

    @ParameterizedTest
    @ValueSource(strings = {"AWS", "AZURE"})
    void refusesTheSameRegion(String provider) {
        cloud.changeCluster(
                pair.active, cluster -> cluster.withProvider(provider).withRegions("here"));
        refuses(400, 3, "different regions", cluster -> cluster.withProvider(provider)
                .withRegions("here"));
    }

    @ParameterizedTest
    @CsvSource({
        "172.28.0.0/14, 172.30.1.0/24, true",
        "172.28.0.0/14, 172.28.0.0/14, true",
        "172.28.0.0/14, 172.32.0.0/14, false"
    })
    void onGcpTheRegionMayBeTheSameButCidrRangesMustNotOverlap(String active, String original, boolean overlap) {
        cloud.changeCluster(pair.active, cluster -> gcp(cluster, active));
        change(cluster -> gcp(cluster, original));
        Caller.Reply reply = caller.create(pair.active, pair.originalPrimary);
        if (overlap) {
            reply.refused(400, 3, "CIDR ranges of the clusters overlap");
        } else {
            reply.ok();
        }
    }

    private static ClusterSpec gcp(ClusterSpec cluster, String cidrRange) {
        return cluster.withProvider("GCP").withRegions("us-central1").withCidrRange(cidrRange);
    }

    private void refuses(int status, int code, String message, UnaryOperator<ClusterSpec> standby) {
        change(standby);
        caller.create(pair.active, pair.originalPrimary).refused(status, code, message);
        assertThat(cloud.streamIds(pair.active, pair.originalPrimary)).isEmpty();
    }

    private void change(UnaryOperator<ClusterSpec> standby) {
        cloud.changeCluster(pair.originalPrimary, standby);
    }
}
