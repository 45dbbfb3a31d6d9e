package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How a simulated cloud behaves where the real one varies or is not documented. Start from {@link #defaults()}.
 *
 * @param starting how long a new stream is STARTING
 * @param initialScan how long a stream is REPLICATING before it has replicated anything
 * @param stride how often {@code replicated_time} moves; positive
 * @param strideTransit how far {@code replicated_time} is behind at the moment it moves
 * @param revert how long a cutover takes once its time is reached; positive
 * @param retention how far back from {@code replicated_time} a cutover can go
 * @param heartbeatTimeout how long after its last heartbeat a stream is canceled
 * @param effectDelay how long a write that was answered stays without effect: the answer is sent, and every further write
 *     judged, as if it had taken effect, but reads do not see it and its process begins only then
 * @param staleness how old the state is that reads show; the Date header is always fresh
 * @param refuseSecondLiveStream whether a pair of clusters can have only one live stream, whatever its direction
 * @param scanReplicatedTime what {@code replicated_time} shows during the initial scan
 * @param rateLimitPerSecond how many requests of one key are answered within any second; the others get a 429
 * @param pageLimit the size of a page when the request names none
 * @param maxPageLimit the greatest size of a page; a request for more gets this many
 */
public record CloudSettings(
        Duration starting,
        Duration initialScan,
        Duration stride,
        Duration strideTransit,
        Duration revert,
        Duration retention,
        Duration heartbeatTimeout,
        Duration effectDelay,
        Duration staleness,
        boolean refuseSecondLiveStream,
        ScanReplicatedTime scanReplicatedTime,
        int rateLimitPerSecond,
        int pageLimit,
        int maxPageLimit) {

    /** What {@code replicated_time} shows while nothing has been replicated. All of these have been seen. */
    public enum ScanReplicatedTime {
        /** No such field, and no lag. */
        ABSENT,
        /** The zero time of Go, 0001-01-01T00:00:00Z. */
        ZERO,
        /** 1970-01-01T00:00:00Z. */
        EPOCH,
        /** The same as {@code created_at}, in whole seconds. */
        CREATED_AT
    }

    private static final CloudSettings DEFAULTS = new CloudSettings(
            Duration.ofMinutes(5),
            Duration.ofMinutes(2),
            Duration.ofSeconds(30),
            Duration.ofSeconds(2),
            Duration.ofMinutes(3),
            Duration.ofHours(4),
            Duration.ofHours(24),
            Duration.ZERO,
            Duration.ZERO,
            true,
            ScanReplicatedTime.ABSENT,
            10,
            100,
            500);

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException if a duration is negative, or a stride, revert or limit is not positive
     */
    public CloudSettings {
        notNegative(starting, "starting");
        notNegative(initialScan, "initialScan");
        notNegative(strideTransit, "strideTransit");
        notNegative(retention, "retention");
        notNegative(heartbeatTimeout, "heartbeatTimeout");
        notNegative(effectDelay, "effectDelay");
        notNegative(staleness, "staleness");
        require(!notNegative(stride, "stride").isZero(), "stride must be positive");
        require(!notNegative(revert, "revert").isZero(), "revert must be positive");
        require(rateLimitPerSecond > 0, "rateLimitPerSecond must be positive");
        require(
                pageLimit > 0 && maxPageLimit >= pageLimit,
                "page limits must be positive, the default not above the maximum");
        Objects.requireNonNull(scanReplicatedTime, "scanReplicatedTime");
    }

    /** A cloud as the documentation describes it, at its usual pace, consistent, one live stream for a pair. */
    public static CloudSettings defaults() {
        return DEFAULTS;
    }

    /**
     * The same cloud with quicker processes, for a clock that cannot be hurried. What a client computes with its own clock
     * stays as it is: the rate limit, the retention, and that {@code failover_at} is at most one hour ahead.
     *
     * @param factor by how much; 60 makes a minute last a second
     * @throws IllegalArgumentException if the factor is not positive
     */
    public CloudSettings fasterBy(double factor) {
        require(factor > 0, "factor must be positive");
        return with(draft -> {
            draft.starting = divided(starting, factor);
            draft.initialScan = divided(initialScan, factor);
            draft.stride = atLeastOneNano(divided(stride, factor));
            draft.strideTransit = divided(strideTransit, factor);
            draft.revert = atLeastOneNano(divided(revert, factor));
            draft.heartbeatTimeout = divided(heartbeatTimeout, factor);
        });
    }

    /** With another {@link #starting()}. */
    public CloudSettings withStarting(Duration value) {
        return with(draft -> draft.starting = value);
    }

    /** With another {@link #initialScan()}. */
    public CloudSettings withInitialScan(Duration value) {
        return with(draft -> draft.initialScan = value);
    }

    /** With another {@link #stride()}. */
    public CloudSettings withStride(Duration value) {
        return with(draft -> draft.stride = value);
    }

    /** With another {@link #strideTransit()}. */
    public CloudSettings withStrideTransit(Duration value) {
        return with(draft -> draft.strideTransit = value);
    }

    /** With another {@link #revert()}. */
    public CloudSettings withRevert(Duration value) {
        return with(draft -> draft.revert = value);
    }

    /** With another {@link #retention()}. */
    public CloudSettings withRetention(Duration value) {
        return with(draft -> draft.retention = value);
    }

    /** With another {@link #heartbeatTimeout()}. */
    public CloudSettings withHeartbeatTimeout(Duration value) {
        return with(draft -> draft.heartbeatTimeout = value);
    }

    /** With another {@link #effectDelay()}. */
    public CloudSettings withEffectDelay(Duration value) {
        return with(draft -> draft.effectDelay = value);
    }

    /** With another {@link #staleness()}. */
    public CloudSettings withStaleness(Duration value) {
        return with(draft -> draft.staleness = value);
    }

    /** With another {@link #refuseSecondLiveStream()}. */
    public CloudSettings withRefuseSecondLiveStream(boolean value) {
        return with(draft -> draft.refuseSecondLiveStream = value);
    }

    /** With another {@link #scanReplicatedTime()}. */
    public CloudSettings withScanReplicatedTime(ScanReplicatedTime value) {
        return with(draft -> draft.scanReplicatedTime = value);
    }

    /** With another {@link #rateLimitPerSecond()}. */
    public CloudSettings withRateLimitPerSecond(int value) {
        return with(draft -> draft.rateLimitPerSecond = value);
    }

    /** With another {@link #pageLimit()}. */
    public CloudSettings withPageLimit(int value) {
        return with(draft -> draft.pageLimit = value);
    }

    /** With another {@link #maxPageLimit()}. */
    public CloudSettings withMaxPageLimit(int value) {
        return with(draft -> draft.maxPageLimit = value);
    }

    private CloudSettings with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.settings();
    }

    private static Duration divided(Duration duration, double factor) {
        return Duration.ofNanos(Math.round(duration.toNanos() / factor));
    }

    private static Duration atLeastOneNano(Duration duration) {
        return duration.isZero() ? Duration.ofNanos(1) : duration;
    }

    private static Duration notNegative(Duration duration, String name) {
        require(!duration.isNegative(), name + " must not be negative");
        return duration;
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** The settings while one of them changes, so that each change names only its own value. */
    private static final class Draft {
        private Duration starting;
        private Duration initialScan;
        private Duration stride;
        private Duration strideTransit;
        private Duration revert;
        private Duration retention;
        private Duration heartbeatTimeout;
        private Duration effectDelay;
        private Duration staleness;
        private boolean refuseSecondLiveStream;
        private ScanReplicatedTime scanReplicatedTime;
        private int rateLimitPerSecond;
        private int pageLimit;
        private int maxPageLimit;

        Draft(CloudSettings from) {
            starting = from.starting;
            initialScan = from.initialScan;
            stride = from.stride;
            strideTransit = from.strideTransit;
            revert = from.revert;
            retention = from.retention;
            heartbeatTimeout = from.heartbeatTimeout;
            effectDelay = from.effectDelay;
            staleness = from.staleness;
            refuseSecondLiveStream = from.refuseSecondLiveStream;
            scanReplicatedTime = from.scanReplicatedTime;
            rateLimitPerSecond = from.rateLimitPerSecond;
            pageLimit = from.pageLimit;
            maxPageLimit = from.maxPageLimit;
        }

        CloudSettings settings() {
            return new CloudSettings(
                    starting,
                    initialScan,
                    stride,
                    strideTransit,
                    revert,
                    retention,
                    heartbeatTimeout,
                    effectDelay,
                    staleness,
                    refuseSecondLiveStream,
                    scanReplicatedTime,
                    rateLimitPerSecond,
                    pageLimit,
                    maxPageLimit);
        }
    }
}
