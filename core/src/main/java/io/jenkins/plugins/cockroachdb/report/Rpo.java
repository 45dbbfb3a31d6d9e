package io.jenkins.plugins.cockroachdb.report;

import java.time.Duration;

/**
 * What can be said about lost writes: those that the active cluster acknowledged and that are missing on the original primary.
 * It speaks of clients that go through the named proxies; whoever bypasses them is seen by nobody.
 *
 * @param kind how much can be said
 * @param span the time whose writes are lost or may be; null unless the kind is {@link Kind#DISCARDED} or {@link Kind#BOUND}
 * @param because a sentence or more: what the statement rests on
 */
public record Rpo(Kind kind, Duration span, String because) {

    /** How much can be said. */
    public enum Kind {
        /** No cutover took place, so there was nothing to lose. */
        NO_CUTOVER,
        /** No write was lost. */
        ZERO,
        /** The writes of the span were discarded on purpose: the cutover was asked for to a time before the fence. */
        DISCARDED,
        /** Only writes of the span can be lost; how many were is not known. */
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

    static Rpo discarded(Duration span, String because) {
        return new Rpo(Kind.DISCARDED, span, because);
    }

    static Rpo bound(Duration atMost, String because) {
        return new Rpo(Kind.BOUND, atMost, because);
    }

    static Rpo unknown(String because) {
        return new Rpo(Kind.UNKNOWN, null, because);
    }
}
