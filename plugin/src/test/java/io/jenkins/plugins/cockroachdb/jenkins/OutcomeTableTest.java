package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cockroachdb.failback.step.CloudSteps;
import io.jenkins.plugins.cockroachdb.failback.step.StepContract;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** Every word with which each step can end, each in a situation that leads to it; docs/jenkins.md has the same table. */
class OutcomeTableTest extends OnJenkins {

    private static final String NONE = "00000000-0000-0000-0000-000000000000";

    private static final String CREATE = "cockroachFailbackCreateStream";
    private static final String CREATE_FORWARD = "cockroachCreateStream";
    private static final String STATUS = "cockroachStreamStatus";
    private static final String AWAIT = "awaitStreamStatus";
    private static final String INITIATE = "initiateFailback";
    private static final String CANCEL = "cockroachCancelStream";

    /**
     * A step that ends with a word.
     *
     * @param says a part of its reason
     * @param arguments makes the situation in a cloud, and the parameters that go with it
     * @param meanwhile what happens once the step has begun
     */
    private record Row(
            String step,
            String kind,
            String says,
            Function<TestCloud, String> arguments,
            Consumer<TestCloud> meanwhile) {

        Row(String step, String kind, String says, Function<TestCloud, String> arguments) {
            this(step, kind, says, arguments, cloud -> {});
        }
    }

    private static final List<Row> ROWS = List.of(
            new Row("cockroachClusterStatus", "failed", NONE, cloud -> "clusterId: '" + NONE + "'"),
            new Row("cockroachClusterStatus", "failed", "no credentials", cloud -> cluster(cloud) + gone()),
            new Row("cockroachFailbackPreflight", "failed", "no credentials", cloud -> pair(cloud) + gone()),
            new Row(STATUS, "failed", NONE, cloud -> stream(NONE)),
            new Row(STATUS, "failed", "no credentials", cloud -> pair(cloud) + gone()),
            new Row(STATUS, "failed", "There are 2 live streams", cloud -> {
                cloud.replicating();
                cloud.replicating();
                return pair(cloud);
            }),
            new Row(STATUS, "inDoubt", "There are 2 live streams", cloud -> {
                cloud.replicating();
                cloud.cuttingOver();
                return pair(cloud);
            }),
            new Row(AWAIT, "failed", NONE, cloud -> stream(NONE)),
            new Row(AWAIT, "failed", "no credentials", cloud -> stream(cloud.replicating()) + gone()),
            new Row(AWAIT, "failed", "was canceled", cloud -> stream(cloud.canceled())),
            new Row(
                    AWAIT,
                    "timedOut",
                    "the stream goes on by itself",
                    cloud -> stream(cloud.replicating()) + ", status: 'CANCELED', timeoutSeconds: 1"),
            new Row(
                    AWAIT,
                    "inDoubt",
                    "it was last seen FAILING_OVER",
                    cloud -> stream(cloud.cuttingOver()) + ", status: 'COMPLETED', timeoutSeconds: 1"),
            new Row(AWAIT, "inDoubt", "is FAILING_OVER", cloud -> stream(cloud.cuttingOver())),
            new Row(AWAIT, "inDoubt", "The wait for replication stream", cloud -> {
                cloud.cloud.revokeKey(cloud.key);
                return stream(cloud.replicating()) + ", status: 'COMPLETED'";
            }),
            new Row(INITIATE, "failed", NONE, cloud -> cutover(NONE)),
            new Row(INITIATE, "failed", "no credentials", cloud -> cutover(cloud.replicating()) + gone()),
            new Row(INITIATE, "failed", "it never cuts over", cloud -> cutover(cloud.canceled())),
            new Row(INITIATE, "failed", "Nothing was changed", cloud -> {
                cloud.faults.always(Operation.UPDATE_STREAM, Fault.of(FaultKind.TOO_MANY_REQUESTS));
                return cutover(cloud.replicating());
            }),
            new Row(
                    INITIATE,
                    "refused",
                    "After the cutover orders-east will serve",
                    cloud -> stream(cloud.replicating()) + ", confirmCutover: 'orders-west'"),
            new Row(INITIATE, "refused", "is STARTING", cloud -> cutover(cloud.liveFor(Duration.ZERO))),
            new Row(INITIATE, "inDoubt", "somebody else asked", cloud -> cutover(cloud.cuttingOver())),
            new Row(
                    INITIATE,
                    "inDoubt",
                    "Keep the fence",
                    cloud -> {
                        cloud.faults.always(Operation.UPDATE_STREAM, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
                        return cutover(cloud.replicating());
                    },
                    cloud -> losesItsKeyAfter(cloud, Operation.UPDATE_STREAM)),
            new Row(CANCEL, "failed", NONE, cloud -> stream(NONE)),
            new Row(CANCEL, "failed", "no credentials", cloud -> stream(cloud.replicating()) + gone()),
            new Row(CANCEL, "failed", "Nothing was changed", cloud -> {
                cloud.faults.always(Operation.UPDATE_STREAM, Fault.of(FaultKind.TOO_MANY_REQUESTS));
                return stream(cloud.replicating());
            }),
            new Row(CANCEL, "refused", "is STARTING", cloud -> stream(cloud.liveFor(Duration.ZERO))),
            new Row(CANCEL, "inDoubt", "somebody else asked", cloud -> stream(cloud.cuttingOver())),
            new Row(
                    CANCEL,
                    "inDoubt",
                    "it is not known whether that took effect",
                    cloud -> {
                        cloud.faults.always(Operation.UPDATE_STREAM, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
                        return stream(cloud.replicating());
                    },
                    cloud -> losesItsKeyAfter(cloud, Operation.UPDATE_STREAM)),
            new Row(CREATE, "failed", "no credentials", cloud -> create(cloud) + gone()),
            new Row(CREATE, "failed", "Nothing was changed", cloud -> {
                cloud.faults.always(Operation.CREATE_STREAM, Fault.of(FaultKind.TOO_MANY_REQUESTS));
                return create(cloud);
            }),
            new Row(CREATE, "failed", "There are 2 live streams", cloud -> {
                cloud.replicating();
                cloud.replicating();
                return create(cloud);
            }),
            new Row(
                    CREATE,
                    "refused",
                    "The cluster to be erased is orders-east",
                    cloud -> pair(cloud) + ", confirmErase: 'orders-west'"),
            new Row(CREATE, "refused", "Nothing was sent", cloud -> {
                cloud.cameHome();
                return create(cloud);
            }),
            new Row(CREATE, "inDoubt", "There are 2 live streams", cloud -> {
                cloud.replicating();
                cloud.cuttingOver();
                return create(cloud);
            }),
            new Row(
                    CREATE,
                    "inDoubt",
                    "it is not known whether it was created",
                    cloud -> {
                        cloud.faults.always(Operation.CREATE_STREAM, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
                        return create(cloud);
                    },
                    cloud -> losesItsKeyAfter(cloud, Operation.CREATE_STREAM)),
            new Row(CREATE_FORWARD, "failed", "no credentials", cloud -> createForward(cloud) + gone()),
            new Row(CREATE_FORWARD, "failed", "Nothing was changed", cloud -> {
                cloud.cameHome();
                cloud.faults.always(Operation.CREATE_STREAM, Fault.of(FaultKind.TOO_MANY_REQUESTS));
                return createForward(cloud);
            }),
            new Row(CREATE_FORWARD, "refused", "Nothing was sent", OutcomeTableTest::createForward),
            new Row(
                    CREATE_FORWARD,
                    "inDoubt",
                    "it is not known whether it was created",
                    cloud -> {
                        cloud.cameHome();
                        cloud.faults.always(Operation.CREATE_STREAM, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
                        return createForward(cloud);
                    },
                    cloud -> losesItsKeyAfter(cloud, Operation.CREATE_STREAM)));

    private static String gone() {
        return ", credentialsId: 'gone'";
    }

    private static String cluster(TestCloud cloud) {
        return "clusterId: '" + cloud.active + "'";
    }

    private static String pair(TestCloud cloud) {
        return "activeClusterId: '" + cloud.active + "', originalPrimaryClusterId: '" + cloud.original + "'";
    }

    private static String create(TestCloud cloud) {
        return pair(cloud) + ", confirmErase: 'orders-east'";
    }

    private static String createForward(TestCloud cloud) {
        return "primaryClusterId: '" + cloud.original + "', standbyClusterId: '" + cloud.active
                + "', confirmErase: 'orders-west'";
    }

    private static String stream(String id) {
        return "streamId: '" + id + "'";
    }

    private static String cutover(String id) {
        return stream(id) + ", confirmCutover: 'orders-east'";
    }

    private static void losesItsKeyAfter(TestCloud cloud, Operation write) {
        await().atMost(Duration.ofMinutes(2)).until(() -> cloud.endpoint.received(write) > 0);
        cloud.cloud.revokeKey(cloud.key);
    }

    @Test
    void everyStepEndsWithEachOfItsWords() throws Exception {
        List<TestCloud> clouds = new ArrayList<>();
        try {
            List<ConfiguredCloud> configured = new ArrayList<>();
            for (int row = 0; row < ROWS.size(); row++) {
                TestCloud its = new TestCloud(CloudSettings.defaults().withRateLimitPerSecond(1000));
                clouds.add(its);
                addCredentials(jenkins.jenkins, secretText("key-" + row, its.key));
                ConfiguredCloud named = new ConfiguredCloud("cloud-" + row, its.url());
                named.setCredentialsId("key-" + row);
                configured.add(named);
            }
            CloudConfiguration.get().setClouds(configured);
            List<WorkflowRun> runs = new ArrayList<>();
            for (int row = 0; row < ROWS.size(); row++) {
                Row wanted = ROWS.get(row);
                String step =
                        wanted.step + " " + wanted.arguments.apply(clouds.get(row)) + ", cloud: 'cloud-" + row + "'";
                runs.add(job(caught(step)).scheduleBuild2(0).waitForStart());
            }
            for (int row = 0; row < ROWS.size(); row++) {
                ROWS.get(row).meanwhile.accept(clouds.get(row));
            }
            SoftAssertions softly = new SoftAssertions();
            for (int row = 0; row < ROWS.size(); row++) {
                Row wanted = ROWS.get(row);
                TestCloud its = clouds.get(row);
                softly.assertThat(JenkinsRule.getLog(jenkins.waitForCompletion(runs.get(row))))
                        .as("%s, %s", wanted.step, wanted.says)
                        .containsPattern("kind is " + wanted.kind + ", because .*" + wanted.says);
                if (wanted.kind.equals("refused")) {
                    softly.assertThat(its.posts() + its.patches())
                            .as("writes of %s, %s", wanted.step, wanted.says)
                            .isZero();
                }
            }
            softly.assertAll();
            assertThat(Homes.filesThatHold(
                            jenkins.jenkins.getRootDir(),
                            clouds.stream().map(its -> its.key).toArray(String[]::new)))
                    .isEmpty();
        } finally {
            clouds.forEach(TestCloud::close);
        }
    }

    @Test
    void theDocumentationHasTheSameWords() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("../docs/jenkins.md"));
        int head = lines.indexOf("| step | failed | refused | timedOut | inDoubt |");
        List<String> words = cells(lines.get(head));
        Set<String> documented = new TreeSet<>();
        for (String line : lines.subList(head + 2, head + 2 + CloudSteps.ALL.size())) {
            List<String> cells = cells(line);
            for (int column = 1; column < words.size(); column++) {
                if (!cells.get(column).equals("-")) {
                    documented.add(cells.get(0).replace("`", "") + " " + words.get(column));
                }
            }
        }

        assertThat(documented)
                .isEqualTo(new TreeSet<>(
                        ROWS.stream().map(row -> row.step + " " + row.kind).toList()));
        assertThat(ROWS)
                .extracting(Row::step)
                .containsAll(CloudSteps.ALL.stream().map(StepContract::name).toList());
    }

    private static List<String> cells(String line) {
        return Stream.of(line.split("\\|")).skip(1).map(String::strip).toList();
    }
}
