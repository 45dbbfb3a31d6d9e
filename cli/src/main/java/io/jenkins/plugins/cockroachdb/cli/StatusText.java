package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.report.ProxyText;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Puts the status of a pair into plain words: a block of lines for each cluster and stream, in the order of the calls. */
final class StatusText {

    private static final int LABEL_WIDTH = 20;

    private static final Comparator<ReplicationStream> NEWEST_FIRST =
            Comparator.comparing(ReplicationStream::createdAt).reversed().thenComparing(ReplicationStream::id);

    private final String originalPrimaryId;
    private final String activeId;
    private final List<String> lines = new ArrayList<>();

    StatusText(String originalPrimaryId, String activeId) {
        this.originalPrimaryId = originalPrimaryId;
        this.activeId = activeId;
    }

    /** Everything that was added, not yet fit for a terminal. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    void addOriginalPrimary(Cluster cluster) {
        addCluster("Original primary", cluster);
    }

    void addActive(Cluster cluster) {
        addCluster("Active", cluster);
    }

    /**
     * Adds the streams, the newest first.
     *
     * @param cloudTime the cloud's clock when they were read; null if unknown
     */
    void addStreams(List<ReplicationStream> streams, Instant cloudTime) {
        if (streams.isEmpty()) {
            heading("Streams: none");
        }
        streams.stream().sorted(NEWEST_FIRST).forEach(stream -> addStream(stream, cloudTime));
    }

    /** Adds every named proxy. */
    void addProxies(List<ProxyStatus> proxies) {
        for (ProxyStatus proxy : proxies) {
            heading("Proxy: " + proxy.name());
            line("traffic", ProxyText.traffic(proxy));
            line("sessions on A", ProxyText.count(proxy.sessionsActive()));
            line("sessions on P", ProxyText.count(proxy.sessionsOriginal()));
            line("detail", proxy.detail());
        }
    }

    /** Adds whether a failback could run now, and every check that a person should know about. */
    void addVerdict(Prospect prospect) {
        heading(prospect.verdict());
        prospect.checks().stream()
                .filter(check -> check.verdict() != Check.Verdict.PASS)
                .forEach(check -> lines.addAll(check(check)));
    }

    /** A check, and what to do about it when it did not pass. */
    static List<String> check(Check check) {
        String found = "  %-4s  %s: %s".formatted(check.verdict(), check.name(), check.reason());
        return check.remedy().isEmpty() ? List.of(found) : List.of(found, "        " + check.remedy());
    }

    /** Why the cloud could not be read. */
    static List<String> failure(CloudException failure) {
        return List.of(
                "What happened: " + failure.whatHappened(),
                "What holds:    " + failure.whatHolds(),
                "What to do:    " + failure.whatToDo());
    }

    private void addCluster(String role, Cluster cluster) {
        heading(role + ": " + cluster.name());
        line("id", cluster.id());
        line("state", cluster.state());
        line("operation status", cluster.operationStatus());
        line("version", cluster.version());
        line("provider", cluster.cloudProvider());
        line(
                "regions",
                String.join(
                        ", ",
                        cluster.regions().stream().map(Cluster.Region::name).toList()));
    }

    private void addStream(ReplicationStream stream, Instant cloudTime) {
        heading("Stream: " + party(stream.primaryClusterId()) + " -> " + party(stream.standbyClusterId()));
        line("id", stream.id());
        line("status", stream.statusName());
        line("created", time(stream.createdAt()));
        line("replicated up to", stream.caughtUpTo().map(StatusText::time).orElse(null));
        line("lag", stream.lag(cloudTime).map(StatusText::seconds).orElse(null));
        line("activated", time(stream.activatedAt()));
    }

    private String party(String clusterId) {
        if (clusterId.equalsIgnoreCase(originalPrimaryId)) {
            return "original primary";
        }
        return clusterId.equalsIgnoreCase(activeId) ? "active" : "cluster " + clusterId;
    }

    private void heading(String text) {
        if (!lines.isEmpty()) {
            lines.add("");
        }
        lines.add(text);
    }

    private void line(String label, String value) {
        String indented = "  " + label;
        lines.add(indented
                + " ".repeat(LABEL_WIDTH - indented.length())
                + (value == null || value.isEmpty() ? "-" : value));
    }

    private static String time(Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }
}
