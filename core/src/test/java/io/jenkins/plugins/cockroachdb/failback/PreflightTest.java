package io.jenkins.plugins.cockroachdb.failback;

import static io.jenkins.plugins.cockroachdb.failback.Clusters.EAST;
import static io.jenkins.plugins.cockroachdb.failback.Clusters.WEST;
import static io.jenkins.plugins.cockroachdb.failback.Clusters.cluster;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.ClusterNode;
import io.jenkins.plugins.cockroachdb.cloud.Disruption;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.failback.Check.Verdict;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreflightTest {

    private static final Duration MAX_SKEW = Duration.ofSeconds(5);

    private Cluster east = EAST;
    private Cluster west = WEST;
    private final List<ReplicationStream> streams = new ArrayList<>(List.of(Clusters.completed("east", "west", 1, 5)));
    private List<ClusterNode> nodes = List.of(new ClusterNode("n1", "us-east-1", "LIVE"));
    private Optional<Disruption> disruption = Optional.of(new Disruption(List.of()));
    private List<ProxyStatus> proxies = List.of(new ProxyStatus("edge", Traffic.ON_ACTIVE, 12, 0, ""));
    private Optional<Duration> skew = Optional.of(Duration.ofMillis(300));

    @Test
    void aPairAsAfterAFailoverPassesEveryCheck() {
        assertThat(checks()).allMatch(check -> check.verdict() == Verdict.PASS).allMatch(check -> check.remedy()
                .isEmpty());
    }

    @Test
    void whatTheKeyMayNotReadIsNotChecked() {
        disruption = Optional.empty();

        assertThat(checks()).extracting(Check::name).noneMatch(name -> name.startsWith("disruption"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CRDB_MAJOR_UPGRADE_FAILED",
                "CRDB_SCALE_FAILED",
                "DEDICATED_FULL_CLUSTER_RESTORE_FAILED",
                "CRDB_PATCH_RUNNING",
                "MAINTENANCE_RUNNING",
                "CRDB_CLUSTER_DISRUPTION_RUNNING",
                "SOMETHING_NEW"
            })
    void everyOperationThatRunsOrFailedStops(String operation) {
        east = with(EAST, "CREATED", operation, "FINALIZED");

        assertThat(failed()).singleElement().asString().startsWith("east ").endsWith(operation + ".");
    }

    @ParameterizedTest
    @CsvSource({"LOCKED,BUSY", "CREATING,BUSY", "DELETED,UNHEALTHY", "CREATION_FAILED,UNHEALTHY", "NEW_WORD,UNHEALTHY"})
    void everyStateButCreatedStops(String state, ClusterHealth.State health) {
        west = with(WEST, state, "UNSPECIFIED", "FINALIZED");

        assertThat(ClusterHealth.of(west).state()).isEqualTo(health);
        assertThat(failed()).singleElement().asString().startsWith("west is " + state);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAJOR_UPGRADE_RUNNING", "PENDING_FINALIZATION", "ROLLBACK_RUNNING"})
    void anUpgradeUnderWayStops(String upgrade) {
        east = with(EAST, "CREATED", "UNSPECIFIED", upgrade);

        assertThat(failed()).singleElement().asString().endsWith(upgrade + ".");
    }

    @ParameterizedTest
    @ValueSource(strings = {"FINALIZED", "UPGRADE_AVAILABLE"})
    void anUpgradeThatIsDoneOrOnlyOfferedIsNormal(String upgrade) {
        east = with(EAST, "CREATED", null, upgrade);

        assertThat(ClusterHealth.of(east).state()).isEqualTo(ClusterHealth.State.HEALTHY);
        assertThat(failed()).isEmpty();
    }

    @Test
    void nodesThatAreNotReadyAreAWarning() {
        nodes = List.of(new ClusterNode("n1", "r", "LIVE"), new ClusterNode("n2", "r", "NOT_READY"));

        assertThat(warned()).contains("Of the 2 nodes of east, n2 is NOT_READY.");
        assertThat(failed()).isEmpty();
    }

    @Test
    void aDisruptedClusterStops() {
        disruption = Optional.of(new Disruption(List.of(new Disruption.DisruptedRegion("us-east-1", true))));

        assertThat(failed()).contains("east is deliberately disrupted in us-east-1.");
    }

    @Test
    void otherPlansStop() {
        west = new Cluster(
                WEST.id(),
                WEST.name(),
                "CREATED",
                null,
                "FINALIZED",
                "v24.3.1",
                "STANDARD",
                "AWS",
                "",
                WEST.regions(),
                null);

        assertThat(failed()).containsExactly("east is ADVANCED and west is STANDARD.");
    }

    @Test
    void otherProvidersStop() {
        west = placed("west", "GCP", "", "us-west1");

        assertThat(failed()).containsExactly("east is on AWS and west on GCP.");
    }

    @Test
    void twoRegionsStop() {
        east = placed("east", "AWS", "", "us-east-1", "us-east-2");

        assertThat(failed()).containsExactly("east has 2 regions.");
    }

    @Test
    void theSameRegionStopsOnAwsAndAzure() {
        west = cluster("west", "us-east-1");

        assertThat(failed()).containsExactly("Both clusters are in us-east-1.");
    }

    @Test
    void onGcpTheAddressRangesCountAndNotTheRegion() {
        east = placed("east", "GCP", "172.28.0.0/14", "us-east1");
        west = placed("west", "GCP", "172.29.1.0/24", "us-east1");
        assertThat(failed())
                .containsExactly("The address ranges overlap: east has 172.28.0.0/14 and west has 172.29.1.0/24.");

        west = placed("west", "GCP", "172.32.0.0/14", "us-east1");
        assertThat(failed()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "v24.3.1, v24.3.9, PASS",
        "v24.3.1, v24.2.1, WARN",
        "v25.1.0, v24.3.1, WARN",
        "v24.2.9, v24.3.1, FAIL",
        "v24.3.1, v25.1.0-rc.1, FAIL",
        "unknown, v24.3.1, WARN"
    })
    void theTargetIsNeverOlderThanTheSource(String target, String source, Verdict verdict) {
        east = running(EAST, target);
        west = running(WEST, source);

        assertThat(checks())
                .filteredOn(check -> check.name().equals("versions"))
                .extracting(Check::verdict)
                .containsExactly(verdict);
    }

    @Test
    void aClockThatIsWrongByMoreThanTheLimitStops() {
        skew = Optional.of(Duration.ofSeconds(-6));
        assertThat(failed())
                .containsExactly("This machine's clock is at least 6.0 s ahead of the cloud's, more than 5 s.");

        skew = Optional.of(Duration.ofSeconds(5));
        assertThat(failed()).isEmpty();
    }

    @Test
    void withoutProxiesNobodyProvedWhoServes() {
        proxies = List.of();

        assertThat(warned()).containsExactly("No proxy was named, so nobody proved that clients are on west.");
    }

    @ParameterizedTest
    @CsvSource({"FENCED, 0", "ON_ORIGINAL_PRIMARY, 3", "MIXED, 1", "UNKNOWN, -1", "ON_ACTIVE, 1"})
    void aProxyThatDoesNotShowTheActiveClusterAloneStops(Traffic traffic, int sessionsOnOriginal) {
        proxies = List.of(
                new ProxyStatus("edge", Traffic.ON_ACTIVE, 12, 0, ""),
                new ProxyStatus("inner", traffic, 0, sessionsOnOriginal, ""));

        assertThat(failed()).singleElement().asString().contains("inner is " + traffic.words());
    }

    @Test
    void aLiveReverseStreamIsAdoptedOnItsOwnProof() {
        streams.clear();
        streams.add(Clusters.live("west", "east", 6, StreamStatus.REPLICATING));

        assertThat(failed()).isEmpty();
        assertThat(checks()).extracting(Check::reason).anyMatch(reason -> reason.contains("which would be adopted"));
    }

    @Test
    void twoLiveReverseStreamsStop() {
        streams.add(Clusters.live("west", "east", 6, StreamStatus.REPLICATING));
        streams.add(Clusters.live("west", "east", 7, StreamStatus.REPLICATING));

        assertThat(failed()).singleElement().asString().startsWith("There are 2 live reverse streams");
    }

    @Test
    void everyFailureAndWarningHasARemedy() {
        east = with(EAST, "LOCKED", "UNSPECIFIED", "FINALIZED");
        west = placed("west", "GCP", "", "us-west1");
        streams.clear();
        nodes = List.of();
        proxies = List.of();
        skew = Optional.empty();

        assertThat(checks())
                .filteredOn(check -> check.verdict() != Verdict.PASS)
                .hasSizeGreaterThan(5)
                .allMatch(check -> check.remedy().endsWith("."));
    }

    private List<Check> checks() {
        Pair pair = new Pair(east, west);
        return Preflight.checks(
                new Preflight.Evidence(
                        pair,
                        nodes,
                        List.of(new ClusterNode("n1", "us-west-2", "LIVE")),
                        disruption,
                        Optional.empty(),
                        new StreamHistory(pair, streams),
                        proxies,
                        skew),
                MAX_SKEW,
                false);
    }

    private List<String> failed() {
        return checks().stream().filter(Check::failed).map(Check::reason).toList();
    }

    private List<String> warned() {
        return checks().stream()
                .filter(check -> check.verdict() == Verdict.WARN)
                .map(Check::reason)
                .toList();
    }

    private static Cluster with(Cluster cluster, String state, String operation, String upgrade) {
        return new Cluster(
                cluster.id(),
                cluster.name(),
                state,
                operation,
                upgrade,
                cluster.version(),
                cluster.plan(),
                cluster.cloudProvider(),
                cluster.cidrRange(),
                cluster.regions(),
                cluster.sqlDns());
    }

    private static Cluster running(Cluster cluster, String version) {
        return new Cluster(
                cluster.id(),
                cluster.name(),
                cluster.state(),
                cluster.operationStatus(),
                cluster.upgradeStatus(),
                version,
                cluster.plan(),
                cluster.cloudProvider(),
                cluster.cidrRange(),
                cluster.regions(),
                cluster.sqlDns());
    }

    private static Cluster placed(String name, String provider, String cidr, String... regions) {
        return new Cluster(
                name + "-id",
                name,
                "CREATED",
                "UNSPECIFIED",
                "FINALIZED",
                "v24.3.1",
                "ADVANCED",
                provider,
                cidr,
                List.of(regions).stream()
                        .map(region -> new Cluster.Region(region, null))
                        .toList(),
                null);
    }
}
