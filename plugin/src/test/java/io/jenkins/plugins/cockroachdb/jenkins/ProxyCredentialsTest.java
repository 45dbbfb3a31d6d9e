package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.domains.Domain;
import com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl;
import hudson.model.Item;
import java.net.URL;
import jenkins.model.Jenkins;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.htmlunit.WebResponse;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

/** Who sees which credentials there are for proxies. */
class ProxyCredentialsTest extends OnJenkins {

    private static final String STEP = "descriptorByName/io.jenkins.plugins.cockroachdb.jenkins.RedirectProxyStep/";

    private WebResponse ask(HttpMethod method, String user, String path) throws Exception {
        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            web.setThrowExceptionOnFailingStatusCode(false);
            web.setJavaScriptEnabled(false);
            web.login(user);
            WebRequest request = new WebRequest(new URL(jenkins.getURL(), path + "?proxyCredentialsId=current"), method);
            if (method == HttpMethod.POST) {
                web.addCrumb(request);
            }
            return web.getPage(request).getWebResponse();
        }
    }

    @Test
    void onlyWhoMayConfigureAJobSeesThem() throws Exception {
        store(jenkins.jenkins)
                .addCredentials(
                        Domain.global(),
                        new UsernamePasswordCredentialsImpl(CredentialsScope.GLOBAL, "login", "", "failback", "secret"));
        WorkflowJob own = job("echo 'nothing yet'");
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.READ, Item.READ)
                .everywhere()
                .to("dev", "reader")
                .grant(Item.CONFIGURE)
                .onItems(own)
                .to("dev"));
        String fill = STEP + "fillProxyCredentialsIdItems";

        assertThat(ask(HttpMethod.POST, "dev", own.getUrl() + fill).getContentAsString())
                .contains("\"login\"")
                .doesNotContain("secret");
        for (String path : new String[] {fill, own.getUrl() + fill}) {
            assertThat(ask(HttpMethod.POST, "reader", path).getContentAsString())
                    .as(path)
                    .contains("current")
                    .doesNotContain("login");
        }
        for (String path : new String[] {fill, STEP + "fillActionItems"}) {
            assertThat(ask(HttpMethod.GET, "dev", path).getStatusCode())
                    .as(path)
                    .isIn(404, 405);
        }
    }
}
