package io.jenkins.plugins.cockroachdb.failback;

import java.time.Instant;
import java.util.List;

/** One line of the record of a failback. Every entry holds text and primitives, or lists of such records, and no secret. */
public sealed interface Entry {

    /** When it was recorded, by our clock. */
    Instant at();

    /**
     * A failback began: the first entry of every record.
     *
     * @param driver what drove it, such as {@code cli 0.1.0}
     */
    record Began(Instant at, String originalPrimaryId, String activeId, String driver) implements Entry {}

    /** The same failback went on, with the same or another driver, after an interruption. */
    record Resumed(Instant at, String driver) implements Entry {}

    /** What people call the two clusters, as it was read. */
    record Named(Instant at, String originalPrimaryName, String activeName) implements Entry {}

    /** Every prerequisite was judged. */
    record Examined(Instant at, List<Check> checks) implements Entry {
        public Examined {
            checks = List.copyOf(checks);
        }
    }

    /** The cloud could not be read any more; the next {@link Seen} is the end of that. */
    record Blind(Instant at, String reason) implements Entry {}

    /**
     * What was seen, recorded when it changed: the line of the report's chart.
     *
     * @param streamId null when there is no reverse stream
     * @param status the stream's status in the API's word; null when there is no stream
     * @param replicatedTime null unless something was replicated
     * @param lagSeconds null when unknown
     * @param traffic the word for where clients could go; null without proxies
     */
    record Seen(Instant at, String streamId, String status, Instant replicatedTime, Long lagSeconds, String traffic)
            implements Entry {}

    /** A live reverse stream that somebody else created is used, which needs no gate 1. */
    record Adopted(Instant at, String streamId) implements Entry {}

    /**
     * A gate is being asked by a driver that does not stay for the answer.
     *
     * @param streamId null when there is no stream yet
     * @param clusterId the cluster whose name has to be typed
     */
    record Asked(Instant at, Gate gate, String streamId, String clusterId) implements Entry {}

    /**
     * A gate was passed. It binds to stream and cluster.
     *
     * @param streamId null when there is no stream yet
     * @param clusterId the cluster whose name was typed
     * @param by who approved, or what waived it
     * @param failoverAt the cutover time that was approved; null for the latest, or when the gate is not about it
     */
    record Approved(Instant at, Gate gate, String streamId, String clusterId, String by, Instant failoverAt)
            implements Entry {

        /** An approval that is not about a cutover time. */
        public Approved(Instant at, Gate gate, String streamId, String clusterId, String by) {
            this(at, gate, streamId, clusterId, by, null);
        }
    }

    /**
     * A gate was not passed.
     *
     * @param streamId null when there is no stream yet
     * @param timedOut whether nobody answered in time, rather than somebody refusing
     * @param by who refused; empty when nobody answered, or nobody could be asked
     */
    record NotApproved(Instant at, Gate gate, String streamId, boolean timedOut, String by) implements Entry {}

    /** The next cutover call asks for this time rather than for the latest. */
    record CutoverTimeAsked(Instant at, Instant failoverAt) implements Entry {}

    /**
     * A call is about to be made. Without a {@link Called} behind it, its fate is unknown.
     *
     * @param target the stream, or the proxy, or the clusters
     */
    record Calling(Instant at, Call call, String target) implements Entry {}

    /**
     * A call was made.
     *
     * @param target as in its {@link Calling}
     * @param detail what came back, for a person; never null
     */
    record Called(Instant at, Call call, String target, Result result, String detail) implements Entry {}

    /** What came of a call. */
    enum Result {
        /** It took effect. */
        DONE,
        /** It definitely had no effect, and the same call would have none. */
        REFUSED,
        /** It definitely had no effect, because nobody took it: the same call may have one later. */
        NOT_TAKEN,
        /** Nobody knows. */
        UNKNOWN;

        /** Whether it definitely had no effect. */
        public boolean isWithoutEffect() {
            return this == REFUSED || this == NOT_TAKEN;
        }
    }

    /**
     * Every fence was proven, and then the cloud was asked for the time.
     *
     * @param fenceInstant F, in cloud time: what A acknowledged, it acknowledged before
     */
    record FenceProven(Instant at, Instant fenceInstant) implements Entry {}

    /** A proxy was seen open, or not seen at all, after a fence was proven: F is void. */
    record FenceOpened(Instant at, String proxy, String detail) implements Entry {}

    /** Writes may have been lost, and how many at most in time; for gates and report. */
    record LossWindow(Instant at, String words) implements Entry {}

    /**
     * A person moved the traffic of a proxy, outside of what the runbook decides.
     *
     * @param verb the word for it: fence, unfence or release
     * @param by who approved it
     * @param detail what was then seen; never null
     */
    record MovedByHand(Instant at, String verb, String proxy, String by, String detail) implements Entry {}

    /**
     * Whether P really serves was looked at, once traffic was there.
     *
     * @param detail what was found; never null
     */
    record Verified(Instant at, boolean serves, String detail) implements Entry {}

    /**
     * The run is going to end before the cutover, and puts traffic back first.
     *
     * @param outcome how it will end once traffic is back
     */
    record GivingUp(Instant at, Outcome outcome, String message) implements Entry {}

    /** A person wants the run to end. */
    record AbortRequested(Instant at, String by) implements Entry {}

    /** The run ended; see {@link Outcome#leavesRecordOpen()} for whether the failback did. */
    record Ended(Instant at, Outcome outcome, String message) implements Entry {}
}
