package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.model.Item;
import hudson.model.ParametersAction;
import hudson.model.ParametersDefinitionProperty;
import hudson.model.Result;
import hudson.model.StringParameterValue;
import hudson.model.TextParameterValue;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jenkins.model.Jenkins;
import org.htmlunit.html.HtmlForm;
import org.htmlunit.html.HtmlPage;
import org.jenkinsci.plugins.scriptsecurity.scripts.ScriptApproval;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.support.steps.input.InputAction;
import org.jenkinsci.plugins.workflow.support.steps.input.InputStepExecution;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

/** Whole failbacks by the library that comes with the plugin, in the sandbox, on the simulated cloud within Jenkins. */
class FailbackJobTest extends OnJenkins {

    private static final String PROXY =
            "simulated:edge?primary=" + SimulatedPair.ORIGINAL_PRIMARY_ID + "&standby=" + SimulatedPair.ACTIVE_ID;

    @BeforeEach
    void simulate() {
        CloudConfiguration.get().setSimulatedTimeScale(600);
        CloudConfiguration.get().setSimulated(true);
    }

    static List<Entry> record(WorkflowRun run) throws Exception {
        return RecordFile.read(RecordFile.newest(FailbackAction.directory(run)).orElseThrow())
                .entries();
    }

    static long begun(List<Entry> record, Call call) {
        return record.stream()
                .filter(entry -> entry instanceof Entry.Calling calling && calling.call() == call)
                .count();
    }

    @Test
    void withoutAKeyAndWithoutAnApprovalOfAScript() throws Exception {
        WorkflowRun run = run(
                Result.SUCCESS,
                "@Library('cockroachdb-failback') _\n"
                        + "def end = cockroachFailback(cloud: 'simulated', activeClusterId: '" + SimulatedPair.ACTIVE_ID
                        + "', originalPrimaryClusterId: '" + SimulatedPair.ORIGINAL_PRIMARY_ID + "', proxies: ['"
                        + PROXY
                        + "'], preApproved: true)\n"
                        + "echo \"${end.outcome}, recovered in ${end.measures.rtoSeconds}, lost ${end.measures.rpoSeconds}\"\n"
                        + "echo \"writes: ${end.measures.acknowledgedWrites > 0}, ${end.measures.lostWrites} missing\"");

        jenkins.assertLogContains("completed, recovered in ", run);
        jenkins.assertLogContains(", lost 0", run);
        assertThat(ScriptApproval.get().getPendingScripts()).isEmpty();
        assertThat(ScriptApproval.get().getPendingSignatures()).isEmpty();
        List<Entry> record = record(run);
        assertThat(begun(record, Call.CREATE_REVERSE_STREAM)).isEqualTo(1);
        assertThat(begun(record, Call.INITIATE_CUTOVER)).isEqualTo(1);
        assertThat(record).last().isInstanceOfSatisfying(Entry.Ended.class, end -> assertThat(end.outcome())
                .isEqualTo(Outcome.COMPLETED));
        jenkins.assertLogContains("writes: true, 0 missing", run);
        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            assertThat(web.getPage(run).asNormalizedText())
                    .contains("Failback to orders-east: completed", "Lost writes (RPO): 0.");
            assertThat(web.getPage(run.getParent()).getElementById("cockroachdb-failback-history"))
                    .isNotNull();
        }
    }

    @Test
    void aDrillNeedsNothingButThePlugin() throws Exception {
        WorkflowRun run = run(
                Result.SUCCESS,
                "@Library('cockroachdb-failback') _\n"
                        + "def drill = cockroachFailbackDrill(simulated: true, rtoSeconds: 120, rpoSeconds: 0)\n"
                        + "echo \"missed ${drill.missed}, ${drill.there.outcome} and ${drill.back.outcome}\"");

        jenkins.assertLogContains("missed [], completed and completed", run);
        assertThat(FailbackAction.records(run)).hasSize(2);
        assertThat(ScriptApproval.get().getPendingSignatures()).isEmpty();
    }

    @Test
    void theJobOfTheRepositoryWithTwoApprovers() throws Exception {
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.READ, Item.READ, Item.BUILD)
                .everywhere()
                .to("lead", "stranger")
                .grant(Jenkins.ADMINISTER)
                .everywhere()
                .to("admin"));
        WorkflowJob job = jenkins.jenkins.createProject(WorkflowJob.class, "failback");
        job.setDefinition(new CpsFlowDefinition(Files.readString(Path.of("../Jenkinsfile")), true));
        WorkflowRun first = jenkins.assertBuildStatus(Result.NOT_BUILT, job.scheduleBuild2(0));
        assertThat(FailbackAction.records(first)).isEmpty();
        assertThat(job.getProperty(ParametersDefinitionProperty.class).getParameterDefinitionNames())
                .contains("activeClusterId", "originalPrimaryClusterId", "approvers", "proxies");

        WorkflowRun run = job.scheduleBuild2(
                        0,
                        new ParametersAction(
                                new StringParameterValue("activeClusterId", SimulatedPair.ACTIVE_ID),
                                new StringParameterValue("originalPrimaryClusterId", SimulatedPair.ORIGINAL_PRIMARY_ID),
                                new StringParameterValue("cloud", "simulated"),
                                new StringParameterValue("approvers", "lead"),
                                new TextParameterValue("proxies", PROXY)))
                .waitForStart();
        approve(run, "stranger", "orders-east", false);
        approve(run, "lead", "orders-west", true); // not the cluster to be erased
        jenkins.waitForMessage("'orders-west' is not the name of the cluster. Nothing was approved.", run);
        approve(run, "lead", "orders-east", true);
        jenkins.waitForMessage("Stream", run);
        approve(run, "lead", "orders-east", true);

        jenkins.assertBuildStatus(Result.SUCCESS, jenkins.waitForCompletion(run));
        assertThat(run.getDescription()).startsWith("completed: ");
        assertThat(record(run))
                .filteredOn(Entry.Approved.class::isInstance)
                .extracting(entry -> ((Entry.Approved) entry).gate(), entry -> ((Entry.Approved) entry).by())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(Gate.ERASE, "lead"),
                        org.assertj.core.groups.Tuple.tuple(Gate.CUT_OVER, "lead"));
    }

    /** Answers the gate that stands open, as a person does on the page of the build. */
    private void approve(WorkflowRun run, String user, String typed, boolean mayApprove) throws Exception {
        InputStepExecution gate = await()
                .atMost(Duration.ofMinutes(2))
                .ignoreExceptions()
                .until(() -> run.getAction(InputAction.class).getExecutions(), executions -> executions.stream()
                        .anyMatch(each -> !each.isSettled()))
                .stream()
                .filter(each -> !each.isSettled())
                .findFirst()
                .orElseThrow();
        try (JenkinsRule.WebClient web = jenkins.createWebClient()) {
            web.setThrowExceptionOnFailingStatusCode(false);
            web.login(user);
            HtmlPage page = web.getPage(run, "input");
            HtmlForm form = page.getFormByName(gate.getId());
            form.getInputByName("value").setValue(typed);
            jenkins.submit(form, "proceed");
            assertThat(gate.isSettled()).as(user).isEqualTo(mayApprove);
        }
    }
}
