package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Journal;
import io.jenkins.plugins.cockroachdb.report.Phase;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Tells what a failback does. What is recorded is what is told, so it stands before the record and passes every entry on; what is
 * waited for comes from the actions. Progress alone is told once a minute at most.
 */
final class Narrator implements Journal, Consumer<Action> {

    private static final Duration SILENCE = Duration.ofMinutes(1);

    private final Journal journal;
    private final InstantSource clock;
    private final Display display;

    // Guarded by this.
    private Progress progress;
    private Entry.Seen lastSeen;
    private Instant lastTold;
    private boolean asking;

    /**
     * @param journal where the entries go
     * @param start where the run is before it does anything
     */
    Narrator(Journal journal, InstantSource clock, Display display, Progress start) {
        this.journal = journal;
        this.clock = clock;
        this.display = display;
        this.progress = start;
        this.lastTold = start.began();
    }

    @Override
    public FailbackRecord record() {
        return journal.record();
    }

    @Override
    public void append(Entry entry) {
        journal.append(entry);
        tell(entry);
    }

    @Override
    public synchronized void accept(Action action) {
        asking = action instanceof Action.Ask;
        progress = progress.at(Phase.after(progress.current(), action));
        if (action instanceof Action.Examine) {
            does("Looking at every prerequisite.", null);
        } else if (action instanceof Action.Await await) {
            does(
                    "Waiting for stream " + await.streamId() + " to be "
                            + await.condition().words() + ".",
                    await.deadline());
        } else if (action instanceof Action.Look look) {
            does(look.why(), null);
        } else {
            progress = progress.doing("", null);
        }
    }

    /** To be called every second or so. A run that has nothing to tell for long says at least that it is alive. */
    synchronized void tick() {
        Instant now = clock.instant();
        if (!asking && !lastTold.plus(SILENCE).isAfter(now)) {
            tell(new Event.StillDoing(now, (progress.stream() + " " + progress.doing()).strip()));
        }
        display.show(progress);
    }

    private void does(String words, Instant deadline) {
        boolean already = words.equals(progress.doing());
        progress = progress.doing(words, deadline);
        if (!already) {
            tell(new Event.Doing(clock.instant(), words, deadline));
        }
    }

    private synchronized void tell(Entry entry) {
        tell(new Event.Recorded(entry, entry instanceof Entry.Seen seen ? seen(seen) : words(entry)));
    }

    private void tell(Event event) {
        if (!event.lines().isEmpty()) {
            lastTold = event.at();
        }
        display.show(event);
        display.show(progress);
    }

    /** What changed, in words; nothing when it is only progress. */
    private String seen(Entry.Seen seen) {
        String words = seen.streamId() == null
                ? "There is no such stream yet."
                : "Stream " + seen.streamId() + " is " + seen.status()
                        + (seen.replicatedTime() == null ? "" : ", replicated up to " + seconds(seen.replicatedTime()))
                        + (seen.lagSeconds() == null ? "" : ", lag " + seen.lagSeconds() + " s") + "."
                        + (seen.traffic() == null ? "" : " Traffic is " + seen.traffic() + ".");
        progress = progress.seeing(words);
        boolean onlyProgress = lastSeen != null
                && Objects.equals(lastSeen.streamId(), seen.streamId())
                && Objects.equals(lastSeen.status(), seen.status())
                && Objects.equals(lastSeen.traffic(), seen.traffic())
                && (lastSeen.replicatedTime() == null) == (seen.replicatedTime() == null);
        lastSeen = seen;
        return onlyProgress ? "" : words;
    }

    private static String words(Entry entry) {
        if (entry instanceof Entry.Blind blind) {
            return "The cloud cannot be read. " + blind.reason();
        }
        if (entry instanceof Entry.Adopted adopted) {
            return "Using the live stream " + adopted.streamId() + ".";
        }
        if (entry instanceof Entry.Approved approved) {
            return "Approved by " + approved.by() + ".";
        }
        if (entry instanceof Entry.NotApproved no) {
            return "Not approved" + (no.timedOut() ? " in time" : no.by().isEmpty() ? "" : " by " + no.by()) + ".";
        }
        if (entry instanceof Entry.Calling calling) {
            return "Call: " + words(calling.call()) + " (" + calling.target() + ").";
        }
        if (entry instanceof Entry.Called called) {
            return "Answer: " + words(called.call()) + ": " + called.result() + ". " + called.detail();
        }
        if (entry instanceof Entry.FenceProven proven) {
            return "Every fence is proven; writes end at " + proven.fenceInstant() + ".";
        }
        if (entry instanceof Entry.FenceOpened opened) {
            return "The fence opened at proxy " + opened.proxy() + ": " + opened.detail();
        }
        if (entry instanceof Entry.LossWindow loss) {
            return "Writes may be lost. " + loss.words();
        }
        if (entry instanceof Entry.MovedByHand moved) {
            return "Proxy " + moved.proxy() + ": " + moved.verb() + ". " + moved.detail();
        }
        if (entry instanceof Entry.Verified verified) {
            return (verified.serves() ? "Verified: " : "Not verified: ") + verified.detail();
        }
        if (entry instanceof Entry.AbortRequested abort) {
            return "Asked to end by " + abort.by() + ".";
        }
        return entry instanceof Entry.GivingUp givingUp ? "Giving up. " + givingUp.message() : "";
    }

    private static String words(Call call) {
        return switch (call) {
            case CREATE_REVERSE_STREAM -> "create the stream";
            case FENCE -> "fence";
            case UNFENCE -> "un-fence";
            case INITIATE_CUTOVER -> "cut over";
            case RELEASE -> "release";
            case CREATE_FORWARD_STREAM -> "create the forward stream";
        };
    }

    private static Instant seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }
}
