package io.jenkins.plugins.cockroachdb.report;

import static io.jenkins.plugins.cockroachdb.report.Entries.isSeen;
import static io.jenkins.plugins.cockroachdb.report.Entries.span;

import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a record proves about lost writes. In doubt it says less: nothing counts as evidence that the run which asked for the
 * cutover did not see itself, and a fence that nobody watched counts as open.
 */
final class LostWrites {

    private static final String BYPASS = " Clients that bypass the proxies are not covered by this.";

    private final Entries entries;
    private final List<Attempt> cutovers;

    /** The first call that may have been the one that took effect; evidence has to be older than it. */
    private final int asked;

    private LostWrites(Entries entries) {
        this.entries = entries;
        cutovers = entries.attempts(Call.INITIATE_CUTOVER).stream()
                .filter(Attempt::mayHaveHadEffect)
                .toList();
        asked = cutovers.isEmpty() ? -1 : cutovers.get(0).begun();
    }

    static Rpo in(Entries entries) {
        return new LostWrites(entries).rpo();
    }

    private Rpo rpo() {
        int taken = entries.first(
                Math.max(asked, 0), entry -> isSeen(entry, StreamStatus.FAILING_OVER, StreamStatus.COMPLETED));
        if (asked < 0) {
            return taken < 0
                    ? Rpo.noCutover()
                    : Rpo.unknown("The cutover was not asked for in this record, so what came before it is not known.");
        }
        if (isCanceled(cutovers.get(cutovers.size() - 1).calling().target())) {
            return Rpo.noCutover();
        }
        int accepted = cutovers.stream()
                .filter(Attempt::isDone)
                .mapToInt(Attempt::answered)
                .filter(answered -> taken < 0 || answered < taken)
                .min()
                .orElse(taken);
        if (accepted < 0) {
            return Rpo.unknown("It is not known whether the cutover took place.");
        }
        Optional<Instant> cutoverTime = cutoverTime();
        Optional<Instant> fence = fence();
        int opened = opened();
        if (fence.isPresent() && opened < 0) {
            boolean discards = cutoverTime.isPresent() && cutoverTime.get().isBefore(fence.get());
            if (unwatchedFrom() < 0) {
                if (discards) {
                    return Rpo.discarded(
                            span(cutoverTime.get(), fence.get()),
                            "The cutover was asked for to " + Words.time(cutoverTime.get())
                                    + ", and writes ended at the fence instant, " + Words.time(fence.get())
                                    + ": what was written in between is gone." + BYPASS);
                }
                if (hadArrived(fence.get())) {
                    return Rpo.zero("Everything up to the fence instant, " + Words.time(fence.get())
                            + ", was seen replicated before the cutover was asked for, and no opening was seen after it."
                            + BYPASS);
                }
            } else if (!discards && hadArrived(fence.get())) {
                return unwatched(fence.get());
            }
        }
        return bound(accepted, opened, cutoverTime);
    }

    /** Whether that stream was canceled; what became of another, as of a forward stream, does not matter. */
    private boolean isCanceled(String stream) {
        int last = entries.last(
                entries.size(), entry -> entry instanceof Entry.Seen seen && stream.equals(seen.streamId()));
        return last >= 0 && isSeen(entries.get(last), StreamStatus.CANCELED);
    }

    /** The time that was asked for; the earliest, when calls with different times may have taken effect. */
    private Optional<Instant> cutoverTime() {
        return cutovers.stream()
                .map(attempt -> {
                    int before = entries.last(
                            attempt.begun(),
                            entry -> entry instanceof Entry.CutoverTimeAsked
                                    || entry instanceof Entry.Calling calling
                                            && calling.call() == Call.INITIATE_CUTOVER);
                    return before >= 0 && entries.get(before) instanceof Entry.CutoverTimeAsked time
                            ? time.failoverAt()
                            : null;
                })
                .filter(time -> time != null)
                .min(Comparator.naturalOrder());
    }

    /** F, if it held when the cutover was asked for: a later run, an opening, an un-fence or a release voids it. */
    private Optional<Instant> fence() {
        int proven = entries.last(asked, Entry.FenceProven.class::isInstance);
        int voided = entries.last(
                asked,
                entry -> entry instanceof Entry.Resumed
                        || entry instanceof Entry.FenceOpened
                        || entry instanceof Entry.LossWindow);
        voided = Math.max(voided, entries.lastBegun(Call.UNFENCE, asked));
        voided = Math.max(voided, entries.lastBegun(Call.RELEASE, asked));
        return proven > voided
                ? Optional.of(((Entry.FenceProven) entries.get(proven)).fenceInstant())
                : Optional.empty();
    }

    private boolean hadArrived(Instant fence) {
        int proven = entries.last(asked, Entry.FenceProven.class::isInstance);
        String stream = cutovers.get(0).calling().target();
        return entries.last(
                        asked,
                        entry -> entry instanceof Entry.Seen seen
                                && stream.equals(seen.streamId())
                                && seen.replicatedTime() != null
                                && !seen.replicatedTime().isBefore(fence))
                > proven;
    }

    /** Where clients last could write to A after the cutover was asked for, as far as was seen; or -1. */
    private int opened() {
        int opened = entries.last(
                entries.size(), entry -> entry instanceof Entry.FenceOpened || entry instanceof Entry.LossWindow);
        int latest = Math.max(opened, entries.lastBegun(Call.UNFENCE, entries.size()));
        return latest > asked ? latest : -1;
    }

    /** From where on no run watched the fence before all clients were on P, because a run had ended; or -1. */
    private int unwatchedFrom() {
        int resumed = entries.first(asked, Entry.Resumed.class::isInstance);
        if (resumed >= 0 && resumed < home()) {
            return resumed - 1;
        }
        return endedBeforeHome() ? entries.size() - 1 : -1;
    }

    /** Where the fence, or traffic on P, was seen again after the last time that no run watched; or -1. */
    private int watchedAgain() {
        return endedBeforeHome()
                ? -1
                : entries.first(
                        entries.last(home(), Entry.Resumed.class::isInstance),
                        entry -> entry instanceof Entry.FenceProven
                                || isSeen(entry, Traffic.FENCED, Traffic.ON_ORIGINAL_PRIMARY));
    }

    /** Where all clients were first seen on P, and a fence was needed no more; the end of the record when they were not. */
    private int home() {
        int home = entries.first(asked, entry -> isSeen(entry, Traffic.ON_ORIGINAL_PRIMARY));
        return home < 0 ? entries.size() : home;
    }

    private boolean endedBeforeHome() {
        return home() == entries.size() && entries.get(entries.size() - 1) instanceof Entry.Ended;
    }

    private Rpo unwatched(Instant fence) {
        int from = unwatchedFrom();
        int to = watchedAgain();
        String because = "Everything up to the fence instant, " + Words.time(fence)
                + ", was seen replicated before the cutover was asked for, but from " + Words.time(entries.at(from));
        return to < 0
                ? Rpo.unknown(because + " on no run watched the fence.")
                : Rpo.bound(
                        span(entries.at(from), entries.at(to)),
                        because + " to " + Words.time(entries.at(to))
                                + " no run watched the fence: only what a proxy let through then can be lost."
                                + BYPASS);
    }

    private Rpo bound(int accepted, int opened, Optional<Instant> cutoverTime) {
        int closed = accepted;
        if (opened >= 0) {
            closed = closedAfter(opened);
            if (closed < 0) {
                return Rpo.unknown("Clients could write to A after the cutover was asked for, and no fence was seen"
                        + " closed since.");
            }
        }
        boolean proxied = entries.first(0, entry -> entry instanceof Entry.Seen seen && seen.traffic() != null) >= 0;
        if (proxied && unwatchedFrom() >= 0) {
            int again = watchedAgain();
            if (again < 0) {
                return Rpo.unknown(
                        "No run has seen the fence closed since a run ended that had asked for the cutover.");
            }
            closed = Math.max(closed, again);
        }
        int replicated =
                entries.last(accepted, entry -> entry instanceof Entry.Seen seen && seen.replicatedTime() != null);
        if (replicated < 0 && cutoverTime.isEmpty()) {
            return Rpo.unknown("No replicated time was seen before the cutover.");
        }
        Instant to = entries.at(Math.max(accepted, closed));
        Instant from = cutoverTime.orElseGet(() -> ((Entry.Seen) entries.get(replicated)).replicatedTime());
        String kept = cutoverTime.isPresent()
                ? "The cutover was asked for to " + Words.time(from) + "; "
                : "Replicated up to " + Words.time(from) + " for certain; ";
        if (!proxied && cutoverTime.isPresent() && from.isAfter(to)) {
            return Rpo.unknown(kept + "what A acknowledged after that is gone, and no proxy told until when it did.");
        }
        return Rpo.bound(
                span(from, to),
                kept
                        + (closed > accepted
                                ? "the fence was seen closed again at "
                                : "the cutover was known to be accepted at ")
                        + Words.time(to) + "."
                        + (proxied
                                ? BYPASS
                                : " Writes to A after that are not counted: no proxy told where clients were."));
    }

    /** Where every proxy was closed again after an opening; or -1. One that was open is in the next fence, with the others. */
    private int closedAfter(int opened) {
        int seen =
                entries.first(opened + 1, entry -> entry instanceof Entry.FenceProven || isSeen(entry, Traffic.FENCED));
        List<Attempt> later = entries.attempts(Call.FENCE).stream()
                .filter(attempt -> attempt.begun() > opened)
                .toList();
        if (later.isEmpty()) {
            return seen;
        }
        int answered = entries.first(later.get(0).begun(), entry -> !(entry instanceof Entry.Calling));
        List<Attempt> together = later.stream()
                .filter(attempt -> answered < 0 || attempt.begun() < answered)
                .toList();
        if (!together.stream().allMatch(Attempt::isDone)) {
            return seen;
        }
        int fenced = together.stream().mapToInt(Attempt::answered).max().orElseThrow();
        return seen < 0 ? fenced : Math.min(seen, fenced);
    }
}
