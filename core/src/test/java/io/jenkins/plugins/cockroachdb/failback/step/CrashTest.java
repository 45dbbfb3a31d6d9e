package io.jenkins.plugins.cockroachdb.failback.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The process that runs a step is killed: before and after each save, each request and each answer. Its successor, with nothing
 * but what was saved, sends no write a second time and comes to the same result, or says that it cannot know.
 */
class CrashTest {

    private enum Kind {
        CREATE(
                CloudSteps.CREATE_REVERSE_STREAM,
                world -> SteppedWorld.with(world.pair(), "confirmErase", SteppedWorld.P)),
        CUT_OVER(
                CloudSteps.INITIATE_FAILBACK,
                world -> Map.of("streamId", world.replicating(), "confirmCutover", SteppedWorld.P)),
        CANCEL(CloudSteps.CANCEL_STREAM, world -> Map.of("streamId", world.replicating())),
        AWAIT(CloudSteps.AWAIT_STREAM_STATUS, world -> Map.of("streamId", world.liveSince(Duration.ZERO)));

        private final StepContract step;
        private final Function<SteppedWorld, Map<String, Object>> given;

        Kind(StepContract step, Function<SteppedWorld, Map<String, Object>> given) {
            this.step = step;
            this.given = given;
        }
    }

    static Stream<Arguments> everyMoment() {
        return Stream.of(Kind.values()).flatMap(kind -> {
            SteppedWorld undisturbed = new SteppedWorld();
            undisturbed.result(kind.step, kind.given.apply(undisturbed));
            assertThat(undisturbed.life.moments).isGreaterThanOrEqualTo(2);
            return IntStream.range(0, undisturbed.life.moments).mapToObj(moment -> Arguments.of(kind, moment));
        });
    }

    @ParameterizedTest(name = "{0} killed at {1}")
    @MethodSource("everyMoment")
    void aSuccessorComesToTheSameEnd(Kind kind, int moment) {
        SteppedWorld world = new SteppedWorld();
        Map<String, Object> given = kind.given.apply(world);
        world.life.killedAt(moment);
        CompletableFuture<Map<String, Object>> first = world.start(kind.step, given);
        world.world.runUntil(() -> world.life.dead);
        first.cancel(true); // its process is gone, and with it the watcher
        int sent = world.posts() + world.patches();
        world.time.advance(Duration.ofSeconds(45));

        Life second = world.life.next();
        boolean mayHaveSent = second.progress().phase() == Progress.Phase.SENDING;
        world.life = second;
        if (kind == Kind.CREATE && mayHaveSent && sent == 0) {
            assertThat(world.outcome(kind.step, given)).isEqualTo(Outcome.IN_DOUBT);
            assertThat(world.posts()).isZero();
            return;
        }
        Map<String, Object> result = world.result(kind.step, given);

        switch (kind) {
            case CREATE -> {
                assertThat(world.reverseStreams()).containsExactly((String) result.get("id"));
                assertThat(result).containsEntry("adopted", false);
                assertThat(world.posts()).isEqualTo(1);
            }
            case CUT_OVER -> {
                assertThat(result).containsEntry("status", "FAILING_OVER");
                assertThat(world.patches()).isEqualTo(1);
            }
            case CANCEL -> {
                assertThat(result).containsEntry("status", "CANCELED");
                assertThat(world.patches()).isEqualTo(1);
            }
            case AWAIT -> assertThat(result).containsEntry("caughtUp", true);
        }
    }
}
