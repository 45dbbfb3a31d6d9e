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

/** {@code cockroachCreateStream}: creates a forward stream, which erases the standby. */
public final class CreateStreamStep extends CloudStep {

    private final String primaryClusterId;
    private final String standbyClusterId;
    private final String confirmErase;

    @DataBoundConstructor
    public CreateStreamStep(String primaryClusterId, String standbyClusterId, String confirmErase) {
        this.primaryClusterId = primaryClusterId;
        this.standbyClusterId = standbyClusterId;
        this.confirmErase = confirmErase;
    }

    /** Id of the cluster that serves. */
    public String getPrimaryClusterId() {
        return primaryClusterId;
    }

    /** Id of the cluster that is to be its standby, and is erased. */
    public String getStandbyClusterId() {
        return standbyClusterId;
    }

    /** Name of the cluster to be erased. */
    public String getConfirmErase() {
        return confirmErase;
    }

    @Override
    Map<String, Object> ownParameters() {
        Map<String, Object> given = new HashMap<>();
        given.put("primaryClusterId", primaryClusterId);
        given.put("standbyClusterId", standbyClusterId);
        given.put("confirmErase", confirmErase);
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
            return CloudSteps.CREATE_FORWARD_STREAM;
        }
    }

    /** In the step reference and the snippet generator. */
    @Extension
    public static final class DescriptorImpl extends CloudStepDescriptor {

        public DescriptorImpl() {
            super(CloudSteps.CREATE_FORWARD_STREAM);
        }

        @Override
        public String getDisplayName() {
            return Messages.CreateStreamStep_displayName();
        }
    }
}
