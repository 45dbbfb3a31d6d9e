package io.jenkins.plugins.cockroachdb.failback;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * A preflight: everything read at once, and judged.
 *
 * @param sight what was seen; its {@link Sight#at} is when the examination began
 * @param checks what came of it, in the order in which a person should read them
 */
public record Examination(Sight sight, List<Check> checks) {

    public Examination {
        Objects.requireNonNull(sight, "sight");
        checks = List.copyOf(checks);
    }

    /** When it began, by our clock. */
    public Instant at() {
        return sight.at();
    }

    /** The checks that stop a failback. */
    public List<Check> failed() {
        return checks.stream().filter(Check::failed).toList();
    }
}
