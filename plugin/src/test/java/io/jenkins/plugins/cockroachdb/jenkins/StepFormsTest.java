package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.Functions;
import io.jenkins.plugins.cockroachdb.failback.step.CloudSteps;
import io.jenkins.plugins.cockroachdb.failback.step.Parameter;
import io.jenkins.plugins.cockroachdb.failback.step.StepContract;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jenkinsci.plugins.structs.describable.DescribableModel;
import org.jenkinsci.plugins.structs.describable.DescribableParameter;
import org.jenkinsci.plugins.structs.describable.ErrorType;
import org.jenkinsci.plugins.workflow.cps.Snippetizer;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepConfigTester;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.junit.jupiter.api.Test;

/** Forms, snippets and documentation of the steps, and that they are those of the contracts. */
class StepFormsTest extends OnJenkins {

    private static final Map<String, Object> REQUIRED = Map.of(
            "clusterId", "c-1",
            "streamId", "s-1",
            "activeClusterId", "a-1",
            "originalPrimaryClusterId", "p-1",
            "primaryClusterId", "p-1",
            "standbyClusterId", "a-1",
            "confirmErase", "orders-east",
            "confirmCutover", "orders-east");

    private static final Map<String, Object> OTHER = Map.ofEntries(
            Map.entry("cloud", "test"),
            Map.entry("credentialsId", "key"),
            Map.entry("maxLagSeconds", 30),
            Map.entry("maxSkewSeconds", 9),
            Map.entry("timeoutSeconds", 60),
            Map.entry("allowUnprovenRoles", true),
            Map.entry("returnOnTimeout", true),
            Map.entry("status", "COMPLETED"),
            Map.entry("failoverAt", "2026-03-01T03:00:00Z"),
            Map.entry("replicatedAfter", "2026-03-01T02:00:00Z"),
            Map.entry("fenceProvenAt", "2026-03-01T03:00:00Z"),
            Map.entry(
                    "proxies",
                    List.of(Map.of(
                            "name", "h1",
                            "traffic", "on A",
                            "sessionsActive", 3,
                            "sessionsOriginal", 0,
                            "detail", "d"))));

    private static StepDescriptor descriptor(StepContract contract) {
        return StepDescriptor.byFunctionName(contract.name());
    }

    private static Step step(StepContract contract, boolean everything) throws Exception {
        Map<String, Object> arguments = new HashMap<>();
        for (Parameter<?> parameter : contract.parameters()) {
            if (parameter.isRequired()) {
                arguments.put(parameter.name(), REQUIRED.get(parameter.name()));
            } else if (everything) {
                arguments.put(parameter.name(), OTHER.getOrDefault(parameter.name(), REQUIRED.get(parameter.name())));
            }
        }
        return (Step) new DescribableModel<>(descriptor(contract).clazz).instantiate(arguments);
    }

    @Test
    void everyStepTakesWhatItsContractSays() throws Exception {
        for (StepContract contract : CloudSteps.ALL) {
            DescribableModel<?> model = new DescribableModel<>(descriptor(contract).clazz);
            assertThat(model.getParameters().stream().map(DescribableParameter::getName))
                    .containsExactlyInAnyOrderElementsOf(
                            contract.parameters().stream().map(Parameter::name).toList());
            assertThat(model.getParameters().stream()
                            .filter(DescribableParameter::isRequired)
                            .map(DescribableParameter::getName))
                    .containsExactlyElementsOf(contract.parameters().stream()
                            .filter(Parameter::isRequired)
                            .map(Parameter::name)
                            .toList());
            Map<String, Object> given = ((CloudStep) step(contract, false)).given();
            for (Parameter<?> parameter : contract.parameters()) {
                if (!parameter.isRequired()) {
                    assertThat(given.get(parameter.name()))
                            .as(contract.name() + "." + parameter.name())
                            .isEqualTo(parameter.defaultValue());
                }
            }
        }
    }

    @Test
    void everyParameterIsDocumented() throws Exception {
        for (StepContract contract : CloudSteps.ALL) {
            DescribableModel<?> model = new DescribableModel<>(descriptor(contract).clazz);
            assertThat(model.getHelp()).as(contract.name()).isNotBlank();
            for (DescribableParameter parameter : model.getParameters()) {
                assertThat(parameter.getHelp())
                        .as(contract.name() + "." + parameter.getName())
                        .isNotBlank();
                assertThat(parameter.getType())
                        .as(contract.name() + "." + parameter.getName())
                        .isNotInstanceOf(ErrorType.class);
            }
        }
        String reference = jenkins.createWebClient()
                .goTo("pipeline-syntax/html")
                .getWebResponse()
                .getContentAsString();
        assertThat(reference)
                .contains(CloudSteps.ALL.stream().map(StepContract::name).toArray(String[]::new));
    }

    @Test
    void everyFormGivesBackWhatItWasGiven() throws Exception {
        for (StepContract contract : CloudSteps.ALL) {
            for (boolean everything : new boolean[] {false, true}) {
                Step step = step(contract, everything);

                Step back = new StepConfigTester(jenkins).configRoundTrip(step);

                assertThat(((CloudStep) back).given()).as(contract.name()).isEqualTo(((CloudStep) step).given());
            }
        }
    }

    @Test
    void snippetsLeaveOutWhatIsDefault() throws Exception {
        assertThat(Stream.of(false, true)
                        .flatMap(everything -> CloudSteps.ALL.stream().map(contract -> snippet(contract, everything))))
                .containsExactlyElementsOf(new ArrayList<>(List.of(
                        "cockroachClusterStatus 'c-1'",
                        "cockroachFailbackPreflight activeClusterId: 'a-1', originalPrimaryClusterId: 'p-1'",
                        "cockroachFailbackCreateStream activeClusterId: 'a-1', confirmErase: 'orders-east',"
                                + " originalPrimaryClusterId: 'p-1'",
                        "cockroachStreamStatus()",
                        "awaitStreamStatus 's-1'",
                        "initiateFailback confirmCutover: 'orders-east', streamId: 's-1'",
                        "cockroachCancelStream 's-1'",
                        "cockroachCreateStream confirmErase: 'orders-east', primaryClusterId: 'p-1',"
                                + " standbyClusterId: 'a-1'",
                        "cockroachClusterStatus cloud: 'test', clusterId: 'c-1', credentialsId: 'key'",
                        "cockroachFailbackPreflight activeClusterId: 'a-1', cloud: 'test', credentialsId: 'key',"
                                + " maxSkewSeconds: 9, originalPrimaryClusterId: 'p-1', proxies: [[detail: 'd', name: 'h1',"
                                + " sessionsActive: 3, sessionsOriginal: 0, traffic: 'on A']]",
                        "cockroachFailbackCreateStream activeClusterId: 'a-1', allowUnprovenRoles: true, cloud: 'test',"
                                + " confirmErase: 'orders-east', credentialsId: 'key', originalPrimaryClusterId: 'p-1'",
                        "cockroachStreamStatus activeClusterId: 'a-1', cloud: 'test', credentialsId: 'key',"
                                + " maxLagSeconds: 30, originalPrimaryClusterId: 'p-1', streamId: 's-1'",
                        "awaitStreamStatus cloud: 'test', credentialsId: 'key', maxLagSeconds: 30, replicatedAfter:"
                                + " '2026-03-01T02:00:00Z', returnOnTimeout: true, status: 'COMPLETED', streamId: 's-1',"
                                + " timeoutSeconds: 60",
                        "initiateFailback cloud: 'test', confirmCutover: 'orders-east', credentialsId: 'key', failoverAt:"
                                + " '2026-03-01T03:00:00Z', fenceProvenAt: '2026-03-01T03:00:00Z', maxLagSeconds: 30,"
                                + " replicatedAfter: '2026-03-01T02:00:00Z', streamId: 's-1'",
                        "cockroachCancelStream cloud: 'test', credentialsId: 'key', streamId: 's-1'",
                        "cockroachCreateStream cloud: 'test', confirmErase: 'orders-east', credentialsId: 'key',"
                                + " primaryClusterId: 'p-1', standbyClusterId: 'a-1'")));
    }

    private static String snippet(StepContract contract, boolean everything) {
        try {
            return Snippetizer.object2Groovy(step(contract, everything));
        } catch (Exception e) {
            throw new AssertionError(Functions.printThrowable(e), e);
        }
    }
}
