package io.jenkins.plugins.cockroachdb.failback;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With real hooks, which are small shell scripts, and a clock that only the test moves. */
@Timeout(60)
class NotificationTest {

    private static final String KEY = "CCDB1_" + "k".repeat(22) + "_" + "s".repeat(40);

    @TempDir
    Path directory;

    private final VirtualTime time = new VirtualTime(Situations.NOON);
    private Process process;

    private Path hook(String... lines) throws IOException {
        Path hook = directory.resolve("hook");
        Files.writeString(hook, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
        return hook;
    }

    private Notification notification(Map<String, String> environment) {
        return new Notification(Path.of("hook"), directory, environment, this::launch, time);
    }

    private Process launch(ProcessBuilder builder) throws IOException {
        process = builder.start();
        return process;
    }

    private static Notification.Event event(String message) {
        return new Notification.Event(
                Outcome.IN_DOUBT,
                message,
                "orders-east",
                "orders-west",
                Path.of("records/000001.jsonl"),
                Path.of("/reports/r.html"));
    }

    private List<String> sent(Map<String, String> environment, Notification.Event event) throws Exception {
        return notification(environment).send(event).get(30, TimeUnit.SECONDS);
    }

    private List<String> printed(String name) throws IOException {
        return Files.readAllLines(directory.resolve(name));
    }

    @Test
    void aHookGetsTheOutcomeAsArgumentEnvironmentAndJson() throws Exception {
        hook("echo \"$# $1\" > argument", "env > environment", "cat > json", "pwd > directory");

        List<String> told = sent(Map.of("PATH", "/usr/bin:/bin", "HOME", "/home/lead"), event("Say \"it\" — again."));

        assertThat(told).isEmpty();
        assertThat(printed("argument")).containsExactly("1 inDoubt");
        assertThat(printed("environment"))
                .contains(
                        "HOME=/home/lead",
                        "FAILBACK_OUTCOME=inDoubt",
                        "FAILBACK_EXIT_CODE=5",
                        "FAILBACK_ORIGINAL_PRIMARY=orders-east",
                        "FAILBACK_ACTIVE=orders-west",
                        "FAILBACK_RECORD=" + directory.resolve("records/000001.jsonl"),
                        "FAILBACK_REPORT=/reports/r.html");
        JsonNode json =
                JsonMapper.builder().build().readTree(directory.resolve("json").toFile());
        assertThat(json.path("outcome").textValue()).isEqualTo("inDoubt");
        assertThat(json.path("exitCode").intValue()).isEqualTo(5);
        assertThat(json.path("message").textValue()).isEqualTo("Say \"it\" — again.");
        assertThat(json.path("originalPrimary").textValue()).isEqualTo("orders-east");
        assertThat(json.path("active").textValue()).isEqualTo("orders-west");
        assertThat(json.path("record").textValue()).endsWith("/records/000001.jsonl");
        assertThat(json.path("report").textValue()).isEqualTo("/reports/r.html");
        assertThat(printed("directory")).containsExactly(directory.toRealPath().toString());
    }

    @Test
    void whatIsNotKnownIsNotSetNotEvenByAnOuterRun() throws Exception {
        hook("env > environment", "cat > json");

        sent(
                Map.of("PATH", "/usr/bin:/bin", "FAILBACK_REPORT", "/outer.html"),
                new Notification.Event(Outcome.USAGE, "", null, null, null, null));

        assertThat(printed("environment"))
                .filteredOn(line -> line.startsWith("FAILBACK_"))
                .containsExactlyInAnyOrder("FAILBACK_OUTCOME=usage", "FAILBACK_EXIT_CODE=2", "FAILBACK_MESSAGE=");
        assertThat(printed("json")).containsExactly("{\"exitCode\":2,\"outcome\":\"usage\",\"message\":\"\"}");
    }

    @Test
    void aHookGetsNoSecret() throws Exception {
        hook("env > environment", "cat > json");

        sent(
                Map.ofEntries(
                        Map.entry("PATH", "/usr/bin:/bin"),
                        Map.entry("COCKROACH_API_SECRET_KEY", "odd-key-1"),
                        Map.entry("PGPASSWORD", "odd-key-2"),
                        Map.entry("mysql_passwd", "odd-key-3"),
                        Map.entry("Slack_Token", "odd-key-4"),
                        Map.entry("PAGER_API_KEY", "odd-key-5"),
                        Map.entry("SIGNING_PRIVATE_KEY", "odd-key-6"),
                        Map.entry("CLIENT_SECRET_FILE", "odd-key-7"),
                        Map.entry("BACKUP_OF_IT", "was " + KEY),
                        Map.entry("DATABASE_URL", "postgresql://app:odd-key-8@db/orders"),
                        Map.entry("HARMLESS_URL", "postgresql://app@db:26257/orders")),
                event("The key " + KEY + " was refused."));

        assertThat(String.join("\n", printed("environment")))
                .doesNotContain("odd-key", KEY, "BACKUP_OF_IT")
                .contains("HARMLESS_URL=postgresql://app@db:26257/orders")
                .contains("FAILBACK_MESSAGE=The key CCDB1_*** was refused.");
        assertThat(String.join("\n", printed("json"))).doesNotContain(KEY).contains("CCDB1_***");
    }

    @Test
    void whatAHookSaysIsShownRedactedAndLimited() throws Exception {
        hook(
                "echo \"posted with " + KEY + "\"",
                "printf 'and\\033[31m red\\n' >&2",
                "i=0; while [ $i -lt 200 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done");

        List<String> told = sent(Map.of("PATH", "/usr/bin:/bin"), event("Done."));

        assertThat(told.get(0)).isEqualTo("The notification hook says: posted with CCDB1_***");
        assertThat(told.get(1)).isEqualTo("The notification hook says: and [31m red");
        assertThat(told.get(told.size() - 1)).isEqualTo("The notification hook said more, which is not shown.");
        assertThat(told).hasSizeLessThan(150);
    }

    @Test
    void aHookThatFailsIsTold() throws Exception {
        hook("echo no network", "exit 7");

        assertThat(sent(Map.of(), event("Done.")))
                .containsExactly(
                        "The notification hook says: no network",
                        "The notification hook ended with exit code 7. It may have notified nobody.");
    }

    @Test
    void aHookThatCannotBeStartedIsTold() throws Exception {
        Notification notification = new Notification(Path.of("gone"), directory, Map.of(), ProcessBuilder::start, time);

        assertThat(notification.send(event("Done.")).get(30, TimeUnit.SECONDS))
                .singleElement()
                .asString()
                .startsWith("The notification hook " + directory.resolve("gone") + " could not be started: ")
                .endsWith("Nobody was notified.");
    }

    @Test
    void aHookThatHangsIsKilledWithWhatItStarted() throws Exception {
        hook("sleep 3600 &", "sleep 3600");
        CompletableFuture<List<String>> told =
                notification(Map.of("PATH", "/usr/bin:/bin")).send(event("Done."));
        List<ProcessHandle> children = children();

        time.advance(Notification.LIMIT.minusMillis(1));
        assertThat(told).isNotDone();
        assertThat(process.isAlive()).isTrue();
        time.advance(Duration.ofMillis(1));

        assertThat(told.get(30, TimeUnit.SECONDS))
                .containsExactly(
                        "The notification hook took longer than 30 s and was killed. It may have notified nobody.");
        process.waitFor();
        for (ProcessHandle child : children) {
            child.onExit().get(30, TimeUnit.SECONDS);
        }
    }

    /** What the hook has started, once it has started both. */
    private List<ProcessHandle> children() {
        while (process.descendants().count() < 2) {
            Thread.onSpinWait();
        }
        return process.descendants().toList();
    }

    @Test
    void aHookThatLeavesSomethingRunningIsNotWaitedForLong() throws Exception {
        hook("sleep 3600 & echo $! > child");
        CompletableFuture<List<String>> told =
                notification(Map.of("PATH", "/usr/bin:/bin")).send(event("Done."));
        process.waitFor();
        long child = Long.parseLong(printed("child").get(0));
        Instant limit = Situations.NOON.plus(Notification.LIMIT);
        try {
            // Another thread notices the exit. Only then is there anything to wait for but the limit, if there is at
            // all.
            while (!told.isDone()) {
                time.nextDue().filter(due -> due.isBefore(limit)).ifPresent(time::advanceTo);
                Thread.onSpinWait();
            }
            assertThat(told.join()).isEmpty();
        } finally {
            ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void aHookNeedNotReadItsInput() throws Exception {
        hook("exit 0");

        assertThat(sent(Map.of(), event("x".repeat(100_000)))).isEmpty();
    }

    @Test
    void aHookIsCheckedBeforeAnythingHappens() throws IOException {
        assertThat(notification(Map.of()).check())
                .hasValue("The notification hook " + directory.resolve("hook") + " does not exist.");

        Path hook = hook("exit 0");
        assertThat(notification(Map.of()).check()).isEmpty();

        Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rw-------"));
        assertThat(notification(Map.of()).check()).get().asString().contains("is not executable");

        assertThat(new Notification(Path.of("."), directory, Map.of(), ProcessBuilder::start, time).check())
                .get()
                .asString()
                .endsWith("is not a file.");
    }
}
