package io.jenkins.plugins.cockroachdb.failback.step;

import static io.jenkins.plugins.cockroachdb.failback.step.StreamParameters.STREAM;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.cloud.StreamUpdate;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Ends a stream without a cutover. The API allows it only while the stream is REPLICATING. */
final class CancelStreamContract extends UpdateStreamContract {

    CancelStreamContract() {
        super(
                "cockroachCancelStream",
                "Cancels a replication stream; the data of its standby are not usable then.",
                STREAM);
    }

    @Override
    StreamUpdate update(Arguments arguments) {
        return StreamUpdate.cancel();
    }

    @Override
    boolean isDone(StreamStatus status) {
        return status == StreamStatus.CANCELED;
    }

    @Override
    boolean acceptsWhatIsDone() {
        return true;
    }

    @Override
    CompletableFuture<Answer<ReplicationStream>> examine(Arguments arguments, StepRun run) {
        return run.stream(arguments.get(STREAM));
    }

    @Override
    Optional<String> objection(Arguments arguments, Answer<ReplicationStream> seen, Instant now) {
        return Optional.empty();
    }

    @Override
    public String leftBehind(Arguments arguments, Progress progress) {
        String stream = "stream " + arguments.get(STREAM);
        return switch (progress.phase()) {
            case SENDING -> "It was asked to cancel " + stream
                    + ", and it is not known whether that took effect. If not, the stream goes on. Run cockroachCancelStream"
                    + " again, which reads the stream first.";
            case ANSWERED -> "The cloud has canceled " + stream + ", and nothing flows any more.";
            default -> NOTHING_LEFT;
        };
    }
}
