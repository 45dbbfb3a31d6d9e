package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.util.Objects;

/**
 * A step did not come to its result. The outcome tells a program how it ended, the message a person: what happened, what holds
 * now, what to do next. It holds text only.
 */
public final class StepFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Outcome outcome;

    StepFailedException(Outcome outcome, String message) {
        super(message);
        this.outcome = Objects.requireNonNull(outcome, "outcome");
    }

    /** How it ended: {@link Outcome#kind} is the word in a pipeline. */
    public Outcome outcome() {
        return outcome;
    }
}
