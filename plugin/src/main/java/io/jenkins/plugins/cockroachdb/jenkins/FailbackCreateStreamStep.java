package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.AbortException;
import hudson.Extension;
import io.jenkins.plugins.cockroachdb.failback.step.CloudSteps;
import io.jenkins.plugins.cockroachdb.failback.step.StepContract;
import java.util.HashMap;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/** {@code cockroachFailbackCreateStream}: creates the reverse stream, which erases the original primary. */
public final class FailbackCreateStreamStep extends CloudStep {

    private final String activeClusterId;
    private final String originalPrimaryClusterId;
    private final String confirmErase;
    private boolean allowUnprovenRoles = false;

    @DataBoundConstructor
    public FailbackCreateStreamStep(String activeClusterId, String originalPrimaryClusterId, String confirmErase) {
        this.activeClusterId = activeClusterId;
        this.originalPrimaryClusterId = originalPrimaryClusterId;
        this.confirmErase = confirmErase;
    }

    /** Id of the cluster that serves now. */
    public String getActiveClusterId() {
        return activeClusterId;
    }

    /** Id of the cluster that served before the failover, and is erased. */
    public String getOriginalPrimaryClusterId() {
        return originalPrimaryClusterId;
    }

    /** Name of the cluster to be erased. */
    public String getConfirmErase() {
        return confirmErase;
    }

    /** Whether the last failover may have led elsewhere. */
    public boolean isAllowUnprovenRoles() {
        return allowUnprovenRoles;
    }

    @DataBoundSetter
    public void setAllowUnprovenRoles(boolean allowUnprovenRoles) {
        this.allowUnprovenRoles = allowUnprovenRoles;
    }

    @Override
    Map<String, Object> ownParameters() {
        Map<String, Object> given = new HashMap<>();
        given.put("activeClusterId", activeClusterId);
        given.put("originalPrimaryClusterId", originalPrimaryClusterId);
        given.put("confirmErase", confirmErase);
        given.put("allowUnprovenRoles", allowUnprovenRoles);
        return given;
    }

    @Override
    public StepExecution start(StepContext context) throws Exception {
        return new Execution(context, given());
    }

    static final class Execution extends CloudStepExecution {

        private static final long serialVersionUID = 1L;

        Execution(StepContext context, HashMap<String, Object> given) throws AbortException {
            super(context, given);
        }

        @Override
        StepContract contract() {
            return CloudSteps.CREATE_REVERSE_STREAM;
        }
    }

    /** In the step reference and the snippet generator. */
    @Extension
    public static final class DescriptorImpl extends CloudStepDescriptor {

        public DescriptorImpl() {
            super(CloudSteps.CREATE_REVERSE_STREAM);
        }

        @Override
        public String getDisplayName() {
            return Messages.FailbackCreateStreamStep_displayName();
        }
    }
}
