package io.jenkins.plugins.cockroachdb.cloud;

import java.util.Objects;

/**
 * A stream to be created. A type of its own, with both ids named where it is built, because exchanging them erases the
 * cluster that serves: {@code NewStream.from(active).erasing(originalPrimary)}.
 *
 * @param primaryClusterId the source, which keeps its data
 * @param standbyClusterId the target, <strong>which is erased</strong>
 */
public record NewStream(String primaryClusterId, String standbyClusterId) {

    public NewStream {
        Objects.requireNonNull(primaryClusterId, "primaryClusterId");
        Objects.requireNonNull(standbyClusterId, "standbyClusterId");
        if (primaryClusterId.equals(standbyClusterId)) {
            throw new IllegalArgumentException("A stream needs two clusters, but source and target are both "
                    + primaryClusterId + ". Nothing was sent. Check the two cluster ids.");
        }
    }

    /** Names the source first. */
    public static From from(String primaryClusterId) {
        return new From(primaryClusterId);
    }

    /** A stream whose target is still to be named. */
    public record From(String primaryClusterId) {

        /** Names the target, all of whose data is deleted when the stream is created. */
        public NewStream erasing(String standbyClusterId) {
            return new NewStream(primaryClusterId, standbyClusterId);
        }
    }
}
