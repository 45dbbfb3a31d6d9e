package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Proxies at the command line. The proxy is a hook that keeps in a file where its clients are, and a log of its verbs. */
class ProxyTest extends DrivenPair {

    private static final String HOOK =
            """
            #!/bin/sh
            cd "$(dirname "$0")" || exit 1
            case $1 in
                status) ;;
                *) echo "$1" >>calls ;;
            esac
            [ ! -e "refuses-$1" ] || { echo "the load balancer says no" >&2; exit 1; }
            case $1 in
                fence) echo fenced >traffic ;;
                unfence) echo active >traffic ;;
                release) echo primary >traffic ;;
            esac
            echo "traffic=$(cat traffic)"
            echo "sessionsActive=0"
            echo "sessionsOriginal=0"
            """;

    private Path place;
    private String proxy;

    @BeforeEach
    void makeTheHook() throws IOException {
        place = Files.createDirectory(directory.resolve("lb"));
        Path hook = place.resolve("hook");
        Files.writeString(hook, HOOK);
        Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
        environment.put("PATH", System.getenv("PATH"));
        proxy = "--proxy=hook:" + hook + "?name=lb";
        traffic("active");
    }

    @Test
    void aFailbackFencesAndReleasesWhatIsNamedAndAsksWithEveryCommandInView() throws IOException {
        Run run = run(typing("orders-east", "orders-east"), "full", proxy);
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.err())
                .containsSubsequence(
                        "PASS  who serves: Every proxy sends clients to orders-west",
                        "PASS  proxy lb: It can be fenced",
                        "Gate: May this run stop writes to orders-west and cut over to orders-east?",
                        "Proxy lb: clients are on A, sessions on A: 0, on P: 0.",
                        "To come: fence lb: no client can write to orders-west",
                        "To come: lb: " + place.resolve("hook") + " fence",
                        "To come: cut over",
                        "To come: release lb: clients go to orders-east",
                        "To come: lb: " + place.resolve("hook") + " release",
                        "Every fence is proven");
        assertThat(calls()).containsExactly("fence", "release");
        assertThat(run.out()).contains("Outcome: completed.").doesNotContain("traffic unknown");
        assertWritesSent(1, 1);
    }

    @Test
    void aFileMayNameTheProxies() throws IOException {
        Files.writeString(directory.resolve("proxies.txt"), "# ours\n\n" + proxy.substring("--proxy=".length()) + "\n");
        environment.put("FAILBACK_PROXY_FILE", "proxies.txt");
        assertThat(run("full", "--yes").exitCode()).isZero();
        assertThat(calls()).containsExactly("fence", "release");
    }

    @Test
    void planShowsTheProxiesAndTheirCommandsAndMovesNothing() {
        Run run = run("plan", proxy);
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.out())
                .containsSubsequence(
                        "Proxies",
                        "  Proxy lb: clients are on A",
                        "Fence proxy lb: no client can write to orders-west.",
                        "      lb: " + place.resolve("hook") + " fence",
                        "Release proxy lb: clients go to orders-east.",
                        "--proxy-timeout     30 s",
                        "None of those that go through the named proxies.");
        assertThat(place.resolve("calls")).doesNotExist();
        assertThat(run("plan", proxy, "--output=json").out()).contains("\"commands\":[\"lb: ");
    }

    @Test
    void statusShowsTheProxiesAndCannotRunWhileClientsAreElsewhere() throws IOException {
        assertThat(run("status", proxy).out())
                .containsSubsequence("Proxy: lb", "traffic           clients are on A", "A failback could run now.");
        traffic("primary");
        Run elsewhere = run("status", proxy, "--output=json");
        assertThat(elsewhere.exitCode()).isEqualTo(3);
        assertThat(elsewhere.out()).contains("\"name\":\"lb\",\"traffic\":\"ON_ORIGINAL_PRIMARY\"", "\"canRun\":false");
    }

    @Test
    void aProxyThatRefusesTheFenceLeavesTrafficAndTheStreamAsTheyWere() throws IOException {
        addLiveStream();
        Files.createFile(place.resolve("refuses-fence"));
        Run run = run("full", "--yes", "--fence-timeout=1", "--proxy-timeout=200", "--drain=0", proxy);
        assertThat(run.exitCode()).as(run.output()).isEqualTo(4);
        assertThat(run.output()).contains("the load balancer says no");
        assertThat(trafficNow()).isEqualTo("active");
        assertWritesSent(0, 0);
    }

    @Test
    void aProxyThatCannotBeReadIsRefusedBeforeAnythingIsErased() throws IOException {
        traffic("nonsense");
        Run run = run("full", "--yes", proxy);
        assertThat(run.exitCode()).as(run.output()).isEqualTo(3);
        assertThat(run.output()).contains("lb", "traffic");
        assertWritesSent(0, 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--proxy=lb",
                "--proxy=lb:/run/lb",
                "--proxy=hook:relative",
                "--proxy=pgbouncer",
                "--proxy-file=missing",
                "--drain=-1",
                "--proxy-timeout=0"
            })
    void whatMakesNoSenseIsAWrongArgument(String option) {
        for (String command : List.of("full", "plan", "status")) {
            Run run = run(command, option);
            assertThat(run.exitCode()).as(run.output()).isEqualTo(2);
            assertThat(run.err() + run.out())
                    .containsAnyOf(
                            "proxy description",
                            "describes no proxy",
                            "not an absolute path",
                            "PRIMARY_SQL_DNS",
                            "with proxies",
                            "--drain is",
                            "--proxy-timeout is");
        }
        assertThat(endpoint.log()).isEmpty();
    }

    @Test
    void twoProxiesNeedTwoNames() {
        Run run = run("proxy", "status", proxy, proxy);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("Two proxies are called lb", "&name=");
    }

    @Test
    void statusOfProxiesNeedsNeitherCloudNorKey() throws IOException {
        environment.keySet().removeIf(name -> name.startsWith("COCKROACH") || name.endsWith("CLUSTER_ID"));
        Run run = run("proxy", "status", proxy);
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.out()).startsWith("Proxy lb: clients are on A, sessions on A: 0, on P: 0.");
        traffic("nonsense");
        assertThat(run("proxy", "status", proxy).exitCode()).isEqualTo(1);
        assertThat(run("proxy", "status").exitCode()).isEqualTo(2);
    }

    /** {@code integrate.py restore --proxy pgbouncer --primary-dns ...} and the settings of its .env. */
    @Test
    void theTwoProxiesOfThePythonCliAreKnownByTheirNames() {
        environment.put("STANDBY_SQL_DNS", "west.example.com");
        Run run = run("proxy", "fence", "--proxy=haproxy", "--proxy=pgbouncer", "--primary-dns=east.example.com");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err())
                .contains(
                        "haproxy: at /var/run/haproxy/admin.sock: set server cockroach_backend/primary state maint",
                        "pgbouncer: at 127.0.0.1:6432: PAUSE \"cockroachdb\"",
                        "pgbouncer: /etc/pgbouncer/databases.ini: cockroachdb = host=");
    }

    @Test
    void fenceAsksForTheNameOfTheClusterWhoseTrafficItStopsAndIsRecorded() throws IOException {
        assertThat(run(typing("yes", "", ""), "proxy", "fence", proxy).exitCode())
                .isEqualTo(3);
        assertThat(trafficNow()).isEqualTo("active");

        environment.put("USER", "lead");
        Run run = run(typing("orders-west"), "proxy", "fence", proxy);
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(trafficNow()).isEqualTo("fenced");
        assertThat(record(2).entries())
                .filteredOn(Entry.MovedByHand.class::isInstance)
                .singleElement()
                .satisfies(entry -> {
                    Entry.MovedByHand moved = (Entry.MovedByHand) entry;
                    assertThat(List.of(moved.verb(), moved.proxy(), moved.by())).containsExactly("fence", "lb", "lead");
                });
        assertThat(record(2).end()).isPresent();
    }

    @Test
    void unfenceBeforeACutoverMayBeApprovedInAdvance() throws IOException {
        addLiveStream();
        traffic("fenced");
        Run run = run("proxy", "failover", "--yes", proxy);
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.err()).contains("is REPLICATING.", "No cutover has begun.", "To come: lb: ");
        assertThat(trafficNow()).isEqualTo("active");
    }

    @Test
    void r5AfterTheCutoverOnlyAPersonAtATerminalGoesBack() throws IOException {
        completeTheCutover();
        traffic("fenced");

        Run waived = run("proxy", "unfence", "--yes", proxy);
        assertThat(waived.exitCode()).isEqualTo(3);
        assertThat(waived.out()).contains("no terminal to ask at", "--yes does not");
        assertThat(trafficNow()).isEqualTo("fenced");

        Run run = run(typing("orders-west"), "proxy", "unfence", "--yes", proxy);
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.err())
                .contains(
                        "is COMPLETED",
                        "What clients write to orders-west from now on never reaches orders-east",
                        "Stop every other driver first");
        assertThat(trafficNow()).isEqualTo("active");
    }

    @Test
    void r5ACloudThatCannotBeReadCountsAsACutover() throws IOException {
        scene.cloud().revokeKey(scene.key());
        traffic("fenced");
        assertThat(run("proxy", "unfence", "--yes", proxy).exitCode()).isEqualTo(3);
        Run run = run(typing(scene.activeId()), "proxy", "unfence", proxy);
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.err()).contains("Nobody knows whether the cutover has begun.");
        assertThat(trafficNow()).isEqualTo("active");
    }

    @Test
    void releaseIsRefusedBeforeTheCutoverIsCompleted() throws IOException {
        traffic("fenced");
        assertThat(run("proxy", "release", "--yes", proxy).out()).contains("There is no reverse stream");
        addLiveStream();
        Run run = run("proxy", "restore", "--yes", proxy);
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("The cutover is not completed", "is REPLICATING");
        assertThat(trafficNow()).isEqualTo("fenced");
    }

    @Test
    void releaseFencesFirstWhoIsStillOnTheOtherCluster() throws IOException {
        completeTheCutover();
        Run run = run("proxy", "restore", "--yes", proxy);
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(calls()).containsExactly("fence", "release");
        assertThat(trafficNow()).isEqualTo("primary");
    }

    @Test
    void aReleaseThatFailsBehindTheFenceIsStranded() throws IOException {
        completeTheCutover();
        Files.createFile(place.resolve("refuses-release"));
        Run run = run("proxy", "release", "--yes", proxy);
        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(run.out()).contains("Outcome: stranded.", "the load balancer says no");
    }

    @Test
    void aRunThatIsAtWorkKeepsTheseCommandsAway() throws IOException {
        try (RecordFile held = openRecord()) {
            assertThat(held.record().end()).isEmpty();
            Run run = run("proxy", "unfence", "--yes", proxy);
            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.out()).contains("Another run is at work");
        }
        assertThat(place.resolve("calls")).doesNotExist();
        assertThat(endpoint.received(Operation.LIST_STREAMS)).isZero();
    }

    @Test
    void withoutACommandTheGroupShowsItsCommands() {
        Run run = run("proxy");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("unfence, failover", "release, restore");
    }

    /** As if an earlier run had cut over and moved nobody. */
    private void completeTheCutover() {
        scene.cloud()
                .addStream(StreamSpec.completed(
                        scene.activeId(),
                        scene.originalPrimaryId(),
                        time.instant().minusSeconds(60),
                        time.instant().minusSeconds(1)));
    }

    private void traffic(String where) throws IOException {
        Files.writeString(place.resolve("traffic"), where);
    }

    private String trafficNow() throws IOException {
        return Files.readString(place.resolve("traffic")).strip();
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(place.resolve("calls"));
    }
}
