package io.jenkins.plugins.cockroachdb.failback.step;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * How far a step is: all that its successor needs after a crash. As a map it is plain text, for hosts that may keep nothing
 * else.
 *
 * @param phase never null
 * @param deadline by our clock, until when the step waits, or looks for the effect of its write; null when there is none
 * @param streamId of the stream that was written; while a creation is {@link Phase#SENDING}, of the newest stream of that
 *     direction before it, so that the new one can be told from it; null when there is none
 */
public record Progress(Phase phase, Instant deadline, String streamId) {

    /** Nothing was done yet. */
    public static final Progress NEW = new Progress(Phase.NEW, null, null);

    /** What a step does, or did last. */
    public enum Phase {
        /** Nothing that a successor would have to know. */
        NEW,
        /** It waits for a stream. */
        WAITING,
        /** It is about to send its write, or has sent it: the effect is unknown. */
        SENDING,
        /** Its write took effect, and is never sent again. */
        ANSWERED
    }

    public Progress {
        Objects.requireNonNull(phase, "phase");
    }

    static Progress waiting(Instant deadline) {
        return new Progress(Phase.WAITING, deadline, null);
    }

    static Progress sending(Instant deadline, String streamId) {
        return new Progress(Phase.SENDING, deadline, streamId);
    }

    static Progress answered(String streamId) {
        return new Progress(Phase.ANSWERED, null, streamId);
    }

    /** As plain text; what is null is left out. */
    public Map<String, String> toMap() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("phase", phase.name());
        if (deadline != null) {
            map.put("deadline", deadline.toString());
        }
        if (streamId != null) {
            map.put("streamId", streamId);
        }
        return map;
    }

    /**
     * What {@link #toMap} made.
     *
     * @throws IllegalArgumentException if it is not
     * @throws java.time.DateTimeException if its deadline is none
     */
    public static Progress ofMap(Map<String, String> map) {
        String deadline = map.get("deadline");
        return new Progress(
                Phase.valueOf(String.valueOf(map.get("phase"))),
                deadline == null ? null : Instant.parse(deadline),
                map.get("streamId"));
    }
}
