package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.report.Phase;
import java.time.Instant;
import java.util.List;

/**
 * Where a run is.
 *
 * @param title what runs
 * @param phases what it passes through
 * @param current one of them
 * @param began when the run began, by our clock
 * @param stream what is known of the stream, a sentence; empty when nothing is
 * @param doing what it does now, a sentence; may be empty
 * @param deadline when it stops doing that; null when that is not known
 */
record Progress(
        String title, List<Phase> phases, Phase current, Instant began, String stream, String doing, Instant deadline) {

    Progress {
        phases = List.copyOf(phases);
    }

    Progress at(Phase phase) {
        return new Progress(title, phases, phases.contains(phase) ? phase : current, began, stream, doing, deadline);
    }

    Progress seeing(String words) {
        return new Progress(title, phases, current, began, words, doing, deadline);
    }

    Progress doing(String words, Instant until) {
        return new Progress(title, phases, current, began, stream, words, until);
    }
}
