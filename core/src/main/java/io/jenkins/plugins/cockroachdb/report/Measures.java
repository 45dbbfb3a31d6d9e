package io.jenkins.plugins.cockroachdb.report;

import static io.jenkins.plugins.cockroachdb.report.Entries.isSeen;
import static io.jenkins.plugins.cockroachdb.report.Entries.span;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

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
 * @param recovery from the fence to clients on P (RTO); null when that was not seen
 * @param rpo what can be said about lost writes
 * @param writePause how long clients could not write: from the first fence call until the last proxy was released or un-fenced, or
 *     traffic was seen on one cluster alone. Openings in between are not subtracted; pauses between which this failback itself put
 *     traffic back are added up. Null when no pause ended
 * @param fencedSince the fence call that began a pause which has not ended in this record; null when there is none
 * @param lossWindows the words of every loss window: those recorded, and the span of lost writes
 */
public record Measures(
        Instant began,
        Instant lastEntry,
        Outcome outcome,
        Recovery recovery,
        Rpo rpo,
        Duration writePause,
        Instant fencedSince,
        List<String> lossWindows) {

    public Measures {
        lossWindows = List.copyOf(lossWindows);
    }

    /**
     * The recovery time.
     *
     * @param time from the proof of the fence that lasted until the release
     * @param verified whether it ends when P was first verified to serve, rather than when the release was answered
     */
    public record Recovery(Duration time, boolean verified) {}

    /** Measures a failback, which need not be over. */
    public static Measures of(FailbackRecord record) {
        Entries entries = new Entries(record.entries());
        Entry last = entries.get(entries.size() - 1);
        Pause pause = Pause.in(entries);
        Rpo rpo = LostWrites.in(entries);
        // A span of lost writes is a loss window too, whether anybody recorded it as one or not.
        Stream<String> span = rpo.span() == null ? Stream.empty() : Stream.of(rpo.because());
        return new Measures(
                record.beginning().at(),
                last.at(),
                last instanceof Entry.Ended ended ? ended.outcome() : null,
                recovery(entries),
                rpo,
                pause.over(),
                pause.since(),
                Stream.concat(record.lossWindows().stream().map(Entry.LossWindow::words), span)
                        .distinct()
                        .toList());
    }

    /** From the beginning to the last entry, pauses between runs included. */
    public Duration duration() {
        return span(began, lastEntry);
    }

    private static Recovery recovery(Entries entries) {
        int released = entries.attempts(Call.RELEASE).stream()
                .mapToInt(Attempt::begun)
                .findFirst()
                .orElse(-1);
        int proven = provenBefore(entries, released);
        if (proven < 0) {
            return null;
        }
        int answered = releaseAnswered(entries, released);
        int verified = entries.first(released, entry -> entry instanceof Entry.Verified answer && answer.serves());
        boolean inTheSameRun = verified >= 0
                && (answered < 0
                        || entries.last(verified, Entry.Resumed.class::isInstance)
                                <= entries.last(Math.max(answered, released), Entry.Resumed.class::isInstance));
        if (inTheSameRun) {
            return new Recovery(span(entries.at(proven), entries.at(verified)), true);
        }
        return answered < 0 ? null : new Recovery(span(entries.at(proven), entries.at(answered)), false);
    }

    /**
     * The first proof of the fence that lasted until the release. A later run proves it anew, which is no new fence; after an
     * opening or an un-fence it is one.
     */
    private static int provenBefore(Entries entries, int released) {
        int proven = entries.last(released, Entry.FenceProven.class::isInstance);
        int opened = Math.max(
                entries.last(proven, Entry.FenceOpened.class::isInstance), entries.lastBegun(Call.UNFENCE, proven));
        return entries.lastBegun(Call.UNFENCE, released) > proven || proven < 0
                ? -1
                : entries.first(opened + 1, Entry.FenceProven.class::isInstance);
    }

    /** Where every proxy that was released had been, or all traffic was seen on P; or -1. */
    private static int releaseAnswered(Entries entries, int released) {
        Map<String, Integer> done = new LinkedHashMap<>();
        entries.attempts(Call.RELEASE)
                .forEach(attempt -> done.merge(
                        attempt.calling().target(),
                        attempt.isDone() ? attempt.answered() : Integer.MAX_VALUE,
                        Math::min));
        int all = done.values().stream().mapToInt(place -> place).max().orElse(Integer.MAX_VALUE);
        int seen = entries.first(released, entry -> isSeen(entry, Traffic.ON_ORIGINAL_PRIMARY));
        int first = seen < 0 ? all : Math.min(seen, all);
        return first == Integer.MAX_VALUE ? -1 : first;
    }

    /** The pauses that ended, together (null for none), and the beginning of one that did not (null for none). */
    private record Pause(Duration over, Instant since) {

        static Pause in(Entries entries) {
            Set<Integer> puttingBack = new HashSet<>();
            for (Call call : List.of(Call.UNFENCE, Call.RELEASE)) {
                entries.attempts(call).stream()
                        .filter(Attempt::mayHaveHadEffect)
                        .forEach(attempt -> puttingBack.add(attempt.begun()));
            }
            Duration over = null;
            Instant since = null;
            Instant end = null;
            boolean putBack = false;
            Set<String> standing = new HashSet<>();
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get(i);
                if (entry instanceof Entry.Calling calling && calling.call() == Call.FENCE) {
                    if (since != null && end != null && putBack) {
                        over = plus(over, span(since, end));
                        since = null;
                    }
                    since = since == null ? entry.at() : since;
                    end = null; // what let clients through until now was an opening within the pause
                    putBack = false;
                    standing.add(calling.target());
                } else if (puttingBack.contains(i)) {
                    putBack = true;
                } else if (isPutBack(entry)) {
                    standing.remove(((Entry.Called) entry).target());
                    end = end == null && since != null && standing.isEmpty() ? entry.at() : end;
                } else if (since != null && isSeen(entry, Traffic.ON_ACTIVE, Traffic.ON_ORIGINAL_PRIMARY)) {
                    end = end == null ? entry.at() : end;
                } else if (isSeen(entry, Traffic.FENCED) && !putBack) {
                    end = null;
                }
            }
            return end == null ? new Pause(over, since) : new Pause(plus(over, span(since, end)), null);
        }

        private static boolean isPutBack(Entry entry) {
            return entry instanceof Entry.Called called
                    && (called.call() == Call.UNFENCE || called.call() == Call.RELEASE)
                    && called.result() == Entry.Result.DONE;
        }

        private static Duration plus(Duration over, Duration pause) {
            return over == null ? pause : over.plus(pause);
        }
    }
}
