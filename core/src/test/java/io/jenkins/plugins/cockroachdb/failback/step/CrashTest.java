package io.jenkins.plugins.cockroachdb.failback.step;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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

    static Stream<Arguments> everyMoment() {
        return Stream.of(SavingStep.values()).flatMap(kind -> {
            SteppedWorld undisturbed = new SteppedWorld();
            undisturbed.result(kind.contract, kind.given.apply(undisturbed));
            assertThat(undisturbed.life.moments).isGreaterThanOrEqualTo(2);
            return IntStream.range(0, undisturbed.life.moments).mapToObj(moment -> Arguments.of(kind, moment));
        });
    }

    @ParameterizedTest(name = "{0} killed at {1}")
    @MethodSource("everyMoment")
    void aSuccessorComesToTheSameEnd(SavingStep kind, int moment) {
        SteppedWorld world = new SteppedWorld();
        Map<String, Object> given = kind.given.apply(world);
        world.life.killedAt(moment);
        CompletableFuture<Map<String, Object>> first = world.start(kind.contract, given);
        world.world.runUntil(() -> world.life.dead);
        first.cancel(true); // its process is gone, and with it the watcher
        int sent = world.posts() + world.patches();
        world.time.advance(Duration.ofSeconds(45));

        Life second = world.life.next();
        boolean mayHaveSent = second.progress().phase() == Progress.Phase.SENDING;
        world.life = second;
        if (kind == SavingStep.CREATE && mayHaveSent && sent == 0) {
            assertThat(world.outcome(kind.contract, given)).isEqualTo(Outcome.IN_DOUBT);
            assertThat(world.posts()).isZero();
            return;
        }
        Map<String, Object> result = world.result(kind.contract, given);

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
