package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import com.cloudbees.hudson.plugins.folder.Folder;
import hudson.FilePath;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import java.util.ArrayList;
import java.util.List;
import org.jenkinsci.plugins.scriptsecurity.scripts.ScriptApproval;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.libs.FolderLibraries;
import org.jenkinsci.plugins.workflow.libs.GlobalLibraries;
import org.jenkinsci.plugins.workflow.libs.GlobalUntrustedLibraries;
import org.jenkinsci.plugins.workflow.libs.LibraryConfiguration;
import org.jenkinsci.plugins.workflow.libs.LibraryRetriever;
import org.junit.jupiter.api.Test;

/** The shared library that comes with the plugin. */
class BundledLibraryTest extends OnJenkins {

    private static final String LOADED = "@Library('cockroachdb-failback') _\n";

    /** Another library, of which only its name counts. */
    static final class Other extends LibraryRetriever {

        @Override
        public void retrieve(
                String name, String version, boolean changelog, FilePath target, Run<?, ?> run, TaskListener listener)
                throws Exception {
            retrieve(name, version, target, run, listener);
        }

        @Override
        public void retrieve(String name, String version, FilePath target, Run<?, ?> run, TaskListener listener)
                throws Exception {
            target.child("vars/other.groovy").write("def call() { echo 'the other' }", "UTF-8");
        }
    }

    private static LibraryConfiguration other() {
        LibraryConfiguration configuration = new LibraryConfiguration("cockroachdb-failback", new Other());
        configuration.setDefaultVersion("main");
        return configuration;
    }

    /** Jenkins saves no other lists. */
    private static List<LibraryConfiguration> list(LibraryConfiguration... configurations) {
        return new ArrayList<>(List.of(configurations));
    }

    @Test
    void itIsLoadedByItsNameAndRunsInTheSandboxWithoutAnApproval() throws Exception {
        WorkflowRun run = run(Result.FAILURE, LOADED + "cockroachFailback([:])");

        jenkins.assertLogContains("Loading library cockroachdb-failback@", run);
        jenkins.assertLogContains("cockroachFailback needs activeClusterId", run);
        assertThat(ScriptApproval.get().getPendingScripts()).isEmpty();
        assertThat(ScriptApproval.get().getPendingSignatures()).isEmpty();
    }

    @Test
    void aBuildKeepsItsOwnCopy() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, LOADED + "echo 'loaded'");

        FilePath[] copies = new FilePath(run.getRootDir()).list("libs/*/vars/cockroachFailback.groovy");
        assertThat(copies).hasSize(1);
        assertThat(new FilePath(run.getRootDir()).list("libs/*/vars/cockroachFailback.txt"))
                .hasSize(1);
    }

    @Test
    void whoDoesNotNameItDoesNotGetIt() throws Exception {
        WorkflowRun run = run(Result.FAILURE, "cockroachFailback([:])");

        jenkins.assertLogNotContains("Loading library", run);
        jenkins.assertLogContains("No such DSL method 'cockroachFailback'", run);
    }

    @Test
    void whatIsNotInTheSandboxIsRefusedThere() throws Exception {
        WorkflowRun run = run(Result.FAILURE, LOADED + "jenkins.model.Jenkins.get()");

        jenkins.assertLogContains("Scripts not permitted to use staticMethod jenkins.model.Jenkins get", run);
    }

    @Test
    void itHasNoOtherVersionThanThePlugin() throws Exception {
        WorkflowRun run = run(Result.FAILURE, "@Library('cockroachdb-failback@main') _\necho 'loaded'");

        jenkins.assertLogContains("Version override not permitted for library cockroachdb-failback", run);
        jenkins.assertLogNotContains("loaded", run);
    }

    @Test
    void aPipelineLoadsItByAStepToo() throws Exception {
        WorkflowRun run = run(Result.FAILURE, "library 'cockroachdb-failback'\ncockroachFailback([:])");

        jenkins.assertLogContains("cockroachFailback needs activeClusterId", run);
    }

    @Test
    void betweenTwoOfItsNameNobodyChooses() throws Exception {
        GlobalUntrustedLibraries.get().setLibraries(list(other()));
        WorkflowRun untrusted = run(Result.FAILURE, LOADED + "echo 'loaded'");
        GlobalUntrustedLibraries.get().setLibraries(list());
        GlobalLibraries.get().setLibraries(list(other()));
        WorkflowRun trusted = run(Result.FAILURE, LOADED + "echo 'loaded'");
        WorkflowRun step = run(Result.FAILURE, "library 'cockroachdb-failback'\necho 'loaded'");
        GlobalLibraries.get().setLibraries(list());
        Folder folder = jenkins.jenkins.createProject(Folder.class, "folder");
        folder.addProperty(new FolderLibraries(list(other())));
        WorkflowJob job = folder.createProject(WorkflowJob.class, "job");
        job.setDefinition(new CpsFlowDefinition(LOADED + "echo 'loaded'", true));
        WorkflowRun inFolder = jenkins.assertBuildStatus(Result.FAILURE, job.scheduleBuild2(0));

        for (WorkflowRun run : List.of(untrusted, trusted, step, inFolder)) {
            jenkins.assertLogContains("There are two libraries named cockroachdb-failback", run);
            jenkins.assertLogNotContains("loaded\n", run);
        }
        jenkins.assertLogContains("under Manage Jenkins, System, Global Untrusted Pipeline Libraries", untrusted);
        jenkins.assertLogContains("under Manage Jenkins, System, Global Trusted Pipeline Libraries", trusted);
        jenkins.assertLogContains("in the configuration of a folder of this job", inFolder);
    }

    @Test
    void anotherThatIsLoadedByEveryJobDisturbsNobodyWhoDoesNotNameThis() throws Exception {
        LibraryConfiguration implicit = other();
        implicit.setImplicit(true);
        GlobalUntrustedLibraries.get().setLibraries(list(implicit));

        jenkins.assertLogContains("the other", run(Result.SUCCESS, "other()"));
    }
}
