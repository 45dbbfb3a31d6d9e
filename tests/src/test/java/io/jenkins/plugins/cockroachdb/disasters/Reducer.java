package io.jenkins.plugins.cockroachdb.disasters;

import java.util.Set;
import java.util.stream.Collectors;

/** Leaves out of a schedule whatever is not needed for its violation. */
final class Reducer {

    private Reducer() {}

    /** The smallest schedule found that violates one of the same invariants; the same schedule if none is smaller. */
    static Schedule reduce(Play.Result failed) {
        Set<String> invariants =
                failed.violations().stream().map(Violation::invariant).collect(Collectors.toSet());
        Schedule smallest = failed.schedule();
        boolean smaller;
        do {
            smaller = false;
            for (int i = smallest.twists().size() - 1; i >= 0; i--) {
                Schedule candidate = smallest.without(i);
                if (Play.of(candidate).violations().stream()
                        .anyMatch(violation -> invariants.contains(violation.invariant()))) {
                    smallest = candidate;
                    smaller = true;
                }
            }
        } while (smaller);
        return smallest;
    }
}
