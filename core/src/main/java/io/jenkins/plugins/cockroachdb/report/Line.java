package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An entry in the words of people. Its text holds foreign text as it came; whoever writes it out escapes it, all at once.
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

    /** Every entry, in order. */
    static List<Line> of(FailbackRecord record) {
        List<Entry> entries = record.entries();
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            lines.add(of(entries.get(i), entries.subList(0, i), entries.subList(i + 1, entries.size())));
        }
        return lines;
    }

    private static Line of(Entry entry, List<Entry> before, List<Entry> after) {
        if (entry instanceof Entry.Began began) {
            return line(began, Tone.RUN, "The failback began, driven by " + began.driver() + ".");
        }
        if (entry instanceof Entry.Resumed resumed) {
            return line(resumed, Tone.RUN, "The failback was resumed, driven by " + resumed.driver() + ".");
        }
        if (entry instanceof Entry.Seen seen) {
            return line(seen, Tone.SEEN, stream(seen) + traffic(seen));
        }
        if (entry instanceof Entry.Named named) {
            return line(
                    named,
                    Tone.SEEN,
                    "The original primary is " + named.originalPrimaryName() + ", the active cluster "
                            + named.activeName() + ".");
        }
        if (entry instanceof Entry.Examined examined) {
            List<Check> failed =
                    examined.checks().stream().filter(Check::failed).toList();
            return new Line(
                    examined.at(),
                    failed.isEmpty() ? Tone.SEEN : Tone.ALARM,
                    examined.checks().size() + " prerequisites were examined; " + failed.size() + " failed.",
                    failed.stream().map(Check::reason).collect(Collectors.joining(" ")));
        }
        if (entry instanceof Entry.Blind blind) {
            return new Line(blind.at(), Tone.ALARM, "The cloud could not be read any more.", blind.reason());
        }
        if (entry instanceof Entry.CutoverTimeAsked time) {
            return line(time, Tone.CALL, "The cutover is asked for to " + Words.time(time.failoverAt()) + ".");
        }
        if (entry instanceof Entry.Verified verified) {
            return new Line(
                    verified.at(),
                    verified.serves() ? Tone.SEEN : Tone.ALARM,
                    verified.serves() ? "P was verified to serve." : "P could not be verified to serve.",
                    verified.detail());
        }
        if (entry instanceof Entry.Adopted adopted) {
            return line(
                    adopted,
                    Tone.CALL,
                    "Stream " + adopted.streamId() + ", which somebody else created, is used. No gate 1 was needed.");
        }
        if (entry instanceof Entry.Approved approved) {
            return line(
                    approved,
                    Tone.GATE,
                    gate(approved.gate()) + ": approved by " + approved.by() + ", for cluster " + approved.clusterId()
                            + ".");
        }
        if (entry instanceof Entry.NotApproved no) {
            return line(
                    no,
                    Tone.GATE,
                    gate(no.gate()) + ": "
                            + (no.timedOut()
                                    ? "nobody answered in time."
                                    : no.by().isEmpty() ? "nobody could be asked." : "refused by " + no.by() + "."));
        }
        if (entry instanceof Entry.Calling calling) {
            boolean answered = after.stream()
                    .takeWhile(later -> !isOn(later, calling.call(), calling.target(), Entry.Calling.class))
                    .anyMatch(later -> isOn(later, calling.call(), calling.target(), Entry.Called.class));
            return line(
                    calling,
                    answered ? Tone.CALL : Tone.ALARM,
                    "Call: " + call(calling.call()) + " " + calling.target() + "."
                            + (answered ? "" : " No answer is recorded: its fate is unknown."));
        }
        if (entry instanceof Entry.Called called) {
            return new Line(
                    called.at(),
                    called.result() == Entry.Result.DONE ? Tone.CALL : Tone.ALARM,
                    "Answer: " + call(called.call()) + " " + called.target() + " " + result(called.result())
                            + after(called, before) + ".",
                    called.detail());
        }
        if (entry instanceof Entry.FenceProven proven) {
            return line(
                    proven,
                    Tone.CALL,
                    "Every proxy was proven fenced. What A acknowledged, it acknowledged before "
                            + Words.time(proven.fenceInstant()) + " by the cloud's clock (F).");
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
        if (entry instanceof Entry.GivingUp givingUp) {
            return new Line(
                    givingUp.at(),
                    Tone.ALARM,
                    "The run gives up before the cutover and puts traffic back; it will end as "
                            + Words.outcome(givingUp.outcome()) + ".",
                    givingUp.message());
        }
        if (entry instanceof Entry.AbortRequested abort) {
            return line(abort, Tone.GATE, "An abort was asked for by " + abort.by() + ".");
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

    private static Line line(Entry entry, Tone tone, String text) {
        return new Line(entry.at(), tone, text, "");
    }

    private static String stream(Entry.Seen seen) {
        if (seen.streamId() == null) {
            return "There is no reverse stream.";
        }
        return "Reverse stream " + seen.streamId() + " is " + seen.status()
                + (seen.replicatedTime() == null
                        ? ", nothing replicated yet"
                        : ", replicated up to " + Words.time(seen.replicatedTime()))
                + (seen.lagSeconds() == null ? "" : ", lag " + Words.duration(Duration.ofSeconds(seen.lagSeconds())))
                + ".";
    }

    private static String traffic(Entry.Seen seen) {
        return seen.traffic() == null ? "" : " Traffic is " + seen.traffic() + ".";
    }

    private static String gate(Gate gate) {
        return "Gate \"" + gate.words() + "\"";
    }

    private static String call(Call call) {
        return switch (call) {
            case CREATE_REVERSE_STREAM -> "create the reverse stream";
            case FENCE -> "fence";
            case UNFENCE -> "put clients back on A at";
            case INITIATE_CUTOVER -> "cut over stream";
            case RELEASE -> "let clients go to P at";
            case CREATE_FORWARD_STREAM -> "create the forward stream";
        };
    }

    private static String result(Entry.Result result) {
        return switch (result) {
            case DONE -> "took effect";
            case REFUSED -> "was refused";
            case NOT_TAKEN -> "was not taken and had no effect";
            case UNKNOWN -> "has an unknown fate";
        };
    }

    private static String after(Entry.Called called, List<Entry> before) {
        Instant begun = null;
        for (Entry entry : before) {
            if (isOn(entry, called.call(), called.target(), Entry.Calling.class)) {
                begun = entry.at();
            }
        }
        return begun == null || called.at().isBefore(begun)
                ? ""
                : " after " + Words.duration(Duration.between(begun, called.at()));
    }

    private static boolean isOn(Entry entry, Call call, String target, Class<? extends Entry> type) {
        return type.isInstance(entry)
                && (entry instanceof Entry.Calling calling
                                && calling.call() == call
                                && calling.target().equals(target)
                        || entry instanceof Entry.Called called
                                && called.call() == call
                                && called.target().equals(target));
    }
}
