package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.AbortException;
import hudson.model.Result;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.TimeoutStepExecution;
import org.jenkinsci.plugins.workflow.support.steps.input.Rejection;
import org.junit.jupiter.api.Test;

class PlainValuesTest {

    private static Object error(CauseOfInterruption... causes) {
        return PlainValues.of(new FlowInterruptedException(Result.FAILURE, causes));
    }

    @Test
    void anErrorOfOurStepsKeepsItsWord() {
        assertThat(error(new StepFailureCause(Outcome.IN_DOUBT, "Nobody knows.")))
                .isEqualTo(Map.of("kind", "inDoubt", "message", "Nobody knows."));
    }

    @Test
    void whoInterruptedIsKnown() {
        assertThat(error(new CauseOfInterruption.UserInterruption("alice")))
                .isEqualTo(Map.of("kind", "aborted", "by", "alice", "message", "Aborted by alice"));
    }

    @Test
    void aTimeoutIsOne() {
        assertThat(error(new TimeoutStepExecution.ExceededTimeout("1")))
                .isEqualTo(Map.of("kind", "timedOut", "message", "Timeout has been exceeded"));
    }

    @Test
    void aRejectionWithoutAUserIsOne() {
        assertThat((Map<?, ?>) error(new Rejection(null))).extracting("kind").isEqualTo("refused");
    }

    @Test
    void whatCameFromElsewhereHasNoKind() {
        assertThat(PlainValues.of(new AbortException("No space."))).isEqualTo(Map.of("message", "No space."));
        assertThat(PlainValues.of(new IllegalStateException()))
                .isEqualTo(Map.of("message", "java.lang.IllegalStateException"));
    }

    @Test
    void anInterruptionThatNobodyExplainsIsAnAbort() {
        assertThat(error()).isEqualTo(Map.of("kind", "aborted", "by", "", "message", ""));
    }

    @Test
    void whatIsPlainStays() {
        Map<String, Object> plain = Map.of("text", "x", "number", 3, "flag", true, "list", List.of(Map.of("a", 1L)));

        assertThat(PlainValues.of(plain)).isEqualTo(plain);
        assertThat(PlainValues.of(null)).isNull();
        assertThat(PlainValues.of(Arrays.asList("a", null))).isEqualTo(Arrays.asList("a", null));
        assertThat(PlainValues.of(Map.of("text", new StringBuilder("made"), "number", new BigDecimal("1.5"))))
                .isEqualTo(Map.of("text", "made", "number", "1.5"));
    }
}
