package io.jenkins.plugins.cockroachdb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That the tests of this package run pipelines as Jenkins does. */
class ProgramTest {

    private static final String PIPELINE =
            """
            def inner(Map state) {
                state.seen << ask(number: 1)
                try {
                    stage('one') { node('proxies') { state.seen << ask(number: 2); error 'no' } }
                } catch (Exception e) {
                    state.seen << e.message
                }
                sleep 3
                ['a', 'b'].each { each -> state.seen << ask(number: each) }
                return state
            }
            inner([seen: []])
            """;

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-03-01T03:00:00Z"));
    private final Agents agents = new Agents(time);
    private final Build build = new Build(PipelineCode.of(PIPELINE), time, agents)
            .with("ask", step -> Build.done("answer " + step.parameter("number")));

    @Test
    void aSuspendedPipelineGoesOnInAFreshClassLoader() throws Exception {
        build.reloadedAt(point -> true);

        assertRuns();
    }

    @Test
    void aSuspendedPipelineGoesOnInAnotherProcess() throws Exception {
        build.continuedInASecondJvmAt(Build.step("error"));

        assertRuns();
    }

    private void assertRuns() throws Exception {
        Object result =
                build.run(Build.variables(Map.of(), new CurrentBuild(null, 1))).getNormal();

        assertThat(result).isEqualTo(Map.of("seen", List.of("answer 1", "answer 2", "no", "answer a", "answer b")));
        assertThat(build.stages()).containsExactly("one");
        assertThat(agents.given()).hasSize(1).allMatch(agent -> agent.released && agent.label.equals("proxies"));
    }
}
