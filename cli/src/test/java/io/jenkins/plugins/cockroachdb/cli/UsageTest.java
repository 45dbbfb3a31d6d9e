package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the program says when it is called in another way than it should be. */
class UsageTest {

    @TempDir
    Path directory;

    @Test
    void withoutACommandItShowsItsUsageAndFails() {
        Run run = run();
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("Usage: failback", "status", "simulate", "COCKROACH_API_SECRET_KEY");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "-h",
                "status --help",
                "simulate --help",
                "full --help",
                "create-stream --help",
                "initiate --help",
                "cancel --help",
                "setup --help"
            })
    void helpIsAResultAndHasExamples(String args) {
        Run run = run(args.split(" "));
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Usage: failback", "Examples:\n  failback ");
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--key=x", "status --key=x", "simulate --port=x", "statsu", "status now"})
    void wrongArgumentsAreNamedAndHelpIsOffered(String args) {
        Run run = run(args.split(" "));
        String wrong = args.substring(args.lastIndexOf(' ') + 1);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains(wrong.replaceAll("=x$", ""), "Try: failback")
                .doesNotContain("\tat ");
    }

    @Test
    void aKeyGivenAsAnArgumentIsNotRepeated() {
        String key = "CCDB1_" + "a".repeat(22) + "_" + "b".repeat(40);
        Run run = run("status", key);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.output()).contains("CCDB1_***").doesNotContain("aaaa", "bbbb");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--port=-1", "--port=65536", "--time-scale=0", "--time-scale=-2", "--time-scale=NaN"})
    void theSimulatorRefusesValuesThatMakeNoSense(String option) {
        Run run = run("simulate", option);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).singleElement().asString().contains(option.substring(0, option.indexOf('=')));
    }

    private Run run(String... args) {
        return Run.of(Map.of(), directory, args);
    }
}
