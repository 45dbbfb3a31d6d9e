package io.jenkins.plugins.cockroachdb.jenkins;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.common.IdCredentials;
import com.cloudbees.plugins.credentials.common.StandardUsernamePasswordCredentials;
import hudson.model.Run;
import hudson.security.ACL;
import hudson.security.ACLContext;
import io.jenkins.plugins.cockroachdb.proxy.ProxyErrand;
import java.util.List;
import java.util.Optional;

/** Finds who logs in at the proxies of a build. Nothing of it is kept. */
final class ProxyLogin {

    private ProxyLogin() {}

    /**
     * The login, of which it is shown at the credentials that this build used them.
     *
     * @param credentialsId null for none
     * @throws KeyLookup.NoKeyException if there is none that the build may use
     */
    static Optional<ProxyErrand.Login> find(Run<?, ?> run, String credentialsId) {
        if (credentialsId == null) {
            return Optional.empty();
        }
        StandardUsernamePasswordCredentials found = find(run, credentialsId, StandardUsernamePasswordCredentials.class);
        if (found == null) {
            throw new KeyLookup.NoKeyException(
                    find(run, credentialsId, IdCredentials.class) == null
                            ? "There are no credentials with the id \"" + credentialsId
                                    + "\" that this build may use for"
                                    + " the proxies. They may have been deleted, or belong to another folder or user. Create"
                                    + " user name and password with this id, or give the id of another in"
                                    + " proxyCredentialsId."
                            : "The credentials with the id \"" + credentialsId
                                    + "\" are of another kind than user name and" + " password, which proxies need.");
        }
        CredentialsProvider.track(run, found);
        return Optional.of(
                new ProxyErrand.Login(found.getUsername(), found.getPassword().getPlainText()));
    }

    private static <C extends IdCredentials> C find(Run<?, ?> run, String id, Class<C> type) {
        try (ACLContext asJenkins = ACL.as2(ACL.SYSTEM2)) {
            return CredentialsProvider.findCredentialById(id, type, run, List.of());
        }
    }
}
