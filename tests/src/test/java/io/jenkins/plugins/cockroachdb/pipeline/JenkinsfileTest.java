package io.jenkins.plugins.cockroachdb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.cloudbees.groovy.cps.Outcome;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Jenkinsfile of the repository. */
class JenkinsfileTest {

    @TempDir
    Path records;

    private Pair pair;
    private FailbackJob job;

    /** What the job was configured with. */
    private Object properties;

    @BeforeEach
    void begin() {
        pair = new Pair();
        job = new FailbackJob(PipelineCode.jenkinsfile(), pair, records);
        job.build.with("properties", step -> {
            properties = step.only();
            return Build.done(null);
        });
    }

    @AfterEach
    void end() throws Exception {
        pair.close();
    }

    /** The parameters that the job has, with the values that a person would see in its form. */
    private Map<String, Object> form() {
        Map<String, Object> form = new LinkedHashMap<>();
        for (Object property : (List<?>) properties) {
            List<?> described = (List<?>) property;
            if (described.get(0).equals("parameters")) {
                for (Object each : (List<?>) described.get(1)) {
                    Map<?, ?> parameter = (Map<?, ?>) ((List<?>) each).get(1);
                    Object value = parameter.get("defaultValue");
                    form.put((String) parameter.get("name"), value == null ? "" : value);
                }
            }
        }
        return form;
    }

    /** Runs the first build, and fills in the form for the next. */
    private void register() throws Exception {
        Map<String, Object> given = new LinkedHashMap<>(job.parameters);
        job.parameters.clear();
        job.run();
        job.parameters.putAll(form());
        job.parameters.putAll(given);
    }

    @Test
    void theFirstBuildMakesTheFormAndDoesNothingElse() throws Exception {
        job.parameters.clear();

        Outcome outcome = job.run();

        assertThat(outcome.isSuccess()).isTrue();
        assertThat(job.build.performed()).extracting(step -> step.name).containsExactly("properties", "echo");
        assertThat(job.build.currentBuild().getResult()).isEqualTo("NOT_BUILT");
        assertThat(job.build.currentBuild().getDescription()).isEqualTo("Made the form. Build with parameters.");
        assertThat(properties.toString()).contains("disableConcurrentBuilds", "[durabilityHint, MAX_SURVIVABILITY]");
        assertThat(form())
                .containsKeys("activeClusterId", "originalPrimaryClusterId", "proxies", "approvers", "dryRun");
        assertThat(pair.endpoint.log()).isEmpty();
    }

    @Test
    void everyOtherBuildBringsTheApplicationHome() throws Exception {
        register();

        assertThat(job.run().isSuccess()).isTrue();

        pair.assertHolds("completed");
        assertThat(job.build.currentBuild().getDisplayName()).isEqualTo("#7 orders-west to orders-east");
        assertThat(job.build.currentBuild().getDescription()).isEqualTo("completed: orders-east serves.");
    }

    @Test
    void aDryRunTellsWhatWouldComeAndChangesNothing() throws Exception {
        register();
        job.parameters.put("dryRun", true);

        assertThat(job.run().isSuccess()).isTrue();

        assertThat(job.inputs).isEmpty();
        assertThat(pair.posts()).isZero();
        assertThat(records).isEmptyDirectory();
        assertThat(job.build.log()).anySatisfy(line -> assertThat(line)
                .contains("PASS last failover", "To come: create the stream", "Nothing was changed."));
    }

    @Test
    void theDescriptionTellsHowAFailbackEnded() throws Exception {
        register();
        job.people = input -> FailbackJob.refuse();

        assertThat(FailbackJob.kind(job.run())).isEqualTo("refused");

        assertThat(job.build.currentBuild().getDescription()).startsWith("refused: ");
        pair.assertHolds("refused");
    }

    @Test
    void whatIsNotANumberIsRefused() throws Exception {
        register();
        job.parameters.put("maxLagSeconds", "ninety");

        assertThat(job.run().getAbnormal())
                .hasMessage("Not whole numbers: maxLagSeconds is 'ninety'. Nothing was done.");
    }
}
