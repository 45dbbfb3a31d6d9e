package io.jenkins.plugins.cockroachdb.cloud;

import java.io.Serializable;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A request to the Cloud API that did not end well. The message tells a person what happened, what holds now and what to
 * do next; the type tells a program. It holds primitives and text only, all of it redacted, so that it can be logged,
 * serialized and shown.
 *
 * <p>For a write every type but {@link FateUnknown} is definite: the write had no effect.
 */
public abstract sealed class CloudException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Details details;

    private CloudException(Details details) {
        super(details.happened + " " + details.holds + " " + details.toDo);
        this.details = details;
    }

    /** What was asked. */
    public Operation operation() {
        return details.operation;
    }

    /** What it was asked of, such as a cluster's id; empty when the operation names nothing. */
    public String resource() {
        return details.resource;
    }

    /** The HTTP status of the answer; empty when there was no answer. */
    public OptionalInt httpStatus() {
        return details.httpStatus == 0 ? OptionalInt.empty() : OptionalInt.of(details.httpStatus);
    }

    /** The gRPC code in the body; empty when there was none. */
    public OptionalInt code() {
        return details.code == null ? OptionalInt.empty() : OptionalInt.of(details.code);
    }

    /** The server's own words, redacted, without control characters, at most {@value Redaction#LONGEST} characters. */
    public Optional<String> serverMessage() {
        return Optional.ofNullable(details.serverMessage);
    }

    /** How long the server asked to wait; empty when it did not say. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(details.retryAfter);
    }

    /** Whether the same read may go well in a while: no answer, 429, 5xx, a page of a proxy. */
    public boolean mayPass() {
        return this instanceof Unreachable
                || this instanceof ServerError
                || this instanceof RateLimited
                || this instanceof UnreadableAnswer;
    }

    /** First sentence: what happened. */
    public String whatHappened() {
        return details.happened;
    }

    /** Second sentence: what holds now. */
    public String whatHolds() {
        return details.holds;
    }

    /** Third sentence: what to do next. */
    public String whatToDo() {
        return details.toDo;
    }

    /** Nothing was sent, because there was no usable API key. */
    public static final class KeyMissing extends CloudException {
        private static final long serialVersionUID = 1L;

        KeyMissing(Details details) {
            super(details);
        }
    }

    /** HTTP 401: the key is not accepted. */
    public static final class Unauthorized extends CloudException {
        private static final long serialVersionUID = 1L;

        Unauthorized(Details details) {
            super(details);
        }
    }

    /** HTTP 403: the key's roles do not suffice. */
    public static final class Forbidden extends CloudException {
        private static final long serialVersionUID = 1L;

        Forbidden(Details details) {
            super(details);
        }
    }

    /** HTTP 404: no such thing, or invisible to this key. */
    public static final class NotFound extends CloudException {
        private static final long serialVersionUID = 1L;

        NotFound(Details details) {
            super(details);
        }
    }

    /** HTTP 429, still after the retries that a read gets. */
    public static final class RateLimited extends CloudException {
        private static final long serialVersionUID = 1L;

        RateLimited(Details details) {
            super(details);
        }
    }

    /** Any other 4xx: the server understood and said no. */
    public static final class Refused extends CloudException {
        private static final long serialVersionUID = 1L;

        Refused(Details details) {
            super(details);
        }
    }

    /** A read that ended in 408 or 5xx, still after its retries. */
    public static final class ServerError extends CloudException {
        private static final long serialVersionUID = 1L;

        ServerError(Details details) {
            super(details);
        }
    }

    /** No answer: not connected, broken off or out of time. For a write: nothing of it was sent. */
    public static final class Unreachable extends CloudException {
        private static final long serialVersionUID = 1L;

        Unreachable(Details details) {
            super(details);
        }
    }

    /** The answer to a read is not one of the Cloud API: empty, cut off, too large, not JSON, wrongly typed, a redirect. */
    public static final class UnreadableAnswer extends CloudException {
        private static final long serialVersionUID = 1L;

        UnreadableAnswer(Details details) {
            super(details);
        }
    }

    /**
     * A write was sent, and nobody knows whether it took effect: no answer, an answer that cannot be read, or one that does
     * not exclude an effect (408, 3xx, 5xx). It was not and must not be repeated blindly; reading tells what holds.
     */
    public static final class FateUnknown extends CloudException {
        private static final long serialVersionUID = 1L;

        FateUnknown(Details details) {
            super(details);
        }
    }

    /**
     * What every error knows.
     *
     * @param httpStatus 0 when there was no answer
     * @param code gRPC code; null when there was none
     * @param serverMessage null when there was none
     * @param retryAfter null when the server did not say
     */
    record Details(
            Operation operation,
            String resource,
            int httpStatus,
            Integer code,
            String serverMessage,
            Duration retryAfter,
            String happened,
            String holds,
            String toDo)
            implements Serializable {}
}
