package io.jenkins.plugins.cockroachdb.report;

import java.time.Duration;

/**
 * What can be said about lost writes: those that the active cluster acknowledged and that are missing on the original primary.
 * It speaks of clients that go through the named proxies; whoever bypasses them is seen by nobody.
 *
 * @param kind how much can be said
 * @param atMost the bound; null unless the kind is {@link Kind#BOUND}
 * @param because a sentence or more: what the statement rests on
 */
public record Rpo(Kind kind, Duration atMost, String because) {

    /** How much can be said. */
    public enum Kind {
        /** No cutover took place, so there was nothing to lose. */
        NO_CUTOVER,
        /** No write was lost. */
        ZERO,
        /** Only writes of a span of time can be lost; how many were is not known. */
        BOUND,
        /** The record does not allow a statement. */
        UNKNOWN
    }

    static Rpo noCutover() {
        return new Rpo(Kind.NO_CUTOVER, null, "No cutover took place.");
    }

    static Rpo zero(String because) {
        return new Rpo(Kind.ZERO, null, because);
    }

    static Rpo bound(Duration atMost, String because) {
        return new Rpo(Kind.BOUND, atMost, because);
    }

    static Rpo unknown(String because) {
        return new Rpo(Kind.UNKNOWN, null, because);
    }
}
