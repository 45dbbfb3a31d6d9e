package org.jenkinsci.plugins.workflow.steps;

import java.util.List;
import jenkins.model.CauseOfInterruption;

/** How a step of Jenkins ends that was interrupted, and how those of this project end that come to no result. */
public final class FlowInterruptedException extends InterruptedException {

    private static final long serialVersionUID = 1L;

    private final CauseOfInterruption cause;

    public FlowInterruptedException(CauseOfInterruption cause) {
        this.cause = cause;
    }

    public List<CauseOfInterruption> getCauses() {
        return List.of(cause);
    }

    @Override
    public String toString() {
        return cause.getShortDescription();
    }
}
