package org.jenkinsci.plugins.workflow.steps;

import jenkins.model.CauseOfInterruption;

/** Of the step {@code timeout}, what a pipeline sees. */
public final class TimeoutStepExecution {

    private TimeoutStepExecution() {}

    /** Its time is over. */
    public static final class ExceededTimeout extends CauseOfInterruption {

        private static final long serialVersionUID = 1L;

        @Override
        public String getShortDescription() {
            return "Timeout has been exceeded";
        }
    }
}
