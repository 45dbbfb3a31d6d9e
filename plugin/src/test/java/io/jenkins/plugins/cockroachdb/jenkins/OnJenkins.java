package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.CredentialsStore;
import com.cloudbees.plugins.credentials.domains.Domain;
import hudson.model.ItemGroup;
import hudson.model.Result;
import hudson.util.Secret;
import java.io.IOException;
import java.util.List;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/**
 * A test on a real Jenkins, with a cloud that steps name {@code test} and global credentials {@code key}. After each one, the
 * key is searched for in JENKINS_HOME, and complaints about this plugin in the log.
 */
@WithJenkins
abstract class OnJenkins {

    JenkinsRule jenkins;
    TestCloud cloud;
    ControllerLog log;

    @BeforeEach
    void begin(JenkinsRule rule) throws Exception {
        jenkins = rule;
        log = new ControllerLog();
        cloud = newCloud();
        configure(cloud);
    }

    TestCloud newCloud() {
        return new TestCloud();
    }

    @AfterEach
    void leavesNeitherSecretsNorComplaints() {
        try {
            assertThat(Homes.filesThatHold(jenkins.jenkins.getRootDir(), cloud.key, "Authorization:", "Bearer "))
                    .isEmpty();
            assertThat(log.complaints()).isEmpty();
        } finally {
            log.close();
            cloud.close();
        }
    }

    /** Configures a cloud and its key in the Jenkins of this process. */
    static void configure(TestCloud cloud) throws IOException {
        addCredentials(Jenkins.get(), secretText("key", cloud.key));
        ConfiguredCloud configured = new ConfiguredCloud("test", cloud.url());
        configured.setCredentialsId("key");
        CloudConfiguration.get().setClouds(List.of(configured));
    }

    static StringCredentials secretText(String id, String secret) {
        return new StringCredentialsImpl(CredentialsScope.GLOBAL, id, "", Secret.fromString(secret));
    }

    static CredentialsStore store(ItemGroup<?> where) {
        return CredentialsProvider.lookupStores(where).iterator().next();
    }

    static void addCredentials(ItemGroup<?> where, StringCredentials credentials) throws IOException {
        store(where).addCredentials(Domain.global(), credentials);
    }

    /** A new job with a pipeline that runs in the sandbox. */
    WorkflowJob job(String pipeline) throws Exception {
        WorkflowJob job = jenkins.jenkins.createProject(
                WorkflowJob.class, "job" + (jenkins.jenkins.getItems().size() + 1));
        job.setDefinition(new CpsFlowDefinition(pipeline, true));
        return job;
    }

    /** Runs a pipeline to its end. */
    WorkflowRun run(Result result, String pipeline) throws Exception {
        return jenkins.assertBuildStatus(result, job(pipeline).scheduleBuild2(0));
    }

    /** A pipeline with a step that must fail; it reads in the sandbox how, and tells. */
    static String caught(String step) {
        return "try { " + step + "\n error 'it did not fail' }\n"
                + "catch (org.jenkinsci.plugins.workflow.steps.FlowInterruptedException e) {\n"
                + "  echo 'kind is ' + e.causes[0].kind + ', because ' + e.causes[0].shortDescription\n"
                + "}";
    }

    /** Runs a step that must fail with the kind; returns the log. */
    String kind(String kind, String step) throws Exception {
        WorkflowRun run = run(Result.SUCCESS, caught(step));
        jenkins.assertLogContains("kind is " + kind + ", because ", run);
        return JenkinsRule.getLog(run);
    }
}
