package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import java.util.Optional;

/** A point in the life of a failback at which something can be planned to go wrong: what a record has just got. */
enum Moment {
    BEGINNING,
    EXAMINED,
    APPROVED,
    CREATING,
    CREATED,
    STREAM_STARTS,
    STREAM_REPLICATES,
    ADOPTED,
    FENCING,
    FENCED,
    PROVEN,
    PATCHING,
    PATCHED,
    CUTTING_OVER,
    COMPLETED,
    RELEASING,
    RELEASED,
    UNFENCING,
    UNFENCED,
    GIVING_UP,
    BLIND,
    OPENED,
    RE_PROTECTING,
    ENDED;

    static Optional<Moment> of(Entry entry) {
        if (entry instanceof Entry.Began || entry instanceof Entry.Resumed) {
            return Optional.of(BEGINNING);
        } else if (entry instanceof Entry.Examined) {
            return Optional.of(EXAMINED);
        } else if (entry instanceof Entry.Approved) {
            return Optional.of(APPROVED);
        } else if (entry instanceof Entry.Adopted) {
            return Optional.of(ADOPTED);
        } else if (entry instanceof Entry.FenceProven) {
            return Optional.of(PROVEN);
        } else if (entry instanceof Entry.GivingUp) {
            return Optional.of(GIVING_UP);
        } else if (entry instanceof Entry.Blind) {
            return Optional.of(BLIND);
        } else if (entry instanceof Entry.FenceOpened) {
            return Optional.of(OPENED);
        } else if (entry instanceof Entry.Ended) {
            return Optional.of(ENDED);
        } else if (entry instanceof Entry.Calling calling) {
            return Optional.of(begun(calling.call()));
        } else if (entry instanceof Entry.Called called) {
            return ended(called.call());
        } else if (entry instanceof Entry.Seen seen && seen.status() != null) {
            return seen(seen.status());
        }
        return Optional.empty();
    }

    private static Moment begun(Call call) {
        return switch (call) {
            case CREATE_REVERSE_STREAM -> CREATING;
            case FENCE -> FENCING;
            case UNFENCE -> UNFENCING;
            case INITIATE_CUTOVER -> PATCHING;
            case RELEASE -> RELEASING;
            case CREATE_FORWARD_STREAM -> RE_PROTECTING;
        };
    }

    private static Optional<Moment> ended(Call call) {
        return switch (call) {
            case CREATE_REVERSE_STREAM -> Optional.of(CREATED);
            case FENCE -> Optional.of(FENCED);
            case UNFENCE -> Optional.of(UNFENCED);
            case INITIATE_CUTOVER -> Optional.of(PATCHED);
            case RELEASE -> Optional.of(RELEASED);
            case CREATE_FORWARD_STREAM -> Optional.empty();
        };
    }

    private static Optional<Moment> seen(String status) {
        return switch (status) {
            case "STARTING" -> Optional.of(STREAM_STARTS);
            case "REPLICATING" -> Optional.of(STREAM_REPLICATES);
            case "FAILING_OVER" -> Optional.of(CUTTING_OVER);
            case "COMPLETED" -> Optional.of(COMPLETED);
            default -> Optional.empty();
        };
    }
}
