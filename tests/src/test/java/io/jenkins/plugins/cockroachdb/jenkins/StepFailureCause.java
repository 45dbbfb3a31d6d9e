package io.jenkins.plugins.cockroachdb.jenkins;

import jenkins.model.CauseOfInterruption;

/** Of the plugin, what a pipeline sees of a step that came to no result. */
public final class StepFailureCause extends CauseOfInterruption {

    private static final long serialVersionUID = 1L;

    private final String kind;
    private final String message;

    public StepFailureCause(String kind, String message) {
        this.kind = kind;
        this.message = message;
    }

    public String getKind() {
        return kind;
    }

    @Override
    public String getShortDescription() {
        return message;
    }
}
