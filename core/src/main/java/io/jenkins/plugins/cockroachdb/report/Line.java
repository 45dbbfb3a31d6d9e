package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * An entry in the words of people, or several that tell of nothing but progress. Its text holds foreign text as it came; whoever
 * writes it out escapes it, all at once.
 *
 * @param text what happened
 * @param detail what was said about it; empty when nothing was
 */
record Line(Instant at, Tone tone, String text, String detail) {

    /** What an entry is to its reader. */
    enum Tone {
        /** Where the failback begins, goes on and ends. */
        RUN,
        /** What was seen, as expected. */
        SEEN,
        /** What a person decided. */
        GATE,
        /** What changed something. */
        CALL,
        /** What should worry. */
        ALARM
    }

    /** The whole record, in order. */
    static List<Line> of(FailbackRecord record) {
        return new Teller(record).lines();
    }

    private static Line plain(Entry entry, Tone tone, String text) {
        return new Line(entry.at(), tone, text, "");
    }

    static String call(Call call, Names names) {
        return switch (call) {
            case CREATE_REVERSE_STREAM -> "create the reverse stream";
            case FENCE -> "fence proxy";
            case UNFENCE -> "put clients back on " + names.active() + " at proxy";
            case INITIATE_CUTOVER -> "cut over stream";
            case RELEASE -> "let clients go to " + names.originalPrimary() + " at proxy";
            case CREATE_FORWARD_STREAM -> "create the forward stream";
        };
    }

    /** The call and what it was made on. */
    static String call(Entry.Calling calling, Names names) {
        boolean creation = calling.call() == Call.CREATE_REVERSE_STREAM || calling.call() == Call.CREATE_FORWARD_STREAM;
        return call(calling.call(), names) + " " + (creation ? names.stream(calling.target()) : calling.target());
    }

    static String result(Entry.Result result) {
        return switch (result) {
            case DONE -> "took effect";
            case REFUSED -> "was refused and had no effect";
            case NOT_TAKEN -> "was not taken and had no effect";
            case UNKNOWN -> "has an unknown fate";
        };
    }

    /** Goes through a record, and remembers what the next entry is compared with. */
    private static final class Teller {
        private final List<Entry> entries;
        private final List<Attempt> attempts;
        private final Names names;
        private Entry.Seen seenBefore;
        private boolean blind;
        private List<Check> checksBefore = List.of();

        Teller(FailbackRecord record) {
            entries = record.entries();
            attempts = Attempt.in(entries);
            names = Names.in(record);
        }

        List<Line> lines() {
            List<Line> lines = new ArrayList<>();
            int next = 0;
            while (next < entries.size()) {
                int end = endOfProgress(next);
                lines.add(end > next ? progress(entries.subList(next, end)) : line(next));
                next = Math.max(end, next + 1);
            }
            return lines;
        }

        /** Where a run of entries ends that tell of a moved replicated time and of nothing else; the same place when there is none. */
        private int endOfProgress(int from) {
            int end = from;
            Entry.Seen before = seenBefore;
            while (!blind
                    && end < entries.size()
                    && entries.get(end) instanceof Entry.Seen seen
                    && isProgress(before, seen)) {
                before = seen;
                end++;
            }
            return end;
        }

        private static boolean isProgress(Entry.Seen before, Entry.Seen seen) {
            return before != null
                    && Objects.equals(before.streamId(), seen.streamId())
                    && Objects.equals(before.status(), seen.status())
                    && Objects.equals(before.traffic(), seen.traffic())
                    && before.replicatedTime() != null
                    && seen.replicatedTime() != null
                    && !seen.replicatedTime().isBefore(before.replicatedTime());
        }

        private Line progress(List<Entry> run) {
            Entry.Seen last = (Entry.Seen) run.get(run.size() - 1);
            LongSummaryStatistics lag = run.stream()
                    .map(entry -> ((Entry.Seen) entry).lagSeconds())
                    .filter(Objects::nonNull)
                    .mapToLong(Long::longValue)
                    .summaryStatistics();
            String lags = lag.getCount() == 0
                    ? ""
                    : lag.getMin() == lag.getMax()
                            ? ", lag " + Words.lag(lag.getMin())
                            : ", lag between " + Words.lag(lag.getMin()) + " and " + Words.lag(lag.getMax());
            Line line = plain(
                    run.get(0),
                    Tone.SEEN,
                    "replicated_time advanced from " + Words.time(seenBefore.replicatedTime()) + " to "
                            + Words.time(last.replicatedTime()) + " in " + Words.count(run.size(), "step") + lags
                            + (run.size() == 1 ? "." : ", until " + Words.time(last.at()) + "."));
            seenBefore = last;
            return line;
        }

        private Line line(int place) {
            Entry entry = entries.get(place);
            if (entry instanceof Entry.Began began) {
                return plain(began, Tone.RUN, "The failback began, driven by " + began.driver() + ".");
            }
            if (entry instanceof Entry.Resumed resumed) {
                seenBefore = null; // another run's eyes: what it sees first is told in full
                return plain(resumed, Tone.RUN, "The failback was resumed, driven by " + resumed.driver() + ".");
            }
            if (entry instanceof Entry.Seen seen) {
                return seen(seen);
            }
            if (entry instanceof Entry.Named) {
                return plain(
                        entry,
                        Tone.SEEN,
                        "The original primary (P) is " + names.full(names.originalPrimaryId())
                                + ", the active cluster (A) " + names.full(names.activeId()) + ".");
            }
            if (entry instanceof Entry.Examined examined) {
                return examined(examined);
            }
            if (entry instanceof Entry.Blind unread) {
                blind = true;
                return new Line(unread.at(), Tone.ALARM, "The cloud could not be read any more.", unread.reason());
            }
            if (entry instanceof Entry.Adopted adopted) {
                return plain(
                        adopted,
                        Tone.CALL,
                        "Stream " + adopted.streamId()
                                + ", which somebody else created, is used. No gate 1 was needed.");
            }
            if (entry instanceof Entry.Asked asked) {
                return plain(asked, Tone.GATE, gate(asked.gate()) + ": asked.");
            }
            if (entry instanceof Entry.Approved approved) {
                return plain(
                        approved,
                        Tone.GATE,
                        gate(approved.gate()) + ": approved by " + approved.by() + ", for cluster "
                                + names.full(approved.clusterId()) + ".");
            }
            if (entry instanceof Entry.NotApproved no) {
                return plain(no, Tone.GATE, gate(no.gate()) + ": " + answer(no));
            }
            if (entry instanceof Entry.CutoverTimeAsked time) {
                return plain(
                        time,
                        Tone.CALL,
                        "The next cutover call asks for " + Words.time(time.failoverAt())
                                + ": writes after that are discarded.");
            }
            if (entry instanceof Entry.Calling calling) {
                return calling(calling, place);
            }
            if (entry instanceof Entry.Called called) {
                return called(called, place);
            }
            if (entry instanceof Entry.FenceProven proven) {
                return plain(
                        proven,
                        Tone.CALL,
                        "Every proxy was proven fenced. What " + names.active()
                                + " acknowledged, it acknowledged before " + Words.time(proven.fenceInstant())
                                + " by the cloud's clock (F).");
            }
            if (entry instanceof Entry.FenceOpened opened) {
                return new Line(
                        opened.at(),
                        Tone.ALARM,
                        "The fence did not hold at proxy " + opened.proxy() + "; the fence instant is void.",
                        opened.detail());
            }
            if (entry instanceof Entry.LossWindow loss) {
                return new Line(loss.at(), Tone.ALARM, "Loss window: writes may have been lost.", loss.words());
            }
            if (entry instanceof Entry.MovedByHand moved) {
                return new Line(
                        moved.at(),
                        Tone.ALARM,
                        moved.by() + " moved proxy " + moved.proxy() + " by hand: " + moved.verb() + ".",
                        moved.detail());
            }
            if (entry instanceof Entry.Verified verified) {
                return new Line(
                        verified.at(),
                        verified.serves() ? Tone.SEEN : Tone.ALARM,
                        names.originalPrimary()
                                + (verified.serves() ? " was verified to serve." : " could not be verified to serve."),
                        verified.detail());
            }
            if (entry instanceof Entry.GivingUp givingUp) {
                return new Line(
                        givingUp.at(),
                        Tone.ALARM,
                        "The run gives up before the cutover and puts traffic back; it will end as "
                                + Words.outcome(givingUp.outcome()) + ".",
                        givingUp.message());
            }
            if (entry instanceof Entry.AbortRequested abort) {
                return plain(abort, Tone.GATE, "An abort was asked for by " + abort.by() + ".");
            }
            if (entry instanceof Entry.Ended ended) {
                return new Line(
                        ended.at(),
                        Tone.RUN,
                        "The run ended: " + Words.outcome(ended.outcome()) + "."
                                + (ended.outcome().leavesRecordOpen() ? " The failback is not over: run again." : ""),
                        ended.message());
            }
            throw new IllegalStateException("unknown entry " + entry);
        }

        private Line seen(Entry.Seen seen) {
            String again = blind ? "The cloud can be read again. " : "";
            blind = false;
            seenBefore = seen;
            return plain(seen, Tone.SEEN, again + stream(seen) + traffic(seen));
        }

        private static String stream(Entry.Seen seen) {
            if (seen.streamId() == null) {
                return "There is no reverse stream.";
            }
            return "Stream " + seen.streamId() + " is " + seen.status()
                    + (seen.replicatedTime() == null
                            ? Entries.isSeen(seen, StreamStatus.REPLICATING) ? ", nothing replicated yet" : ""
                            : ", replicated up to " + Words.time(seen.replicatedTime()))
                    + (seen.lagSeconds() == null ? "" : ", lag " + Words.lag(seen.lagSeconds()))
                    + ".";
        }

        private static String traffic(Entry.Seen seen) {
            return seen.traffic() == null ? "" : " Traffic is " + seen.traffic() + ".";
        }

        private Line examined(Entry.Examined examined) {
            List<Check> checks = examined.checks();
            List<Check> before = checksBefore;
            checksBefore = checks;
            long failed = checks.stream().filter(Check::failed).count();
            String all = Words.count(checks.size(), "prerequisite") + " examined: " + failed + " failed, "
                    + checks.stream()
                            .filter(check -> check.verdict() == Check.Verdict.WARN)
                            .count()
                    + " to know about.";
            String news;
            if (before.isEmpty()) {
                news = checks.stream()
                        .filter(check -> check.verdict() != Check.Verdict.PASS)
                        .map(check -> check.verdict() + " " + check.name() + ": " + check.reason())
                        .collect(Collectors.joining("\n"));
            } else {
                List<String> changes = changes(before, checks);
                news = changes.isEmpty() ? "As in the examination before." : String.join("\n", changes);
            }
            return new Line(examined.at(), failed == 0 ? Tone.SEEN : Tone.ALARM, all, news);
        }

        /** What is judged otherwise, or for another reason; the reasons of what passes vary without meaning anything. */
        private static List<String> changes(List<Check> before, List<Check> after) {
            List<String> changes = new ArrayList<>();
            for (Check check : after) {
                Check old = named(before, check.name());
                boolean same = old != null
                        && old.verdict() == check.verdict()
                        && (check.verdict() == Check.Verdict.PASS
                                || old.reason().equals(check.reason()));
                if (!same) {
                    changes.add((old == null ? "New" : "Was " + old.verdict()) + ": " + check.verdict() + " "
                            + check.name() + ": " + check.reason());
                }
            }
            before.stream()
                    .filter(check -> named(after, check.name()) == null)
                    .forEach(check -> changes.add("Not examined any more: " + check.name()));
            return changes;
        }

        private static Check named(List<Check> checks, String name) {
            return checks.stream()
                    .filter(check -> check.name().equals(name))
                    .findFirst()
                    .orElse(null);
        }

        private static String answer(Entry.NotApproved no) {
            return no.timedOut()
                    ? "nobody answered in time."
                    : no.by().isEmpty() ? "nobody could be asked." : "refused by " + no.by() + ".";
        }

        private Line calling(Entry.Calling calling, int place) {
            boolean answered =
                    attempts.stream().anyMatch(attempt -> attempt.begun() == place && attempt.called() != null);
            return plain(
                    calling,
                    answered ? Tone.CALL : Tone.ALARM,
                    "Call: " + call(calling, names) + "."
                            + (answered ? "" : " No answer is recorded: its fate is unknown."));
        }

        private Line called(Entry.Called called, int place) {
            String took = attempts.stream()
                    .filter(attempt -> attempt.answered() == place)
                    .flatMap(attempt -> attempt.took().stream())
                    .map(duration -> " after " + Words.duration(duration))
                    .findFirst()
                    .orElse("");
            return new Line(
                    called.at(),
                    called.result() == Entry.Result.DONE ? Tone.CALL : Tone.ALARM,
                    "Answer: " + call(new Entry.Calling(called.at(), called.call(), called.target()), names) + " "
                            + result(called.result()) + took + ".",
                    called.detail());
        }

        private static String gate(Gate gate) {
            return "Gate \"" + gate.words() + "\"";
        }
    }
}
