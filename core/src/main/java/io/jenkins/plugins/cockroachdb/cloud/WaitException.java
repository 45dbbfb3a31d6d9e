package io.jenkins.plugins.cockroachdb.cloud;

import java.time.Instant;
import java.util.Optional;

/** A wait that ended without its condition. The message tells why, what holds now and what to do. */
public abstract sealed class WaitException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient ReplicationStream lastSeen;

    private WaitException(String message, CloudException cause, ReplicationStream lastSeen) {
        super(message, cause);
        this.lastSeen = lastSeen;
    }

    /** The stream as it was seen last; empty if it never was, or after serialization. */
    public Optional<ReplicationStream> lastSeen() {
        return Optional.ofNullable(lastSeen);
    }

    /** The deadline came first. The last failed look, if the latest one failed, is the cause. */
    public static final class DeadlinePassed extends WaitException {
        private static final long serialVersionUID = 1L;

        DeadlinePassed(
                String streamId,
                String wanted,
                Instant deadline,
                ReplicationStream lastSeen,
                CloudException lastFailure) {
            super(
                    "Replication stream " + streamId + " did not come to be " + wanted + " by " + deadline + ": "
                            + described(lastSeen)
                            + (lastFailure == null ? "" : " The latest look failed. " + lastFailure.whatHappened())
                            + " Waiting changed nothing, and the stream goes on by itself."
                            + " Look at its status; run again to go on waiting, with a longer limit if its size needs it.",
                    lastFailure,
                    lastSeen);
        }
    }

    /** The stream was canceled, by a person or by its source after 24 hours without a heartbeat. */
    public static final class StreamCanceled extends WaitException {
        private static final long serialVersionUID = 1L;

        StreamCanceled(String wanted, ReplicationStream lastSeen) {
            super(
                    "Replication stream " + Redaction.line(lastSeen.id(), null) + " was canceled"
                            + (lastSeen.canceledAt() == null ? "" : " at " + lastSeen.canceledAt())
                            + " and will never be " + wanted + "."
                            + " Nothing flows to cluster " + Redaction.line(lastSeen.standbyClusterId(), null)
                            + " any more, and the data there is not usable."
                            + " Find out who or what canceled it before a new stream is created.",
                    null,
                    lastSeen);
        }
    }

    /** The stream has a status from which the condition cannot be reached. */
    public static final class UnexpectedStatus extends WaitException {
        private static final long serialVersionUID = 1L;

        UnexpectedStatus(String wanted, ReplicationStream lastSeen) {
            super(
                    "Replication stream " + Redaction.line(lastSeen.id(), null) + " is "
                            + Redaction.line(lastSeen.statusName(), null)
                            + " and so will not come to be " + wanted + "."
                            + " Waiting changed nothing; somebody else may have moved the stream."
                            + " Look at its status before anything else.",
                    null,
                    lastSeen);
        }
    }

    /** The cloud answered in a way that waiting does not mend: 400, 401, 403, 404, or there is no key any more. */
    public static final class CloudRefused extends WaitException {
        private static final long serialVersionUID = 1L;

        CloudRefused(String streamId, String wanted, CloudException cause, ReplicationStream lastSeen) {
            super(
                    "The wait for replication stream " + streamId + " to be " + wanted + " ended. "
                            + cause.getMessage(),
                    cause,
                    lastSeen);
        }
    }

    private static String described(ReplicationStream stream) {
        if (stream == null) {
            return "it could not be read even once.";
        }
        String status = "it was last seen " + Redaction.line(stream.statusName(), null);
        return stream.caughtUpTo()
                        .map(upTo -> status + ", replicated up to " + upTo
                                + (stream.replicationLagSeconds() == null
                                        ? ""
                                        : " (lag " + stream.replicationLagSeconds() + " s)"))
                        .orElse(status)
                + ".";
    }
}
