package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.AbortException;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.Util;
import hudson.model.Run;
import io.jenkins.plugins.cockroachdb.Version;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.failback.step.FailbackSteps;
import io.jenkins.plugins.cockroachdb.failback.step.StepContract;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/** {@code cockroachFailbackNext}: decides what a failback does next, and keeps its record in the build's directory. */
public final class FailbackNextStep extends CloudStep {

    private static final String LATEST = "latest";

    private final String activeClusterId;
    private final String originalPrimaryClusterId;
    private String proxiesSeenAt;
    private boolean dryRun;
    private int maxLagSeconds = 90;
    private int startTimeoutMinutes = 60;
    private int catchUpTimeoutMinutes = 24 * 60;
    private int gateTimeoutMinutes = 60;
    private int drainSeconds = 10;
    private int proxyTimeoutSeconds = 30;
    private int fenceTimeoutSeconds = 180;
    private int cutoverTimeoutMinutes = 30;
    private int maxSkewSeconds = 5;
    private boolean noWait;
    private boolean allowUnprovenRoles;
    private boolean reProtect;
    private String failoverAt = LATEST;

    // What no form and no model of a step can describe: maps as other steps return them. As plain values, null when
    // left out.
    private Object proxies;
    private Object last;

    @DataBoundConstructor
    public FailbackNextStep(String activeClusterId, String originalPrimaryClusterId) {
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

    /** When the proxies were looked at, ISO 8601; null without proxies. */
    public String getProxiesSeenAt() {
        return proxiesSeenAt;
    }

    @DataBoundSetter
    public void setProxiesSeenAt(String proxiesSeenAt) {
        this.proxiesSeenAt = Util.fixEmptyAndTrim(proxiesSeenAt);
    }

    /** Whether to tell alone what a run would do. */
    public boolean isDryRun() {
        return dryRun;
    }

    @DataBoundSetter
    public void setDryRun(boolean dryRun) {
        this.dryRun = dryRun;
    }

    /** The largest lag, in seconds, with which the stream counts as caught up. */
    public int getMaxLagSeconds() {
        return maxLagSeconds;
    }

    @DataBoundSetter
    public void setMaxLagSeconds(int maxLagSeconds) {
        this.maxLagSeconds = maxLagSeconds;
    }

    /** How long, in minutes, the stream may be STARTING. */
    public int getStartTimeoutMinutes() {
        return startTimeoutMinutes;
    }

    @DataBoundSetter
    public void setStartTimeoutMinutes(int startTimeoutMinutes) {
        this.startTimeoutMinutes = startTimeoutMinutes;
    }

    /** How long, in minutes, the first copy and the lag may take. */
    public int getCatchUpTimeoutMinutes() {
        return catchUpTimeoutMinutes;
    }

    @DataBoundSetter
    public void setCatchUpTimeoutMinutes(int catchUpTimeoutMinutes) {
        this.catchUpTimeoutMinutes = catchUpTimeoutMinutes;
    }

    /** How long, in minutes, a question stays open and an approval holds. */
    public int getGateTimeoutMinutes() {
        return gateTimeoutMinutes;
    }

    @DataBoundSetter
    public void setGateTimeoutMinutes(int gateTimeoutMinutes) {
        this.gateTimeoutMinutes = gateTimeoutMinutes;
    }

    /** How long, in seconds, sessions may finish by themselves. */
    public int getDrainSeconds() {
        return drainSeconds;
    }

    @DataBoundSetter
    public void setDrainSeconds(int drainSeconds) {
        this.drainSeconds = drainSeconds;
    }

    /** How long, in seconds, one proxy may take beyond the drain. */
    public int getProxyTimeoutSeconds() {
        return proxyTimeoutSeconds;
    }

    @DataBoundSetter
    public void setProxyTimeoutSeconds(int proxyTimeoutSeconds) {
        this.proxyTimeoutSeconds = proxyTimeoutSeconds;
    }

    /** How long, in seconds, everything may take to be replicated once writes are stopped. */
    public int getFenceTimeoutSeconds() {
        return fenceTimeoutSeconds;
    }

    @DataBoundSetter
    public void setFenceTimeoutSeconds(int fenceTimeoutSeconds) {
        this.fenceTimeoutSeconds = fenceTimeoutSeconds;
    }

    /** How long, in minutes, the cutover may take. */
    public int getCutoverTimeoutMinutes() {
        return cutoverTimeoutMinutes;
    }

    @DataBoundSetter
    public void setCutoverTimeoutMinutes(int cutoverTimeoutMinutes) {
        this.cutoverTimeoutMinutes = cutoverTimeoutMinutes;
    }

    /** The largest difference, in seconds, between the cloud's clock and that of Jenkins. */
    public int getMaxSkewSeconds() {
        return maxSkewSeconds;
    }

    @DataBoundSetter
    public void setMaxSkewSeconds(int maxSkewSeconds) {
        this.maxSkewSeconds = maxSkewSeconds;
    }

    /** Whether to go on whatever the lag. */
    public boolean isNoWait() {
        return noWait;
    }

    @DataBoundSetter
    public void setNoWait(boolean noWait) {
        this.noWait = noWait;
    }

    /** Whether to go on although the newest failover did not lead to the active cluster. */
    public boolean isAllowUnprovenRoles() {
        return allowUnprovenRoles;
    }

    @DataBoundSetter
    public void setAllowUnprovenRoles(boolean allowUnprovenRoles) {
        this.allowUnprovenRoles = allowUnprovenRoles;
    }

    /** Whether the cluster that was active becomes the standby afterwards. */
    public boolean isReProtect() {
        return reProtect;
    }

    @DataBoundSetter
    public void setReProtect(boolean reProtect) {
        this.reProtect = reProtect;
    }

    /** The moment to cut over to, ISO 8601, or {@code latest}. */
    public String getFailoverAt() {
        return failoverAt;
    }

    @DataBoundSetter
    public void setFailoverAt(String failoverAt) {
        this.failoverAt = Util.fixEmptyAndTrim(failoverAt) == null ? LATEST : failoverAt.trim();
    }

    @Override
    Map<String, Object> ownParameters() {
        Map<String, Object> given = new HashMap<>();
        given.put("activeClusterId", activeClusterId);
        given.put("originalPrimaryClusterId", originalPrimaryClusterId);
        given.put("proxies", proxies);
        given.put("proxiesSeenAt", proxiesSeenAt);
        given.put("last", last);
        given.put("dryRun", dryRun);
        given.put("maxLagSeconds", maxLagSeconds);
        given.put("startTimeoutMinutes", startTimeoutMinutes);
        given.put("catchUpTimeoutMinutes", catchUpTimeoutMinutes);
        given.put("gateTimeoutMinutes", gateTimeoutMinutes);
        given.put("drainSeconds", drainSeconds);
        given.put("proxyTimeoutSeconds", proxyTimeoutSeconds);
        given.put("fenceTimeoutSeconds", fenceTimeoutSeconds);
        given.put("cutoverTimeoutMinutes", cutoverTimeoutMinutes);
        given.put("maxSkewSeconds", maxSkewSeconds);
        given.put("noWait", noWait);
        given.put("allowUnprovenRoles", allowUnprovenRoles);
        given.put("reProtect", reProtect);
        given.put("failoverAt", failoverAt);
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
            return FailbackSteps.NEXT;
        }

        @Override
        RecordFile openRecord(String originalPrimaryId, String activeId, boolean isUnderWay) throws IOException {
            BuildRecords records = new BuildRecords(run(), originalPrimaryId, activeId);
            return isUnderWay ? records.reopen() : records.open(driverHere(), InstantSource.system());
        }

        @Override
        Optional<String> driver() {
            return Optional.of(driverHere());
        }

        @Override
        Optional<Duration> lastWritePause(String originalPrimaryId, String activeId) {
            return new BuildRecords(run(), originalPrimaryId, activeId).lastWritePause();
        }

        /** The simulated cloud has an application, which knows better than any record what it noticed. */
        @Override
        void label(Map<String, Object> result) {
            super.label(result);
            if (result.get("measures") instanceof Map<?, ?> measures) {
                Map<String, Object> more = new LinkedHashMap<>();
                measures.forEach((name, value) -> more.put((String) name, value));
                SimulatedPair.get().tally().ifPresent(tally -> {
                    more.put("attemptedWrites", tally.attempted());
                    more.put("acknowledgedWrites", tally.acknowledged());
                    more.put("lostWrites", tally.lost());
                    more.put("longestPauseSeconds", (int)
                            tally.longestPause().plusMillis(999).toSeconds());
                });
                result.put("measures", more);
            }
        }

        /** This Jenkins from its start to its end: while it was down, nobody watched. */
        private String driverHere() {
            Run<?, ?> run = run();
            return "Jenkins, " + run.getParent().getFullName() + " #" + run.getNumber() + ", plugin " + Version.text()
                    + ", up since " + ExtensionList.lookupSingleton(DescriptorImpl.class).upSince;
        }

        private Run<?, ?> run() {
            try {
                return getContext().get(Run.class);
            } catch (IOException e) {
                throw new IllegalStateException("the build is gone", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Jenkins is shutting down", e);
            }
        }
    }

    /** In the step reference and the snippet generator. */
    @Extension
    public static final class DescriptorImpl extends CloudStepDescriptor {

        private static final List<String> MAPS = List.of("proxies", "last");

        private final Instant upSince = Instant.now().truncatedTo(ChronoUnit.SECONDS);

        public DescriptorImpl() {
            super(FailbackSteps.NEXT);
        }

        @Override
        public String getDisplayName() {
            return Messages.FailbackNextStep_displayName();
        }

        @Override
        public boolean isAdvanced() {
            return true;
        }

        /** Takes maps, which no model of a step can. */
        @Override
        public Step newInstance(Map<String, Object> arguments) throws Exception {
            Map<String, Object> described = new LinkedHashMap<>(arguments);
            described.keySet().removeAll(MAPS);
            FailbackNextStep step = (FailbackNextStep) super.newInstance(described);
            step.proxies = PlainValues.of(arguments.get("proxies"));
            step.last = PlainValues.of(arguments.get("last"));
            return step;
        }
    }
}
