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

/** {@code cockroachStreamStatus}: how a stream is. */
public final class StreamStatusStep extends CloudStep {

    private String streamId;
    private String activeClusterId;
    private String originalPrimaryClusterId;
    private int maxLagSeconds = 90;

    @DataBoundConstructor
    public StreamStatusStep() {}

    /** Id of the stream; null when a pair names it. */
    public String getStreamId() {
        return streamId;
    }

    @DataBoundSetter
    public void setStreamId(String streamId) {
        this.streamId = Util.fixEmptyAndTrim(streamId);
    }

    /** Id of the cluster that serves now; null when an id names the stream. */
    public String getActiveClusterId() {
        return activeClusterId;
    }

    @DataBoundSetter
    public void setActiveClusterId(String activeClusterId) {
        this.activeClusterId = Util.fixEmptyAndTrim(activeClusterId);
    }

    /** Id of the cluster that served before the failover; null when an id names the stream. */
    public String getOriginalPrimaryClusterId() {
        return originalPrimaryClusterId;
    }

    @DataBoundSetter
    public void setOriginalPrimaryClusterId(String originalPrimaryClusterId) {
        this.originalPrimaryClusterId = Util.fixEmptyAndTrim(originalPrimaryClusterId);
    }

    /** The largest lag, in seconds, with which the stream counts as caught up. */
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
        given.put("activeClusterId", activeClusterId);
        given.put("originalPrimaryClusterId", originalPrimaryClusterId);
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
            return CloudSteps.STREAM_STATUS;
        }
    }

    /** In the step reference and the snippet generator. */
    @Extension
    public static final class DescriptorImpl extends CloudStepDescriptor {

        public DescriptorImpl() {
            super(CloudSteps.STREAM_STATUS);
        }

        @Override
        public String getDisplayName() {
            return Messages.StreamStatusStep_displayName();
        }
    }
}
