package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * All streams that touch a pair, whatever their status and age, and what they prove about which cluster is which. Creating
 * the reverse stream erases the original primary; with the roles exchanged it would erase the cluster that serves. So the
 * roles are proven from history, never taken from settings alone.
 */
public final class StreamHistory {

    private static final Comparator<ReplicationStream> BY_CREATION =
            Comparator.comparing(ReplicationStream::createdAt).thenComparing(ReplicationStream::id);

    /** The name of the check that cannot be done without, not even to adopt a stream. */
    static final String NOBODYS_SOURCE = "original primary is nobody's source";

    private final Pair pair;
    private final List<ReplicationStream> streams;

    /**
     * @param pair who is claimed to be who
     * @param streams every stream that touches either cluster: every page, completed ones too; others are left aside, and of
     *     one that stands in them twice the newer reading counts
     */
    public StreamHistory(Pair pair, List<ReplicationStream> streams) {
        this.pair = Objects.requireNonNull(pair, "pair");
        // Lists are read page by page and cluster by cluster: of a stream that stands in them twice, the reading that
        // is
        // further in its life is the newer one, and of two alike the later counts.
        Map<String, ReplicationStream> byId = new LinkedHashMap<>();
        streams.forEach(stream -> byId.merge(
                stream.id(), stream, (one, other) -> one.status().compareTo(other.status()) > 0 ? one : other));
        this.streams = byId.values().stream()
                .filter(stream -> stream.touches(pair.originalPrimary().id())
                        || stream.touches(pair.active().id()))
                .sorted(BY_CREATION)
                .toList();
    }

    /** Every stream that touches either cluster, the oldest first. */
    public List<ReplicationStream> all() {
        return streams;
    }

    /** The same streams with the roles exchanged: for the forward stream after a failback. */
    StreamHistory exchanged() {
        return new StreamHistory(new Pair(pair.active(), pair.originalPrimary()), streams);
    }

    /**
     * The reverse stream of this failback (R0): the newest from A to P that was created after the newest completed failover
     * from P to A; the newest of all if there was none. An older one belongs to an earlier failback. A live one goes before
     * a newer one that was canceled: that was its double.
     */
    public Optional<ReplicationStream> reverseStream() {
        // A failover whose time is missing was after its stream's creation, which tells an older failback well enough.
        Optional<Instant> failover = streams.stream()
                .filter(pair::isForward)
                .filter(stream -> stream.status() == StreamStatus.COMPLETED)
                .map(stream -> stream.activatedAt() == null ? stream.createdAt() : stream.activatedAt())
                .max(Comparator.naturalOrder());
        return streams.stream()
                .filter(pair::isReverse)
                .filter(stream -> failover.isEmpty() || stream.createdAt().isAfter(failover.get()))
                .reduce((older, newer) -> newer.status() == StreamStatus.CANCELED
                                && older.status().isLive()
                        ? older
                        : newer);
    }

    /**
     * A newer stream from A to P that was created while this one was live: it erased P under it, and what this one brings there is
     * no proof any more that P has everything.
     */
    Optional<ReplicationStream> doubleOf(ReplicationStream stream) {
        return streams.stream()
                .filter(pair::isReverse)
                .filter(other -> other.createdAt().isAfter(stream.createdAt()))
                .filter(other ->
                        stream.activatedAt() == null || other.createdAt().isBefore(stream.activatedAt()))
                .reduce((older, newer) -> newer);
    }

    /** A stream by its id, whatever it is. */
    Optional<ReplicationStream> find(String streamId) {
        return streams.stream().filter(stream -> stream.id().equals(streamId)).findFirst();
    }

    /** The newest stream from P to A that was created after an instant, whatever its status. */
    Optional<ReplicationStream> forwardStreamSince(Instant instant) {
        return streams.stream()
                .filter(pair::isForward)
                .filter(stream -> instant == null || stream.createdAt().isAfter(instant))
                .reduce((older, newer) -> newer);
    }

    /** Whether clients were sent from P to A again after a stream had brought them to P. */
    boolean hasFailedOverSince(ReplicationStream completed) {
        return completed.activatedAt() != null
                && newestCompleted(pair::isForward)
                        .filter(failover -> failover.activatedAt().isAfter(completed.activatedAt()))
                        .isPresent();
    }

    /** All live streams from A to P, the oldest first. More than one is a double that stops every run (R6). */
    public List<ReplicationStream> liveReverseStreams() {
        return streams.stream()
                .filter(pair::isReverse)
                .filter(stream -> stream.status().isLive())
                .toList();
    }

    /** The live stream from P to A, as it is before a planned switchover; the newest if there are several. */
    public Optional<ReplicationStream> liveForwardStream() {
        return streams.stream()
                .filter(pair::isForward)
                .filter(stream -> stream.status().isLive())
                .reduce((older, newer) -> newer);
    }

    /**
     * The role proof before a reverse stream is created (R1): (a) the last failover led from P to A, (b) A was not erased
     * since, (c) P is no live stream's source.
     *
     * @param allowUnproven turns a failed (a) into a warning; (b) and (c) cannot be waived
     */
    public List<Check> roleProof(boolean allowUnproven) {
        return List.of(lastFailover(allowUnproven), activeNotErased(), originalPrimaryNotSource());
    }

    /** The role proof before a live reverse stream is adopted (R1): P is a standby already, which leaves (c). */
    public List<Check> adoptionProof() {
        return List.of(originalPrimaryNotSource());
    }

    private Check lastFailover(boolean allowUnproven) {
        String name = "last failover";
        String original = pair.originalPrimary().name();
        String active = pair.active().name();
        Optional<ReplicationStream> undated = streams.stream()
                .filter(stream -> stream.status() == StreamStatus.COMPLETED && stream.activatedAt() == null)
                .findFirst();
        if (undated.isPresent()) {
            return unproven(
                    name,
                    allowUnproven,
                    "The time of a failover is missing: " + pair.describe(undated.get()) + " is COMPLETED without one.",
                    "Ask Cockroach Labs Support for that stream's activated_at.");
        }
        Optional<ReplicationStream> newest = newestCompleted(stream -> true);
        if (newest.isEmpty()) {
            return unproven(
                    name,
                    allowUnproven,
                    "No failover was ever completed with either cluster, so nothing shows that " + original
                            + " was replaced by " + active + ".",
                    "Check both cluster ids.");
        }
        ReplicationStream failover = newest.get();
        String when = " was completed at " + failover.activatedAt();
        if (pair.isForward(failover)) {
            return Check.pass(
                    name,
                    "The last failover led from " + original + " to " + active + ": " + pair.describe(failover) + when
                            + ".");
        }
        if (pair.isReverse(failover)) {
            return unproven(
                    name,
                    allowUnproven,
                    "The last failover led from " + active + " to " + original + " (" + pair.describe(failover) + when
                            + "): " + original + " is the cluster that serves, or the two ids are exchanged.",
                    "If " + original + " is the cluster to go home to, it is home already;"
                            + " if it is the one that serves away from home, exchange the two cluster ids.");
        }
        return unproven(
                name,
                allowUnproven,
                "The last failover was with another cluster: " + pair.describe(failover) + when + ".",
                "Find out which cluster serves, and check both cluster ids.");
    }

    private static Check unproven(String name, boolean allowed, String reason, String remedy) {
        return allowed
                ? Check.warn(name, reason + " Unproven roles were allowed explicitly.", remedy)
                : Check.fail(name, reason, remedy);
    }

    private Check activeNotErased() {
        String name = "active cluster keeps its data";
        String active = pair.active().name();
        Instant since = newestCompleted(stream -> true)
                .map(ReplicationStream::activatedAt)
                .orElse(Instant.MIN);
        return streams.stream()
                .filter(stream -> stream.standbyClusterId().equals(pair.active().id()))
                .filter(stream -> stream.createdAt().isAfter(since))
                .reduce((older, newer) -> newer)
                .map(eraser -> Check.fail(
                        name,
                        active + " was erased: " + pair.describe(eraser) + " was created at " + eraser.createdAt()
                                + ", after the last failover, and is " + eraser.statusName() + ".",
                        "Do not copy it over " + pair.originalPrimary().name()
                                + ". Find out which cluster has the data, and check both cluster ids."))
                .orElseGet(
                        () -> Check.pass(name, "No stream was created into " + active + " since the last failover."));
    }

    private Check originalPrimaryNotSource() {
        String name = NOBODYS_SOURCE;
        String original = pair.originalPrimary().name();
        return streams.stream()
                .filter(stream ->
                        stream.primaryClusterId().equals(pair.originalPrimary().id()))
                .filter(stream -> stream.status().isLive())
                .reduce((older, newer) -> newer)
                .map(live -> Check.fail(
                        name,
                        original + " is the source of a live stream: " + pair.describe(live) + " is "
                                + live.statusName() + ".",
                        pair.isForward(live)
                                ? "Before a failover there is nothing to fail back. For a planned switchover to "
                                        + pair.active().name() + ", exchange the two cluster ids."
                                : "Find out who replicates from it, and cancel that stream if nobody needs it."))
                .orElseGet(() -> Check.pass(name, "No live stream has " + original + " as its source."));
    }

    private Optional<ReplicationStream> newestCompleted(Predicate<ReplicationStream> which) {
        return streams.stream()
                .filter(stream -> stream.status() == StreamStatus.COMPLETED && stream.activatedAt() != null)
                .filter(which)
                .max(Comparator.comparing(ReplicationStream::activatedAt));
    }
}
