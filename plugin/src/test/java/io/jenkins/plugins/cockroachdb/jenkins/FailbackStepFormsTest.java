package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import io.jenkins.plugins.cockroachdb.failback.step.FailbackSteps;
import io.jenkins.plugins.cockroachdb.failback.step.Parameter;
import io.jenkins.plugins.cockroachdb.failback.step.StepContract;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jenkinsci.plugins.structs.describable.DescribableModel;
import org.jenkinsci.plugins.structs.describable.DescribableParameter;
import org.jenkinsci.plugins.structs.describable.ErrorType;
import org.jenkinsci.plugins.workflow.cps.Snippetizer;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepConfigTester;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.junit.jupiter.api.Test;

/** Forms, snippets and documentation of the steps of a whole failback, and that they are those of the contracts. */
class FailbackStepFormsTest extends OnJenkins {

    /** What only a pipeline can give. */
    private static final List<String> MAPS = List.of("proxies", "last");

    private static final Map<String, Object> EVERYTHING = Map.ofEntries(
            Map.entry("action", "release"),
            Map.entry("activeClusterId", "a-1"),
            Map.entry("activeSqlDns", "a.example"),
            Map.entry("allowUnprovenRoles", true),
            Map.entry("atOnce", true),
            Map.entry("catchUpTimeoutMinutes", 3),
            Map.entry("cloud", "test"),
            Map.entry("credentialsId", "key"),
            Map.entry("cutoverTimeoutMinutes", 4),
            Map.entry("drainSeconds", 5),
            Map.entry("dryRun", true),
            Map.entry("examine", true),
            Map.entry("failoverAt", "2026-03-01T03:00:00Z"),
            Map.entry("fenceTimeoutSeconds", 6),
            Map.entry("gateTimeoutMinutes", 7),
            Map.entry("maxLagSeconds", 8),
            Map.entry("maxSkewSeconds", 9),
            Map.entry("noWait", true),
            Map.entry("only", "edge\ncore"),
            Map.entry("originalPrimaryClusterId", "p-1"),
            Map.entry("originalPrimarySqlDns", "p.example"),
            Map.entry("proxies", "haproxy:/run/a.sock?name=edge\nhaproxy:/run/b.sock?name=core"),
            Map.entry("proxiesSeenAt", "2026-03-01T03:00:00Z"),
            Map.entry("proxyCredentialsId", "login"),
            Map.entry("proxyTimeoutSeconds", 11),
            Map.entry("reProtect", true),
            Map.entry("startTimeoutMinutes", 12),
            Map.entry("streamId", "s-1"));

    private static DescribableModel<?> model(StepContract contract) {
        return new DescribableModel<>(StepDescriptor.byFunctionName(contract.name()).clazz);
    }

    private static List<? extends Parameter<?>> described(StepContract contract) {
        return contract.parameters().stream()
                .filter(parameter -> contract != FailbackSteps.NEXT || !MAPS.contains(parameter.name()))
                .toList();
    }

    private static CloudStep step(StepContract contract, boolean everything) throws Exception {
        Map<String, Object> arguments = new HashMap<>();
        for (Parameter<?> parameter : described(contract)) {
            if (everything || parameter.isRequired()) {
                arguments.put(parameter.name(), EVERYTHING.get(parameter.name()));
            }
        }
        return (CloudStep) model(contract).instantiate(arguments);
    }

    @Test
    void everyStepTakesWhatItsContractSays() throws Exception {
        for (StepContract contract : FailbackSteps.ALL) {
            assertThat(model(contract).getParameters().stream().map(DescribableParameter::getName))
                    .containsExactlyInAnyOrderElementsOf(
                            described(contract).stream().map(Parameter::name).toList());
            Map<String, Object> given = step(contract, false).given();
            for (Parameter<?> parameter : described(contract)) {
                if (!parameter.isRequired()) {
                    Object none = parameter.type() == Parameter.Type.TEXTS ? null : parameter.defaultValue();
                    assertThat(given.get(parameter.name()))
                            .as(contract.name() + "." + parameter.name())
                            .isEqualTo(none);
                }
            }
        }
    }

    @Test
    void everyParameterIsDocumented() throws Exception {
        for (StepContract contract : FailbackSteps.ALL) {
            assertThat(model(contract).getHelp()).as(contract.name()).isNotBlank();
            for (DescribableParameter parameter : model(contract).getParameters()) {
                assertThat(parameter.getHelp())
                        .as(contract.name() + "." + parameter.getName())
                        .isNotBlank();
                assertThat(parameter.getType())
                        .as(contract.name() + "." + parameter.getName())
                        .isNotInstanceOf(ErrorType.class);
            }
        }
    }

    @Test
    void everyFormGivesBackWhatItWasGiven() throws Exception {
        for (StepContract contract : FailbackSteps.ALL) {
            for (boolean everything : new boolean[] {false, true}) {
                CloudStep step = step(contract, everything);

                Step back = new StepConfigTester(jenkins).configRoundTrip((Step) step);

                assertThat(((CloudStep) back).given()).as(contract.name()).isEqualTo(step.given());
            }
        }
    }

    @Test
    void snippetsLeaveOutWhatIsDefault() throws Exception {
        List<String> snippets = new ArrayList<>();
        for (StepContract contract : FailbackSteps.ALL) {
            snippets.add(Snippetizer.object2Groovy(step(contract, false)));
        }
        snippets.add(Snippetizer.object2Groovy(step(FailbackSteps.REDIRECT_PROXY, true)));

        assertThat(snippets)
                .containsExactly(
                        "cockroachFailbackNext activeClusterId: 'a-1', originalPrimaryClusterId: 'p-1'",
                        "redirectProxy 'release'",
                        "redirectProxy action: 'release', activeClusterId: 'a-1', activeSqlDns: 'a.example', atOnce: true,"
                                + " cloud: 'test', credentialsId: 'key', drainSeconds: 5, examine: true, only: '''edge\n"
                                + "core''', originalPrimaryClusterId: 'p-1', originalPrimarySqlDns: 'p.example', proxies:"
                                + " '''haproxy:/run/a.sock?name=edge\nhaproxy:/run/b.sock?name=core''',"
                                + " proxyCredentialsId: 'login', proxyTimeoutSeconds: 11, streamId: 's-1'");
    }

    @Test
    void aWrongParameterIsNoStackTrace() throws Exception {
        for (String wrong : List.of(
                "cockroachFailbackNext activeClusterId: 'a-1', originalPrimaryClusterId: 'p-1', lastt: [:]",
                "cockroachFailbackNext activeClusterId: 'a-1', originalPrimaryClusterId: 'p-1', last: 'x'",
                "cockroachFailbackNext activeClusterId: 'a-1', originalPrimaryClusterId: 'p-1', proxies: [[name: 'x']]")) {
            String log = org.jvnet.hudson.test.JenkinsRule.getLog(run(Result.FAILURE, wrong));
            assertThat(log).as(wrong).contains("ERROR: cockroachFailbackNext: ").doesNotContain("\tat ");
        }
    }
}
