package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.AbortException;
import hudson.Extension;
import hudson.Util;
import io.jenkins.plugins.cockroachdb.failback.step.CloudSteps;
import io.jenkins.plugins.cockroachdb.failback.step.StepContract;
import java.util.HashMap;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/** {@code initiateFailback}: asks for the cutover, the point of no return. */
public final class InitiateFailbackStep extends CloudStep {

    private static final String LATEST = "latest";

    private final String streamId;
    private final String confirmCutover;
    private String failoverAt = LATEST;
    private String replicatedAfter;
    private String fenceProvenAt;
    private int maxLagSeconds = 90;

    @DataBoundConstructor
    public InitiateFailbackStep(String streamId, String confirmCutover) {
        this.streamId = streamId;
        this.confirmCutover = confirmCutover;
    }

    /** Id of the stream. */
    public String getStreamId() {
        return streamId;
    }

    /** Name of the cluster that will serve. */
    public String getConfirmCutover() {
        return confirmCutover;
    }

    /** The moment to cut over to, ISO 8601, or {@code latest}. */
    public String getFailoverAt() {
        return failoverAt;
    }

    @DataBoundSetter
    public void setFailoverAt(String failoverAt) {
        this.failoverAt = Util.fixEmptyAndTrim(failoverAt) == null ? LATEST : failoverAt.trim();
    }

    /** The moment up to which everything has to be replicated, ISO 8601; null for none. */
    public String getReplicatedAfter() {
        return replicatedAfter;
    }

    @DataBoundSetter
    public void setReplicatedAfter(String replicatedAfter) {
        this.replicatedAfter = Util.fixEmptyAndTrim(replicatedAfter);
    }

    /** When every proxy was seen fenced, ISO 8601; null for never. */
    public String getFenceProvenAt() {
        return fenceProvenAt;
    }

    @DataBoundSetter
    public void setFenceProvenAt(String fenceProvenAt) {
        this.fenceProvenAt = Util.fixEmptyAndTrim(fenceProvenAt);
    }

    /** The largest lag, in seconds, of a stream that may cut over; -1 for any. */
    public int getMaxLagSeconds() {
        return maxLagSeconds;
    }

    @DataBoundSetter
    public void setMaxLagSeconds(int maxLagSeconds) {
        this.maxLagSeconds = maxLagSeconds;
    }

    @Override
    Map<String, Object> ownParameters() {
        Map<String, Object> given = new HashMap<>();
        given.put("streamId", streamId);
        given.put("confirmCutover", confirmCutover);
        given.put("failoverAt", failoverAt);
        given.put("replicatedAfter", replicatedAfter);
        given.put("fenceProvenAt", fenceProvenAt);
        given.put("maxLagSeconds", maxLagSeconds);
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
            return CloudSteps.INITIATE_FAILBACK;
        }
    }

    /** In the step reference and the snippet generator. */
    @Extension
    public static final class DescriptorImpl extends CloudStepDescriptor {

        public DescriptorImpl() {
            super(CloudSteps.INITIATE_FAILBACK);
        }

        @Override
        public String getDisplayName() {
            return Messages.InitiateFailbackStep_displayName();
        }
    }
}
