package io.jenkins.plugins.cockroachdb.cloud;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A physical replication stream: all data of its primary flows to its standby, whose own data was erased when the stream
 * was created. All times are the cloud's.
 *
 * @param id never null
 * @param statusName the word of the API, see {@link #status()}; never null
 * @param primaryClusterId the source; never null
 * @param standbyClusterId the target; never null
 * @param createdAt never null
 * @param replicatedTime up to when data has arrived; see {@link #caughtUpTo()} before trusting it; null unless
 *     REPLICATING
 * @param replicationLagSeconds now minus {@code replicatedTime}; null unless REPLICATING
 * @param retainedTime the earliest time that a cutover can go back to; null unless REPLICATING
 * @param failoverAt the cutover time that was asked for; null when none was
 * @param activatedAt when the cutover was finalized (not the last replicated write); null unless COMPLETED
 * @param canceledAt null unless CANCELED
 */
public record ReplicationStream(
        String id,
        String statusName,
        String primaryClusterId,
        String standbyClusterId,
        Instant createdAt,
        Instant replicatedTime,
        Integer replicationLagSeconds,
        Instant retainedTime,
        Instant failoverAt,
        Instant activatedAt,
        Instant canceledAt) {

    public StreamStatus status() {
        return StreamStatus.named(statusName);
    }

    /**
     * Up to when data has really arrived. Empty during the initial scan, when {@code replicated_time} is absent, zero or
     * not later than {@code created_at}: a cutover then can finish with nothing replicated (cockroach#171871, #168420,
     * #141631).
     */
    public Optional<Instant> caughtUpTo() {
        return Optional.ofNullable(replicatedTime).filter(time -> time.isAfter(createdAt));
    }

    /**
     * How far the data trails behind: the API's own figure, or what {@code replicated_time} shows, whichever is more. A figure
     * of zero beside an old time is a default, not a proof. Empty during the initial scan.
     *
     * @param cloudNow the cloud's clock; null if unknown, and then the figure counts alone
     */
    public Optional<Duration> lag(Instant cloudNow) {
        return caughtUpTo().flatMap(upTo -> {
            Duration said = replicationLagSeconds == null ? null : Duration.ofSeconds(replicationLagSeconds);
            Duration shown = cloudNow == null ? null : Duration.between(upTo, cloudNow);
            if (said == null || shown == null) {
                return Optional.ofNullable(said == null ? shown : said);
            }
            return Optional.of(said.compareTo(shown) > 0 ? said : shown);
        });
    }

    /** Whether a cutover may still go back to the time, as far as the stream tells: {@code retained_time} moves on. */
    public boolean canGoBackTo(Instant time) {
        return retainedTime == null || !time.isBefore(retainedTime);
    }

    /** Whether the cluster is the source or the target. */
    public boolean touches(String clusterId) {
        return primaryClusterId.equals(clusterId) || standbyClusterId.equals(clusterId);
    }
}
