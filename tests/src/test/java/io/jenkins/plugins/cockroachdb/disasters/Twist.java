package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Goal;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings.ScanReplicatedTime;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.time.Duration;
import java.util.List;

/**
 * One thing in which a schedule differs from an undisturbed failback. Each can be left out without the others, which is how a
 * schedule is reduced.
 */
sealed interface Twist {

    /**
     * When something happens.
     *
     * @param moment of any record
     * @param occurrence 1 is the first time
     * @param after how much later
     */
    record When(Moment moment, int occurrence, Duration after) {
        static When at(Moment moment) {
            return new When(moment, 1, Duration.ZERO);
        }

        static When after(Moment moment, Duration after) {
            return new When(moment, 1, after);
        }

        @Override
        public String toString() {
            return (occurrence == 1 ? "" : occurrence + ". ")
                    + moment
                    + (after.isZero() ? "" : " + " + after.toMillis() + " ms");
        }
    }

    /** Happens once, at its time. */
    sealed interface Event extends Twist {
        When when();
    }

    // ---- The cloud

    /** How long the cloud takes. */
    record Pace(Duration starting, Duration scan, Duration stride, Duration transit, Duration revert)
            implements Twist {}

    /** Reads show an old state. */
    record StaleReads(Duration by) implements Twist {}

    /** Writes that were answered take effect later. */
    record DelayedEffects(Duration by) implements Twist {}

    /** The server takes a second live stream. */
    record SecondStreamTaken() implements Twist {}

    /** What the scan shows as replicated_time. */
    record ScanShows(ScanReplicatedTime what) implements Twist {}

    /** Lists come in pages of this size. */
    record SmallPages(int size) implements Twist {}

    /** The history of the pair. */
    record Past(History history) implements Twist {}

    /** What happened to a pair before the failback begins. */
    enum History {
        /** The settings have the roles the wrong way round. */
        IDS_EXCHANGED,
        /** No stream was ever made. */
        NONE,
        /** After the failover a stream into A was begun and canceled: it erased A. */
        ACTIVE_ERASED,
        /** P feeds a third cluster. */
        ORIGINAL_IS_SOURCE,
        /** There and back and there again. */
        EARLIER_FAILBACK,
        /** A reverse stream is live already. */
        REVERSE_LIVE,
        /** A reverse stream was begun and canceled. */
        REVERSE_CANCELED,
        /** Two reverse streams are live. */
        TWO_LIVE,
        /** Somebody has cut over already. */
        HOME_ALREADY,
        /** A live forward stream, taken home as a planned switchover: A is the standby of P. */
        PLANNED_SWITCHOVER
    }

    /** The key is no administrator. */
    record WeakKey() implements Twist {}

    /** A stream is canceled by somebody. */
    record Canceled(When when) implements Event {}

    /** The primary falls silent: the stream is canceled after a while. */
    record HeartbeatLost(When when) implements Event {}

    /** Somebody cuts over by hand in the Cloud Console. */
    record CutOverByHand(When when) implements Event {}

    /** Somebody creates a reverse stream by hand. */
    record CreatedByHand(When when) implements Event {}

    /** A cluster is locked, and free again later. */
    record Locked(When when, boolean originalPrimary, Duration length) implements Event {}

    // ---- The network

    /** One request meets a fault. */
    record RequestFault(Operation operation, int occurrence, FaultKind kind) implements Twist {}

    /** One request arrives late, whatever its sender does meanwhile. */
    record LateRequest(Operation operation, int occurrence, Duration by) implements Twist {}

    /** No request gets a right answer for a while. */
    record Outage(When when, Duration length, FaultKind kind) implements Event {}

    /** Answers have no Date for a while. */
    record Dateless(When when, Duration length) implements Event {}

    /** Reads show a status that nobody knows. */
    record UnknownStatus(When when, Duration length) implements Event {}

    // ---- Clocks

    /** The driver's clock is ahead of the cloud's by this, or behind if negative. */
    record Skew(Duration ahead) implements Twist {}

    /** The driver's clock jumps. */
    record ClockJump(When when, Duration by) implements Event {}

    // ---- Proxies

    /** Which proxies there are. */
    record Proxies(List<Edge.Kind> kinds) implements Twist {}

    /** Where a proxy sends clients at first. */
    record SentAtFirst(int proxy, boolean toActive, boolean toOriginal) implements Twist {}

    /** Sessions end by themselves only after this. */
    record LongSessions(Duration length) implements Twist {}

    /** A proxy starts anew with what it is configured for; badly when somebody has spoilt that. */
    record Restart(When when, int proxy, Duration down, boolean badly) implements Event {}

    /** Somebody sends clients to A by hand, whatever that costs. */
    record UnfencedByHand(When when, int proxy) implements Event {}

    /** A proxy does not answer its administrators. */
    record Silence(When when, int proxy, Duration length) implements Event {}

    /** The command number n to a proxy from this moment on takes effect, and its answer is lost. */
    record AnswerLost(When when, int proxy, int command) implements Event {}

    /** The command number n to a proxy from this moment on takes effect late, whatever its sender does meanwhile. */
    record LateCommand(When when, int proxy, int command, Duration by) implements Event {}

    /** The command number n to a proxy from this moment on is refused. */
    record CommandRefused(When when, int proxy, int command) implements Event {}

    // ---- People

    /** What a person does with a question. */
    enum Manner {
        REFUSES,
        NEVER_ANSWERS,
        ANSWERS_TOO_LATE,
        TAKES_TIME,
        ANSWERS_TWICE
    }

    /** A person at a gate, when it is asked for the nth time. */
    record Person(Gate gate, int occurrence, Manner manner) implements Twist {}

    /** Somebody asks the run to end. */
    record Abort(When when) implements Event {}

    // ---- Drivers

    /** Where a driver's process can die. */
    enum CrashPoint {
        /** Between two tasks. */
        TASK,
        BEFORE_ENTRY,
        HALF_AN_ENTRY,
        AFTER_ENTRY,
        READ_SENT,
        WRITE_SENT,
        COMMAND_SENT
    }

    /** The process of the driver dies, and another is started later. */
    record Crash(CrashPoint point, int occurrence, Duration restartedAfter) implements Twist {}

    /** The process of the driver is killed at a moment, and another is started later. */
    record Killed(When when, Duration restartedAfter) implements Event {}

    /** The record cannot be written any more, from the nth entry on. */
    record DiskFull(int entry, Duration mendedAfter) implements Twist {}

    /** Another driver starts on the same pair: beside the first one, with a record of its own, or on the same record. */
    record SecondDriver(When when, boolean sameRecord) implements Event {}

    // ---- Wishes

    record MaxLag(Duration lag) implements Twist {}

    record StartLimit(Duration limit) implements Twist {}

    record FenceLimit(Duration limit) implements Twist {}

    record CutoverLimit(Duration limit) implements Twist {}

    record Drain(Duration drain) implements Twist {}

    record WaiveLag() implements Twist {}

    record AllowUnprovenRoles() implements Twist {}

    record ReProtect() implements Twist {}

    /** Cut over to a time, from when the run begins; negative is the past. */
    record FailoverAt(Duration fromBeginning) implements Twist {}

    record Aim(Goal goal) implements Twist {}

    /** A wish of every run but the first: people change their minds. */
    record Later(Twist wish) implements Twist {}
}
