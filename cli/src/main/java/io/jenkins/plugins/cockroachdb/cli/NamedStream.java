package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.failback.Pair;
import io.jenkins.plugins.cockroachdb.failback.Sight;
import java.util.Optional;

/**
 * The stream that {@code PCR_STREAM_ID} names. A user who names a stream means that one: to go on with another would be a surprise at
 * the worst of times. A forward stream, which the Python CLI names for failovers, says nothing about a failback and is left aside.
 */
record NamedStream(String id) {

    private static final String NAME = "PCR_STREAM_ID";

    static Optional<NamedStream> of(Variables variables) {
        return variables.get(NAME).map(NamedStream::new);
    }

    /**
     * Checks that it is the stream of this failback.
     *
     * @throws RefusedException if it is not
     * @throws FailedException if that cannot be read
     */
    void check(CloudSession session, Settings settings, Shell shell) {
        Sight.Cloud cloud = Clouds.look(session, settings, shell);
        ReplicationStream named = stream(session);
        Pair pair = cloud.pair();
        if (pair.isForward(named)) {
            return;
        }
        Optional<String> reverse = cloud.streams().reverseStream().map(ReplicationStream::id);
        if (!reverse.equals(Optional.of(named.id()))) {
            throw new RefusedException(NAME + " names " + pair.describe(named) + ", which is " + named.statusName()
                    + ", but the reverse stream of this failback is "
                    + reverse.orElse("not created yet")
                    + ". Nothing was done. Unset " + NAME + " to let the stream be found.");
        }
    }

    private ReplicationStream stream(CloudSession session) {
        try {
            return Clouds.answer(session.api().stream(id)).value();
        } catch (CloudException.NotFound e) {
            throw new RefusedException(NAME + " is " + id
                    + ", and there is no such stream. Nothing was done. Unset it to let the stream be found.");
        } catch (CloudException e) {
            throw new FailedException(e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new UsageException(NAME + ": " + e.getMessage());
        }
    }
}
