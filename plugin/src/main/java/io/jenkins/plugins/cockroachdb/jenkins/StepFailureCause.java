package io.jenkins.plugins.cockroachdb.jenkins;

import io.jenkins.plugins.cockroachdb.failback.Outcome;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.scriptsecurity.sandbox.whitelists.Whitelisted;

/**
 * Why a step did not come to its result: a word for a pipeline, a message for a person. In a pipeline it is {@code
 * e.causes[0]} of the exception.
 */
public final class StepFailureCause extends CauseOfInterruption {

    private static final long serialVersionUID = 1L;

    private final String kind;
    private final String message;

    StepFailureCause(Outcome outcome, String message) {
        this.kind = outcome.kind();
        this.message = message;
    }

    /** How it ended: one of the words of {@link Outcome#kind}. */
    @Whitelisted
    public String getKind() {
        return kind;
    }

    /** What happened, what holds now, what to do next. Plain text. */
    @Whitelisted
    @Override
    public String getShortDescription() {
        return message;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StepFailureCause cause && kind.equals(cause.kind) && message.equals(cause.message);
    }

    @Override
    public int hashCode() {
        return 31 * kind.hashCode() + message.hashCode();
    }
}
