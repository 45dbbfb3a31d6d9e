package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The facts about a stream, each with the instant from which it holds. Whatever the stream is at an instant follows from
 * them, so nothing has to happen for time to pass, and the past (for stale reads) is as easy to see as the present.
 *
 * @param id its id
 * @param primaryId the cluster that is copied
 * @param standbyId the cluster that is erased and then written
 * @param createdAt when it was asked for
 * @param beginsAt when it erases the standby and can be seen
 * @param pace the durations of its processes
 * @param heartbeatLostAt when the primary fell silent; {@link #NEVER} if it did not
 * @param cutoverAt when FAILING_OVER begins; {@link #NEVER} if no cutover was asked for
 * @param failoverAt the time to which to cut over; null for the latest
 * @param canceledByRequestAt when a request canceled it; {@link #NEVER} if none did
 */
record ReplicationStream(
        String id,
        String primaryId,
        String standbyId,
        Instant createdAt,
        Instant beginsAt,
        CloudSettings pace,
        Instant heartbeatLostAt,
        Instant cutoverAt,
        Instant failoverAt,
        Instant canceledByRequestAt) {

    /** The instant of what does not happen. */
    static final Instant NEVER = Instant.MAX;

    /** The cutover point of a cutover that found nothing replicated: every write is later. */
    static final Instant NOTHING = Instant.parse("0001-01-01T00:00:00Z");

    /** A stream of which nothing is known but its beginning. */
    static ReplicationStream begun(
            String id, String primaryId, String standbyId, Instant createdAt, Instant beginsAt, CloudSettings pace) {
        return new ReplicationStream(id, primaryId, standbyId, createdAt, beginsAt, pace, NEVER, NEVER, null, NEVER);
    }

    ReplicationStream withHeartbeatLostAt(Instant at) {
        return new ReplicationStream(
                id, primaryId, standbyId, createdAt, beginsAt, pace, at, cutoverAt, failoverAt, canceledByRequestAt);
    }

    ReplicationStream withCutover(Instant at, Instant to) {
        return new ReplicationStream(
                id, primaryId, standbyId, createdAt, beginsAt, pace, heartbeatLostAt, at, to, canceledByRequestAt);
    }

    ReplicationStream withCanceledByRequestAt(Instant at) {
        return new ReplicationStream(
                id, primaryId, standbyId, createdAt, beginsAt, pace, heartbeatLostAt, cutoverAt, failoverAt, at);
    }

    /** Whether reads at an instant can see the stream. */
    boolean existsAt(Instant instant) {
        return !instant.isBefore(beginsAt);
    }

    /** The status at an instant at which the stream exists. */
    StreamStatus status(Instant instant) {
        if (!instant.isBefore(canceledAt())) {
            return StreamStatus.CANCELED;
        }
        if (!instant.isBefore(activatedAt())) {
            return StreamStatus.COMPLETED;
        }
        if (!instant.isBefore(cutoverAt)) {
            return StreamStatus.FAILING_OVER;
        }
        return progress(instant).isBefore(replicatingAt()) ? StreamStatus.STARTING : StreamStatus.REPLICATING;
    }

    /** The status by which a new request is judged: as if every request that was answered had taken effect. */
    StreamStatus admissionStatus(Instant now) {
        Instant lastRequest = earlier(cutoverAt, canceledByRequestAt);
        return status(later(now, lastRequest.equals(NEVER) ? beginsAt : lastRequest));
    }

    /** The point up to which the standby has everything, in whole seconds; empty until the initial scan is done. */
    Optional<Instant> replicatedTime(Instant instant) {
        Instant scannedAt = scannedAt();
        if (progress(instant).isBefore(scannedAt)) {
            return Optional.empty();
        }
        long strides = Duration.between(scannedAt, progress(instant)).dividedBy(pace.stride());
        Instant reached = scannedAt.plus(pace.stride().multipliedBy(strides)).minus(pace.strideTransit());
        return Optional.of(wholeSeconds(later(reached, replicatingAt())));
    }

    /** The earliest point to which a cutover can go, in whole seconds. */
    Instant retainedTime(Instant instant) {
        Instant begin = wholeSeconds(replicatingAt());
        return replicatedTime(instant)
                .map(replicated -> later(replicated.minus(pace.retention()), begin))
                .orElse(begin);
    }

    /**
     * The point at which the standby's data stand after the cutover; {@link #NOTHING} if nothing had been replicated, empty
     * if there is no cutover, or none that gets so far.
     */
    Optional<Instant> cutoverPoint() {
        if (revertsAt().equals(NEVER)) {
            return Optional.empty();
        }
        return Optional.of(
                failoverAt == null
                        ? replicatedTime(cutoverAt).orElse(NOTHING)
                        // What was retained when the request was judged may be gone when it takes effect.
                        : later(failoverAt, retainedTime(revertsAt())));
    }

    /** When the stream is COMPLETED; {@link #NEVER} as far as one knows now. */
    Instant activatedAt() {
        return after(revertsAt(), pace.revert());
    }

    /** When the stream is CANCELED, by request or for want of a heartbeat; {@link #NEVER} as far as one knows now. */
    Instant canceledAt() {
        Instant byHeartbeat = after(heartbeatLostAt, pace.heartbeatTimeout());
        // A cutover that has what it needs does not need the primary any more.
        return earlier(canceledByRequestAt, revertsAt().isAfter(byHeartbeat) ? byHeartbeat : NEVER);
    }

    private Instant replicatingAt() {
        return beginsAt.plus(pace.starting());
    }

    private Instant scannedAt() {
        return replicatingAt().plus(pace.initialScan());
    }

    /** How far the processes have come that need the primary: no further than its last heartbeat. */
    private Instant progress(Instant instant) {
        return earlier(instant, heartbeatLostAt);
    }

    /** When the cutover has what it needs and begins to revert the standby; {@link #NEVER} as far as one knows now. */
    private Instant revertsAt() {
        if (cutoverAt.equals(NEVER) || failoverAt == null) {
            return cutoverAt;
        }
        Instant reached = reachedAt(failoverAt);
        return reached.isAfter(heartbeatLostAt) ? NEVER : later(cutoverAt, reached);
    }

    /** When the replicated time gets to a point, if the heartbeat lasts. */
    private Instant reachedAt(Instant point) {
        Instant wanted =
                wholeSeconds(point).equals(point) ? point : wholeSeconds(point).plusSeconds(1);
        Duration way = Duration.between(scannedAt(), wanted.plus(pace.strideTransit()));
        if (way.isNegative()) {
            return scannedAt();
        }
        long strides = way.plus(pace.stride()).minusNanos(1).dividedBy(pace.stride()); // rounded up
        return scannedAt().plus(pace.stride().multipliedBy(strides));
    }

    static Instant wholeSeconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }

    private static Instant after(Instant instant, Duration duration) {
        return instant.equals(NEVER) ? NEVER : instant.plus(duration);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
