package org.jenkinsci.plugins.workflow.support.steps.input;

import jenkins.model.CauseOfInterruption;

/** Somebody refused what {@code input} asked. */
public final class Rejection extends CauseOfInterruption {

    private static final long serialVersionUID = 1L;

    private final String user;

    public Rejection(String user) {
        this.user = user;
    }

    @Override
    public String getShortDescription() {
        return "Rejected by " + user;
    }
}
