package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
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

    /**
     * The same record with one more entry.
     *
     * @throws IllegalArgumentException if that is another {@link Entry.Began}
     */
    public FailbackRecord with(Entry entry) {
        if (entry instanceof Entry.Began) {
            throw new IllegalArgumentException("a record has one beginning");
        }
        List<Entry> more = new ArrayList<>(entries.size() + 1);
        more.addAll(entries);
        more.add(Objects.requireNonNull(entry, "entry"));
        return new FailbackRecord(Collections.unmodifiableList(more));
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

    /** Who drives this run. */
    public String lastDriver() {
        return last(Entry.Resumed.class, resumed -> true)
                .map(Entry.Resumed::driver)
                .orElse(beginning().driver());
    }

    /** How the failback ended; empty while it is open. Whatever was recorded after an end that leaves it open reopens it. */
    public Optional<Entry.Ended> end() {
        return entries.get(entries.size() - 1) instanceof Entry.Ended ended
                        && !ended.outcome().leavesRecordOpen()
                ? Optional.of(ended)
                : Optional.empty();
    }

    /**
     * The approval of a gate that holds now: bound to this stream and cluster, not expired, and not used up by an un-fence. What
     * an earlier run was given for its fence is used up, too, once clients were seen on A again: somebody un-fenced by hand.
     *
     * @param streamId null when there is no stream yet
     */
    Optional<Entry.Approved> approval(Gate gate, String streamId, String clusterId, Duration limit, Instant now) {
        int approved = lastIndex(
                Entry.Approved.class,
                approval -> approval.gate() == gate
                        && Objects.equals(approval.streamId(), streamId)
                        && Objects.equals(approval.clusterId(), clusterId));
        if (approved < 0 || approved < lastUnfence() || (approved < runBeginning() && wasUnfencedByHand(approved))) {
            return Optional.empty();
        }
        Entry.Approved approval = (Entry.Approved) entries.get(approved);
        return approval.at().plus(limit).isBefore(now) ? Optional.empty() : Optional.of(approval);
    }

    private boolean wasUnfencedByHand(int approved) {
        int fenced = lastIndex(Entry.Calling.class, calling -> calling.call() == Call.FENCE);
        return fenced > approved && lastIndex(Entry.Seen.class, FailbackRecord::isOnActive) > fenced;
    }

    private static boolean isOnActive(Entry.Seen seen) {
        return Traffic.ON_ACTIVE.words().equals(seen.traffic());
    }

    /** Whether a gate was passed for this stream and used: a call of this kind was begun after it, and nothing un-fenced since. */
    boolean hasUsed(Gate gate, String streamId, Call call) {
        return hasUsedSince(0, gate, streamId, call);
    }

    /** The same, if this run itself began the call. */
    boolean hasUsedInThisRun(Gate gate, String streamId, Call call) {
        return hasUsedSince(runBeginning(), gate, streamId, call);
    }

    private boolean hasUsedSince(int from, Gate gate, String streamId, Call call) {
        int approved = lastIndex(
                Entry.Approved.class,
                approval -> approval.gate() == gate && Objects.equals(approval.streamId(), streamId));
        return approved >= 0
                && approved > lastUnfence()
                && lastIndex(Entry.Calling.class, calling -> calling.call() == call) > Math.max(approved, from);
    }

    /** Where the last un-fence was begun; one that the stream's state forbade was none. */
    private int lastUnfence() {
        for (int i = entries.size() - 1; i >= 0; i--) {
            if (entries.get(i) instanceof Entry.Calling calling
                    && calling.call() == Call.UNFENCE
                    && resultOf(i) != Entry.Result.REFUSED) {
                return i;
            }
        }
        return -1;
    }

    /** What came of the call that was begun there; unknown while nothing has. */
    private Entry.Result resultOf(int begun) {
        Entry.Calling calling = (Entry.Calling) entries.get(begun);
        return entries.subList(begun + 1, entries.size()).stream()
                .filter(Entry.Called.class::isInstance)
                .map(Entry.Called.class::cast)
                .filter(endedOn(calling.call(), calling.target()))
                .map(Entry.Called::result)
                .findFirst()
                .orElse(Entry.Result.UNKNOWN);
    }

    /** How a gate was last answered in this run, when the answer was no. */
    Optional<Entry.NotApproved> refusal(Gate gate) {
        int refused = lastIndex(Entry.NotApproved.class, refusal -> refusal.gate() == gate);
        int approved = lastIndex(Entry.Approved.class, approval -> approval.gate() == gate);
        return refused > Math.max(approved, runBeginning())
                ? Optional.of((Entry.NotApproved) entries.get(refused))
                : Optional.empty();
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

    /** Whether every time that a call on this target was begun, it definitely had no effect. False if it never was begun. */
    boolean everyCallRefused(Call call, String target) {
        return Integer.valueOf(0).equals(notRefused(call).get(target));
    }

    /** Whether a call, on whatever target, was begun that may have had effect. */
    public boolean mayHaveHadEffect(Call call) {
        return notRefused(call).values().stream().anyMatch(count -> count != 0);
    }

    /** How often the call was begun on each target without being known to have had no effect; in the order in which it first was. */
    private Map<String, Integer> notRefused(Call call) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Calling calling && calling.call() == call) {
                counts.merge(calling.target(), 1, Integer::sum);
            } else if (entry instanceof Entry.Called called
                    && called.call() == call
                    && called.result().isWithoutEffect()) {
                counts.merge(called.target(), -1, Integer::sum);
            }
        }
        return counts;
    }

    /**
     * How a run counts that stopped in the middle.
     *
     * @param untouched how it counts when nothing of it can be in doubt
     */
    public Outcome leftAs(Outcome untouched) {
        if (mayHaveHadEffect(Call.INITIATE_CUTOVER)) {
            return Outcome.IN_DOUBT;
        }
        if (!standingFences().isEmpty()) {
            return Outcome.STRANDED;
        }
        return unsettled(Call.CREATE_REVERSE_STREAM).isPresent() ? Outcome.IN_DOUBT : untouched;
    }

    /** When a call was begun whose fate is not known; empty when that of the latest one is. */
    public Optional<Instant> unsettled(Call call) {
        int begun = lastIndex(Entry.Calling.class, calling -> calling.call() == call);
        int settled = lastIndex(
                Entry.Called.class, called -> called.call() == call && called.result() != Entry.Result.UNKNOWN);
        return begun > settled ? Optional.of(entries.get(begun).at()) : Optional.empty();
    }

    /**
     * The proxies whose fence by this failback stands, each with when it was begun, in order. An un-fence takes a fence away,
     * and so does whoever puts clients back on A; a release ends it.
     */
    public Map<String, Instant> standingFences() {
        Map<String, Instant> standing = new LinkedHashMap<>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Calling calling && calling.call() == Call.FENCE) {
                standing.putIfAbsent(calling.target(), calling.at());
            } else if (entry instanceof Entry.Calling calling && calling.call() == Call.RELEASE) {
                standing.remove(calling.target());
            } else if (entry instanceof Entry.Called called
                    && called.call() == Call.UNFENCE
                    && called.result() == Entry.Result.DONE) {
                standing.remove(called.target());
            } else if (entry instanceof Entry.Seen seen && isOnActive(seen)) {
                standing.clear();
            }
        }
        return standing;
    }

    /** When this run first fenced on its latest approval of gate 2; empty when it has not. */
    Optional<Instant> fencingSince() {
        int approved = lastIndex(Entry.Approved.class, approval -> approval.gate() == Gate.CUT_OVER);
        int from = Math.max(Math.max(approved, lastUnfence()), runBeginning());
        return entries.subList(from + 1, entries.size()).stream()
                .filter(entry -> entry instanceof Entry.Calling calling && calling.call() == Call.FENCE)
                .map(Entry::at)
                .findFirst();
    }

    /**
     * Since when this run has been trying to un-fence a proxy; empty when it has not, or has done so. What the stream's state
     * forbade was no attempt.
     */
    Optional<Instant> unfencingSince() {
        Map<String, Instant> trying = new LinkedHashMap<>();
        for (Entry entry : entries.subList(runBeginning(), entries.size())) {
            if (entry instanceof Entry.Calling calling && calling.call() == Call.UNFENCE) {
                trying.putIfAbsent(calling.target(), calling.at());
            } else if (entry instanceof Entry.Calling calling && calling.call() == Call.FENCE) {
                trying.remove(calling.target());
            } else if (entry instanceof Entry.Called called
                    && called.call() == Call.UNFENCE
                    && called.result() != Entry.Result.UNKNOWN) {
                trying.remove(called.target());
            } else if (entry instanceof Entry.Seen seen && isOnActive(seen)) {
                trying.clear();
            }
        }
        return trying.values().stream().min(Comparator.naturalOrder());
    }

    /** When one of these calls last ended otherwise than done, if that was the last thing that it did; to pace what is repeated. */
    Optional<Instant> lastFailed(Call call) {
        return last(Entry.Called.class, called -> called.call() == call)
                .filter(called -> called.result() != Entry.Result.DONE)
                .map(Entry::at);
    }

    /** When one of these calls last ended without an answer, so that what was asked for may happen yet; empty when none did. */
    Optional<Instant> unanswered(Call call) {
        return last(Entry.Called.class, called -> called.call() == call && called.result() == Entry.Result.UNKNOWN)
                .map(Entry::at);
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
                Math.max(runBeginning(), lastUnfence()),
                Math.max(
                        lastIndex(Entry.FenceOpened.class, opened -> true),
                        lastIndex(Entry.Calling.class, calling -> calling.call() == Call.RELEASE)));
        return proven > voided ? Optional.of((Entry.FenceProven) entries.get(proven)) : Optional.empty();
    }

    /** Whether a proxy was seen open after the cutover was asked for. */
    boolean openedDuringCutover() {
        int patched = firstPatch();
        return patched >= 0 && lastIndex(Entry.FenceOpened.class, opened -> true) > patched;
    }

    /** Where the cutover was first asked for with a call that may have had effect; negative when it was not. */
    private int firstPatch() {
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i) instanceof Entry.Calling calling
                    && calling.call() == Call.INITIATE_CUTOVER
                    && !resultOf(i).isWithoutEffect()) {
                return i;
            }
        }
        return -1;
    }

    /** Whether this failback itself asked for the cutover, and did so behind a fence that was proven and held. */
    boolean cutOverBehindFence() {
        int patched = firstPatch();
        return patched >= 0 && of(entries.subList(0, patched)).fence().isPresent();
    }

    /** When the cutover was last definitely refused; empty when it never was. */
    Optional<Instant> cutoverRefused() {
        return last(
                        Entry.Called.class,
                        called -> called.call() == Call.INITIATE_CUTOVER && called.result() == Entry.Result.REFUSED)
                .map(Entry::at);
    }

    /** The time that the first call on this stream, which may have had effect, asked to cut over to; empty for the latest. */
    Optional<Instant> cutoverTimeAsked() {
        int patched = firstPatch();
        return patched > 0 && entries.get(patched - 1) instanceof Entry.CutoverTimeAsked asked
                ? Optional.of(asked.failoverAt())
                : Optional.empty();
    }

    /** Whether this run itself saw every proxy fenced. */
    boolean sawFenceInThisRun() {
        return lastIndex(Entry.FenceProven.class, fence -> true) > runBeginning()
                || lastIndex(Entry.Seen.class, seen -> Traffic.FENCED.words().equals(seen.traffic())) > runBeginning();
    }

    /** Since when the cloud cannot be read in this run; empty when it can. */
    Optional<Instant> blindSince() {
        int blind = lastIndex(Entry.Blind.class, entry -> true);
        int seen = lastIndex(Entry.Seen.class, entry -> true);
        return blind > Math.max(seen, runBeginning())
                ? Optional.of(entries.get(blind).at())
                : Optional.empty();
    }

    /** Since when this run has been seeing traffic like that without a break; empty when it does not. What is blind sees nothing. */
    Optional<Instant> seenTrafficSince(Traffic... which) {
        Set<String> words = Arrays.stream(which).map(Traffic::words).collect(Collectors.toSet());
        Instant since = null;
        for (Entry entry : reversed()) {
            boolean otherwise = entry instanceof Entry.Seen seen && !words.contains(String.valueOf(seen.traffic()));
            if (otherwise || entry instanceof Entry.Blind) {
                break;
            }
            since = entry instanceof Entry.Seen seen ? seen.at() : since;
        }
        return Optional.ofNullable(since).map(this::inThisRun);
    }

    /** The later of an instant and this run's beginning: what an earlier run waited does not count against this one. */
    Instant inThisRun(Instant instant) {
        return instant.isBefore(runBegan()) ? runBegan() : instant;
    }

    /** The result of the verification that this run did last, after the last release; empty when it did none. */
    Optional<Entry.Verified> verified() {
        int verified = lastIndex(Entry.Verified.class, entry -> true);
        int released = lastIndex(Entry.Calling.class, calling -> calling.call() == Call.RELEASE);
        return verified > Math.max(released, runBeginning())
                ? Optional.of((Entry.Verified) entries.get(verified))
                : Optional.empty();
    }

    /** When this run first found that P does not serve. */
    Optional<Instant> firstUnverified() {
        return entries.subList(runBeginning(), entries.size()).stream()
                .filter(entry -> entry instanceof Entry.Verified verified && !verified.serves())
                .map(Entry::at)
                .findFirst();
    }

    /** Since when a stream has been seen in such a status without a break, by our clock; empty when it is not. */
    Optional<Instant> seenSince(String streamId, Predicate<StreamStatus> status) {
        return since(seen -> streamId.equals(seen.streamId()), seen -> status.test(StreamStatus.named(seen.status())));
    }

    /** Since when the latest looks have shown clients elsewhere than on P alone; empty when they show them there. */
    Optional<Instant> awayFromHomeSince() {
        return since(seen -> true, seen -> !Traffic.ON_ORIGINAL_PRIMARY.words().equals(seen.traffic()));
    }

    private Optional<Instant> since(Predicate<Entry.Seen> which, Predicate<Entry.Seen> what) {
        Instant since = null;
        for (Entry entry : reversed()) {
            if (entry instanceof Entry.Seen seen && which.test(seen)) {
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

    /** When a reverse stream was last seen that was not canceled, whichever; empty when none was. */
    Optional<Instant> lastUncanceledStreamSeen() {
        return last(
                        Entry.Seen.class,
                        seen -> seen.streamId() != null && StreamStatus.named(seen.status()) != StreamStatus.CANCELED)
                .map(Entry::at);
    }

    /** Since when the latest looks have shown no reverse stream, although there was one; empty when they show it. */
    Optional<Instant> streamMissingSince() {
        boolean wasThere =
                last(Entry.Seen.class, seen -> seen.streamId() != null).isPresent();
        return wasThere ? since(seen -> true, seen -> seen.streamId() == null) : Optional.empty();
    }

    /** Since when the latest examinations in this run could not read everything. */
    Optional<Instant> unreadSince() {
        Instant since = null;
        for (int i = entries.size() - 1; i > runBeginning(); i--) {
            if (entries.get(i) instanceof Entry.Examined examined) {
                if (examined.checks().stream().noneMatch(check -> check.name().equals(Observer.CAN_BE_READ))) {
                    break;
                }
                since = examined.at();
            }
        }
        return Optional.ofNullable(since);
    }

    /** What this run saw last; empty when it saw nothing yet, or could see nothing since. */
    Optional<Entry.Seen> lastSeen() {
        int seen = lastIndex(Entry.Seen.class, entry -> true);
        int unseen = Math.max(lastIndex(Entry.Blind.class, blind -> true), runBeginning());
        return seen > unseen ? Optional.of((Entry.Seen) entries.get(seen)) : Optional.empty();
    }

    /** The last status that the stream was seen in, in whatever run; empty when it never was. */
    Optional<StreamStatus> lastStatus(String streamId) {
        return last(Entry.Seen.class, seen -> streamId.equals(seen.streamId()))
                .map(seen -> StreamStatus.named(seen.status()));
    }

    /** The status in which any stream was seen last; empty when none was. */
    Optional<StreamStatus> lastStatus() {
        return last(Entry.Seen.class, seen -> seen.streamId() != null).map(seen -> StreamStatus.named(seen.status()));
    }

    /** Whether a proxy that had been let go to P was found fenced later, and not by this failback. */
    boolean foundReleasedProxyFenced() {
        Set<String> released = new HashSet<>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Called called
                    && called.call() == Call.RELEASE
                    && called.result() == Entry.Result.DONE) {
                released.add(called.target());
            } else if (entry instanceof Entry.Calling calling && calling.call() == Call.FENCE) {
                released.remove(calling.target());
            } else if (entry instanceof Entry.Calling calling
                    && calling.call() == Call.RELEASE
                    && released.contains(calling.target())) {
                return true;
            }
        }
        return false;
    }

    /** Every stream that this failback asked to cut over, with a call that may have had effect. */
    Set<String> cutOver() {
        Map<String, Integer> streams = notRefused(Call.INITIATE_CUTOVER);
        streams.values().removeIf(count -> count == 0);
        return streams.keySet();
    }

    /** Whether this run has recorded that loss window. */
    boolean hasLossWindowInThisRun(String words) {
        return lastIndex(Entry.LossWindow.class, loss -> loss.words().equals(words)) > runBeginning();
    }

    /** What people call the two clusters; empty until they were read. */
    public Optional<Entry.Named> names() {
        return last(Entry.Named.class, named -> true);
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
