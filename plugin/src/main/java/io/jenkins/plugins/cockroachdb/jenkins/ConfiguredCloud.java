package io.jenkins.plugins.cockroachdb.jenkins;

import com.cloudbees.plugins.credentials.CredentialsMatchers;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardListBoxModel;
import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import com.cloudbees.plugins.credentials.domains.URIRequirementBuilder;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.Util;
import hudson.model.AbstractDescribableImpl;
import hudson.model.Descriptor;
import hudson.security.ACL;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import io.jenkins.plugins.cockroachdb.cloud.CloudApi;
import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.failback.Futures;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * A CockroachDB Cloud that steps can name. Only administrators configure it: where the API is decides where a key is sent, so no
 * parameter of a step does.
 */
public final class ConfiguredCloud extends AbstractDescribableImpl<ConfiguredCloud> {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}");

    private final String name;
    private final String apiUrl;
    private String credentialsId;

    // Both here and not in setters, because Jenkins only logs what a setter throws.
    /**
     * @param apiUrl blank for the public service
     * @throws IllegalArgumentException if steps cannot name it so, or if a key must not be sent there
     */
    @DataBoundConstructor
    public ConfiguredCloud(String name, String apiUrl) {
        this.name = checkedName(Util.fixNull(name).trim());
        this.apiUrl = url(apiUrl).toString();
    }

    private static String checkedName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(Messages.ConfiguredCloud_badName());
        }
        if (name.equals(SimulatedPair.CLOUD)) {
            throw new IllegalArgumentException(Messages.ConfiguredCloud_nameOfTheSimulated(name));
        }
        return name;
    }

    /** As steps give it. */
    public String getName() {
        return name;
    }

    /** Where the API is, without a path. */
    public String getApiUrl() {
        return apiUrl;
    }

    /** Id of the secret text with the API key, for steps that name none; null for none. */
    public String getCredentialsId() {
        return credentialsId;
    }

    @DataBoundSetter
    public void setCredentialsId(String credentialsId) {
        this.credentialsId = Util.fixEmptyAndTrim(credentialsId);
    }

    private static ApiUrl url(String text) {
        return Util.fixEmptyAndTrim(text) == null ? ApiUrl.COCKROACH_LABS : ApiUrl.of(text);
    }

    /** In the form of the global configuration. */
    @Extension
    public static final class DescriptorImpl extends Descriptor<ConfiguredCloud> {

        private static final int CLUSTERS_SHOWN = 20;

        @NonNull @Override
        public String getDisplayName() {
            return Messages.ConfiguredCloud_displayName();
        }

        /** What an empty form shows. */
        public String getDefaultApiUrl() {
            return ApiUrl.COCKROACH_LABS.toString();
        }

        /** Tells whether it can be a name. */
        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            Jenkins.get().checkPermission(Jenkins.ADMINISTER);
            try {
                checkedName(Util.fixNull(value).trim());
                return FormValidation.ok();
            } catch (IllegalArgumentException e) {
                return FormValidation.error(e.getMessage());
            }
        }

        /** Tells whether a key may be sent there. */
        @POST
        public FormValidation doCheckApiUrl(@QueryParameter String value) {
            Jenkins.get().checkPermission(Jenkins.ADMINISTER);
            try {
                url(value);
                return FormValidation.ok();
            } catch (IllegalArgumentException e) {
                return FormValidation.error(e.getMessage());
            }
        }

        /** Every secret text that all jobs may use. */
        @POST
        public ListBoxModel doFillCredentialsIdItems(
                @QueryParameter String apiUrl, @QueryParameter String credentialsId) {
            StandardListBoxModel items = new StandardListBoxModel();
            if (!Jenkins.get().hasPermission(Jenkins.ADMINISTER)) {
                return items.includeCurrentValue(credentialsId);
            }
            return items.includeEmptyValue()
                    .includeMatchingAs(
                            ACL.SYSTEM2,
                            Jenkins.get(),
                            StringCredentials.class,
                            requirements(apiUrl),
                            CredentialsMatchers.always())
                    .includeCurrentValue(credentialsId);
        }

        /** Tells whether there is such a secret text. */
        @POST
        public FormValidation doCheckCredentialsId(@QueryParameter String value, @QueryParameter String apiUrl) {
            Jenkins.get().checkPermission(Jenkins.ADMINISTER);
            return Util.fixEmptyAndTrim(value) == null || find(apiUrl, value) != null
                    ? FormValidation.ok()
                    : FormValidation.error(Messages.ConfiguredCloud_noCredentials(value));
        }

        /** Asks the cloud whose key it is and what the key sees. */
        @POST
        public FormValidation doTestConnection(
                @QueryParameter String name, @QueryParameter String apiUrl, @QueryParameter String credentialsId) {
            Jenkins.get().checkPermission(Jenkins.ADMINISTER);
            try {
                StringCredentials credentials = find(apiUrl, credentialsId);
                if (credentials == null) {
                    return FormValidation.error(Messages.ConfiguredCloud_noCredentials(credentialsId));
                }
                CloudSession session = CloudSessions.get()
                        .acquire(
                                new CloudSessions.Place(Util.fixNull(name), url(apiUrl), false),
                                credentials.getSecret());
                try {
                    return connected(session.client(credentials::getSecret));
                } finally {
                    CloudSessions.get().release(session);
                }
            } catch (IllegalArgumentException e) {
                return FormValidation.error(e.getMessage());
            } catch (CompletionException e) {
                if (Futures.cause(e) instanceof CloudException failure) {
                    return FormValidation.error(failure.getMessage());
                }
                throw e;
            }
        }

        private static FormValidation connected(CloudApi api) {
            return api.organization()
                    .thenCombine(
                            api.clusters(),
                            (organization, clusters) -> FormValidation.ok(Messages.ConfiguredCloud_connected(
                                    organization.value().name(), words(clusters.value()))))
                    .join();
        }

        private static String words(List<Cluster> clusters) {
            String first = clusters.stream()
                    .limit(CLUSTERS_SHOWN)
                    .map(cluster -> cluster.name() + " (" + cluster.id() + ")")
                    .collect(Collectors.joining(", "));
            int more = clusters.size() - CLUSTERS_SHOWN;
            return clusters.isEmpty()
                    ? Messages.ConfiguredCloud_noClusters()
                    : more > 0 ? Messages.ConfiguredCloud_moreClusters(first, more) : first;
        }

        private static StringCredentials find(String apiUrl, String credentialsId) {
            return CredentialsMatchers.firstOrNull(
                    CredentialsProvider.lookupCredentialsInItemGroup(
                            StringCredentials.class, Jenkins.get(), ACL.SYSTEM2, requirements(apiUrl)),
                    CredentialsMatchers.withId(Util.fixNull(credentialsId).trim()));
        }

        private static List<DomainRequirement> requirements(String apiUrl) {
            return URIRequirementBuilder.fromUri(Util.fixNull(apiUrl)).build();
        }
    }
}
