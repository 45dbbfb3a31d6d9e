package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import hudson.model.Result;
import hudson.util.FormValidation;
import io.jenkins.plugins.casc.ConfigurationAsCode;
import io.jenkins.plugins.cockroachdb.simulator.ClusterSpec;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.IntStream;
import jenkins.model.Jenkins;
import org.htmlunit.html.HtmlForm;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** The global configuration: as a form, as code, and what it means for steps. */
class ConfigurationTest extends OnJenkins {

    private static ConfiguredCloud.DescriptorImpl descriptor() {
        return Jenkins.get().getDescriptorByType(ConfiguredCloud.DescriptorImpl.class);
    }

    private static List<String> described() {
        return CloudConfiguration.get().getClouds().stream()
                .map(each -> each.getName() + " " + each.getApiUrl() + " " + each.getCredentialsId())
                .toList();
    }

    @Test
    void theFormGivesBackWhatItWasGiven() throws Exception {
        ConfiguredCloud second = new ConfiguredCloud("second cloud", "");
        CloudConfiguration.get()
                .setClouds(List.of(CloudConfiguration.get().getClouds().get(0), second));
        CloudConfiguration.get().setSimulated(true);
        CloudConfiguration.get().setSimulatedTimeScale(120);

        jenkins.configRoundtrip();

        assertThat(described())
                .containsExactly("test " + cloud.url() + " key", "second cloud https://cockroachlabs.cloud null");
        assertThat(CloudConfiguration.get().isSimulated()).isTrue();
        assertThat(CloudConfiguration.get().getSimulatedTimeScale()).isEqualTo(120);

        CloudConfiguration.get().setSimulated(false);
        jenkins.configRoundtrip();
        assertThat(CloudConfiguration.get().isSimulated()).isFalse();
    }

    @Test
    void theFormRefusesWhatIsWrongAndChangesNothing() throws Exception {
        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            web.setThrowExceptionOnFailingStatusCode(false);
            HtmlForm form = web.goTo("configure").getFormByName("config");
            form.getInputByValue(cloud.url()).setValue("http://elsewhere.example");
            assertThat(jenkins.submit(form).getWebResponse().getStatusCode()).isGreaterThanOrEqualTo(400);
        }
        assertThat(described()).containsExactly("test " + cloud.url() + " key");

        for (String name : List.of("", "simulated", "<script>", " ", "a\nb")) {
            assertThat(descriptor().doCheckName(name).kind).as(name).isEqualTo(FormValidation.Kind.ERROR);
            assertThatThrownBy(() -> new ConfiguredCloud(name, null)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(descriptor().doCheckName("my cloud 1").kind).isEqualTo(FormValidation.Kind.OK);
        for (String url :
                List.of("http://cockroachlabs.cloud", "cockroachlabs.cloud", "https://u:p@h", "https://h?q")) {
            assertThat(descriptor().doCheckApiUrl(url).kind).as(url).isEqualTo(FormValidation.Kind.ERROR);
        }
        assertThat(descriptor().doCheckApiUrl("").kind).isEqualTo(FormValidation.Kind.OK);
        ConfiguredCloud twice = CloudConfiguration.get().getClouds().get(0);
        assertThatThrownBy(() -> CloudConfiguration.get().setClouds(List.of(twice, twice)))
                .hasMessageContaining("test");
    }

    @Test
    void aTestOfTheConnectionShowsTheOrganizationAndTheClusters() {
        FormValidation good = descriptor().doTestConnection("test", cloud.url(), "key");
        assertThat(good.kind).isEqualTo(FormValidation.Kind.OK);
        assertThat(good.getMessage())
                .contains("sees: ", "orders-east (" + cloud.original + ")", "orders-west (" + cloud.active + ")");

        assertThat(descriptor().doTestConnection("test", cloud.url(), "none").getMessage())
                .contains("none");
        assertThat(descriptor().doTestConnection("test", "http://elsewhere.example", "key").kind)
                .isEqualTo(FormValidation.Kind.ERROR);
        cloud.cloud.revokeKey(cloud.key);
        FormValidation bad = descriptor().doTestConnection("test", cloud.url(), "key");
        assertThat(bad.kind).isEqualTo(FormValidation.Kind.ERROR);
        assertThat(bad.getMessage()).contains("does not accept the API key");
    }

    @Test
    void namesOfClustersStayText() {
        cloud.cloud.addCluster(ClusterSpec.of("<script>alert(1)</script>", "eu-west-1"));
        IntStream.range(0, 30).forEach(i -> cloud.cloud.addCluster(ClusterSpec.of("c" + i, "eu-west-1")));

        FormValidation good = descriptor().doTestConnection("test", cloud.url(), "key");

        assertThat(good.renderHtml())
                .contains("&lt;script&gt;alert(1)", "and 13 more")
                .doesNotContain("<script>");
    }

    @Test
    void theFirstCloudIsTheDefaultAndTheSimulatedOneOnlyWhileItIsAlone() throws Exception {
        CloudConfiguration.get().setSimulated(true);
        run(Result.SUCCESS, "cockroachClusterStatus '" + cloud.active + "'");

        CloudConfiguration.get().setClouds(List.of());
        WorkflowRun run = run(
                Result.SUCCESS,
                "def c = cockroachClusterStatus '" + SimulatedPair.ACTIVE_ID + "'\necho \"${c.name} ${c.simulated}\"");
        jenkins.assertLogContains("orders-west true", run);

        CloudConfiguration.get().setSimulated(false);
        run = run(Result.FAILURE, "cockroachClusterStatus '" + SimulatedPair.ACTIVE_ID + "'");
        jenkins.assertLogContains("No cloud is configured.", run);
    }

    @Test
    void whatIsSimulatedSaysSo() throws Exception {
        CloudConfiguration.get().setSimulated(true);
        CloudConfiguration.get().setSimulatedTimeScale(600);

        WorkflowRun run = run(
                Result.FAILURE,
                "def s = cockroachFailbackCreateStream cloud: 'simulated', activeClusterId: '"
                        + SimulatedPair.ACTIVE_ID + "', originalPrimaryClusterId: '"
                        + SimulatedPair.ORIGINAL_PRIMARY_ID + "', confirmErase: 'orders-east'\n"
                        + "awaitStreamStatus cloud: 'simulated', streamId: s.id\n"
                        + "initiateFailback cloud: 'simulated', streamId: s.id, confirmCutover: 'orders-west'");

        assertThat(JenkinsRule.getLog(run).lines().filter(line -> line.contains("orders-") || line.contains("Stream ")))
                .isNotEmpty()
                .allMatch(line -> line.startsWith("[simulated] "));
    }

    @Test
    void itCanBeGivenAndTakenAsCode() throws Exception {
        Path yaml = Files.createTempFile("clouds", ".yaml");
        Files.writeString(
                yaml,
                """
                unclassified:
                  cockroachdbCloud:
                    clouds:
                    - name: "production"
                      apiUrl: "https://cockroachlabs.cloud"
                      credentialsId: "key"
                    - name: "staging"
                    simulated: true
                    simulatedTimeScale: 90
                """);
        try {
            ConfigurationAsCode.get().configure(yaml.toString());
        } finally {
            Files.delete(yaml);
        }

        assertThat(described())
                .containsExactly(
                        "production https://cockroachlabs.cloud key", "staging https://cockroachlabs.cloud null");
        assertThat(CloudConfiguration.get().isSimulated()).isTrue();
        assertThat(CloudConfiguration.get().getSimulatedTimeScale()).isEqualTo(90);

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ConfigurationAsCode.get().export(out);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(
                        "cockroachdbCloud:",
                        "name: \"production\"",
                        "credentialsId: \"key\"",
                        "name: \"staging\"",
                        "simulated: true",
                        "simulatedTimeScale: 90")
                .doesNotContain(cloud.key);
    }

    @Test
    void aKeyThatWasPastedAsAnAddressIsNotShown() {
        String pasted = SimulatedCloud.randomKey(new SecureRandom());

        assertThat(descriptor().doCheckApiUrl(pasted).getMessage()).doesNotContain(pasted);
    }
}
