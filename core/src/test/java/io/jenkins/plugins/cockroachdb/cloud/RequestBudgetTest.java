package io.jenkins.plugins.cockroachdb.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.RequestBudget.Urgency;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestBudgetTest {

    private final VirtualTime time = new VirtualTime(SimulatedWorld.START);
    private final RequestBudget budget = new RequestBudget(time);
    private final List<String> sent = new ArrayList<>();

    @Test
    void pollsAreEvenlySpacedAtTwoPerSecond() {
        request(Urgency.BACKGROUND, 10);
        time.advance(Duration.ofSeconds(60));

        assertThat(sent)
                .containsExactlyElementsOf(IntStream.range(0, 10)
                        .mapToObj(i -> "BACKGROUND at " + i * 500)
                        .toList());
    }

    @Test
    void nearACutoverPollsAreEvenlySpacedAtFivePerSecond() {
        budget.nearCutover(true);
        request(Urgency.BACKGROUND, 10);
        time.advance(Duration.ofSeconds(60));

        assertThat(sent)
                .containsExactlyElementsOf(IntStream.range(0, 10)
                        .mapToObj(i -> "BACKGROUND at " + i * 200)
                        .toList());
    }

    @Test
    void readsMayComeInABurstOfFour() {
        request(Urgency.READ, 6);
        time.advance(Duration.ofSeconds(60));

        assertThat(sent)
                .containsExactly("READ at 0", "READ at 0", "READ at 0", "READ at 0", "READ at 500", "READ at 1000");
    }

    @Test
    void readsAndPollsTakeTurnsSoThatNeitherStarves() {
        request(Urgency.READ, 4);
        request(Urgency.READ, 4);
        request(Urgency.BACKGROUND, 4);
        time.advance(Duration.ofSeconds(60));

        assertThat(sent.subList(4, 12))
                .containsExactly(
                        "BACKGROUND at 500",
                        "READ at 1000",
                        "BACKGROUND at 1500",
                        "READ at 2000",
                        "BACKGROUND at 2500",
                        "READ at 3000",
                        "BACKGROUND at 3500",
                        "READ at 4000");
    }

    @Test
    void aWriteNeverWaits() {
        request(Urgency.READ, 20);
        budget.pause(Duration.ofMinutes(1));
        time.advance(Duration.ofMillis(100));
        sent.clear();

        request(Urgency.WRITE, 1);

        assertThat(sent).containsExactly("WRITE at 100");
    }

    @Test
    void theReadsBehindAWritePayForIt() {
        request(Urgency.READ, 4);
        request(Urgency.WRITE, 1);
        request(Urgency.READ, 1);
        time.advance(Duration.ofSeconds(60));

        assertThat(sent).endsWith("READ at 1000");
    }

    @Test
    void nearACutoverNoSecondHoldsMoreThanTheServerAllows() {
        budget.nearCutover(true);
        time.advance(Duration.ofSeconds(10));
        request(Urgency.READ, 50);
        request(Urgency.WRITE, 1);
        time.advance(Duration.ofMillis(999));

        assertThat(sent).hasSizeLessThanOrEqualTo(10);
    }

    @Test
    void aPauseHoldsReadsAndPollsBackAndLaterOnesWithIt() {
        budget.pause(Duration.ofSeconds(7));
        budget.pause(Duration.ofSeconds(3));
        request(Urgency.READ, 1);
        request(Urgency.BACKGROUND, 1);
        time.advance(Duration.ofSeconds(60));

        assertThat(sent).containsExactlyInAnyOrder("READ at 7000", "BACKGROUND at 7000");
    }

    @Test
    void whoeverGivesUpLeavesItsTurnToOthers() {
        request(Urgency.READ, 4);
        RequestBudget.Turn first = budget.turn(Urgency.READ, () -> sent.add("given up"));
        first.await();
        request(Urgency.READ, 1);
        first.giveUp();
        time.advance(Duration.ofSeconds(60));

        assertThat(sent).hasSize(5).endsWith("READ at 500");
    }

    private void request(Urgency urgency, int times) {
        for (int i = 0; i < times; i++) {
            budget.turn(
                            urgency,
                            () -> sent.add(urgency + " at "
                                    + Duration.between(SimulatedWorld.START, time.instant())
                                            .toMillis()))
                    .await();
        }
    }
}
