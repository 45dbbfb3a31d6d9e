package io.jenkins.plugins.cockroachdb.proxy;

import java.util.Collection;
import java.util.EnumSet;

/** Where the clients of a proxy, or of all proxies together, can go. A is the active cluster, P the original primary. */
public enum Traffic {
    /** Clients reach A, and P is closed. */
    ON_ACTIVE("on A"),
    /** Clients reach neither: both are closed and no session is left on A. */
    FENCED("fenced"),
    /** Clients reach P, and A is closed. */
    ON_ORIGINAL_PRIMARY("on P"),
    /** Clients reach both, or proxies disagree. A proxy whose way to P is not closed is at best mixed. */
    MIXED("mixed"),
    /** Nobody could tell. */
    UNKNOWN("unknown");

    private final String words;

    Traffic(String words) {
        this.words = words;
    }

    /** As a person reads it. */
    public String words() {
        return words;
    }

    /**
     * The traffic of several proxies together: unknown as soon as one is unknown, mixed as soon as two differ.
     *
     * @throws IllegalArgumentException if there is none: without proxies, traffic is not a question for this type
     */
    public static Traffic together(Collection<Traffic> each) {
        if (each.isEmpty()) {
            throw new IllegalArgumentException("no proxies");
        }
        EnumSet<Traffic> kinds = EnumSet.copyOf(each);
        if (kinds.contains(UNKNOWN)) {
            return UNKNOWN;
        }
        return kinds.size() == 1 ? kinds.iterator().next() : MIXED;
    }
}
