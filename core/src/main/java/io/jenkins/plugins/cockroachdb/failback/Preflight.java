package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.ClusterNode;
import io.jenkins.plugins.cockroachdb.cloud.Disruption;
import io.jenkins.plugins.cockroachdb.proxy.ProxyFinding;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.proxy.WhoAnswers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Every prerequisite of a failback that can be read, judged. Source of the prerequisites: CockroachDB Cloud documentation,
 * "Physical Cluster Replication for Resiliency"; what cannot be read (PCR support of a cluster, the key's rights, IP
 * allowlists) is left to the server and to people.
 */
public final class Preflight {

    static final String ONE_REVERSE_STREAM = "one reverse stream at most";
    static final String WHO_SERVES = "who serves";

    private static final Pattern CIDR = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})/(\\d{1,2})");

    private Preflight() {}

    /**
     * What was read for the preflight.
     *
     * @param pair both clusters
     * @param originalPrimaryNodes nodes of P
     * @param activeNodes nodes of A
     * @param originalPrimaryDisruption what is disrupted in P; empty when the key may not read it
     * @param activeDisruption what is disrupted in A; empty when the key may not read it
     * @param streams every stream that touches either cluster
     * @param proxies every proxy as it was seen; empty without proxies
     * @param skew how far the cloud's clock is ahead of ours at least; empty when no answer had a date
     */
    public record Evidence(
            Pair pair,
            List<ClusterNode> originalPrimaryNodes,
            List<ClusterNode> activeNodes,
            Optional<Disruption> originalPrimaryDisruption,
            Optional<Disruption> activeDisruption,
            StreamHistory streams,
            List<ProxyStatus> proxies,
            Optional<Duration> skew) {

        public Evidence {
            originalPrimaryNodes = List.copyOf(originalPrimaryNodes);
            activeNodes = List.copyOf(activeNodes);
            proxies = List.copyOf(proxies);
        }
    }

    /**
     * All checks, in the order in which a person should read them. A failback may begin when none failed.
     *
     * @param maxSkew the largest clock skew, either way
     * @param allowUnprovenRoles waives what {@link StreamHistory#roleProof} allows to be waived, and nothing else
     */
    public static List<Check> checks(Evidence evidence, Duration maxSkew, boolean allowUnprovenRoles) {
        Cluster original = evidence.pair().originalPrimary();
        Cluster active = evidence.pair().active();
        List<Check> checks = new ArrayList<>();
        boolean adopts = !evidence.streams().liveReverseStreams().isEmpty();
        checks.addAll(
                adopts ? evidence.streams().adoptionProof() : evidence.streams().roleProof(allowUnprovenRoles));
        checks.add(oneReverseStream(evidence));
        checks.add(whoServes(evidence.pair(), evidence.proxies()));
        checks.add(health("original primary", original, adopts));
        checks.add(health("active cluster", active, adopts));
        checks.add(nodes("nodes of the original primary", original, evidence.originalPrimaryNodes()));
        checks.add(nodes("nodes of the active cluster", active, evidence.activeNodes()));
        evidence.originalPrimaryDisruption()
                .ifPresent(disruption ->
                        checks.add(disruption("disruption of the original primary", original, disruption)));
        evidence.activeDisruption()
                .ifPresent(
                        disruption -> checks.add(disruption("disruption of the active cluster", active, disruption)));
        checks.add(plan(original, active));
        checks.add(provider(original, active));
        checks.add(regions(original, active));
        checks.add(versions(original, active));
        checks.add(clock(evidence.skew(), maxSkew));
        return List.copyOf(checks);
    }

    private static Check oneReverseStream(Evidence evidence) {
        String name = ONE_REVERSE_STREAM;
        List<String> live = evidence.streams().liveReverseStreams().stream()
                .map(evidence.pair()::describe)
                .toList();
        return switch (live.size()) {
            case 0 -> Check.pass(name, "There is no live reverse stream.");
            case 1 -> Check.pass(
                    name, "There is one live reverse stream, which would be adopted: " + live.get(0) + ".");
            default -> Check.fail(
                    name,
                    "There are " + live.size() + " live reverse streams: " + String.join("; ", live) + ".",
                    "Stop every other run on this pair, and cancel all of these streams but the one to keep.");
        };
    }

    /** Whether every proxy sends clients to A alone; a warning without proxies. */
    static Check whoServes(Pair pair, List<ProxyStatus> proxies) {
        String name = WHO_SERVES;
        String original = pair.originalPrimary().name();
        String active = pair.active().name();
        if (proxies.isEmpty()) {
            return Check.warn(
                    name,
                    "No proxy was named, so nobody proved that clients are on " + active + ".",
                    "Make sure that no client uses " + original + ", or name the proxies.");
        }
        List<ProxyStatus> elsewhere = proxies.stream()
                .filter(proxy -> proxy.traffic() != Traffic.ON_ACTIVE || proxy.sessionsOriginal() > 0)
                .toList();
        if (elsewhere.isEmpty()) {
            return Check.pass(
                    name, "Every proxy sends clients to " + active + ", and none has a session on " + original + ".");
        }
        String found = elsewhere.stream()
                .map(proxy -> proxy.name() + " is " + proxy.traffic().words()
                        + (proxy.sessionsOriginal() > 0 ? " with " + proxy.sessionsOriginal() + " sessions on P" : "")
                        + (proxy.detail().isEmpty() ? "" : " (" + proxy.detail() + ")"))
                .collect(Collectors.joining("; "));
        return Check.fail(
                name,
                "Not every proxy shows clients on " + active + " alone: " + found + ".",
                "Find out which cluster serves before anything is erased. Where it is " + active
                        + ", put the server of " + original + " into maintenance (\"proxy unfence\" does that).");
    }

    /** The name of the check of one proxy. */
    static String proxy(String name) {
        return "proxy " + name;
    }

    /** Whether a proxy is able to keep clients away, as far as it can tell itself. */
    static Check proxy(String name, List<ProxyFinding> findings) {
        String reasons = findings.stream().map(ProxyFinding::what).collect(Collectors.joining(" "));
        String remedies = findings.stream().map(ProxyFinding::whatToDo).collect(Collectors.joining(" "));
        if (findings.stream().anyMatch(ProxyFinding::prevents)) {
            return Check.fail(proxy(name), reasons, remedies);
        }
        return findings.isEmpty()
                ? Check.pass(proxy(name), "It can be fenced, and nothing speaks against it.")
                : Check.warn(proxy(name), reasons, remedies);
    }

    /** Whether the cluster that answers is the one that the proxy says; where nobody can tell, a person should know that. */
    static Check whoAnswers(ProxyStatus proxy, WhoAnswers answers) {
        String name = "who answers at proxy " + proxy.name();
        boolean contradiction =
                switch (answers.who()) {
                    case ACTIVE -> proxy.traffic() == Traffic.ON_ORIGINAL_PRIMARY || proxy.traffic() == Traffic.FENCED;
                    case ORIGINAL_PRIMARY -> proxy.traffic() == Traffic.ON_ACTIVE || proxy.traffic() == Traffic.FENCED;
                    case CANNOT_TELL -> false;
                };
        if (contradiction) {
            return Check.fail(
                    name,
                    answers.reason() + " The proxy itself says that clients are "
                            + proxy.traffic().words() + ".",
                    "Find out whether this is the proxy that applications use, and what stands between.");
        }
        return answers.who() == WhoAnswers.Who.CANNOT_TELL && proxy.traffic() != Traffic.FENCED
                ? Check.warn(
                        name,
                        "Nobody can tell from outside. " + answers.reason(),
                        "The proxy's own status is what counts then.")
                : Check.pass(name, answers.reason());
    }

    /** Whether a cluster counts as busy because a stream is under way is not documented: then it does not stop. */
    private static Check health(String name, Cluster cluster, boolean streamUnderWay) {
        ClusterHealth health = ClusterHealth.of(cluster);
        String reason = cluster.name() + " " + health.reason() + ".";
        return switch (health.state()) {
            case HEALTHY -> Check.pass(name, reason);
            case BUSY -> streamUnderWay
                    ? Check.warn(name, reason, "If it is not the stream, wait until it is done.")
                    : Check.fail(name, reason, "Wait until it is done.");
            case UNHEALTHY -> Check.fail(
                    name, reason, "Mend it in the Cloud Console, or with Cockroach Labs Support, first.");
        };
    }

    private static Check nodes(String name, Cluster cluster, List<ClusterNode> nodes) {
        List<String> notLive = nodes.stream()
                .filter(node -> !"LIVE".equals(node.status()))
                .map(node -> node.name() + " is " + node.status())
                .toList();
        if (nodes.isEmpty()) {
            return Check.warn(name, cluster.name() + " shows no nodes.", "Look at the cluster in the Cloud Console.");
        }
        return notLive.isEmpty()
                ? Check.pass(name, "All " + nodes.size() + " nodes of " + cluster.name() + " are LIVE.")
                : Check.warn(
                        name,
                        "Of the " + nodes.size() + " nodes of " + cluster.name() + ", " + String.join(", ", notLive)
                                + ".",
                        "Replication and cutover may be slow; wait until all nodes are LIVE.");
    }

    private static Check disruption(String name, Cluster cluster, Disruption disruption) {
        return disruption.regions().isEmpty()
                ? Check.pass(name, "Nothing is disrupted in " + cluster.name() + ".")
                : Check.fail(
                        name,
                        cluster.name() + " is deliberately disrupted in "
                                + disruption.regions().stream()
                                        .map(Disruption.DisruptedRegion::regionCode)
                                        .collect(Collectors.joining(", "))
                                + ".",
                        "End the disruption first.");
    }

    private static Check plan(Cluster original, Cluster active) {
        String name = "plan";
        return "ADVANCED".equals(original.plan()) && "ADVANCED".equals(active.plan())
                ? Check.pass(name, "Both clusters are ADVANCED.")
                : Check.fail(
                        name,
                        original.name() + " is " + original.plan() + " and " + active.name() + " is " + active.plan()
                                + ".",
                        "Physical cluster replication needs two ADVANCED clusters that were created with support for it.");
    }

    private static Check provider(Cluster original, Cluster active) {
        String name = "cloud provider";
        return original.cloudProvider() != null && original.cloudProvider().equals(active.cloudProvider())
                ? Check.pass(name, "Both clusters are on " + active.cloudProvider() + ".")
                : Check.fail(
                        name,
                        original.name() + " is on " + original.cloudProvider() + " and " + active.name() + " on "
                                + active.cloudProvider() + ".",
                        "Both clusters must be on the same provider.");
    }

    private static Check regions(Cluster original, Cluster active) {
        String name = "regions";
        for (Cluster cluster : List.of(original, active)) {
            if (cluster.regions().size() != 1) {
                return Check.fail(
                        name,
                        cluster.name() + " has " + cluster.regions().size() + " regions.",
                        "Physical cluster replication needs clusters of a single region.");
            }
        }
        String home = original.regions().get(0).name();
        String away = active.regions().get(0).name();
        String where = original.name() + " is in " + home + " and " + active.name() + " in " + away;
        if ("GCP".equals(original.cloudProvider())) {
            return overlap(original.cidrRange(), active.cidrRange())
                    ? Check.fail(
                            name,
                            "The address ranges overlap: " + original.name() + " has " + original.cidrRange() + " and "
                                    + active.name() + " has " + active.cidrRange() + ".",
                            "On GCP the two CIDR ranges must not overlap.")
                    : Check.pass(name, where + ", and their address ranges do not overlap.");
        }
        return home.equals(away)
                ? Check.fail(
                        name,
                        "Both clusters are in " + home + ".",
                        "On this provider they must be in different regions.")
                : Check.pass(name, where + ".");
    }

    private static Check versions(Cluster original, Cluster active) {
        String name = "versions";
        String both =
                original.name() + " runs " + original.version() + " and " + active.name() + " " + active.version();
        Optional<MajorVersion> target = MajorVersion.in(original.version());
        Optional<MajorVersion> source = MajorVersion.in(active.version());
        if (target.isEmpty() || source.isEmpty()) {
            return Check.warn(
                    name, both + ", which cannot be compared.", "Make sure that both run the same major version.");
        }
        int order = target.get().compareTo(source.get());
        if (order == 0) {
            return Check.pass(name, both + ".");
        }
        return order < 0
                ? Check.fail(
                        name,
                        both + ": the target is older than the source.",
                        "Upgrade " + original.name() + " to " + source.get() + " first.")
                : Check.warn(
                        name,
                        both + ": the target is newer than the source.",
                        "This works only if " + active.name() + " could be upgraded to " + target.get() + " directly.");
    }

    private static Check clock(Optional<Duration> skew, Duration maxSkew) {
        String name = "clock";
        if (skew.isEmpty()) {
            return Check.warn(
                    name, "The cloud's answers had no date.", "Make sure that this machine's clock is right.");
        }
        String seconds = skew.get().abs().toMillis() / 1000.0 + " s";
        if (skew.get().isZero()) {
            return Check.pass(name, "This machine's clock agrees with the cloud's, as far as an answer can tell.");
        }
        String found = "This machine's clock is at least " + seconds
                + (skew.get().isNegative() ? " ahead of" : " behind") + " the cloud's";
        return skew.get().abs().compareTo(maxSkew) <= 0
                ? Check.pass(name, found + ".")
                : Check.fail(name, found + ", more than " + maxSkew.toSeconds() + " s.", "Set this machine's clock.");
    }

    private static boolean overlap(String a, String b) {
        Matcher first = CIDR.matcher(a == null ? "" : a);
        Matcher second = CIDR.matcher(b == null ? "" : b);
        if (!first.matches() || !second.matches()) {
            return false; // not set: the provider chose them, and the server knows
        }
        int commonBits = Math.min(Integer.parseInt(first.group(5)), Integer.parseInt(second.group(5)));
        return address(first) >>> (32 - commonBits) == address(second) >>> (32 - commonBits);
    }

    private static long address(Matcher cidr) {
        long address = 0;
        for (int group = 1; group <= 4; group++) {
            address = address << 8 | Integer.parseInt(cidr.group(group));
        }
        return address;
    }
}
