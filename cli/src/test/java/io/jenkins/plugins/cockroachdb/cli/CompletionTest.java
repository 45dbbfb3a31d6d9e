package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script that completes commands, in a real bash. */
class CompletionTest {

    @TempDir
    Path directory;

    @BeforeEach
    void write() throws IOException {
        Run run = Run.of(Map.of(), directory, "completion");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        Files.writeString(directory.resolve("failback.bash"), run.out());
    }

    @Test
    void bashAcceptsIt() throws Exception {
        assertThat(bash("bash -n failback.bash")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "failback fu, full",
        "failback pl, plan",
        "failback report --for, --format",
        "failback status --out, --output",
        "failback full --re-p, --re-protect"
    })
    void completesCommandsAndOptions(String typed, String completed) throws Exception {
        // compopt works only where bash itself completes.
        assertThat(bash("source failback.bash; compopt() { :; }; COMP_WORDS=(" + typed
                        + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));"
                        + " $(complete -p failback | sed 's/.*-F \\([^ ]*\\).*/\\1/'); echo \"${COMPREPLY[*]}\""))
                .isEqualToIgnoringNewLines(completed);
    }

    @Test
    void itsHelpTellsHowToInstallIt() {
        assertThat(Run.of(Map.of(), directory, "completion", "--help").out())
                .contains("source <(failback completion)", "bash-completion/completions/failback", ".zshrc");
    }

    private String bash(String command) throws IOException, InterruptedException {
        assumeThat(Path.of("/bin/bash")).as("bash on this machine").exists();
        Process process = new ProcessBuilder("/bin/bash", "--norc", "-c", command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return output;
    }
}
