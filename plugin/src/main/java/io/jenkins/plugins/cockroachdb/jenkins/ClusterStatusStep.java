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

/** {@code cockroachClusterStatus}: what a cluster is, and its health. */
public final class ClusterStatusStep extends CloudStep {

    private final String clusterId;

    @DataBoundConstructor
    public ClusterStatusStep(String clusterId) {
        this.clusterId = clusterId;
    }

    /** Id of the cluster. */
    public String getClusterId() {
        return clusterId;
    }

    @Override
    Map<String, Object> ownParameters() {
        Map<String, Object> given = new HashMap<>();
        given.put("clusterId", clusterId);
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
            return CloudSteps.CLUSTER_STATUS;
        }
    }

    /** In the step reference and the snippet generator. */
    @Extension
    public static final class DescriptorImpl extends CloudStepDescriptor {

        public DescriptorImpl() {
            super(CloudSteps.CLUSTER_STATUS);
        }

        @Override
        public String getDisplayName() {
            return Messages.ClusterStatusStep_displayName();
        }
    }
}
