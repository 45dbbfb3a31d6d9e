package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Something that is told about a run while it goes on. */
sealed interface Event {

    /** When it happened, by our clock. */
    Instant at();

    /** What a person is told; empty when it is for programs alone. */
    List<String> lines();

    /**
     * Something was recorded.
     *
     * @param words for a person; empty for programs alone
     */
    record Recorded(Entry entry, String words) implements Event {
        public Recorded {
            Objects.requireNonNull(entry, "entry");
            Objects.requireNonNull(words, "words");
        }

        @Override
        public Instant at() {
            return entry.at();
        }

        @Override
        public List<String> lines() {
            return words.isEmpty() ? List.of() : List.of(words);
        }
    }

    /**
     * What the run does from now on.
     *
     * @param deadline when it stops doing so; null when that is not known
     */
    record Doing(Instant at, String words, Instant deadline) implements Event {
        @Override
        public List<String> lines() {
            return List.of(words
                    + (deadline == null ? "" : " Until " + deadline.truncatedTo(ChronoUnit.SECONDS) + " at most."));
        }
    }

    /** Nothing new for a while: what the run still does. */
    record StillDoing(Instant at, String words) implements Event {
        @Override
        public List<String> lines() {
            return List.of("Still at it. " + words);
        }
    }

    /**
     * A person is asked.
     *
     * @param gate what for, in one word
     * @param question a sentence
     * @param clusterName what has to be typed
     * @param evidence what to know before
     */
    record Asked(Instant at, String gate, String question, String clusterName, List<String> evidence) implements Event {
        public Asked {
            evidence = List.copyOf(evidence);
        }

        @Override
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add("Gate: " + question);
            evidence.forEach(line -> lines.add("  " + line));
            return lines;
        }
    }
}
