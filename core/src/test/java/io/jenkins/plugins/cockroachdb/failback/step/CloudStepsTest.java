package io.jenkins.plugins.cockroachdb.failback.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every step takes: the table that pipelines are written by. */
class CloudStepsTest {

    static final List<StepContract> STEPS = CloudSteps.ALL;

    @Test
    void takesWhatTheTableSays() {
        String table = STEPS.stream()
                .map(step -> step.name() + ": "
                        + step.parameters().stream()
                                .map(CloudStepsTest::described)
                                .collect(Collectors.joining(", ")))
                .collect(Collectors.joining("\n"));

        assertThat(table)
                .isEqualTo(
                        """
                        cockroachClusterStatus: TEXT clusterId!, TEXT cloud, TEXT credentialsId
                        cockroachFailbackPreflight: TEXT activeClusterId!, TEXT originalPrimaryClusterId!, MAPS proxies=[], \
                        INTEGER maxSkewSeconds=5, TEXT cloud, TEXT credentialsId
                        cockroachFailbackCreateStream: TEXT activeClusterId!, TEXT originalPrimaryClusterId!, \
                        TEXT confirmErase!, FLAG allowUnprovenRoles=false, TEXT cloud, TEXT credentialsId
                        cockroachStreamStatus: TEXT streamId, TEXT activeClusterId, TEXT originalPrimaryClusterId, \
                        INTEGER maxLagSeconds=90, TEXT cloud, TEXT credentialsId
                        awaitStreamStatus: TEXT streamId!, TEXT status=REPLICATING, INTEGER maxLagSeconds=90, \
                        TEXT replicatedAfter, INTEGER timeoutSeconds=90000, FLAG returnOnTimeout=false, TEXT cloud, TEXT credentialsId
                        initiateFailback: TEXT streamId!, TEXT confirmCutover!, TEXT failoverAt=latest, TEXT replicatedAfter, \
                        TEXT fenceProvenAt, INTEGER maxLagSeconds=90, TEXT cloud, TEXT credentialsId
                        cockroachCancelStream: TEXT streamId!, TEXT cloud, TEXT credentialsId
                        cockroachCreateStream: TEXT primaryClusterId!, TEXT standbyClusterId!, TEXT confirmErase!, \
                        TEXT cloud, TEXT credentialsId""");
    }

    private static String described(Parameter<?> parameter) {
        return parameter.type() + " " + parameter.name() + (parameter.isRequired() ? "!" : "")
                + (parameter.defaultValue() == null ? "" : "=" + parameter.defaultValue());
    }

    @ParameterizedTest
    @FieldSource("STEPS")
    void everyStepAndParameterHasOneLineOfHelp(StepContract step) {
        List<String> help = Stream.concat(
                        Stream.of(step.help()), step.parameters().stream().map(Parameter::help))
                .toList();

        assertThat(help).allSatisfy(line -> assertThat(line).endsWith(".").doesNotContain("\n"));
    }

    /** Enough for every step, and nothing that is not needed. */
    private static Map<String, Object> enough(StepContract step) {
        Map<String, Object> given = new HashMap<>();
        step.parameters().stream()
                .filter(Parameter::isRequired)
                .forEach(parameter -> given.put(parameter.name(), "some-" + parameter.name()));
        if (step == CloudSteps.STREAM_STATUS) {
            given.put("streamId", "some-stream");
        }
        return given;
    }

    static Stream<Arguments> everyRequiredParameter() {
        return STEPS.stream().flatMap(step -> step.parameters().stream()
                .filter(Parameter::isRequired)
                .map(parameter -> Arguments.of(step, parameter.name())));
    }

    @ParameterizedTest
    @MethodSource("everyRequiredParameter")
    void whatIsRequiredMustBeThereAndNotBlank(StepContract step, String parameter) {
        for (String missing : Arrays.asList(null, "", "  ")) {
            Map<String, Object> given = enough(step);
            given.put(parameter, missing);

            assertThatThrownBy(() -> step.arguments(given))
                    .isExactlyInstanceOf(WrongParameterException.class)
                    .hasMessageStartingWith(step.name() + ": Parameter " + parameter + " is required, and must be ")
                    .hasMessageEndingWith(" Nothing was sent.");
        }
    }

    @ParameterizedTest
    @FieldSource("STEPS")
    void whatIsBlankCountsAsLeftOut(StepContract step) {
        Map<String, Object> given = enough(step);
        step.parameters()
                .forEach(parameter -> given.putIfAbsent(
                        parameter.name(), parameter.type() == Parameter.Type.TEXT ? "" : parameter.defaultValue()));
        if (step == CloudSteps.STREAM_STATUS) {
            given.put("streamId", "some-stream");
        }

        step.arguments(given);
    }

    @ParameterizedTest
    @FieldSource("STEPS")
    void aParameterThatIsNotKnownIsRefusedWithTheOnesThatAre(StepContract step) {
        Map<String, Object> given = enough(step);
        given.put("apiUrl", "https://elsewhere.example");

        assertThatThrownBy(() -> step.arguments(given))
                .isExactlyInstanceOf(WrongParameterException.class)
                .hasMessageContainingAll("There is no parameter apiUrl; there are ", "credentialsId");
    }

    static Stream<Arguments> wrongParameters() {
        return Stream.of(
                Arguments.of(CloudSteps.CLUSTER_STATUS, "clusterId", "../organization", "an id as the Cloud Console"),
                Arguments.of(CloudSteps.CLUSTER_STATUS, "clusterId", 7, "an id as the Cloud Console"),
                Arguments.of(CloudSteps.PREFLIGHT, "maxSkewSeconds", -1, "a whole number of seconds from 0"),
                Arguments.of(CloudSteps.PREFLIGHT, "proxies", "edge", "a list of maps with name, traffic,"),
                Arguments.of(CloudSteps.PREFLIGHT, "proxies", List.of("edge"), "a list of maps with name, traffic,"),
                Arguments.of(
                        CloudSteps.PREFLIGHT, "proxies", List.of(Map.of("name", "edge")), "as redirectProxy returns"),
                Arguments.of(CloudSteps.CREATE_REVERSE_STREAM, "allowUnprovenRoles", "true", "true or false"),
                Arguments.of(CloudSteps.STREAM_STATUS, "maxLagSeconds", 1.5, "a whole number of seconds from 0"),
                Arguments.of(CloudSteps.STREAM_STATUS, "maxLagSeconds", 1L << 40, "a whole number of seconds from 0"),
                Arguments.of(CloudSteps.AWAIT_STREAM_STATUS, "maxLagSeconds", -2, "from 0, or -1 to waive the limit"),
                Arguments.of(CloudSteps.AWAIT_STREAM_STATUS, "timeoutSeconds", 0, "a whole number of seconds from 1"),
                Arguments.of(
                        CloudSteps.AWAIT_STREAM_STATUS,
                        "status",
                        "FAILED",
                        "one of STARTING, REPLICATING, FAILING_OVER, COMPLETED, CANCELED"),
                Arguments.of(CloudSteps.AWAIT_STREAM_STATUS, "status", "UNRECOGNIZED", "one of STARTING, "),
                Arguments.of(
                        CloudSteps.AWAIT_STREAM_STATUS, "replicatedAfter", "now", "an ISO 8601 instant such as 2026"),
                Arguments.of(CloudSteps.INITIATE_FAILBACK, "failoverAt", "now", "'latest' or an ISO 8601 instant"),
                Arguments.of(CloudSteps.INITIATE_FAILBACK, "fenceProvenAt", "2026-03-01", "an ISO 8601 instant"),
                Arguments.of(CloudSteps.INITIATE_FAILBACK, "replicatedAfter", "latest", "an ISO 8601 instant"),
                Arguments.of(CloudSteps.INITIATE_FAILBACK, "maxLagSeconds", -2, "from 0, or -1 to waive the limit"),
                Arguments.of(CloudSteps.INITIATE_FAILBACK, "streamId", "a stream", "an id as the Cloud Console"));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("wrongParameters")
    void aWrongParameterIsRefusedWithItsNameAndWhatIsAllowed(
            StepContract step, String parameter, Object value, String allowed) {
        Map<String, Object> given = enough(step);
        given.put(parameter, value);

        assertThatThrownBy(() -> step.arguments(given))
                .isExactlyInstanceOf(WrongParameterException.class)
                .hasMessageStartingWith(step.name() + ": Parameter " + parameter + " is ")
                .hasMessageContainingAll(", and must be ", allowed)
                .hasMessageEndingWith(" Nothing was sent.");
    }

    static Stream<Arguments> rightParameters() {
        return Stream.of(
                Arguments.of(CloudSteps.PREFLIGHT, "maxSkewSeconds", 0),
                Arguments.of(CloudSteps.AWAIT_STREAM_STATUS, "timeoutSeconds", 1),
                Arguments.of(CloudSteps.AWAIT_STREAM_STATUS, "maxLagSeconds", 90L),
                Arguments.of(CloudSteps.AWAIT_STREAM_STATUS, "status", new StringBuilder("COMPLETED")),
                Arguments.of(CloudSteps.INITIATE_FAILBACK, "maxLagSeconds", -1),
                Arguments.of(CloudSteps.INITIATE_FAILBACK, "failoverAt", "latest"),
                Arguments.of(CloudSteps.INITIATE_FAILBACK, "failoverAt", "2026-03-01T04:00:00.5+01:00"),
                Arguments.of(CloudSteps.INITIATE_FAILBACK, "credentialsId", "any"));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("rightParameters")
    void takesEveryFormThatAPipelineGives(StepContract step, String parameter, Object value) {
        Map<String, Object> given = enough(step);
        given.put(parameter, value);

        step.arguments(given);
    }

    @Test
    void aKeyThatWasGivenByMistakeIsNotShown() {
        String key = SimulatedCloud.randomKey(new Random(1));
        Map<String, Object> given = Map.of("clusterId", "key " + key);

        assertThatThrownBy(() -> CloudSteps.CLUSTER_STATUS.arguments(given))
                .hasMessageContaining("\"key CCDB1_***\"")
                .hasMessageNotContaining(key);
    }

    @Test
    void aPairIsTwoClusters() {
        for (StepContract step : List.of(CloudSteps.PREFLIGHT, CloudSteps.CREATE_REVERSE_STREAM)) {
            Map<String, Object> given = enough(step);
            given.putAll(Map.of("activeClusterId", "one", "originalPrimaryClusterId", "one"));
            assertThatThrownBy(() -> step.arguments(given))
                    .isExactlyInstanceOf(WrongParameterException.class)
                    .hasMessageContaining("activeClusterId and originalPrimaryClusterId are the same");
        }
        Map<String, Object> forward =
                Map.of("primaryClusterId", "one", "standbyClusterId", "one", "confirmErase", "one");
        assertThatThrownBy(() -> CloudSteps.CREATE_FORWARD_STREAM.arguments(forward))
                .isExactlyInstanceOf(WrongParameterException.class)
                .hasMessageContaining("primaryClusterId and standbyClusterId are the same");
    }

    @Test
    void aStreamIsNamedByItsIdOrByItsPairAndNotByBoth() {
        List<Map<String, Object>> wrong = List.of(
                Map.of(),
                Map.of("activeClusterId", "a"),
                Map.of("streamId", "s", "activeClusterId", "a"),
                Map.of("streamId", "s", "activeClusterId", "a", "originalPrimaryClusterId", "p"));

        assertThat(wrong).allSatisfy(given -> assertThatThrownBy(() -> CloudSteps.STREAM_STATUS.arguments(given))
                .isExactlyInstanceOf(WrongParameterException.class)
                .hasMessageContaining(
                        "either parameter streamId, or both activeClusterId and originalPrimaryClusterId"));
    }

    @Test
    void replicatedAfterNeedsAStreamThatReplicates() {
        assertThatThrownBy(() -> CloudSteps.AWAIT_STREAM_STATUS.arguments(
                        Map.of("streamId", "s", "status", "COMPLETED", "replicatedAfter", "2026-03-01T03:00:00Z")))
                .isExactlyInstanceOf(WrongParameterException.class)
                .hasMessageContaining("replicatedAfter goes together with status REPLICATING");
    }

    @ParameterizedTest
    @EnumSource
    void progressIsKeptAsPlainText(Progress.Phase phase) {
        List<Progress> each = List.of(
                new Progress(phase, null, null),
                new Progress(phase, Instant.parse("2026-03-01T03:00:00.123456789Z"), "stream-1"));

        assertThat(each).allSatisfy(progress -> assertThat(Progress.ofMap(progress.toMap()))
                .isEqualTo(progress));
    }
}
