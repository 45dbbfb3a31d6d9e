package io.jenkins.plugins.cockroachdb.cloud;

import java.time.Duration;
import java.time.Instant;

/** What somebody waits for on a stream. Judging is quick and has no side effect. */
public interface StreamCondition {

    /** How an observed stream stands to a condition. */
    enum Judgement {
        /** It holds. */
        MET,
        /** It may still come to hold. */
        NOT_YET,
        /** It can never hold any more: waiting on would only waste the night. */
        NEVER
    }

    /** Judges a stream as it was answered. */
    Judgement judge(Answer<ReplicationStream> seen);

    /** Whether whoever waits stands right before a cutover, with writers fenced, so that every second counts. */
    default boolean nearCutover() {
        return false;
    }

    /** The condition in words that follow "to be". */
    String words();

    /** REPLICATING, the initial scan done, and the lag within the limit. */
    static StreamCondition caughtUp(Duration maxLag) {
        return new CaughtUp(maxLag);
    }

    /** REPLICATING with everything up to and including the instant replicated: the proof before a cutover. */
    static StreamCondition replicatedAfter(Instant instant) {
        return new ReplicatedAfter(instant);
    }

    /** In that status, whatever the lag. A status later in a stream's life means never. */
    static StreamCondition status(StreamStatus wanted) {
        return new InStatus(wanted);
    }

    /** See {@link #caughtUp}. */
    record CaughtUp(Duration maxLag) implements StreamCondition {
        @Override
        public Judgement judge(Answer<ReplicationStream> seen) {
            return whileReplicating(
                    seen,
                    seen.value()
                            .lag(seen.cloudTime())
                            .filter(lag -> lag.compareTo(maxLag) <= 0)
                            .isPresent());
        }

        @Override
        public String words() {
            return "REPLICATING with a lag of at most " + maxLag.toSeconds() + " s";
        }
    }

    /** See {@link #replicatedAfter}. */
    record ReplicatedAfter(Instant instant) implements StreamCondition {
        @Override
        public Judgement judge(Answer<ReplicationStream> seen) {
            return whileReplicating(
                    seen,
                    seen.value()
                            .caughtUpTo()
                            .filter(time -> !time.isBefore(instant))
                            .isPresent());
        }

        @Override
        public boolean nearCutover() {
            return true;
        }

        @Override
        public String words() {
            return "replicated up to " + instant;
        }
    }

    /** See {@link #status}. */
    record InStatus(StreamStatus wanted) implements StreamCondition {
        @Override
        public Judgement judge(Answer<ReplicationStream> seen) {
            StreamStatus status = seen.value().status();
            if (status == wanted) {
                return Judgement.MET;
            }
            // The enum has the order of a stream's life; its ends and what is not recognized lead nowhere.
            boolean over = !status.isLive() || status == StreamStatus.UNRECOGNIZED;
            return over || status.compareTo(wanted) > 0 ? Judgement.NEVER : Judgement.NOT_YET;
        }

        @Override
        public String words() {
            return wanted.name();
        }
    }

    private static Judgement whileReplicating(Answer<ReplicationStream> seen, boolean enough) {
        return switch (seen.value().status()) {
            case STARTING -> Judgement.NOT_YET;
            case REPLICATING -> enough ? Judgement.MET : Judgement.NOT_YET;
            case FAILING_OVER, COMPLETED, CANCELED, UNRECOGNIZED -> Judgement.NEVER;
        };
    }
}
