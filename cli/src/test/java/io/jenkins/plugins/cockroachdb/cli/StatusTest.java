package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.ClusterSpec;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.ReceivedRequest;
import io.jenkins.plugins.cockroachdb.simulator.Role;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code status} shows of a simulated cloud over real HTTP, as a failover has left it two days ago. */
class StatusTest extends DrivenPair {

    @Test
    void showsBothClustersAndTheStreamOfTheFailover() {
        Run run = status();
        String stream = scene.cloud()
                .streamIds(scene.originalPrimaryId(), scene.activeId())
                .get(0);
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .isEqualToIgnoringNewLines(
                        """
                        Original primary: orders-east
                          id                %s
                          state             CREATED
                          operation status  UNSPECIFIED
                          version           v25.2.4
                          provider          AWS
                          regions           us-east-1

                        Active: orders-west
                          id                %s
                          state             CREATED
                          operation status  UNSPECIFIED
                          version           v25.2.4
                          provider          AWS
                          regions           us-west-2

                        Stream: original primary -> active
                          id                %s
                          status            COMPLETED
                          created           %s
                          replicated up to  -
                          lag               -
                          activated         %s

                        A failback could run now.
                          WARN  who serves: No proxy was named, so nobody proved that clients are on orders-west.
                                Make sure that no client uses orders-east, or name the proxies.
                        """
                                .formatted(
                                        scene.originalPrimaryId(),
                                        scene.activeId(),
                                        stream,
                                        shown(run, "created"),
                                        shown(run, "activated")));
        assertThat(Instant.parse(shown(run, "activated")))
                .isCloseTo(time.beginning().minus(Duration.ofDays(2)), within(1, ChronoUnit.MINUTES));
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void readsEverythingOnceAndChangesNothing() {
        status();
        assertThat(endpoint.log())
                .hasSize(8)
                .extracting(ReceivedRequest::method)
                .containsOnly("GET");
        assertThat(endpoint.log()).extracting(ReceivedRequest::target).doesNotHaveDuplicates();
    }

    @Test
    void aFailedCheckIsNamedAndEndsWith3() {
        scene.cloud().changeCluster(scene.originalPrimaryId(), cluster -> cluster.withState("LOCKED"));
        Run run = status();
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out())
                .containsSubsequence(
                        "Original primary: orders-east",
                        "A failback could not run now",
                        "FAIL  original primary: orders-east is LOCKED.",
                        "Wait until it is done.");
    }

    @Test
    void exchangedRolesEndWith3() {
        environment.put("PRIMARY_CLUSTER_ID", scene.activeId());
        environment.put("STANDBY_CLUSTER_ID", scene.originalPrimaryId());
        Run run = status();
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("FAIL  last failover: ", "exchange the two cluster ids");
    }

    @Test
    void isOneObjectForAProgram() throws IOException {
        Run run = run("status", "--output", "json");
        assertThat(run.exitCode()).isZero();
        JsonNode status = new ObjectMapper().readTree(run.out());
        assertThat(status.get("canRun").booleanValue()).isTrue();
        assertThat(status.at("/originalPrimary/id").textValue()).isEqualTo(scene.originalPrimaryId());
        assertThat(status.at("/active/health").textValue()).isEqualTo("HEALTHY");
        assertThat(status.at("/streams/0/status").textValue()).isEqualTo("COMPLETED");
        assertThat(status.get("checks")).hasSizeGreaterThan(10);
        assertThat(run.output()).doesNotContain(scene.key());
    }

    @Test
    void showsTheNewestStreamFirstAndItsLagOnceDataFlow() {
        scene.cloud()
                .addStream(StreamSpec.live(
                        scene.activeId(),
                        scene.originalPrimaryId(),
                        time.beginning().minus(Duration.ofHours(1))));
        Run run = status();
        assertThat(run.out())
                .containsSubsequence(
                        "Stream: active -> original primary",
                        "status            REPLICATING",
                        "replicated up to  20",
                        "lag               ",
                        " s",
                        "Stream: original primary -> active");
    }

    @Test
    void showsNoProgressDuringTheInitialScan() throws IOException {
        start(CloudSettings.defaults());
        scene.cloud()
                .addStream(StreamSpec.live(
                        scene.activeId(),
                        scene.originalPrimaryId(),
                        time.beginning().minus(Duration.ofMinutes(6))));
        assertThat(status().out())
                .containsSubsequence("status            REPLICATING", "replicated up to  -", "lag               -");
    }

    @Test
    void namesAThirdClusterByItsId() {
        ClusterSpec third = ClusterSpec.of("third", "eu-west-1");
        scene.cloud().addCluster(third);
        scene.cloud()
                .addStream(StreamSpec.live(
                        scene.originalPrimaryId(), third.id(), time.beginning().minus(Duration.ofMinutes(1))));
        assertThat(status().out()).contains("Stream: original primary -> cluster " + third.id());
    }

    @Test
    void neutralizesWhatWouldSteerATerminal() {
        scene.cloud()
                .changeCluster(
                        scene.activeId(),
                        cluster -> cluster.withState("CREATED\n\u001b[2JStream: forged \u202e" + scene.key()));
        assertThat(status().out())
                .contains("CREATED [2JStream: forged  CCDB1_***")
                .doesNotContain("\u001b", "\u202e");
    }

    @Test
    void aRejectedKeyIsSaidOnceWithWhatToDo() {
        scene.cloud().revokeKey(scene.key());
        Run run = status();
        assertFailed(run);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).hasSize(3);
        assertThat(run.err()).containsSubsequence("What happened: ", "HTTP 401", "What holds:    ", "What to do:    ");
    }

    @Test
    void aKeyWithoutRightsIsToldApart() {
        scene.cloud().addKey(scene.key(), Map.of());
        Run run = status();
        assertFailed(run);
        assertThat(run.err()).contains("What happened: Cannot read the cluster", "HTTP 403");
    }

    @Test
    void whatCanBeReadIsShownWhenOneClusterCannot() {
        environment.put("PRIMARY_CLUSTER_ID", "00000000-0000-0000-0000-000000000000");
        Run run = status();
        assertFailed(run);
        assertThat(run.out()).contains("Active: orders-west").doesNotContain("Original primary:", "Streams:");
        assertThat(run.err())
                .contains("Cannot read the cluster 00000000-0000-0000-0000-000000000000", "HTTP 404")
                .doesNotContain(scene.activeId());
    }

    @Test
    void anUnreachableCloudIsAnErrorLikeAnyOther() {
        environment.put("COCKROACH_API_URL", "http://127.0.0.1:1");
        Run run = status();
        assertFailed(run);
        assertThat(run.err()).contains("no answer from 127.0.0.1");
    }

    @Test
    void whatCannotBeAnIdIsAWrongSetting() {
        environment.put("PRIMARY_CLUSTER_ID", "../organization");
        Run run = status();
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("\"../organization\" is not the id of a cluster");
        assertThat(endpoint.log()).isEmpty();
    }

    /** Several of these echo the key. */
    @ParameterizedTest
    @EnumSource(
            value = FaultKind.class,
            names = {
                "INTERNAL_ERROR",
                "BAD_GATEWAY",
                "MALFORMED_BODY",
                "WRONG_TYPES",
                "EMPTY_BODY",
                "RESET_AFTER_EFFECT"
            })
    void noFaultShowsTheKeyOrAStackTrace(FaultKind kind) {
        faults.always(Operation.GET_CLUSTER, Fault.of(kind));
        faults.always(Operation.LIST_STREAMS, Fault.of(kind));
        environment.put("FAILBACK_DEBUG", "1");
        assertFailed(status());
    }

    @Test
    void aKeyOfAnyShapeIsMasked() {
        String key = "not-the-usual-shape";
        scene.cloud().addKey(key, Role.CLUSTER_ADMIN);
        scene.cloud().changeCluster(scene.activeId(), cluster -> cluster.withState(key));
        environment.put("COCKROACH_API_SECRET_KEY", key);
        assertThat(status().output()).contains("state             CCDB1_***").doesNotContain(key);
    }

    private static String shown(Run run, String label) {
        return run.out()
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith(label + " "))
                .map(line -> line.substring(label.length()).strip())
                .findFirst()
                .orElseThrow();
    }

    private Run status() {
        return run("status");
    }

    @Test
    void aResultThatCannotBeWrittenIsAFailure() throws IOException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        Console console = new Console(new PrintStream(full, true, StandardCharsets.UTF_8), Run.printer(err));
        for (String command : List.of("status", "plan", "completion")) {
            err.reset();
            Shell shell = new Shell(environment, directory, console).withTime(time, time::timer);
            assertThat(FailbackCommand.execute(new String[] {command}, shell)).isEqualTo(1);
            assertThat(Run.text(err)).contains("The result could not be written.");
        }
    }

    private static void assertFailed(Run run) {
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("What happened: ").doesNotContain("    at ", "Exception");
    }
}
