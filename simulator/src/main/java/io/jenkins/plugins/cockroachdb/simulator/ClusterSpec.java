package io.jenkins.plugins.cockroachdb.simulator;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * What a cluster is at a moment. States and the like are plain words of the API, so that a test can also use words which the
 * API does not know yet. Start from {@link #of}.
 *
 * @param id a UUID
 * @param name its name
 * @param provider AWS, GCP or AZURE
 * @param regions the names of its regions, at least one
 * @param version such as {@code v25.2.4}
 * @param plan ADVANCED, STANDARD or BASIC
 * @param cidrRange an IPv4 range in CIDR format; empty unless on GCP
 * @param sqlDns the DNS name of the SQL interface
 * @param createdAt when it was created
 * @param state such as CREATED or LOCKED
 * @param operationStatus such as UNSPECIFIED or CRDB_PATCH_RUNNING; null leaves the field out
 * @param upgradeStatus such as FINALIZED
 * @param nodes its nodes
 * @param disruptedRegions the regions that somebody has disrupted on purpose; usually none
 */
public record ClusterSpec(
        String id,
        String name,
        String provider,
        List<String> regions,
        String version,
        String plan,
        String cidrRange,
        String sqlDns,
        Instant createdAt,
        String state,
        String operationStatus,
        String upgradeStatus,
        List<Node> nodes,
        List<String> disruptedRegions) {

    /**
     * One node of a cluster.
     *
     * @param name its name, different from every other in the cluster
     * @param region the name of its region
     * @param status LIVE or NOT_READY
     */
    public record Node(String name, String region, String status) {}

    /** Copies the lists. */
    public ClusterSpec {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        regions = List.copyOf(regions);
        nodes = List.copyOf(nodes);
        disruptedRegions = List.copyOf(disruptedRegions);
        if (regions.isEmpty()) {
            throw new IllegalArgumentException("a cluster has at least one region");
        }
    }

    /**
     * A healthy ADVANCED cluster on AWS with three nodes in one region, fit for replication.
     *
     * @param name its name, from which its id follows
     * @param region such as {@code us-east-1}
     */
    public static ClusterSpec of(String name, String region) {
        return new ClusterSpec(
                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString(),
                name,
                "AWS",
                List.of(region),
                "v25.2.4",
                "ADVANCED",
                "",
                name + ".aws-" + region + ".cockroachlabs.cloud",
                Instant.parse("2025-01-15T09:30:11.285067Z"),
                "CREATED",
                "UNSPECIFIED",
                "FINALIZED",
                liveNodes(List.of(region)),
                List.of());
    }

    /** With another {@link #id()}. */
    public ClusterSpec withId(String value) {
        return with(draft -> draft.id = value);
    }

    /** With another {@link #provider()}. */
    public ClusterSpec withProvider(String value) {
        return with(draft -> draft.provider = value);
    }

    /** With another {@link #version()}. */
    public ClusterSpec withVersion(String value) {
        return with(draft -> draft.version = value);
    }

    /** With another {@link #plan()}. */
    public ClusterSpec withPlan(String value) {
        return with(draft -> draft.plan = value);
    }

    /** With another {@link #cidrRange()}. */
    public ClusterSpec withCidrRange(String value) {
        return with(draft -> draft.cidrRange = value);
    }

    /** With another {@link #sqlDns()}. */
    public ClusterSpec withSqlDns(String value) {
        return with(draft -> draft.sqlDns = value);
    }

    /** With another {@link #state()}. */
    public ClusterSpec withState(String value) {
        return with(draft -> draft.state = value);
    }

    /** With another {@link #upgradeStatus()}. */
    public ClusterSpec withUpgradeStatus(String value) {
        return with(draft -> draft.upgradeStatus = value);
    }

    /** With another {@link #operationStatus()}, or null. */
    public ClusterSpec withOperationStatus(String value) {
        return with(draft -> draft.operationStatus = value);
    }

    /** With other {@link #regions()}, and three live nodes in each. */
    public ClusterSpec withRegions(String... values) {
        return with(draft -> {
            draft.regions = List.of(values);
            draft.nodes = liveNodes(draft.regions);
        });
    }

    /** With other {@link #nodes()}. */
    public ClusterSpec withNodes(List<Node> values) {
        return with(draft -> draft.nodes = values);
    }

    /** With other {@link #disruptedRegions()}. */
    public ClusterSpec withDisruptedRegions(String... values) {
        return with(draft -> draft.disruptedRegions = List.of(values));
    }

    private ClusterSpec with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.cluster();
    }

    private static List<Node> liveNodes(List<String> regions) {
        return regions.stream()
                .flatMap(region -> IntStream.range(0, 3).mapToObj(i -> new Node(region + "-" + i, region, "LIVE")))
                .toList();
    }

    /** The cluster while one value changes, so that each change names only its own. */
    private static final class Draft {
        private String id;
        private String name;
        private String provider;
        private List<String> regions;
        private String version;
        private String plan;
        private String cidrRange;
        private String sqlDns;
        private Instant createdAt;
        private String state;
        private String operationStatus;
        private String upgradeStatus;
        private List<Node> nodes;
        private List<String> disruptedRegions;

        Draft(ClusterSpec from) {
            id = from.id;
            name = from.name;
            provider = from.provider;
            regions = from.regions;
            version = from.version;
            plan = from.plan;
            cidrRange = from.cidrRange;
            sqlDns = from.sqlDns;
            createdAt = from.createdAt;
            state = from.state;
            operationStatus = from.operationStatus;
            upgradeStatus = from.upgradeStatus;
            nodes = from.nodes;
            disruptedRegions = from.disruptedRegions;
        }

        ClusterSpec cluster() {
            return new ClusterSpec(
                    id,
                    name,
                    provider,
                    regions,
                    version,
                    plan,
                    cidrRange,
                    sqlDns,
                    createdAt,
                    state,
                    operationStatus,
                    upgradeStatus,
                    nodes,
                    disruptedRegions);
        }
    }
}
