package io.jenkins.plugins.cockroachdb.traffic;

import io.jenkins.plugins.cockroachdb.failback.Entry;

/** The points of a failback at which something happens to it, named after the entries of its record. */
final class Points {

    private Points() {}

    /** Such as {@code Calling FENCE}, {@code Seen FAILING_OVER} or {@code FenceProven}. */
    static String name(Entry entry) {
        String kind = entry.getClass().getSimpleName();
        if (entry instanceof Entry.Calling calling) {
            return kind + " " + calling.call();
        }
        if (entry instanceof Entry.Called called) {
            return kind + " " + called.call();
        }
        if (entry instanceof Entry.Approved approved) {
            return kind + " " + approved.gate();
        }
        return entry instanceof Entry.Seen seen ? kind + " " + seen.status() : kind;
    }
}
