package io.jenkins.plugins.cockroachdb.failback.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The step that moves traffic, and what it refuses because of the stream. */
class RedirectProxyTest {

    @TempDir
    Path directory;

    private PlayedPipeline pipeline;

    @BeforeEach
    void begin() {
        pipeline = new PlayedPipeline(directory);
    }

    private Map<String, Object> move(String action, Map<String, Object> more) {
        return pipeline.traffic(SteppedWorld.with(more, "action", action));
    }

    private String traffic(Map<String, Object> result) {
        return (String) ((Map<?, ?>) ((List<?>) result.get("proxies")).get(0)).get("traffic");
    }

    private static Outcome refusal(ThrowingCallable call) {
        StepFailedException failure = catchThrowableOfType(StepFailedException.class, call);
        assertThat(failure).hasMessageEndingWith("Traffic was left as it is.");
        return failure.outcome();
    }

    @Test
    void aFenceNeedsNoStream() {
        assertThat(traffic(move("fence", Map.of()))).isEqualTo("fenced");
        assertThat(pipeline.proxy.toActive).isFalse();
    }

    @Test
    void anUnfenceBeforeTheCutoverPutsClientsBack() {
        String stream = pipeline.replicating();
        move("fence", Map.of());

        assertThat(traffic(move("unfence", Map.of("streamId", stream)))).isEqualTo("on A");
        assertThat(traffic(move("unfence", pipeline.pair()))).isEqualTo("on A");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void r5NothingGoesBackOnceTheCutoverMayHaveBegun(boolean byPair) {
        String stream = pipeline.replicating();
        Map<String, Object> which = byPair ? pipeline.pair() : Map.of("streamId", stream);
        move("fence", Map.of());
        pipeline.result(CloudSteps.INITIATE_FAILBACK, Map.of("streamId", stream, "confirmCutover", SteppedWorld.P));

        assertThat(refusal(() -> move("unfence", which))).isEqualTo(Outcome.REFUSED);
        pipeline.time.advance(Duration.ofHours(1));
        assertThat(refusal(() -> move("unfence", which))).isEqualTo(Outcome.REFUSED);
        assertThat(pipeline.proxy.toActive).isFalse();

        assertThat(traffic(move("release", which))).isEqualTo("on P");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void clientsAreNotReleasedBeforeTheCutoverIsCompleted(boolean byPair) {
        String stream = pipeline.replicating();
        Map<String, Object> which = byPair ? pipeline.pair() : Map.of("streamId", stream);
        move("fence", Map.of());

        assertThat(refusal(() -> move("release", which))).isEqualTo(Outcome.REFUSED);
        pipeline.result(CloudSteps.INITIATE_FAILBACK, Map.of("streamId", stream, "confirmCutover", SteppedWorld.P));
        assertThat(refusal(() -> move("release", which))).isEqualTo(Outcome.REFUSED);
        assertThat(pipeline.proxy.toOriginal).isFalse();
    }

    @Test
    void withoutAStreamNobodyIsReleasedAndAFenceMayBeTakenAway() {
        move("fence", Map.of());

        assertThat(refusal(() -> move("release", pipeline.pair()))).isEqualTo(Outcome.REFUSED);
        assertThat(traffic(move("unfence", pipeline.pair()))).isEqualTo("on A");
    }

    @Test
    void aProxyThatDoesNotAnswerIsUnknownAndNoError() {
        pipeline.proxy.answers = false;

        assertThat(traffic(move("status", Map.of()))).isEqualTo("unknown");
        assertThat(traffic(move("fence", Map.of()))).isEqualTo("unknown");
    }

    @Test
    void anExaminationTellsMoreThanTheStatus() {
        Map<?, ?> plain = (Map<?, ?>) ((List<?>) move("status", Map.of()).get("proxies")).get(0);
        Map<?, ?> examined =
                (Map<?, ?>) ((List<?>) move("status", Map.of("examine", true)).get("proxies")).get(0);

        assertThat(plain.keySet().stream().map(String::valueOf)).doesNotContain("findings", "commands");
        assertThat(examined.get("findings")).isEqualTo(List.of());
        assertThat(examined.get("commands")).asString().contains("fence in memory");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "move | hook:/bin/true?name=edge | | must be one of status, fence, unfence, release",
                "fence | | | Parameter proxies is required",
                "fence | nonsense | | nonsense",
                "fence | hook:/bin/true?name=edge | other | names other, and the proxies are edge",
                "unfence | hook:/bin/true?name=edge | | the stream has to be read",
                "release | hook:/bin/true?name=edge | | the stream has to be read",
            })
    void aWrongParameterIsRefused(String action, String proxies, String only, String message) {
        Map<String, Object> given = new HashMap<>();
        given.put("action", action);
        given.put("proxies", proxies);
        given.put("only", only);

        assertThatThrownBy(() -> FailbackSteps.REDIRECT_PROXY.arguments(given))
                .isInstanceOf(WrongParameterException.class)
                .hasMessageContaining(message)
                .hasMessageEndingWith("Nothing was sent.");
    }

    @Test
    void descriptionsMayBeLinesOfAText() {
        Map<String, Object> given =
                Map.of("action", "status", "proxies", "hook:/bin/true?name=a\n\n hook:/bin/true?name=b \n");

        assertThat(FailbackSteps.REDIRECT_PROXY.arguments(given)).isNotNull();
        assertThatThrownBy(() -> FailbackSteps.REDIRECT_PROXY.arguments(SteppedWorld.with(
                        given, "proxies", List.of("hook:/bin/true?name=a", "hook:/bin/false?name=a"))))
                .isInstanceOf(WrongParameterException.class)
                .hasMessageContaining("Two proxies are called a");
    }
}
