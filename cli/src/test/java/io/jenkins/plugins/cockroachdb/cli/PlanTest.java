package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.ReceivedRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** What {@code plan} tells about a simulated cloud over real HTTP, and that it is what {@code full} does. */
class PlanTest extends DrivenPair {

    private static final String STREAMS = "/api/v1/physical-replication-streams";

    @Test
    void tellsEverythingAndChangesNothing() {
        Run run = plan();
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .containsSubsequence(
                        "Original primary: orders-east",
                        "Active: orders-west",
                        "Checks",
                        "PASS  last failover: The last failover led from orders-east to orders-west",
                        "WARN  who serves: No proxy was named",
                        "Make sure that no client uses orders-east",
                        "Reverse stream: none; a run would create one.",
                        "Gate: May this run erase orders-east and copy orders-west to it? To be typed: orders-east. At most 1 h.",
                        "which erases orders-east.",
                        "POST " + STREAMS,
                        "{\"primary_cluster_id\":\"" + scene.activeId() + "\",\"standby_cluster_id\":\""
                                + scene.originalPrimaryId() + "\"}",
                        "REPLICATING with a lag of at most 90 s. At most 24 h.",
                        "Gate: May this run cut over to orders-east? To be typed: orders-east.",
                        "PATCH " + STREAMS + "/ID-OF-THE-REVERSE-STREAM",
                        "{\"status\":\"FAILING_OVER\"}",
                        "End: completed.",
                        "--max-lag           90 s",
                        "--fence-timeout     3 min",
                        "Waived: nothing",
                        "No proxy is named, so nothing stops clients that write to orders-west",
                        "A failback could run now. Nothing was changed.");
        assertThat(endpoint.log())
                .extracting(ReceivedRequest::method)
                .as("reads alone")
                .containsOnly("GET");
        assertThat(directory.resolve("state")).doesNotExist();
    }

    @Test
    void whatItTellsIsWhatFullSends() throws IOException {
        List<String> told = calls(json("--yes"));
        endpoint.forget();

        Run full = run("full", "--yes");

        assertThat(full.exitCode()).as(full.output()).isZero();
        String created = scene.cloud()
                .streamIds(scene.activeId(), scene.originalPrimaryId())
                .get(0);
        assertThat(endpoint.log())
                .filteredOn(request -> !request.method().equals("GET"))
                .extracting(request -> request.method() + " " + request.target())
                .containsExactlyElementsOf(told.stream()
                        .map(call -> call.replace("ID-OF-THE-REVERSE-STREAM", created))
                        .toList());
    }

    @Test
    void aLiveReverseStreamIsAdoptedAndNothingErased() {
        String stream = addLiveStream();
        Run run = plan();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains(
                        "Reverse stream: " + stream + " is REPLICATING; a run would adopt it.",
                        "PATCH " + STREAMS + "/" + stream)
                .doesNotContain("POST ", "erase");
    }

    @Test
    void exchangedRolesFailWithWhatToDoAndNoCallFollows() {
        environment.put("PRIMARY_CLUSTER_ID", scene.activeId());
        environment.put("STANDBY_CLUSTER_ID", scene.originalPrimaryId());
        Run run = plan();
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out())
                .contains(
                        "FAIL  last failover: The last failover led from orders-east to orders-west",
                        "exchange the two cluster ids",
                        "is COMPLETED; a run would change nothing about that.",
                        "  End: completed. orders-west is a cluster of its own",
                        "A run would not cut over.",
                        "A failback could not run now")
                .doesNotContain("POST ", "PATCH ");
    }

    @Test
    void aFailedCheckIsNamedWithItsRemedy() {
        scene.cloud().changeCluster(scene.originalPrimaryId(), cluster -> cluster.withState("LOCKED"));
        Run run = plan();
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out())
                .contains(
                        "FAIL  original primary: orders-east is LOCKED.",
                        "Wait until it is done.",
                        "Reverse stream: none; a run would change nothing about that.",
                        "   1  End: refused.")
                .doesNotContain("POST ");
    }

    @Test
    void theOptionsOfARunShowInItsPlan() {
        JsonNode plan = json(
                "--yes", "--no-wait", "--allow-unproven-roles", "--max-lag=45", "--failover-at=2999-01-01T00:00:00Z");
        assertThat(texts(plan.get("waived")))
                .containsExactly(
                        "every gate (--yes)",
                        "the limit of the lag (--no-wait)",
                        "the last failover as a proof of who is who (--allow-unproven-roles)");
        assertThat(plan.at("/limits/maxLagSeconds").intValue()).isEqualTo(45);
        assertThat(plan.at("/limits/catchUpTimeoutSeconds").intValue()).isEqualTo(86_400);
        assertThat(plan.get("lossWindow").textValue()).contains("after 2999-01-01T00:00:00Z");
        assertThat(plan.get("steps"))
                .filteredOn(step -> step.get("kind").textValue().equals("GATE"))
                .hasSize(2)
                .allMatch(step -> step.get("waived").booleanValue()
                        && step.get("type").textValue().equals("orders-east"));
        assertThat(plan.get("steps"))
                .filteredOn(step -> step.has("body"))
                .extracting(step -> step.get("body").textValue())
                .contains("{\"status\":\"FAILING_OVER\",\"failover_at\":\"2999-01-01T00:00:00Z\"}");
    }

    @Test
    void theHelpDocumentsEveryField() {
        addLiveStream();
        JsonNode plan = json();
        String help = Run.of(Map.of(), directory, "plan", "--help").out();
        List<String> fields = new ArrayList<>();
        plan.fieldNames().forEachRemaining(fields::add);
        plan.get("originalPrimary").fieldNames().forEachRemaining(fields::add);
        plan.get("reverseStream").fieldNames().forEachRemaining(fields::add);
        plan.get("checks").forEach(check -> check.fieldNames().forEachRemaining(fields::add));
        plan.get("steps").forEach(step -> step.fieldNames().forEachRemaining(fields::add));
        assertThat(fields).hasSizeGreaterThan(40).allMatch(field -> help.matches("(?s).*\\b" + field + "\\b.*"));
    }

    @Test
    void anInterruptedRunIsGoneOnWith() throws IOException {
        String creation = scene.activeId() + " -> " + scene.originalPrimaryId();
        try (RecordFile record = openRecord()) {
            record.append(new Entry.Calling(time.instant(), Call.CREATE_REVERSE_STREAM, creation));
        }
        addLiveStream();

        JsonNode plan = json();

        assertThat(plan.get("reverseStreamUse").textValue()).isEqualTo("GO_ON");
        assertThat(plan.get("interruptedSince").isTextual()).isTrue();
        assertThat(calls(plan)).singleElement().asString().startsWith("PATCH ");
    }

    @Test
    void anotherStreamThanTheNamedOneIsRefusedAsFullWould() {
        addLiveStream();
        environment.put("PCR_STREAM_ID", "another");
        Run run = plan();
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("PCR_STREAM_ID is another");
    }

    @Test
    void aRejectedKeyIsAFailureAndNoPlan() {
        scene.cloud().revokeKey(scene.key());
        Run run = plan("--output=json");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).containsSubsequence("What happened: ", "HTTP 401", "What holds:    ", "What to do:    ");
    }

    @Test
    void whatMakesNoSenseIsAWrongArgument() {
        for (String option : List.of("--max-lag=0", "--failover-at=soon", "--output=xml")) {
            Run run = plan(option);
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains(option.substring(0, option.indexOf('=')));
        }
        assertThat(endpoint.received(Operation.GET_CLUSTER)).isZero();
    }

    private JsonNode json(String... options) {
        Run run = plan(Stream.concat(Stream.of("--output=json"), Arrays.stream(options))
                .toArray(String[]::new));
        assertThat(run.exitCode()).as(run.output()).isZero();
        try {
            return new ObjectMapper().readTree(run.out());
        } catch (IOException e) {
            throw new AssertionError(run.out(), e);
        }
    }

    private static List<String> calls(JsonNode plan) {
        return StreamSupport.stream(plan.get("steps").spliterator(), false)
                .filter(step -> step.has("method"))
                .map(step ->
                        step.get("method").textValue() + " " + step.get("path").textValue())
                .toList();
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::textValue)
                .toList();
    }

    private Run plan(String... options) {
        return run(Stream.concat(Stream.of("plan"), Arrays.stream(options)).toArray(String[]::new));
    }
}
