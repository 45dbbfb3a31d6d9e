package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.AbortException;
import hudson.Extension;
import hudson.Util;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.failback.step.CloudSteps;
import io.jenkins.plugins.cockroachdb.failback.step.StepContract;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.verb.POST;

/** {@code awaitStreamStatus}: waits for a stream. */
public final class AwaitStreamStatusStep extends CloudStep {

    private static final String DEFAULT_STATUS = "REPLICATING";

    private final String streamId;
    private String status = DEFAULT_STATUS;
    private int maxLagSeconds = 90;
    private String replicatedAfter;
    private int timeoutSeconds = 90_000;
    private boolean returnOnTimeout;

    @DataBoundConstructor
    public AwaitStreamStatusStep(String streamId) {
        this.streamId = streamId;
    }

    /** Id of the stream. */
    public String getStreamId() {
        return streamId;
    }

    /** The status to wait for. */
    public String getStatus() {
        return status;
    }

    @DataBoundSetter
    public void setStatus(String status) {
        this.status = Util.fixEmptyAndTrim(status) == null ? DEFAULT_STATUS : status.trim();
    }

    /** The largest lag, in seconds, with which the stream counts as caught up; -1 to wait for the status alone. */
    public int getMaxLagSeconds() {
        return maxLagSeconds;
    }

    @DataBoundSetter
    public void setMaxLagSeconds(int maxLagSeconds) {
        this.maxLagSeconds = maxLagSeconds;
    }

    /** The moment up to which everything has to be replicated, ISO 8601; null for none. */
    public String getReplicatedAfter() {
        return replicatedAfter;
    }

    @DataBoundSetter
    public void setReplicatedAfter(String replicatedAfter) {
        this.replicatedAfter = Util.fixEmptyAndTrim(replicatedAfter);
    }

    /** How long to wait at most, in seconds. */
    public int getTimeoutSeconds() {
        return timeoutSeconds;
    }

    @DataBoundSetter
    public void setTimeoutSeconds(int timeoutSeconds) {
        this.timeoutSeconds = timeoutSeconds;
    }

    /** Whether the step returns the stream as it was seen last, instead of failing, when the time is up. */
    public boolean isReturnOnTimeout() {
        return returnOnTimeout;
    }

    @DataBoundSetter
    public void setReturnOnTimeout(boolean returnOnTimeout) {
        this.returnOnTimeout = returnOnTimeout;
    }

    @Override
    Map<String, Object> ownParameters() {
        Map<String, Object> given = new HashMap<>();
        given.put("streamId", streamId);
        given.put("status", status);
        given.put("maxLagSeconds", maxLagSeconds);
        given.put("replicatedAfter", replicatedAfter);
        given.put("timeoutSeconds", timeoutSeconds);
        given.put("returnOnTimeout", returnOnTimeout);
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
            return CloudSteps.AWAIT_STREAM_STATUS;
        }
    }

    /** In the step reference and the snippet generator. */
    @Extension
    public static final class DescriptorImpl extends CloudStepDescriptor {

        public DescriptorImpl() {
            super(CloudSteps.AWAIT_STREAM_STATUS);
        }

        @Override
        public String getDisplayName() {
            return Messages.AwaitStreamStatusStep_displayName();
        }

        /** The statuses to wait for. */
        @POST
        public ListBoxModel doFillStatusItems() {
            ListBoxModel items = new ListBoxModel();
            Stream.of(StreamStatus.values())
                    .filter(status -> status != StreamStatus.UNRECOGNIZED)
                    .map(StreamStatus::name)
                    .forEach(items::add);
            return items;
        }
    }
}
