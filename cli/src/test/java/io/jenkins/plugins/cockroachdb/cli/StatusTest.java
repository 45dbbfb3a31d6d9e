package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.ClusterSpec;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.Role;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.SimulatorServer;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code status} shows of a simulated cloud over real HTTP, as a failover has left it two days before noon. */
class StatusTest {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");

    @TempDir
    Path directory;

    private final Scene scene = SimulatedCloud.afterFailover(() -> NOON, CloudSettings.defaults(), new Random(7));
    private final Faults faults = new Faults();
    private final SimulatedEndpoint endpoint = new SimulatedEndpoint(scene.cloud(), faults);
    private final Map<String, String> environment = new HashMap<>();
    private SimulatorServer server;

    @BeforeEach
    void start() throws IOException {
        server = SimulatorServer.start(endpoint, 0);
        environment.put("COCKROACH_API_URL", server.uri().toString());
        environment.put("COCKROACH_API_SECRET_KEY", scene.key());
        environment.put("PRIMARY_CLUSTER_ID", scene.originalPrimaryId());
        environment.put("STANDBY_CLUSTER_ID", scene.activeId());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

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
                          created           2026-02-17T12:00:00Z
                          replicated up to  -
                          lag               -
                          activated         2026-03-08T12:00:00Z
                        """
                                .formatted(scene.originalPrimaryId(), scene.activeId(), stream));
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void asksThreeQuestions() {
        status();
        assertThat(endpoint.log()).hasSize(3);
        assertThat(endpoint.received(Operation.GET_CLUSTER)).isEqualTo(2);
        assertThat(endpoint.received(Operation.LIST_STREAMS)).isEqualTo(1);
    }

    @Test
    void showsTheNewestStreamFirstAndItsLagOnceDataFlow() {
        scene.cloud()
                .addStream(
                        StreamSpec.live(scene.activeId(), scene.originalPrimaryId(), NOON.minus(Duration.ofHours(1))));
        Run run = status();
        assertThat(run.out())
                .containsSubsequence(
                        "Stream: active -> original primary",
                        "status            REPLICATING",
                        "replicated up to  2026-03-10T11:59:",
                        "lag               ",
                        " s",
                        "Stream: original primary -> active");
    }

    @Test
    void showsNoProgressDuringTheInitialScan() {
        scene.cloud()
                .addStream(StreamSpec.live(
                        scene.activeId(), scene.originalPrimaryId(), NOON.minus(Duration.ofMinutes(6))));
        assertThat(status().out())
                .containsSubsequence("status            REPLICATING", "replicated up to  -", "lag               -");
    }

    @Test
    void namesAThirdClusterByItsId() {
        ClusterSpec third = ClusterSpec.of("third", "eu-west-1");
        scene.cloud().addCluster(third);
        scene.cloud()
                .addStream(StreamSpec.live(scene.originalPrimaryId(), third.id(), NOON.minus(Duration.ofMinutes(1))));
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
        assertThat(run.out()).contains("Active: orders-west").doesNotContain("Original primary:");
        assertThat(run.err())
                .contains("Cannot read the cluster 00000000-0000-0000-0000-000000000000", "HTTP 404")
                .doesNotContain(scene.activeId());
    }

    @Test
    void anUnreachableCloudIsAnErrorLikeAnyOther() throws IOException {
        server.close();
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

    private Run status() {
        Run run = Run.of(environment, directory, "status");
        assertThat(run.output()).doesNotContain(scene.key());
        return run;
    }

    private static void assertFailed(Run run) {
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("What happened: ").doesNotContain("    at ", "Exception");
    }
}
