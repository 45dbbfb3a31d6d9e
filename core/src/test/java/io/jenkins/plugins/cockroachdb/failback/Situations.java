package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Builds situations for tests: a failover on day 5, a record begun at {@link #NOON}, and what a test adds. */
final class Situations {

    static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");
    static final String STREAM = "reverse";
    static final String CREATION = "west-id -> east-id";

    private Instant now = NOON.plusSeconds(60);
    private Settings settings = Settings.DEFAULT;
    private final List<Entry> entries = new ArrayList<>(List.of(new Entry.Began(NOON, "east-id", "west-id", "test")));
    private final List<ReplicationStream> streams = new ArrayList<>(List.of(Clusters.completed("east", "west", 1, 5)));
    private final List<ProxyStatus> proxies = new ArrayList<>();
    private List<Check> checks;
    private Instant examinedAt;

    static Situations given() {
        return new Situations();
    }

    /** Adds the reverse stream of this failback in a status, caught up to ten seconds ago when REPLICATING. */
    Situations stream(StreamStatus status) {
        return stream(status, status == StreamStatus.REPLICATING ? now.minusSeconds(10) : null);
    }

    Situations stream(StreamStatus status, Instant replicatedTime) {
        return stream(status, replicatedTime, null);
    }

    Situations stream(StreamStatus status, Instant replicatedTime, Instant failoverAt) {
        return streams(new ReplicationStream(
                STREAM,
                status.name(),
                "west-id",
                "east-id",
                NOON.minus(Duration.ofHours(1)),
                replicatedTime,
                replicatedTime == null
                        ? null
                        : (int) Duration.between(replicatedTime, now).toSeconds(),
                null,
                failoverAt,
                status == StreamStatus.COMPLETED ? NOON.plusSeconds(30) : null,
                status == StreamStatus.CANCELED ? NOON.plusSeconds(30) : null));
    }

    /** The stream that was added last can go back to that time at most. */
    Situations retainedFrom(Instant earliest) {
        ReplicationStream last = streams.remove(streams.size() - 1);
        streams.add(new ReplicationStream(
                last.id(),
                last.statusName(),
                last.primaryClusterId(),
                last.standbyClusterId(),
                last.createdAt(),
                last.replicatedTime(),
                last.replicationLagSeconds(),
                earliest,
                last.failoverAt(),
                last.activatedAt(),
                last.canceledAt()));
        return this;
    }

    Situations streams(ReplicationStream... more) {
        streams.addAll(List.of(more));
        return this;
    }

    Situations noFailover() {
        streams.clear();
        return this;
    }

    /** One proxy for each of these, named edge-1, edge-2, ... */
    Situations traffic(Traffic... each) {
        proxies.clear();
        for (Traffic traffic : each) {
            proxies.add(new ProxyStatus("edge-" + (proxies.size() + 1), traffic, 0, 0, ""));
        }
        return this;
    }

    Situations proxy(ProxyStatus status) {
        proxies.add(status);
        return this;
    }

    Situations settings(UnaryOperator<Settings> change) {
        settings = change.apply(settings);
        return this;
    }

    Situations now(Instant instant) {
        now = instant;
        return this;
    }

    Situations entry(Entry entry) {
        entries.add(entry);
        return this;
    }

    Situations examined(Check... results) {
        checks = List.of(results);
        examinedAt = now;
        return this;
    }

    Situations approved(Gate gate, String streamId, String clusterId) {
        return entry(new Entry.Approved(now.minusSeconds(5), gate, streamId, clusterId, "lead"));
    }

    Situations created() {
        return entry(new Entry.Calling(NOON, Call.CREATE_REVERSE_STREAM, CREATION))
                .entry(new Entry.Called(NOON, Call.CREATE_REVERSE_STREAM, CREATION, Entry.Result.DONE, ""));
    }

    /** Gate 2 passed, and a fence of ours begun just now. */
    Situations ours() {
        return created()
                .approved(Gate.CUT_OVER, STREAM, "east-id")
                .entry(new Entry.Calling(now.minusSeconds(4), Call.FENCE, "edge-1"))
                .entry(new Entry.Called(now.minusSeconds(3), Call.FENCE, "edge-1", Entry.Result.DONE, ""));
    }

    Situations released() {
        return entry(new Entry.Calling(now, Call.RELEASE, "edge-1"));
    }

    /** F is that instant, proven just now. */
    Situations proven(Instant fenceInstant) {
        return entry(new Entry.FenceProven(now.minusSeconds(2), fenceInstant));
    }

    Situations patched(Entry.Result result) {
        entry(new Entry.Calling(now.minusSeconds(1), Call.INITIATE_CUTOVER, STREAM));
        return result == null
                ? this
                : entry(new Entry.Called(
                        now.minusSeconds(1), Call.INITIATE_CUTOVER, STREAM, result, "The server said no."));
    }

    Situations seen(Instant at, StreamStatus status, Traffic traffic) {
        return entry(new Entry.Seen(at, STREAM, status.name(), null, null, traffic == null ? null : traffic.words()));
    }

    /** Traffic was like that since then. */
    Situations trafficSince(Instant since, Traffic traffic) {
        return entry(new Entry.Seen(since, null, null, null, null, traffic.words()));
    }

    Situations verified() {
        return entry(new Entry.Verified(now, true, "It serves."));
    }

    Situations resumed(Instant at) {
        return entry(new Entry.Resumed(at, "test"));
    }

    Instant now() {
        return now;
    }

    Situation situation() {
        return new Situation(
                now,
                settings,
                FailbackRecord.of(entries),
                sightAt(now),
                checks == null ? Optional.empty() : Optional.of(new Examination(sightAt(examinedAt), checks)));
    }

    private Sight sightAt(Instant at) {
        return Sight.of(at, new Sight.Cloud(Clusters.PAIR, new StreamHistory(Clusters.PAIR, streams), at), proxies);
    }

    Situation blind(io.jenkins.plugins.cockroachdb.cloud.CloudException failure) {
        return new Situation(
                now, settings, FailbackRecord.of(entries), Sight.without(now, failure, proxies), Optional.empty());
    }

    Action next() {
        return Runbook.next(situation());
    }
}
