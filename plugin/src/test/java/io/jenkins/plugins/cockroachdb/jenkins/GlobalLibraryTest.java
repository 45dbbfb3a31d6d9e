package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.ParametersAction;
import hudson.model.Result;
import hudson.model.StringParameterValue;
import hudson.model.TextParameterValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jenkins.plugins.git.GitSCMSource;
import jenkins.plugins.git.GitSampleRepoRule;
import jenkins.plugins.git.junit.jupiter.GitSampleRepoExtension;
import org.jenkinsci.plugins.scriptsecurity.scripts.ScriptApproval;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.libs.GlobalUntrustedLibraries;
import org.jenkinsci.plugins.workflow.libs.LibraryConfiguration;
import org.jenkinsci.plugins.workflow.libs.SCMSourceRetriever;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The library from a git repository, as an administrator configures it, under a name of his choice. */
@ExtendWith(GitSampleRepoExtension.class)
class GlobalLibraryTest extends OnJenkins {

    static final String NAME = "from-git";

    /** Configures it in the Jenkins of this process. */
    static void configure(GitSampleRepoRule repository) throws Exception {
        repository.init();
        try (Stream<Path> files = Files.list(Path.of("../vars"))) {
            for (Path file : files.toList()) {
                repository.write("vars/" + file.getFileName(), Files.readString(file));
            }
        }
        repository.git("add", "vars");
        repository.git("commit", "--message=library");
        LibraryConfiguration library =
                new LibraryConfiguration(NAME, new SCMSourceRetriever(new GitSCMSource(repository.toString())));
        library.setDefaultVersion(repository.head());
        GlobalUntrustedLibraries.get().setLibraries(new ArrayList<>(List.of(library)));
    }

    @Test
    void theJobOfTheRepositoryAsksAndCompletesWithIt(GitSampleRepoRule repository) throws Exception {
        configure(repository);
        CloudConfiguration.get().setSimulatedTimeScale(600);
        CloudConfiguration.get().setSimulated(true);
        WorkflowJob job = job(Files.readString(Path.of("../Jenkinsfile"))
                .replace("@Library('cockroachdb-failback')", "@Library('" + NAME + "')"));
        jenkins.assertBuildStatus(Result.NOT_BUILT, job.scheduleBuild2(0));

        WorkflowRun run = job.scheduleBuild2(
                        0,
                        new ParametersAction(
                                new StringParameterValue("activeClusterId", SimulatedPair.ACTIVE_ID),
                                new StringParameterValue("originalPrimaryClusterId", SimulatedPair.ORIGINAL_PRIMARY_ID),
                                new StringParameterValue("cloud", "simulated"),
                                new TextParameterValue(
                                        "proxies",
                                        "simulated:edge?primary=" + SimulatedPair.ORIGINAL_PRIMARY_ID + "&standby="
                                                + SimulatedPair.ACTIVE_ID)))
                .waitForStart();

        assertThat(OpenGates.approveToTheEnd(jenkins, job.getName(), SimulatedPair.ORIGINAL_PRIMARY))
                .startsWith("SUCCESS");
        assertThat(run.getDisplayName()).isEqualTo("#2 orders-west to orders-east");
        assertThat(SimulatedJournal.changes(jenkins.jenkins.getRootDir()))
                .containsExactly("POST", "TRAFFIC", "PATCH", "TRAFFIC");
    }

    @Test
    void aFailbackCompletesWithIt(GitSampleRepoRule repository) throws Exception {
        configure(repository);
        CloudConfiguration.get().setSimulatedTimeScale(600);
        CloudConfiguration.get().setSimulated(true);

        WorkflowRun run = run(
                Result.SUCCESS,
                "@Library('from-git') _\n"
                        + "def end = cockroachFailback(cloud: 'simulated', activeClusterId: '" + SimulatedPair.ACTIVE_ID
                        + "', originalPrimaryClusterId: '" + SimulatedPair.ORIGINAL_PRIMARY_ID
                        + "', proxies: ['simulated:edge?primary=" + SimulatedPair.ORIGINAL_PRIMARY_ID + "&standby="
                        + SimulatedPair.ACTIVE_ID + "'], preApproved: true)\n"
                        + "echo \"end ${end.outcome}\"");

        jenkins.assertLogContains("Loading library from-git@" + repository.head(), run);
        jenkins.assertLogNotContains("cockroachdb-failback@", run);
        jenkins.assertLogContains("end completed", run);
        assertThat(ScriptApproval.get().getPendingSignatures()).isEmpty();
    }
}
