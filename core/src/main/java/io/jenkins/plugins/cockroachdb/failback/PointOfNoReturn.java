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
        StreamHistory streams = cloud.streams();
        Stream<ReplicationStream> asked = record.cutOver().stream().flatMap(id -> streams.find(id).stream());
        return Stream.concat(
                        asked.filter(stream -> stream.status() != StreamStatus.CANCELED),
                        Stream.concat(streams.liveReverseStreams().stream(), streams.reverseStream().stream())
                                .filter(PointOfNoReturn::isPassedBy))
                .findFirst()
                .map(stream -> cloud.pair().describe(stream) + " is " + stream.statusName());
    }

    private static boolean isPassedBy(ReplicationStream stream) {
        return switch (stream.status()) {
            case FAILING_OVER, COMPLETED, UNRECOGNIZED -> true;
            case STARTING, REPLICATING, CANCELED -> false;
        };
    }
}
