package io.jenkins.plugins.cockroachdb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A drill, on a cloud that says it is simulated. */
class DrillTest {

    @TempDir
    Path records;

    private Pair pair;
    private FailbackJob job;

    @BeforeEach
    void begin() {
        pair = new Pair();
        job = FailbackJob.of("cockroachFailbackDrill(params)", pair, records);
        job.parameters.remove("proxies");
        job.parameters.put("cloud", "simulated");
    }

    @AfterEach
    void end() throws Exception {
        pair.close();
    }

    private Map<?, ?> drill() throws Exception {
        return (Map<?, ?>) job.run().wrapReplay();
    }

    @Test
    void movesClientsThereAndBackAndProtectsThemAgainEachTime() throws Exception {
        job.parameters.put("rtoSeconds", 600);
        job.parameters.put("rpoSeconds", 0);

        Map<?, ?> result = drill();

        assertThat((Map<?, ?>) result.get("there")).extracting("outcome").isEqualTo("completed");
        assertThat((Map<?, ?>) result.get("back")).extracting("outcome").isEqualTo("completed");
        assertThat(result.get("missed").toString()).isEqualTo("[]");
        assertThat(job.inputs).isEmpty();
        assertThat(job.build.currentBuild().getResult()).isNull();
        pair.assertBackOnActive();
        assertThat(pair.patches()).isEqualTo(2);
        assertThat(pair.posts()).as("the reverse stream, and protection twice").isEqualTo(3);
        assertThat(pair.reverseStreams()).last().hasToString("REPLICATING");
    }

    @Test
    void aMissedTargetMakesTheBuildUnstable() throws Exception {
        job.parameters.put("rtoSeconds", 1);

        Map<?, ?> result = drill();

        assertThat(result.get("missed").toString()).contains("there, rtoSeconds is ", "back, rtoSeconds is ");
        assertThat(job.build.currentBuild().getResult()).isEqualTo("UNSTABLE");
        pair.assertBackOnActive();
    }

    @Test
    void onARealCloudTheProxiesOfTheWayBackHaveToBeNamed() throws Exception {
        job.parameters.put("cloud", "production");
        job.parameters.put("proxies", pair.description());

        assertThat(job.run().getAbnormal())
                .hasMessageContaining("needs proxiesBack")
                .hasMessageContaining("Nothing was done");
    }
}
