package io.jenkins.plugins.cockroachdb.jenkins;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.common.IdCredentials;
import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import com.cloudbees.plugins.credentials.domains.URIRequirementBuilder;
import hudson.model.Run;
import hudson.security.ACL;
import hudson.security.ACLContext;
import hudson.util.Secret;
import java.util.List;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;

/**
 * Finds the API key of a step. Nothing of it is kept: whoever deletes, rotates or replaces the credentials does so for builds
 * that are running, too.
 */
final class KeyLookup {

    /** There is no key. The message names the credentials and tells what to do. */
    static final class NoKeyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoKeyException(String message) {
            super(message);
        }
    }

    private final Run<?, ?> run;
    private final CloudSessions.Place place;
    private final String credentialsId;

    /** @param credentialsId null for the default of the cloud */
    KeyLookup(Run<?, ?> run, CloudSessions.Place place, String credentialsId) {
        this.run = run;
        this.place = place;
        this.credentialsId = credentialsId;
    }

    /**
     * The key.
     *
     * @throws NoKeyException if there is none that the build may use
     */
    Secret key() {
        return place.simulated() ? SimulatedPair.get().key() : credentials().getSecret();
    }

    /** Shows at the credentials that this build used them. */
    void track() {
        if (!place.simulated()) {
            CredentialsProvider.track(run, credentials());
        }
    }

    private StringCredentials credentials() {
        String id = credentialsId == null
                ? CloudConfiguration.get()
                        .cloud(place.name())
                        .map(ConfiguredCloud::getCredentialsId)
                        .orElse(null)
                : credentialsId;
        if (id == null) {
            throw new NoKeyException("Cloud " + place.name()
                    + " has no default credentials, and parameter credentialsId names none. Give credentialsId.");
        }
        StringCredentials found = find(id, StringCredentials.class);
        if (found != null) {
            return found;
        }
        throw new NoKeyException(
                find(id, IdCredentials.class) == null
                        ? "There are no credentials with the id \"" + id + "\" that this build may use for "
                                + place.url() + ". They may have been deleted, or belong to another folder, user or"
                                + " domain. Create a secret text with this id, or give the id of another."
                        : "The credentials with the id \"" + id
                                + "\" are of another kind than secret text. Store the API key as secret text.");
    }

    private <C extends IdCredentials> C find(String id, Class<C> type) {
        List<DomainRequirement> requirements =
                URIRequirementBuilder.fromUri(place.url().toString()).build();
        try (ACLContext asJenkins = ACL.as2(ACL.SYSTEM2)) {
            return CredentialsProvider.findCredentialById(id, type, run, requirements);
        }
    }
}
