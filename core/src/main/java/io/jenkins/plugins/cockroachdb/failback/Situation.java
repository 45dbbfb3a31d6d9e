package io.jenkins.plugins.cockroachdb.failback;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything that the next action depends on, and nothing else.
 *
 * @param now our clock
 * @param settings what the user asked for
 * @param record what happened in this failback so far
 * @param sight what was seen just now
 * @param examination the latest preflight; empty when there was none in this run
 */
public record Situation(
        Instant now, Settings settings, FailbackRecord record, Sight sight, Optional<Examination> examination) {

    public Situation {
        Objects.requireNonNull(now, "now");
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(record, "record");
        Objects.requireNonNull(sight, "sight");
        Objects.requireNonNull(examination, "examination");
    }
}
