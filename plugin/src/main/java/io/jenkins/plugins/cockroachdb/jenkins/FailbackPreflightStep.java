package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.AbortException;
import hudson.Extension;
import io.jenkins.plugins.cockroachdb.failback.step.CloudSteps;
import io.jenkins.plugins.cockroachdb.failback.step.StepContract;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/** {@code cockroachFailbackPreflight}: judges every prerequisite of a failback. */
public final class FailbackPreflightStep extends CloudStep {

    private final String activeClusterId;
    private final String originalPrimaryClusterId;
    private List<ProxyState> proxies = new ArrayList<>();
    private int maxSkewSeconds = 5;

    @DataBoundConstructor
    public FailbackPreflightStep(String activeClusterId, String originalPrimaryClusterId) {
        this.activeClusterId = activeClusterId;
        this.originalPrimaryClusterId = originalPrimaryClusterId;
    }

    /** Id of the cluster that serves now. */
    public String getActiveClusterId() {
        return activeClusterId;
    }

    /** Id of the cluster that served before the failover. */
    public String getOriginalPrimaryClusterId() {
        return originalPrimaryClusterId;
    }

    /** What {@code redirectProxy} saw; empty when nothing did. */
    public List<ProxyState> getProxies() {
        return proxies;
    }

    @DataBoundSetter
    public void setProxies(List<ProxyState> proxies) {
        this.proxies = new ArrayList<>(proxies);
    }

    /** The largest difference, in seconds, between the cloud's clock and that of Jenkins. */
    public int getMaxSkewSeconds() {
        return maxSkewSeconds;
    }

    @DataBoundSetter
    public void setMaxSkewSeconds(int maxSkewSeconds) {
        this.maxSkewSeconds = maxSkewSeconds;
    }

    @Override
    Map<String, Object> ownParameters() {
        Map<String, Object> given = new HashMap<>();
        given.put("activeClusterId", activeClusterId);
        given.put("originalPrimaryClusterId", originalPrimaryClusterId);
        given.put(
                "proxies",
                new ArrayList<>(proxies.stream().map(ProxyState::toMap).toList()));
        given.put("maxSkewSeconds", maxSkewSeconds);
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
            return CloudSteps.PREFLIGHT;
        }
    }

    /** In the step reference and the snippet generator. */
    @Extension
    public static final class DescriptorImpl extends CloudStepDescriptor {

        public DescriptorImpl() {
            super(CloudSteps.PREFLIGHT);
        }

        @Override
        public String getDisplayName() {
            return Messages.FailbackPreflightStep_displayName();
        }
    }
}
