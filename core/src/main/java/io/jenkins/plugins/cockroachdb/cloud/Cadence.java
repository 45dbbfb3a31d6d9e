package io.jenkins.plugins.cockroachdb.cloud;

import java.time.Duration;
import java.time.Instant;

/**
 * In which rhythm to look at one stream, from what was seen of it: after each look it pauses for as long as the nearest
 * change is away, the last one that was seen or the next one that is expected, within limits that say how much somebody
 * depends on it. So a wrong expectation costs no more than the longest pause. Immutable and pure; instants are of our clock.
 */
final class Cadence {

    /** Further away than any pause, and near enough for {@link Duration} to count what lies between. */
    private static final Instant LONG_AGO = Instant.EPOCH;

    private static final Instant NEVER = LONG_AGO.plus(Duration.ofDays(365 * 250));

    /** Of a stream that nobody has seen yet. */
    static final Cadence UNSEEN = new Cadence(null, null, LONG_AGO, NEVER, NEVER);

    /** How often {@code replicated_time} moves, as documented, while nothing better is known. */
    private static final Duration STRIDE = Duration.ofSeconds(30);

    /** How much later than at the time that it shows {@code replicated_time} moves, as a rule; it never does before. */
    private static final Duration TRANSIT = Duration.ofSeconds(3);

    /** A cutover takes minutes; one that takes less is seen up to the longest pause late. */
    private static final Duration QUICKEST_CUTOVER = Duration.ofMinutes(2);

    private final ReplicationStream seen;
    private final Instant seenAt;
    private final Instant changedAt;
    // The window in which the next change is expected; NEVER when none is.
    private final Instant dueFrom;
    private final Instant dueUntil;

    private Cadence(ReplicationStream seen, Instant seenAt, Instant changedAt, Instant dueFrom, Instant dueUntil) {
        this.seen = seen;
        this.seenAt = seenAt;
        this.changedAt = changedAt;
        this.dueFrom = dueFrom;
        this.dueUntil = dueUntil;
    }

    /** The cadence once this answer was seen too. */
    Cadence after(Answer<ReplicationStream> answer) {
        ReplicationStream stream = answer.value();
        Instant now = answer.sentAt();
        if (seen != null
                && stream.status() == seen.status()
                && stream.caughtUpTo().equals(seen.caughtUpTo())) {
            return new Cadence(stream, now, changedAt, dueFrom, dueUntil);
        }
        return switch (stream.status()) {
            case STARTING -> changed(answer, ours(stream.createdAt(), answer), NEVER, NEVER);
            case REPLICATING -> stream.caughtUpTo()
                    .map(upTo -> moved(answer, upTo))
                    .orElseGet(() -> changed(answer, now, NEVER, NEVER));
            case FAILING_OVER -> cutOver(answer);
            case COMPLETED, CANCELED, UNRECOGNIZED -> changed(answer, now, NEVER, NEVER);
        };
    }

    private static Cadence changed(
            Answer<ReplicationStream> answer, Instant changedAt, Instant dueFrom, Instant dueUntil) {
        return new Cadence(answer.value(), answer.sentAt(), changedAt, dueFrom, dueUntil);
    }

    private Cadence moved(Answer<ReplicationStream> answer, Instant upTo) {
        Instant now = answer.sentAt();
        if (seen != null && seen.caughtUpTo().isPresent()) {
            Duration stride = Duration.between(seen.caughtUpTo().get(), upTo);
            // After looks that lie further apart it may have moved twice, and then this is no stride.
            boolean movedOnce = stride.compareTo(Duration.between(seenAt, now).multipliedBy(2)) > 0;
            if (movedOnce) {
                return changed(answer, now, seenAt.plus(stride), now.plus(stride));
            }
        }
        Instant next = ours(upTo, answer).plus(STRIDE);
        return changed(answer, now, next, next.plus(TRANSIT));
    }

    private Cadence cutOver(Answer<ReplicationStream> answer) {
        Instant now = answer.sentAt();
        Instant failoverAt = answer.value().failoverAt();
        if (failoverAt != null && ours(failoverAt, answer).isAfter(now)) {
            Instant begin = ours(failoverAt, answer);
            return changed(answer, begin, begin.plus(QUICKEST_CUTOVER), NEVER);
        }
        // It began after the stream was last seen otherwise; when it never was, it may be over any moment.
        Instant dueFrom = seen == null ? now : seenAt.plus(QUICKEST_CUTOVER);
        return changed(answer, now, dueFrom, NEVER);
    }

    /** An instant of the cloud's clock by ours. */
    private static Instant ours(Instant cloudTime, Answer<?> answer) {
        return answer.skew().map(cloudTime::minus).orElse(cloudTime);
    }

    /**
     * How long to wait after a look before the next.
     *
     * @param looked when that look began
     * @param nearCutover whether somebody waits for {@code replicated_time} with writers fenced
     */
    Duration pauseAfter(Instant looked, boolean nearCutover) {
        Limits limits = limits(nearCutover);
        Duration toChange = shorter(Duration.between(changedAt, looked).abs(), toExpectedChange(looked));
        return shorter(toChange.compareTo(limits.shortest) < 0 ? limits.shortest : toChange, limits.longest);
    }

    private Duration toExpectedChange(Instant looked) {
        if (looked.isBefore(dueFrom)) {
            return Duration.between(looked, dueFrom);
        }
        return looked.isAfter(dueUntil) ? Duration.between(dueUntil, looked) : Duration.ZERO;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private Limits limits(boolean nearCutover) {
        if (seen == null) {
            return Limits.STEADY;
        }
        return switch (seen.status()) {
            case STARTING -> Limits.STARTING;
            case REPLICATING -> {
                if (seen.caughtUpTo().isEmpty()) {
                    yield Limits.SCANNING;
                }
                yield nearCutover ? Limits.FENCED : Limits.STEADY;
            }
            case FAILING_OVER -> Limits.CUTOVER;
            case COMPLETED, CANCELED, UNRECOGNIZED -> Limits.STEADY;
        };
    }

    /** The shortest and the longest pause. */
    private enum Limits {
        STEADY(5_000, 5_000),
        /** It takes minutes, and after it comes the initial scan: nobody waits for its end. */
        STARTING(5_000, 30_000),
        /** It takes minutes to hours, and clients are served meanwhile. */
        SCANNING(5_000, 10_000),
        /** Clients are stopped until replicated_time moves, which is soon. */
        FENCED(400, 5_000),
        /** Clients are stopped, for minutes. */
        CUTOVER(2_000, 5_000);

        private final Duration shortest;
        private final Duration longest;

        Limits(long shortestMillis, long longestMillis) {
            shortest = Duration.ofMillis(shortestMillis);
            longest = Duration.ofMillis(longestMillis);
        }
    }
}
