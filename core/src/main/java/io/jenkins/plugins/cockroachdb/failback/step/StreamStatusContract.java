package io.jenkins.plugins.cockroachdb.failback.step;

import static io.jenkins.plugins.cockroachdb.failback.step.StreamParameters.MAX_LAG;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Tells how a stream is: one by its id, or the reverse stream of a pair (R0), which may not exist. */
final class StreamStatusContract extends StepContract {

    private static final Parameter<String> STREAM = StreamParameters.STREAM.optional();

    private static final PairParameters PAIR = PairParameters.OF_REVERSE_STREAM.optional();

    StreamStatusContract() {
        super(
                "cockroachStreamStatus",
                "Tells how a replication stream is; null when the pair has none.",
                STREAM,
                PAIR.active(),
                PAIR.originalPrimary(),
                MAX_LAG);
    }

    @Override
    void check(Arguments arguments) {
        boolean stream = arguments.find(STREAM).isPresent();
        boolean active = arguments.find(PAIR.active()).isPresent();
        boolean original = arguments.find(PAIR.originalPrimary()).isPresent();
        if (active != original || stream == active) {
            throw wrong("Give either parameter streamId, or both activeClusterId and originalPrimaryClusterId.");
        }
        PAIR.check(this, arguments);
    }

    @Override
    CompletableFuture<Map<String, Object>> perform(Arguments arguments, StepRun run) {
        Duration maxLag = arguments.get(MAX_LAG);
        return arguments
                .find(STREAM)
                .map(id -> run.read(() -> run.stream(id))
                        .thenApply(answer -> ResultMaps.stream(answer.value(), answer.cloudTime(), maxLag)))
                .orElseGet(() -> run.read(() -> run.look(PAIR.observer(arguments, run)))
                        .thenApply(cloud -> cloud.streams()
                                .reverseStream()
                                .map(stream -> ResultMaps.stream(stream, cloud.time(), maxLag))
                                .orElse(null)));
    }

    @Override
    public String leftBehind(Arguments arguments, Progress progress) {
        return NOTHING_LEFT;
    }
}
