package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import com.cloudbees.hudson.plugins.folder.Folder;
import hudson.model.Item;
import hudson.model.Result;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jenkins.model.Jenkins;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.htmlunit.WebResponse;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

/** What somebody who may configure a job, and nothing else, cannot do. */
class SecurityTest extends OnJenkins {

    private static final String CLOUDS = "descriptorByName/io.jenkins.plugins.cockroachdb.jenkins.ConfiguredCloud/";
    private static final String STEP = "descriptorByName/io.jenkins.plugins.cockroachdb.jenkins.AwaitStreamStatusStep/";
    private static final String CONFIGURATION =
            "descriptorByName/io.jenkins.plugins.cockroachdb.jenkins.CloudConfiguration/";

    private WorkflowJob own;
    private Folder foreign;
    private TestCloud evil;

    @BeforeEach
    void letThemIn() throws Exception {
        evil = new TestCloud();
        own = job("echo 'nothing yet'");
        foreign = jenkins.jenkins.createProject(Folder.class, "foreign");
        foreign.createProject(WorkflowJob.class, "job");
        addCredentials(foreign, secretText("foreign-key", "of somebody else"));
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.ADMINISTER)
                .everywhere()
                .to("admin")
                .grant(Jenkins.READ)
                .everywhere()
                .to("dev", "reader")
                .grant(Item.READ)
                .everywhere()
                .to("reader", "dev")
                .grant(Item.CONFIGURE, Item.BUILD)
                .onItems(own)
                .to("dev"));
    }

    @AfterEach
    void theKeyWentNowhere() {
        assertThat(evil.endpoint.log()).isEmpty();
        evil.close();
    }

    private WebResponse request(HttpMethod method, String user, String path, Map<String, String> parameters)
            throws Exception {
        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            web.setThrowExceptionOnFailingStatusCode(false);
            web.setJavaScriptEnabled(false);
            web.login(user);
            String query = parameters.entrySet().stream()
                    .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                    .collect(Collectors.joining("&", "?", ""));
            WebRequest request = new WebRequest(new URL(jenkins.getURL(), path + query), method);
            if (method == HttpMethod.POST) {
                web.addCrumb(request);
            }
            return web.getPage(request).getWebResponse();
        }
    }

    private WebResponse post(String user, String path, Map<String, String> parameters) throws Exception {
        return request(HttpMethod.POST, user, path, parameters);
    }

    @Test
    void theyCannotSendTheKeyElsewhere() throws Exception {
        Map<String, String> there = Map.of("name", "x", "apiUrl", evil.url(), "credentialsId", "key");

        for (String user : List.of("dev", "reader")) {
            assertThat(post(user, CLOUDS + "testConnection", there).getStatusCode())
                    .isEqualTo(403);
            assertThat(post(user, own.getUrl() + CLOUDS + "testConnection", there)
                            .getStatusCode())
                    .isEqualTo(403);
            assertThat(post(user, "configSubmit", Map.of("json", "{}")).getStatusCode())
                    .isEqualTo(403);
        }
        own.setDefinition(new CpsFlowDefinition(
                "cockroachClusterStatus clusterId: '" + cloud.active + "', apiUrl: '" + evil.url() + "'", true));
        WorkflowRun run = jenkins.assertBuildStatus(Result.FAILURE, own.scheduleBuild2(0));
        jenkins.assertLogContains("There is no parameter apiUrl", run);
        assertThat(CloudConfiguration.get().getClouds()).hasSize(1);
    }

    @Test
    void theyCannotListForeignCredentials() throws Exception {
        Map<String, String> now = Map.of("credentialsId", "current", "cloud", "test");

        for (String user : List.of("dev", "reader")) {
            for (String path : List.of(CLOUDS, STEP, "job/foreign/" + STEP, "job/foreign/job/job/" + STEP)) {
                assertThat(post(user, path + "fillCredentialsIdItems", now).getContentAsString())
                        .as(user + " " + path)
                        .contains("current")
                        .doesNotContain("key");
            }
        }
        assertThat(post("dev", own.getUrl() + STEP + "fillCredentialsIdItems", now)
                        .getContentAsString())
                .contains("\"key\"")
                .doesNotContain("foreign-key", cloud.key);
    }

    @Test
    void theyCannotAskWhetherThereAreCredentialsOrClouds() throws Exception {
        for (String user : List.of("dev", "reader")) {
            for (String id : List.of("key", "none")) {
                assertThat(post(user, STEP + "checkCredentialsId", Map.of("value", id, "cloud", ""))
                                .getContentAsString())
                        .doesNotContain("error");
                assertThat(post(user, "job/foreign/" + STEP + "checkCredentialsId", Map.of("value", id, "cloud", ""))
                                .getContentAsString())
                        .doesNotContain("error");
            }
            assertThat(post(user, STEP + "fillCloudItems", Map.of("cloud", "")).getContentAsString())
                    .doesNotContain("test");
            assertThat(post(user, STEP + "checkCloud", Map.of("value", "none")).getContentAsString())
                    .doesNotContain("error");
            for (String check : List.of("checkName", "checkApiUrl", "checkCredentialsId")) {
                assertThat(post(user, CLOUDS + check, Map.of("value", "x", "apiUrl", ""))
                                .getStatusCode())
                        .as(check)
                        .isEqualTo(403);
            }
            assertThat(post(user, CONFIGURATION + "checkSimulatedTimeScale", Map.of("value", "x"))
                            .getStatusCode())
                    .isEqualTo(403);
        }
        assertThat(post("dev", own.getUrl() + STEP + "checkCredentialsId", Map.of("value", "none", "cloud", ""))
                        .getContentAsString())
                .contains("error");
    }

    @Test
    void nothingIsDoneByAFollowedLink() throws Exception {
        for (String path : List.of(
                CLOUDS + "testConnection",
                CLOUDS + "checkName",
                CLOUDS + "checkApiUrl",
                CLOUDS + "checkCredentialsId",
                CLOUDS + "fillCredentialsIdItems",
                CONFIGURATION + "checkSimulatedTimeScale",
                STEP + "fillCredentialsIdItems",
                STEP + "fillCloudItems",
                STEP + "fillStatusItems",
                STEP + "checkCloud",
                STEP + "checkCredentialsId")) {
            WebResponse response = request(
                    HttpMethod.GET,
                    "admin",
                    path,
                    Map.of("name", "x", "value", "x", "apiUrl", evil.url(), "credentialsId", "key"));
            assertThat(response.getStatusCode()).as(path).isIn(404, 405);
        }
    }

    @Test
    void whatIsTypedIntoFormsStaysText() throws Exception {
        String typed = "\"><script>alert(1)</script>";

        for (String path : List.of(CLOUDS + "checkName", CLOUDS + "checkApiUrl", CLOUDS + "checkCredentialsId")) {
            assertThat(post("admin", path, Map.of("value", typed, "apiUrl", typed))
                            .getContentAsString())
                    .doesNotContain("<script>");
        }
        for (String check : List.of("checkCloud", "checkCredentialsId")) {
            assertThat(post("admin", STEP + check, Map.of("value", typed, "cloud", typed))
                            .getContentAsString())
                    .doesNotContain("<script>");
        }
        assertThat(post(
                                "admin",
                                CLOUDS + "testConnection",
                                Map.of("name", typed, "apiUrl", typed, "credentialsId", typed))
                        .getContentAsString())
                .doesNotContain("<script>");
    }
}
