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
    void readsMayComeInABurstOfEightPerSecondAndThenEvenlySpaced() {
        request(Urgency.READ, 32);
        time.advance(Duration.ofSeconds(60));

        assertThat(sent)
                .filteredOn(time ->
                        List.of("READ at 0", "READ at 1000", "READ at 2000").contains(time))
                .hasSize(24);
        // What was refilled meanwhile, and then every refill.
        assertThat(sent.subList(24, 30)).containsOnly("READ at 3000");
        assertThat(sent.subList(30, 32)).containsExactly("READ at 3500", "READ at 4000");
    }

    @Test
    void afterAQuietTimeTheBurstIsThereAgain() {
        useUpTheBurst();
        time.advance(Duration.ofSeconds(12));

        request(Urgency.READ, 8);

        assertThat(sent).hasSize(8).containsOnly("READ at 15000");
    }

    @Test
    void noSecondHoldsMoreThanEightReadsAndPolls() {
        budget.nearCutover(true);
        request(Urgency.READ, 60);
        request(Urgency.BACKGROUND, 20);
        time.advance(Duration.ofMillis(1700));
        request(Urgency.READ, 20);
        time.advance(Duration.ofSeconds(60));

        List<Integer> times = sent.stream()
                .map(request -> Integer.parseInt(request.replaceAll("\\D", "")))
                .toList();
        assertThat(times).hasSize(100);
        for (int i = 8; i < times.size(); i++) {
            assertThat(times.get(i) - times.get(i - 8)).isGreaterThanOrEqualTo(1000);
        }
    }

    @Test
    void readsAndPollsTakeTurnsSoThatNeitherStarves() {
        useUpTheBurst();
        request(Urgency.READ, 4);
        request(Urgency.BACKGROUND, 4);
        time.advance(Duration.ofSeconds(60));

        assertThat(sent)
                .containsExactly(
                        "BACKGROUND at 3500",
                        "READ at 4000",
                        "BACKGROUND at 4500",
                        "READ at 5000",
                        "BACKGROUND at 5500",
                        "READ at 6000",
                        "BACKGROUND at 6500",
                        "READ at 7000");
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
        useUpTheBurst();
        request(Urgency.WRITE, 1);
        request(Urgency.READ, 1);
        time.advance(Duration.ofSeconds(60));

        assertThat(sent).containsExactly("WRITE at 3000", "READ at 4000");
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
        useUpTheBurst();
        RequestBudget.Turn first = budget.turn(Urgency.READ, () -> sent.add("given up"));
        first.await();
        request(Urgency.READ, 1);
        first.giveUp();
        time.advance(Duration.ofSeconds(60));

        assertThat(sent).containsExactly("READ at 3500");
    }

    /** Until 3 s after the start; then there is no token, and one more every half second. */
    private void useUpTheBurst() {
        request(Urgency.READ, 30);
        time.advance(Duration.ofSeconds(3));
        assertThat(sent).hasSize(30);
        sent.clear();
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
