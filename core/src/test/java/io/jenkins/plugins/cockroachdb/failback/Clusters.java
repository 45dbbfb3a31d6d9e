package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Clusters and streams for tests: {@code east} is the original primary, {@code west} the active cluster. */
final class Clusters {

    static final Cluster EAST = cluster("east", "us-east-1");
    static final Cluster WEST = cluster("west", "us-west-2");
    static final Pair PAIR = new Pair(EAST, WEST);

    private Clusters() {}

    /** A healthy cluster on AWS whose id is its name with {@code -id}. */
    static Cluster cluster(String name, String region) {
        return new Cluster(
                name + "-id",
                name,
                "CREATED",
                "UNSPECIFIED",
                "FINALIZED",
                "v24.3.1",
                "ADVANCED",
                "AWS",
                "",
                List.of(new Cluster.Region(region, name + ".example")),
                name + ".example");
    }

    /** The instant on that day of March 2026. */
    static Instant day(int day) {
        return Instant.parse("2026-03-01T00:00:00Z").plus(Duration.ofDays(day - 1L));
    }

    static ReplicationStream completed(String from, String to, int created, int activated) {
        return stream(from, to, StreamStatus.COMPLETED, created, day(activated), null);
    }

    static ReplicationStream canceled(String from, String to, int created, int canceled) {
        return stream(from, to, StreamStatus.CANCELED, created, null, day(canceled));
    }

    static ReplicationStream live(String from, String to, int created, StreamStatus status) {
        return stream(from, to, status, created, null, null);
    }

    private static ReplicationStream stream(
            String from, String to, StreamStatus status, int created, Instant activated, Instant canceled) {
        return new ReplicationStream(
                from + "-" + to + "-" + created,
                status.name(),
                from + "-id",
                to + "-id",
                day(created),
                null,
                null,
                null,
                null,
                activated,
                canceled);
    }
}
