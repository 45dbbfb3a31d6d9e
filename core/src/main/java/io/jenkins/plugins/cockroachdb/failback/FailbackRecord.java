package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What happened in one failback so far, and what follows from it. Immutable. */
public final class FailbackRecord {

    private final List<Entry> entries;

    private FailbackRecord(List<Entry> entries) {
        this.entries = entries;
    }

    /**
     * @throws IllegalArgumentException if the first entry is not {@link Entry.Began}, or another one is
     */
    public static FailbackRecord of(List<Entry> entries) {
        List<Entry> copy = List.copyOf(entries);
        long beginnings = copy.stream().filter(Entry.Began.class::isInstance).count();
        if (beginnings != 1 || !(copy.get(0) instanceof Entry.Began)) {
            throw new IllegalArgumentException("a record begins with its beginning, and has one");
        }
        return new FailbackRecord(copy);
    }

    /** The same record with one more entry. */
    public FailbackRecord with(Entry entry) {
        List<Entry> more = new ArrayList<>(entries);
        more.add(Objects.requireNonNull(entry, "entry"));
        return of(more);
    }

    /** Everything, in order. */
    public List<Entry> entries() {
        return entries;
    }

    /** The pair, and when it began. */
    public Entry.Began beginning() {
        return (Entry.Began) entries.get(0);
    }

    /** When this run began: the failback's beginning, or its latest resumption. */
    public Instant runBegan() {
        return last(Entry.Resumed.class, resumed -> true)
                .map(Entry::at)
                .orElse(beginning().at());
    }

    /** How the failback ended; empty while it is open. Whatever was recorded after an end that leaves it open reopens it. */
    public Optional<Entry.Ended> end() {
        return entries.get(entries.size() - 1) instanceof Entry.Ended ended
                        && !ended.outcome().leavesRecordOpen()
                ? Optional.of(ended)
                : Optional.empty();
    }

    /**
     * The approval of a gate that holds now: bound to this stream and cluster, not expired, and not used up by an un-fence.
     *
     * @param streamId null when there is no stream yet
     */
    Optional<Entry.Approved> approval(Gate gate, String streamId, String clusterId, Duration limit, Instant now) {
        int unfenced = lastIndex(Entry.Calling.class, calling -> calling.call() == Call.UNFENCE);
        int approved = lastIndex(
                Entry.Approved.class,
                approval -> approval.gate() == gate
                        && Objects.equals(approval.streamId(), streamId)
                        && Objects.equals(approval.clusterId(), clusterId));
        if (approved < 0 || approved < unfenced) {
            return Optional.empty();
        }
        Entry.Approved approval = (Entry.Approved) entries.get(approved);
        return approval.at().plus(limit).isBefore(now) ? Optional.empty() : Optional.of(approval);
    }

    /** How a gate was last answered in this run, when the answer was no. */
    Optional<Entry.NotApproved> refusal(Gate gate) {
        int refused = lastIndex(Entry.NotApproved.class, refusal -> refusal.gate() == gate);
        int approved = lastIndex(Entry.Approved.class, approval -> approval.gate() == gate);
        return refused > Math.max(approved, runBeginning())
                ? Optional.of((Entry.NotApproved) entries.get(refused))
                : Optional.empty();
    }

    /** When the latest entry was made. */
    Instant lastEntryAt() {
        return entries.get(entries.size() - 1).at();
    }

    /** Whether a call on this target was ever begun. */
    boolean hasCalled(Call call, String target) {
        return lastCalled(call, target).isPresent();
    }

    /** Whether a call on this target was begun in this run. */
    boolean hasCalledInThisRun(Call call, String target) {
        return lastIndex(Entry.Calling.class, begunOn(call, target)) > runBeginning();
    }

    /** When a call was first begun, on whatever target. */
    Optional<Instant> firstCalled(Call call) {
        return all(Entry.Calling.class)
                .filter(calling -> calling.call() == call)
                .map(Entry::at)
                .findFirst();
    }

    /** When a call on this target was first begun. */
    Optional<Instant> firstCalled(Call call, String target) {
        return all(Entry.Calling.class)
                .filter(begunOn(call, target))
                .map(Entry::at)
                .findFirst();
    }

    /** When a call on this target was last begun. */
    Optional<Instant> lastCalled(Call call, String target) {
        return last(Entry.Calling.class, begunOn(call, target)).map(Entry::at);
    }

    /** What came of the call on this target that was begun last; empty while nothing has. */
    Optional<Entry.Called> lastResult(Call call, String target) {
        int begun = lastIndex(Entry.Calling.class, begunOn(call, target));
        int ended = lastIndex(Entry.Called.class, endedOn(call, target));
        return ended > begun ? Optional.of((Entry.Called) entries.get(ended)) : Optional.empty();
    }

    /** Whether every time that a call on this target was begun, it was definitely refused. False if it never was begun. */
    boolean everyCallRefused(Call call, String target) {
        long begun = all(Entry.Calling.class).filter(begunOn(call, target)).count();
        long refused = all(Entry.Called.class)
                .filter(endedOn(call, target))
                .filter(called -> called.result() == Entry.Result.REFUSED)
                .count();
        return begun > 0 && begun == refused;
    }

    /** When a call was begun whose fate is not known; empty when that of the latest one is. */
    Optional<Instant> unsettled(Call call) {
        int begun = lastIndex(Entry.Calling.class, calling -> calling.call() == call);
        int settled = lastIndex(
                Entry.Called.class, called -> called.call() == call && called.result() != Entry.Result.UNKNOWN);
        return begun > settled ? Optional.of(entries.get(begun).at()) : Optional.empty();
    }

    /** Since when traffic is fenced, wholly or in part, by a fence of this failback; empty when none stands. */
    Optional<Instant> standingFenceBegan() {
        int taken = Math.max(
                lastIndex(
                        Entry.Called.class,
                        called -> called.call() == Call.UNFENCE && called.result() == Entry.Result.DONE),
                lastIndex(Entry.Calling.class, calling -> calling.call() == Call.RELEASE));
        return entries.subList(taken + 1, entries.size()).stream()
                .filter(entry -> entry instanceof Entry.Calling calling && calling.call() == Call.FENCE)
                .map(Entry::at)
                .findFirst();
    }

    /** Since when this run has been trying to un-fence; empty when it has not, or has done so. */
    Optional<Instant> unfencingSince() {
        int done = lastIndex(
                Entry.Called.class, called -> called.call() == Call.UNFENCE && called.result() == Entry.Result.DONE);
        return entries.subList(Math.max(done, runBeginning()) + 1, entries.size()).stream()
                .filter(entry -> entry instanceof Entry.Calling calling && calling.call() == Call.UNFENCE)
                .map(Entry::at)
                .findFirst();
    }

    /** How the failback is going to end, once traffic is put back; empty when it is not giving up. */
    Optional<Entry.GivingUp> givingUp() {
        return last(Entry.GivingUp.class, givingUp -> true);
    }

    /** Whether a live reverse stream of somebody else's was taken over. */
    boolean hasAdopted(String streamId) {
        return last(Entry.Adopted.class, adopted -> adopted.streamId().equals(streamId))
                .isPresent();
    }

    /** F, while it holds: not after an opening, an un-fence or a release, nor in a later run, which did not watch the fence. */
    Optional<Entry.FenceProven> fence() {
        int proven = lastIndex(Entry.FenceProven.class, fence -> true);
        int voided = Math.max(
                runBeginning(),
                Math.max(
                        lastIndex(Entry.FenceOpened.class, opened -> true),
                        lastIndex(
                                Entry.Calling.class,
                                calling -> calling.call() == Call.UNFENCE || calling.call() == Call.RELEASE)));
        return proven > voided ? Optional.of((Entry.FenceProven) entries.get(proven)) : Optional.empty();
    }

    /** Whether a proxy was seen open after the cutover was asked for. */
    boolean openedDuringCutover() {
        int patched = lastIndex(Entry.Calling.class, calling -> calling.call() == Call.INITIATE_CUTOVER);
        return patched >= 0 && lastIndex(Entry.FenceOpened.class, opened -> true) > patched;
    }

    /** Whether a fence of this failback was proven at any time. */
    boolean wasFenced() {
        return lastIndex(Entry.FenceProven.class, fence -> true) >= 0;
    }

    /** Since when the latest seen entries have all had this status, by our clock; empty when the last one has not. */
    Optional<Instant> seenSince(Predicate<Entry.Seen> what) {
        Instant since = null;
        for (Entry entry : reversed()) {
            if (entry instanceof Entry.Seen seen) {
                if (!what.test(seen)) {
                    break;
                }
                since = seen.at();
            }
        }
        return Optional.ofNullable(since);
    }

    /** Whether a stream was seen in this failback before it was canceled or completed. */
    boolean hasSeenLive(String streamId) {
        return last(
                        Entry.Seen.class,
                        seen -> streamId.equals(seen.streamId())
                                && StreamStatus.named(seen.status()).isLive())
                .isPresent();
    }

    /** What was seen last; empty when nothing was yet. */
    Optional<Entry.Seen> lastSeen() {
        return last(Entry.Seen.class, seen -> true);
    }

    /** Every loss window. */
    public List<Entry.LossWindow> lossWindows() {
        return all(Entry.LossWindow.class).toList();
    }

    /** Whether a person asked this run to end. */
    boolean abortRequested() {
        return lastIndex(Entry.AbortRequested.class, abort -> true) > runBeginning();
    }

    private int runBeginning() {
        return Math.max(0, lastIndex(Entry.Resumed.class, resumed -> true));
    }

    private static Predicate<Entry.Calling> begunOn(Call call, String target) {
        return calling -> calling.call() == call && calling.target().equals(target);
    }

    private static Predicate<Entry.Called> endedOn(Call call, String target) {
        return called -> called.call() == call && called.target().equals(target);
    }

    private <T extends Entry> Stream<T> all(Class<T> type) {
        return entries.stream().filter(type::isInstance).map(type::cast);
    }

    private <T extends Entry> Optional<T> last(Class<T> type, Predicate<T> which) {
        int index = lastIndex(type, which);
        return index < 0 ? Optional.empty() : Optional.of(type.cast(entries.get(index)));
    }

    private <T extends Entry> int lastIndex(Class<T> type, Predicate<T> which) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            if (type.isInstance(entries.get(i)) && which.test(type.cast(entries.get(i)))) {
                return i;
            }
        }
        return -1;
    }

    private List<Entry> reversed() {
        List<Entry> reversed = new ArrayList<>(entries);
        Collections.reverse(reversed);
        return reversed;
    }
}
