package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a failback cost, by its record.
 *
 * <p>Spans of time are differences of our own clock's times, at which things were recorded. F itself is cloud time and lies about
 * two seconds ahead of the recording of its proof, so the recovery time begins a little early: it may be overstated by that margin,
 * but does not depend on the skew of two clocks. Only a bound on lost writes has to compare both clocks, for replicated times are
 * the cloud's; it is exact up to their skew, which the preflight limits.
 *
 * @param began when the failback began
 * @param lastEntry when the record's last entry was made: the end, where it has one
 * @param outcome how the latest run ended; null when its end is not recorded
 * @param rto from the proof of the last fence before the release to the first answer that showed a client's way to P open; null
 *     when there was none
 * @param rpo what can be said about lost writes
 * @param writePause how long clients could not write: from the first fence call until all traffic was seen on P, or back on A.
 *     Openings in between are not subtracted; pauses between which this failback itself put traffic back are added up. Null when no
 *     pause ended
 * @param fencedSince the fence call that began a pause which has not ended in this record; null when there is none
 * @param lossWindows the words of every loss window
 */
public record Measures(
        Instant began,
        Instant lastEntry,
        Outcome outcome,
        Duration rto,
        Rpo rpo,
        Duration writePause,
        Instant fencedSince,
        List<String> lossWindows) {

    public Measures {
        lossWindows = List.copyOf(lossWindows);
    }

    /** Measures a failback, which need not be over. */
    public static Measures of(FailbackRecord record) {
        List<Entry> entries = record.entries();
        Entry last = entries.get(entries.size() - 1);
        Pause pause = Pause.in(entries);
        return new Measures(
                record.beginning().at(),
                last.at(),
                last instanceof Entry.Ended ended ? ended.outcome() : null,
                new Entries(entries).rto(),
                new Entries(entries).rpo(),
                pause.over(),
                pause.since(),
                record.lossWindows().stream().map(Entry.LossWindow::words).toList());
    }

    /** From the beginning to the last entry, pauses between runs included. */
    public Duration duration() {
        return span(began, lastEntry);
    }

    /** Never negative, for clocks are set back at times. */
    private static Duration span(Instant from, Instant to) {
        return to.isBefore(from) ? Duration.ZERO : Duration.between(from, to);
    }

    private static boolean isSeen(Entry entry, Traffic... traffic) {
        return entry instanceof Entry.Seen seen
                && List.of(traffic).stream().anyMatch(one -> one.words().equals(seen.traffic()));
    }

    private static boolean isSeen(Entry entry, StreamStatus... status) {
        return entry instanceof Entry.Seen seen
                && List.of(status).stream().anyMatch(one -> one.name().equals(seen.status()));
    }

    private static boolean isCalling(Entry entry, Call call) {
        return entry instanceof Entry.Calling calling && calling.call() == call;
    }

    private static boolean isDone(Entry entry, Call call) {
        return entry instanceof Entry.Called called && called.call() == call && called.result() == Entry.Result.DONE;
    }

    /** The pauses that ended, together (null for none), and the beginning of one that did not (null for none). */
    private record Pause(Duration over, Instant since) {

        static Pause in(List<Entry> entries) {
            Duration over = null;
            Instant since = null;
            Instant end = null;
            boolean putBack = false;
            for (Entry entry : entries) {
                if (isCalling(entry, Call.FENCE)) {
                    if (since != null && end != null && putBack) {
                        over = plus(over, span(since, end));
                        since = null;
                    }
                    since = since == null ? entry.at() : since;
                    end = null; // what let clients through until now was an opening within the pause
                    putBack = false;
                } else if (isCalling(entry, Call.UNFENCE) || isCalling(entry, Call.RELEASE)) {
                    putBack = true;
                } else if (since != null && isSeen(entry, Traffic.ON_ACTIVE, Traffic.ON_ORIGINAL_PRIMARY)) {
                    end = end == null ? entry.at() : end;
                } else if (isSeen(entry, Traffic.FENCED) && !putBack) {
                    end = null;
                }
            }
            return end == null ? new Pause(over, since) : new Pause(plus(over, span(since, end)), null);
        }

        private static Duration plus(Duration over, Duration pause) {
            return over == null ? pause : over.plus(pause);
        }
    }

    /** The entries by their places, because their times may be equal, or set back. */
    private record Entries(List<Entry> list) {

        Duration rto() {
            int released = first(0, entry -> isCalling(entry, Call.RELEASE));
            int proven = last(released, Entry.FenceProven.class::isInstance);
            int unfenced = last(released, entry -> isCalling(entry, Call.UNFENCE));
            int arrived = released < 0
                    ? -1
                    : first(
                            released,
                            entry -> isDone(entry, Call.RELEASE) || isSeen(entry, Traffic.ON_ORIGINAL_PRIMARY));
            return proven > unfenced && arrived >= 0
                    ? span(list.get(proven).at(), list.get(arrived).at())
                    : null;
        }

        Rpo rpo() {
            int patch = firstPatch();
            int taken = first(
                    Math.max(patch, 0), entry -> isSeen(entry, StreamStatus.FAILING_OVER, StreamStatus.COMPLETED));
            if (patch < 0) {
                return taken < 0
                        ? Rpo.noCutover()
                        : Rpo.unknown(
                                "The cutover was not asked for in this record, so what came before it is not known.");
            }
            if (isSeen(list.get(Math.max(last(list.size(), Entry.Seen.class::isInstance), 0)), StreamStatus.CANCELED)) {
                return Rpo.noCutover();
            }
            if (list.stream()
                    .anyMatch(entry ->
                            entry instanceof Entry.Approved approved && approved.gate() == Gate.DISCARD_WRITES)) {
                return Rpo.unknown("Discarding every write after a cutover time was approved, and the record does not"
                        + " hold that time.");
            }
            int opened =
                    last(list.size(), entry -> entry instanceof Entry.FenceOpened || entry instanceof Entry.LossWindow);
            int proven = last(patch, Entry.FenceProven.class::isInstance);
            if (proven > opened && hadArrived(proven, patch)) {
                return Rpo.zero("Everything up to the fence instant, "
                        + Words.time(((Entry.FenceProven) list.get(proven)).fenceInstant())
                        + ", was seen replicated before the cutover was asked for, and no opening was seen after it.");
            }
            return bound(patch, taken, opened);
        }

        private Rpo bound(int patch, int taken, int opened) {
            int answered = earlier(taken, first(patch, entry -> isDone(entry, Call.INITIATE_CUTOVER)));
            if (answered < 0) {
                return Rpo.unknown("It is not known whether the cutover took place.");
            }
            int closed = opened < patch ? answered : first(opened, entry -> isDone(entry, Call.FENCE));
            if (closed < 0) {
                return Rpo.unknown("Clients could write to A after the cutover was asked for, and no fence was seen"
                        + " closed since.");
            }
            int replicated = last(answered, entry -> entry instanceof Entry.Seen seen && seen.replicatedTime() != null);
            if (replicated < 0) {
                return Rpo.unknown("No replicated time was seen before the cutover.");
            }
            Instant from = ((Entry.Seen) list.get(replicated)).replicatedTime();
            Instant to = list.get(Math.max(answered, closed)).at();
            boolean proxied =
                    list.stream().anyMatch(entry -> entry instanceof Entry.Seen seen && seen.traffic() != null);
            return Rpo.bound(
                    span(from, to),
                    "Replicated up to " + Words.time(from) + " for certain; "
                            + (closed > answered
                                    ? "the fence was closed again at "
                                    : "the cutover was known to be accepted at ")
                            + Words.time(to) + "."
                            + (proxied
                                    ? ""
                                    : " Writes to A after that are not counted: no proxy told where clients were."));
        }

        private boolean hadArrived(int proven, int patch) {
            Instant fence = ((Entry.FenceProven) list.get(proven)).fenceInstant();
            return last(
                            patch,
                            entry -> entry instanceof Entry.Seen seen
                                    && seen.replicatedTime() != null
                                    && !seen.replicatedTime().isBefore(fence))
                    > Math.max(proven, last(patch, entry -> isCalling(entry, Call.UNFENCE)));
        }

        /** The first PATCH that may have taken effect. */
        private int firstPatch() {
            return first(0, entry -> isCalling(entry, Call.INITIATE_CUTOVER) && !wasRefused(list.indexOf(entry)));
        }

        private boolean wasRefused(int patch) {
            int next = first(
                    patch + 1,
                    entry -> isCalling(entry, Call.INITIATE_CUTOVER)
                            || entry instanceof Entry.Called called && called.call() == Call.INITIATE_CUTOVER);
            return next >= 0
                    && list.get(next) instanceof Entry.Called called
                    && called.result() == Entry.Result.REFUSED;
        }

        private static int earlier(int one, int other) {
            return one < 0 || other < 0 ? Math.max(one, other) : Math.min(one, other);
        }

        /** The first place from this one on, or -1. */
        private int first(int from, Predicate<Entry> which) {
            for (int i = from; i < list.size(); i++) {
                if (which.test(list.get(i))) {
                    return i;
                }
            }
            return -1;
        }

        /** The last place before this one, or -1. */
        private int last(int before, Predicate<Entry> which) {
            for (int i = before - 1; i >= 0; i--) {
                if (which.test(list.get(i))) {
                    return i;
                }
            }
            return -1;
        }
    }
}
