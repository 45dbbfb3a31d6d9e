package io.jenkins.plugins.cockroachdb.jenkins;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.util.FormValidation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import jenkins.model.GlobalConfiguration;
import jenkins.model.GlobalConfigurationCategory;
import jenkins.model.Jenkins;
import net.sf.json.JSONObject;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.StaplerRequest2;
import org.kohsuke.stapler.verb.POST;

/** The clouds that steps can name. The first one is the default. */
@Extension
@Symbol("cockroachdbCloud")
public final class CloudConfiguration extends GlobalConfiguration {

    private static final int DEFAULT_TIME_SCALE = 60;
    private static final int FASTEST = 3600;

    private List<ConfiguredCloud> clouds = new ArrayList<>();
    private boolean simulated;
    private int simulatedTimeScale = DEFAULT_TIME_SCALE;

    public CloudConfiguration() {
        load();
    }

    static CloudConfiguration get() {
        return ExtensionList.lookupSingleton(CloudConfiguration.class);
    }

    /** The real ones, the default first. */
    public synchronized List<ConfiguredCloud> getClouds() {
        return List.copyOf(clouds);
    }

    /** @throws IllegalArgumentException if two have the same name */
    @DataBoundSetter
    public void setClouds(List<ConfiguredCloud> clouds) {
        Set<String> names = new HashSet<>();
        for (ConfiguredCloud cloud : clouds) {
            if (!names.add(cloud.getName())) {
                throw new IllegalArgumentException(Messages.CloudConfiguration_sameName(cloud.getName()));
            }
        }
        synchronized (this) {
            this.clouds = new ArrayList<>(clouds);
        }
        save();
    }

    /** Whether there is a simulated cloud beside them, named {@value SimulatedPair#CLOUD}. */
    public synchronized boolean isSimulated() {
        return simulated;
    }

    /** Off forgets what was simulated. */
    @DataBoundSetter
    public void setSimulated(boolean simulated) {
        synchronized (this) {
            this.simulated = simulated;
        }
        save();
        if (!simulated) {
            SimulatedPair.get().forget();
        }
    }

    /** How many times quicker than real the simulated processes are. */
    public synchronized int getSimulatedTimeScale() {
        return simulatedTimeScale;
    }

    /** @throws IllegalArgumentException if it is not from 1 to 3600 */
    @DataBoundSetter
    public void setSimulatedTimeScale(int simulatedTimeScale) {
        if (simulatedTimeScale < 1 || simulatedTimeScale > FASTEST) {
            throw new IllegalArgumentException(Messages.CloudConfiguration_badTimeScale(FASTEST));
        }
        synchronized (this) {
            this.simulatedTimeScale = simulatedTimeScale;
        }
        save();
    }

    /** The names that steps can give, the default first. */
    synchronized List<String> names() {
        return Stream.concat(
                        clouds.stream().map(ConfiguredCloud::getName),
                        simulated ? Stream.of(SimulatedPair.CLOUD) : Stream.empty())
                .toList();
    }

    /**
     * Finds a cloud.
     *
     * @param name null for the default one, which is never the simulated one while there is another
     */
    Optional<CloudSessions.Place> place(String name) {
        String wanted = name == null ? names().stream().findFirst().orElse(null) : name;
        if (isSimulated() && SimulatedPair.CLOUD.equals(wanted)) {
            return Optional.of(CloudSessions.Place.SIMULATED);
        }
        return cloud(wanted)
                .map(cloud -> new CloudSessions.Place(
                        cloud.getName(), io.jenkins.plugins.cockroachdb.cloud.ApiUrl.of(cloud.getApiUrl()), false));
    }

    /** A real cloud by its name. */
    Optional<ConfiguredCloud> cloud(String name) {
        return getClouds().stream()
                .filter(cloud -> cloud.getName().equals(name))
                .findFirst();
    }

    /** What of the simulated cloud a pipeline has to know, for the form. */
    public String getSimulatedPair() {
        return Messages.CloudConfiguration_simulatedPair(
                SimulatedPair.CLOUD,
                SimulatedPair.ACTIVE,
                SimulatedPair.ACTIVE_ID,
                SimulatedPair.ORIGINAL_PRIMARY,
                SimulatedPair.ORIGINAL_PRIMARY_ID);
    }

    /** Tells whether it can be a time scale. */
    @POST
    public FormValidation doCheckSimulatedTimeScale(@QueryParameter String value) {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        return FormValidation.validateIntegerInRange(value, 1, FASTEST);
    }

    @Override
    public boolean configure(StaplerRequest2 req, JSONObject json) throws FormException {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        try {
            List<ConfiguredCloud> wanted = req.bindJSONToList(ConfiguredCloud.class, json.get("clouds"));
            setClouds(wanted);
            JSONObject simulation = json.optJSONObject("simulated");
            if (simulation != null) {
                setSimulatedTimeScale(simulation.optInt("simulatedTimeScale", DEFAULT_TIME_SCALE));
            }
            setSimulated(simulation != null);
        } catch (IllegalArgumentException e) {
            throw new FormException(rootCause(e).getMessage(), e, "clouds");
        }
        return true;
    }

    /** Whatever the binding of a form puts around what our own constructors say. */
    private static Throwable rootCause(Throwable failure) {
        return failure.getCause() == null ? failure : rootCause(failure.getCause());
    }

    @NonNull @Override
    public String getDisplayName() {
        return Messages.CloudConfiguration_displayName();
    }

    @NonNull @Override
    public GlobalConfigurationCategory getCategory() {
        return GlobalConfigurationCategory.get(GlobalConfigurationCategory.Unclassified.class);
    }
}
