package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.Util;
import java.util.HashMap;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.kohsuke.stapler.DataBoundSetter;

/** A step that talks to the cloud. It holds what a pipeline gave; what that means and does is in its contract. */
public abstract class CloudStep extends Step {

    private String cloud;
    private String credentialsId;

    /** Name of a configured cloud; null for the default one. */
    public final String getCloud() {
        return cloud;
    }

    @DataBoundSetter
    public final void setCloud(String cloud) {
        this.cloud = Util.fixEmptyAndTrim(cloud);
    }

    /** Id of a secret text, or {@code ${PARAMETER}} of the build; null for the default of the cloud. */
    public final String getCredentialsId() {
        return credentialsId;
    }

    @DataBoundSetter
    public final void setCredentialsId(String credentialsId) {
        this.credentialsId = Util.fixEmptyAndTrim(credentialsId);
    }

    /** The parameters of the step alone, by name; those that were left out may be null. */
    abstract Map<String, Object> ownParameters();

    /** All parameters by name. */
    final HashMap<String, Object> given() {
        HashMap<String, Object> given = new HashMap<>(ownParameters());
        given.put("cloud", cloud);
        given.put("credentialsId", credentialsId);
        given.values().removeIf(value -> value == null);
        return given;
    }
}
