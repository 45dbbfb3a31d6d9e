package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether a cutover may have begun: from then on nothing but a person sends clients back to A (R5). */
public final class PointOfNoReturn {

    private PointOfNoReturn() {}

    /**
     * Why clients may not be sent back to A any more; empty when they may.
     *
     * @param cloud as it was read just now
     * @param record of this failback
     * @return a few words: which stream, and what it is
     */
    public static Optional<String> passed(Sight.Cloud cloud, FailbackRecord record) {
        return record.cutOver().stream()
                .flatMap(id -> cloud.streams().find(id).stream())
                .filter(stream -> stream.status() != StreamStatus.CANCELED)
                .findFirst()
                .map(stream -> words(cloud, stream))
                .or(() -> passed(cloud));
    }

    /** The same, for who has no record: why the cloud alone says so. */
    public static Optional<String> passed(Sight.Cloud cloud) {
        StreamHistory streams = cloud.streams();
        return Stream.concat(streams.liveReverseStreams().stream(), streams.reverseStream().stream())
                .filter(PointOfNoReturn::isPassedBy)
                .findFirst()
                .map(stream -> words(cloud, stream));
    }

    private static String words(Sight.Cloud cloud, ReplicationStream stream) {
        return cloud.pair().describe(stream) + " is " + stream.statusName();
    }

    /** Whether a cutover of the stream may have begun. */
    public static boolean isPassedBy(ReplicationStream stream) {
        return switch (stream.status()) {
            case FAILING_OVER, COMPLETED, UNRECOGNIZED -> true;
            case STARTING, REPLICATING, CANCELED -> false;
        };
    }
}
