package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RolesChanged;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.util.ArrayList;
import java.util.List;

/**
 * How it stands, for somebody who was woken up: one line, and what to do.
 *
 * @param mood how much of a hurry there is
 * @param line where clients are, and whether writes were lost
 * @param next what to do, in order; empty when nothing is
 */
record Verdict(Mood mood, String line, List<String> next) {

    /** How much of a hurry there is. */
    enum Mood {
        /** None. */
        GOOD,
        /** Something is left to do, and clients are served. */
        WARN,
        /** Clients may not be served. */
        BAD
    }

    static Verdict of(FailbackRecord record, Measures measures) {
        return new Judge(record, measures).verdict();
    }

    private static final class Judge {
        private final FailbackRecord record;
        private final Measures measures;
        private final String p;
        private final String a;
        private final boolean rolesChanged;
        private final boolean completed;
        private final boolean askedHere;

        /** Whether the cutover took place, or may yet. */
        private final boolean cutOver;

        private final List<String> next = new ArrayList<>();

        Judge(FailbackRecord record, Measures measures) {
            this.record = record;
            this.measures = measures;
            Names names = Names.in(record);
            p = names.originalPrimary();
            a = names.active();
            rolesChanged = RolesChanged.of(record).isPresent();
            Entries entries = new Entries(record.entries());
            completed = entries.first(0, entry -> Entries.isSeen(entry, StreamStatus.COMPLETED)) >= 0;
            boolean failingOver = entries.first(0, entry -> Entries.isSeen(entry, StreamStatus.FAILING_OVER)) >= 0;
            boolean canceled = lastSeen() != null && Entries.isSeen(lastSeen(), StreamStatus.CANCELED);
            askedHere = entries.lastBegun(Call.INITIATE_CUTOVER, entries.size()) >= 0;
            cutOver = completed || !canceled && (failingOver || askedHere);
        }

        Verdict verdict() {
            if (measures.outcome() == null) {
                return notEnded();
            }
            return switch (measures.outcome()) {
                case COMPLETED -> rolesChanged
                        ? home()
                        : new Verdict(Mood.GOOD, "Done. Nothing was cut over. " + traffic(), List.of());
                case UNPROTECTED -> unprotected();
                case FAILED, REFUSED, TIMED_OUT, ABORTED, USAGE -> notHome(measures.outcome());
                case IN_DOUBT -> inDoubt();
                case STRANDED -> stranded();
            };
        }

        private Verdict notEnded() {
            next.add("See whether a run is at work. If none is, run the failback again: it goes on from this record.");
            stayOffA();
            return verdict(
                    measures.fencedSince() == null ? Mood.WARN : Mood.BAD,
                    "Not ended: a run is at work, or was interrupted. " + traffic());
        }

        private Verdict home() {
            boolean mayHaveLost =
                    measures.rpo().span() != null || !measures.lossWindows().isEmpty();
            if (mayHaveLost) {
                next.add("Before " + a
                        + " is erased or made a standby, look there for the writes of the loss windows: they"
                        + " are nowhere else.");
            }
            return verdict(mayHaveLost ? Mood.WARN : Mood.GOOD, "Home. " + whoServes() + " " + lost());
        }

        private Verdict unprotected() {
            next.add("Read the reason above. If applications do not get answers from " + p + ", mend that first.");
            next.add(
                    "Until a stream from " + p + " to " + a + " has caught up, the next disaster loses data. It erases "
                            + a + ": first make sure that " + a + " holds nothing that is missing on " + p + ".");
            return verdict(Mood.WARN, "Home, but not safe yet. " + whoServes() + " " + lost());
        }

        private Verdict notHome(Outcome outcome) {
            String what =
                    switch (outcome) {
                        case REFUSED -> "Refused, not home.";
                        case TIMED_OUT -> "Out of time, not home.";
                        case ABORTED -> "Aborted, not home.";
                        case USAGE -> "Wrong arguments or settings: this run did nothing.";
                        default -> "Failed, not home.";
                    };
            next.add(firstStep(outcome));
            if (cutOver) {
                stayOffA();
            } else if (isLive()) {
                next.add("The stream goes on by itself, and the next run uses it. As long as it lives, " + p
                        + " is a standby, without data of its own. Cancel the stream only if " + p
                        + " shall not come back.");
            }
            return verdict(measures.fencedSince() == null ? Mood.WARN : Mood.BAD, what + " " + traffic());
        }

        private String firstStep(Outcome outcome) {
            if (outcome == Outcome.ABORTED) {
                return "Run the failback again when it is time.";
            }
            if (outcome == Outcome.USAGE) {
                return "Correct what the reason above names, and run the failback again.";
            }
            if (outcome == Outcome.FAILED) {
                return "Mend what the reason above names, then run the failback again.";
            }
            if (gateUnanswered()) {
                return "Run the failback again where somebody can answer its gates in time.";
            }
            if (outcome == Outcome.TIMED_OUT) {
                return "Find out what was slow, give it a longer limit, and run the failback again.";
            }
            boolean failedChecks = Words.lastExamination(record)
                    .filter(last -> last.checks().stream().anyMatch(Check::failed))
                    .isPresent();
            return failedChecks
                    ? "Do what the failed checks below say, then run the failback again."
                    : "Clear up the reason above, with whoever said no, then run the failback again.";
        }

        /** Whether the last gate was neither passed nor refused by anybody. */
        private boolean gateUnanswered() {
            Entry last = record.entries().stream()
                    .filter(entry -> entry instanceof Entry.NotApproved || entry instanceof Entry.Approved)
                    .reduce((first, second) -> second)
                    .orElse(null);
            return last instanceof Entry.NotApproved no
                    && (no.timedOut() || no.by().isEmpty());
        }

        private Verdict inDoubt() {
            next.add("Run the failback again: it goes on from this record and finds out.");
            stayOffA();
            return verdict(
                    Mood.BAD,
                    (cutOver
                                    ? "In doubt: the cutover was asked for, and is not known to be finished. "
                                    : "In doubt: it is not known what became of the last call. ")
                            + traffic());
        }

        private Verdict stranded() {
            if (completed) {
                next.add("Release the proxies to " + p + " by hand: the cutover is completed.");
            } else if (cutOver) {
                next.add("Look at the stream. Once it is COMPLETED, release the proxies to " + p
                        + ". While it is FAILING_OVER," + " wait. If it is CANCELED, un-fence them to " + a + ".");
            } else {
                next.add("Look at the stream. Unless it is FAILING_OVER or COMPLETED, un-fence the proxies to " + a
                        + " by hand.");
            }
            stayOffA();
            next.add("Then run the failback again: it goes on from this record.");
            return verdict(Mood.BAD, "ACT NOW: traffic is stopped. " + traffic());
        }

        private void stayOffA() {
            if (cutOver) {
                next.add("Do not put clients back on " + a + ": what they write there can be lost.");
            }
        }

        private Verdict verdict(Mood mood, String line) {
            return new Verdict(mood, line, List.copyOf(next));
        }

        private Entry.Seen lastSeen() {
            return record.entries().stream()
                    .filter(Entry.Seen.class::isInstance)
                    .map(Entry.Seen.class::cast)
                    .reduce((first, second) -> second)
                    .orElse(null);
        }

        private boolean isLive() {
            Entry.Seen seen = lastSeen();
            return seen != null
                    && Entries.isSeen(seen, StreamStatus.STARTING, StreamStatus.REPLICATING, StreamStatus.FAILING_OVER);
        }

        private String whoServes() {
            return Entries.isSeen(lastSeen(), Traffic.ON_ORIGINAL_PRIMARY)
                    ? p + " serves."
                    : p + " is a cluster of its own; nobody saw all clients there.";
        }

        private String lost() {
            Rpo rpo = measures.rpo();
            String openings = measures.lossWindows().isEmpty() ? "" : " See the loss windows.";
            return switch (rpo.kind()) {
                case ZERO -> "No write was lost.";
                case DISCARDED -> "The last " + Words.duration(rpo.span()) + " of writes were discarded, as asked for.";
                case BOUND -> (lastSeen().traffic() == null
                                ? "Writes of the " + Words.duration(rpo.span())
                                        + " before the cutover, and any after it,"
                                : "Writes of at most " + Words.duration(rpo.span()))
                        + " may be lost." + openings;
                case NO_CUTOVER, UNKNOWN -> askedHere
                        ? "Whether writes were lost is not known." + openings
                        : "The cutover was not asked for by this failback.";
            };
        }

        /** Where clients are, by the last entry that tells. */
        private String traffic() {
            if (measures.fencedSince() != null) {
                return "Clients cannot write since " + Words.time(measures.fencedSince()) + ".";
            }
            Entry.Seen seen = lastSeen();
            if (seen == null || seen.traffic() == null) {
                return cutOver ? "Where clients are is not known." : "This failback moved no clients.";
            }
            if (Entries.isSeen(seen, Traffic.ON_ACTIVE)) {
                return "Clients are on " + a + ".";
            }
            if (Entries.isSeen(seen, Traffic.ON_ORIGINAL_PRIMARY)) {
                return "Clients are on " + p + ".";
            }
            return Entries.isSeen(seen, Traffic.FENCED)
                    ? "Clients are fenced: they can write nowhere."
                    : Entries.isSeen(seen, Traffic.MIXED)
                            ? "Clients are not all on one cluster."
                            : "Where clients are is not known.";
        }
    }
}
