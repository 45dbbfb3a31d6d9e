package io.jenkins.plugins.cockroachdb.failback.step;

import java.time.Duration;
import java.util.Map;
import java.util.function.Function;

/** Every way in which a step saves its progress, with parameters that lead to a good end. */
enum SavingStep {
    CREATE(CloudSteps.CREATE_REVERSE_STREAM, world -> SteppedWorld.with(world.pair(), "confirmErase", SteppedWorld.P)),
    CUT_OVER(
            CloudSteps.INITIATE_FAILBACK,
            world -> Map.of("streamId", world.replicating(), "confirmCutover", SteppedWorld.P)),
    CANCEL(CloudSteps.CANCEL_STREAM, world -> Map.of("streamId", world.replicating())),
    AWAIT(CloudSteps.AWAIT_STREAM_STATUS, world -> Map.of("streamId", world.liveSince(Duration.ZERO)));

    final StepContract contract;
    final Function<SteppedWorld, Map<String, Object>> given;

    SavingStep(StepContract contract, Function<SteppedWorld, Map<String, Object>> given) {
        this.contract = contract;
        this.given = given;
    }
}
