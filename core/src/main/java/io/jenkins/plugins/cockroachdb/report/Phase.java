package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Goal;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a person sees a run pass through, in order. */
public enum Phase {
    PREREQUISITES("prerequisites"),
    CREATION("creating the stream"),
    START("stream starting"),
    CATCH_UP("first copy and catching up"),
    APPROVAL("approval to cut over"),
    FENCE("fence, and everything replicated"),
    CUTOVER("cutover"),
    RELEASE("release of traffic"),
    PROTECTION("new forward stream");

    private final String words;

    Phase(String words) {
        this.words = words;
    }

    /** As it is shown. */
    public String words() {
        return words;
    }

    /** Those that a run with these settings passes through. */
    public static List<Phase> of(Settings settings, boolean proxied) {
        List<Phase> phases = new ArrayList<>(List.of(PREREQUISITES, CREATION));
        if (settings.goal() != Goal.STREAM_CREATED) {
            phases.addAll(List.of(START, CATCH_UP));
        }
        if (settings.goal().isHome()) {
            phases.addAll(proxied ? List.of(APPROVAL, FENCE, CUTOVER, RELEASE) : List.of(APPROVAL, CUTOVER));
            if (settings.reProtect()) {
                phases.add(PROTECTION);
            }
        }
        return List.copyOf(phases);
    }

    /**
     * Where a run is that does this now.
     *
     * @param before where it was
     */
    public static Phase after(Phase before, Action action) {
        return of(action).filter(phase -> before != PROTECTION).orElse(before);
    }

    /** Where a run is that does this now, as far as its record tells. */
    public static Phase reached(FailbackRecord record, Action action) {
        Phase reached = PREREQUISITES;
        for (Entry entry : record.entries()) {
            Phase next = of(entry).orElse(reached);
            reached = next.compareTo(reached) > 0 || isBegun(entry) ? next : reached;
        }
        return after(reached, action);
    }

    private static boolean isBegun(Entry entry) {
        return entry instanceof Entry.Calling || entry instanceof Entry.Asked;
    }

    private static Optional<Phase> of(Entry entry) {
        if (entry instanceof Entry.Calling calling) {
            return switch (calling.call()) {
                case CREATE_REVERSE_STREAM -> Optional.of(CREATION);
                case FENCE -> Optional.of(FENCE);
                case INITIATE_CUTOVER -> Optional.of(CUTOVER);
                case RELEASE -> Optional.of(RELEASE);
                case CREATE_FORWARD_STREAM -> Optional.of(PROTECTION);
                case UNFENCE -> Optional.empty();
            };
        }
        if (entry instanceof Entry.Asked asked) {
            return of(asked.gate());
        }
        return entry instanceof Entry.Adopted ? Optional.of(CREATION) : Optional.empty();
    }

    private static Optional<Phase> of(Action action) {
        if (action instanceof Action.Ask ask) {
            return of(ask.gate());
        }
        if (action instanceof Action.CreateReverseStream || action instanceof Action.Adopt) {
            return Optional.of(CREATION);
        }
        if (action instanceof Action.Await await) {
            return of(await.condition());
        }
        if (action instanceof Action.Fence || action instanceof Action.ProveFence) {
            return Optional.of(FENCE);
        }
        if (action instanceof Action.Initiate) {
            return Optional.of(CUTOVER);
        }
        if (action instanceof Action.Release || action instanceof Action.Verify) {
            return Optional.of(RELEASE);
        }
        return action instanceof Action.CreateForwardStream ? Optional.of(PROTECTION) : Optional.empty();
    }

    private static Optional<Phase> of(Gate gate) {
        return switch (gate) {
            case ERASE -> Optional.of(CREATION);
            case CUT_OVER, DISCARD_WRITES -> Optional.of(APPROVAL);
            case GO_HOME -> Optional.of(RELEASE);
            case RE_PROTECT -> Optional.of(PROTECTION);
            case FOREIGN_FENCE -> Optional.empty();
        };
    }

    private static Optional<Phase> of(StreamCondition condition) {
        if (condition instanceof StreamCondition.ReplicatedAfter) {
            return Optional.of(FENCE);
        }
        if (condition instanceof StreamCondition.CaughtUp) {
            return Optional.of(CATCH_UP);
        }
        return condition instanceof StreamCondition.InStatus status
                ? switch (status.wanted()) {
                    case REPLICATING -> Optional.of(START);
                    case COMPLETED -> Optional.of(CUTOVER);
                    default -> Optional.empty();
                }
                : Optional.empty();
    }
}
