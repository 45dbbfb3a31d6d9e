package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With real executables, which are small shell scripts, and mostly with a clock that only the test moves. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HookTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration DRAIN = Duration.ofSeconds(10);

    /** A hook that works: where clients are is a word in a file. */
    private static final List<String> WORKING = List.of(
            "cd \"$HOOK_HOME\"",
            "echo \"$*\" >> calls",
            "case $1 in",
            "status) cat answer;;",
            "fence) printf 'traffic=fenced\\nsessionsActive=0\\nsessionsOriginal=0\\n' > answer;;",
            "unfence) printf 'traffic=active\\nsessionsActive=7\\ndetail=all on A\\n' > answer;;",
            "release) printf 'traffic=primary\\n' > answer;;",
            "esac");

    @TempDir
    Path directory;

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-03-01T03:00:00Z"));
    private final ExecutorService io = Executors.newCachedThreadPool();
    private final Map<String, String> variables = new HashMap<>(Map.of("PATH", "/usr/bin:/bin"));

    @BeforeEach
    void clientsAreOnTheActive() throws IOException {
        answer("traffic=active", "sessionsActive=7", "sessionsOriginal=0");
    }

    @AfterEach
    void stop() {
        io.shutdownNow();
    }

    private void hook(List<String> lines) throws IOException {
        Path hook = directory.resolve("hook");
        Files.writeString(hook, "#!/bin/bash\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
    }

    private void hook(String... lines) throws IOException {
        hook(List.of(lines));
    }

    private void answer(String... lines) throws IOException {
        Files.write(directory.resolve("answer"), List.of(lines));
    }

    private List<String> read(String file) throws IOException {
        return Files.readAllLines(directory.resolve(file));
    }

    private Proxy proxy() {
        return proxy("", time);
    }

    private Proxy proxy(String parameters, ScheduledExecutorService timer) {
        return ProxyDescription.parse("hook:" + directory.resolve("hook") + "?name=lb&home=" + directory + parameters)
                .connect(new ProxyEnvironment(name -> Optional.ofNullable(variables.get(name)), io, timer));
    }

    private static String failure(CompletableFuture<?> verb) {
        Throwable failure =
                catchThrowableOfType(CompletionException.class, verb::join).getCause();
        assertThat(failure).isInstanceOf(ProxyException.class);
        return failure.getMessage();
    }

    @Test
    void eachVerbIsOneCallAndAStatusAfterIt() throws IOException {
        hook(WORKING);
        Proxy proxy = proxy();

        assertThat(proxy.status(LIMIT).join()).isEqualTo(new ProxyStatus("lb", Traffic.ON_ACTIVE, 7, 0, ""));
        assertThat(proxy.fence(DRAIN, LIMIT).join()).isEqualTo(new ProxyStatus("lb", Traffic.FENCED, 0, 0, ""));
        assertThat(proxy.unfence(LIMIT).join()).isEqualTo(new ProxyStatus("lb", Traffic.ON_ACTIVE, 7, -1, "all on A"));
        assertThat(proxy.release(LIMIT).join())
                .isEqualTo(new ProxyStatus("lb", Traffic.ON_ORIGINAL_PRIMARY, -1, -1, ""));
        assertThat(read("calls"))
                .containsExactly("status", "status", "fence", "status", "unfence", "status", "release", "status");
    }

    @Test
    void whatIsFencedIsNotFencedAgain() throws IOException {
        hook(WORKING);
        answer("traffic=fenced", "sessionsActive=0");

        assertThat(proxy().fence(DRAIN, LIMIT).join().traffic()).isEqualTo(Traffic.FENCED);
        assertThat(read("calls")).containsExactly("status");
    }

    @Test
    void whatCannotBeReadIsNotFenced() throws IOException {
        hook(WORKING);
        answer("traffic=?");

        assertThat(failure(proxy().fence(DRAIN, LIMIT))).contains("hook status answers traffic=?.");
        assertThat(read("calls")).containsExactly("status");
    }

    @Test
    void aFenceThatFailsIsUndone() throws IOException {
        hook(WORKING);
        Path hook = directory.resolve("hook");
        Files.writeString(
                hook, Files.readString(hook).replace("sessionsActive=0\\nsessionsOriginal=0", "sessionsActive=2"));

        assertThat(failure(proxy().fence(DRAIN, LIMIT)))
                .contains("clients mixed rather than fenced (sessions on A: 2, on P: unknown)")
                .contains(" Clients were put back on A.");
        assertThat(read("calls")).containsExactly("status", "fence", "status", "unfence", "status");
    }

    @Test
    void aFenceThatFailsIsLeftAloneWhereClientsWereNotOnTheActive() throws IOException {
        hook("cat \"$HOOK_HOME/answer\"; echo $1 >> \"$HOOK_HOME/calls\"");
        answer("traffic=mixed");

        assertThat(failure(proxy().fence(DRAIN, LIMIT)))
                .contains("clients mixed")
                .doesNotContain("put back");
        assertThat(read("calls")).containsExactly("status", "fence", "status");
    }

    @Test
    void aFenceThatCannotBeUndoneSaysSo() throws IOException {
        hook(
                "cd \"$HOOK_HOME\"",
                "case $1 in",
                "status) cat answer;;",
                "fence) echo traffic=mixed > answer;;",
                "unfence) echo 'A is locked' >&2; exit 1;;",
                "esac");

        assertThat(failure(proxy().fence(DRAIN, LIMIT)))
                .contains(" It was not put back, so clients may be stopped: " + directory
                        + "/hook unfence ended with exit code 1: A is locked Clients are mixed");
    }

    @Test
    void aFenceAtOnceHasNoDrainAndIsNotUndone() throws IOException {
        hook(
                "cd \"$HOOK_HOME\"",
                "echo $1 $FAILBACK_DRAIN_SECONDS >> calls",
                "if [ $1 = status ]; then cat answer; else echo traffic=mixed > answer; fi");

        assertThat(failure(proxy().fenceAtOnce(LIMIT)))
                .contains("clients mixed")
                .doesNotContain("put back");
        assertThat(read("calls")).containsExactly("fence 0", "status 0");
    }

    @Test
    void aReleaseDoesNotDependOnTheStatusBefore() throws IOException {
        hook(WORKING);
        answer("traffic=?");

        assertThat(proxy().release(LIMIT).join().traffic()).isEqualTo(Traffic.ON_ORIGINAL_PRIMARY);
    }

    @Test
    void aVerbThatClaimsSuccessIsNotBelieved() throws IOException {
        hook("[ $1 != status ] || cat " + directory + "/answer");

        assertThat(failure(proxy().fence(DRAIN, LIMIT)))
                .isEqualTo("Proxy lb: " + directory
                        + "/hook fence ended with exit code 0. Its status after that has clients"
                        + " on A rather than fenced (sessions on A: 7, on P: 0). Clients were put back on A. Find out what "
                        + directory
                        + "/hook did, and repeat the fence, or move clients by hand.");
    }

    @Test
    void aVerbThatFailsAfterItsWorkHasWorked() throws IOException {
        hook(
                "cd \"$HOOK_HOME\"",
                "if [ $1 = status ]; then cat answer; exit; fi",
                "echo traffic=primary > answer; echo 'could not tell the pager' >&2; exit 3");

        assertThat(proxy().release(LIMIT).join())
                .isEqualTo(new ProxyStatus(
                        "lb",
                        Traffic.ON_ORIGINAL_PRIMARY,
                        -1,
                        -1,
                        directory + "/hook release ended with exit code 3: could not tell the pager"));
    }

    @Test
    void aVerbThatFailsIsExplainedByItsStandardError() throws IOException {
        hook(
                "[ $1 != status ] || { cat " + directory + "/answer; exit; }",
                "echo on stdout; printf 'no such target group\\nadmin:odd\\033[31m CCDB1_odd at https://u:odd@lb/\\n' >&2; exit 7");

        assertThat(failure(proxy().unfence(LIMIT).thenCompose(seen -> proxy().release(LIMIT))))
                .contains("hook release ended with exit code 7: no such target group admin:odd [31m CCDB1_*** at"
                        + " https://***@lb/ Its status after that has clients on A rather than on P")
                .doesNotContain("on stdout", "CCDB1_odd", "u:odd");
    }

    @Test
    void whatAVerbPrintsIsTheExplanationWhereStandardErrorIsEmpty() throws IOException {
        hook("[ $1 != status ] || { cat " + directory + "/answer; exit; }", "echo only on stdout; exit 1");

        assertThat(failure(proxy().release(LIMIT))).contains("exit code 1: only on stdout Its status");
    }

    @Test
    void aStatusThatBreaksAfterAVerbLeavesNothingKnown() throws IOException {
        hook(
                "cd \"$HOOK_HOME\"",
                "[ $1 = status ] && [ ! -e moved ] && cat answer && exit",
                "[ $1 = status ] && { echo 'no connection' >&2; exit 1; }",
                "touch moved");

        assertThat(failure(proxy().fence(DRAIN, LIMIT)))
                .contains("hook fence ended with exit code 0. Where clients are now is not known: ")
                .contains("hook status ended with exit code 1: no connection")
                .contains("Look where they are");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    traffic=fenced;sessionsActive=3;sessionsOriginal=0   | MIXED | It says traffic=fenced, but there are 3 sessions on A.
                    traffic=fenced;sessionsActive=0;sessionsOriginal=1   | MIXED | It says traffic=fenced, but there are 1 sessions on P.
                    traffic=primary;sessionsActive=2                     | MIXED | It says traffic=primary, but there are 2 sessions on A.
                    traffic=active;sessionsOriginal=4;detail=so so       | MIXED | It says traffic=active, but there are 4 sessions on P. so so
                    traffic=mixed                                        | MIXED | ''
                    traffic=unknown;detail=region is down                | UNKNOWN | region is down
                    """)
    void whatContradictsItselfIsMixed(String answer, Traffic traffic, String detail) throws IOException {
        hook(WORKING);
        answer(answer.split(";"));

        ProxyStatus status = proxy().status(LIMIT).join();

        assertThat(status.traffic()).isEqualTo(traffic);
        assertThat(status.detail()).isEqualTo(detail);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    traffic=fenced                          | says traffic=fenced without sessionsActive=0. Have it count
                    traffic=gone                            | answers traffic=gone. Have it print
                    ''                                      | answers nothing. Have it print
                    sessionsActive=1                        | answers no traffic. Have it print
                    all is well                             | answers the line "all is well". Have it print
                    traffic=active;colour=blue              | answers the line "colour=blue". Have it print
                    traffic=active;traffic=fenced           | answers traffic twice. Have it print
                    traffic=active;sessionsActive=-1        | answers sessionsActive=-1, which is not a number. Have it print
                    traffic=active;sessionsActive=9999999999 | answers sessionsActive=9999999999, which is not a number.
                    traffic=active;sessionsOriginal=        | answers sessionsOriginal=, which is not a number. Have it print
                    """)
    void whatIsNoAnswerIsUnknownAndSaysHowToAnswer(String answer, String why) throws IOException {
        hook(WORKING);
        answer(answer.split(";"));

        ProxyStatus status = proxy().status(LIMIT).join();

        assertThat(status.traffic()).isEqualTo(Traffic.UNKNOWN);
        assertThat(status.detail()).contains("Proxy lb: " + directory + "/hook status " + why);
        assertThat(failure(proxy().findings(LIMIT))).contains(why);
    }

    @Test
    void endlessOutputIsReadAndNotKept() throws IOException {
        hook("i=0; while [ $i -lt 50000 ]; do echo traffic=active; i=$((i+1)); done");
        assertThat(proxy().status(LIMIT).join().detail()).contains("hook status answers more than 4096 bytes.");

        hook("i=0; while [ $i -lt 50000 ]; do echo trouble >&2; i=$((i+1)); done; exit 1");
        assertThat(proxy().status(LIMIT).join().detail())
                .contains("exit code 1: trouble")
                .hasSizeLessThan(5000);
    }

    @Test
    void aHookGetsWhatItsDescriptionSaysAndNoSecret() throws IOException {
        variables.putAll(Map.of(
                "HOME", "/home/lead",
                "KUBECONFIG", "/etc/kube",
                "COCKROACH_API_SECRET_KEY", "odd-key-1",
                "PGBOUNCER_PASSWORD", "odd-key-2",
                "PGB_PW", "odd-key-3",
                "LC_ALL", "postgresql://app:odd-key-4@db/orders",
                "TZ", "CCDB1_odd-key-5"));
        hook("env > \"$HOOK_HOME/env\"; cat > \"$HOOK_HOME/input\"; cat \"$HOOK_HOME/answer\"");

        proxy("&standby=a.example.com:5432&primary=p.example.com&env=KUBECONFIG,NOT_SET&targetGroup=x y", time)
                .status(LIMIT)
                .join();

        assertThat(read("env"))
                .filteredOn(line -> !line.matches("(PWD|SHLVL|_)=.*")) // bash's own
                .filteredOn(line -> !line.matches("FAILBACK_CALL=[0-9a-f-]{36}"))
                .containsExactlyInAnyOrder(
                        "PATH=/usr/bin:/bin",
                        "HOME=/home/lead",
                        "KUBECONFIG=/etc/kube",
                        "FAILBACK_VERB=status",
                        "FAILBACK_PROXY=lb",
                        "FAILBACK_DRAIN_SECONDS=0",
                        "FAILBACK_LIMIT_SECONDS=30",
                        "FAILBACK_ACTIVE_HOST=a.example.com",
                        "FAILBACK_ACTIVE_PORT=5432",
                        "FAILBACK_ORIGINAL_PRIMARY_HOST=p.example.com",
                        "FAILBACK_ORIGINAL_PRIMARY_PORT=26257",
                        "HOOK_HOME=" + directory,
                        "HOOK_TARGET_GROUP=x y");
        assertThat(read("input")).isEmpty();
    }

    @Test
    void aFenceIsToldOfTheDrainAndOfTheLimitBeyondIt() throws IOException {
        hook("[ $1 != fence ] || env > \"$HOOK_HOME/env\"; cat \"$HOOK_HOME/answer\"");

        failure(proxy().fence(Duration.ofMillis(9001), LIMIT));

        assertThat(read("env"))
                .contains("FAILBACK_VERB=fence", "FAILBACK_DRAIN_SECONDS=10", "FAILBACK_LIMIT_SECONDS=39");
    }

    @Test
    void aNamedVariableThatHoldsASecretIsRefused() throws IOException {
        hook(WORKING);
        variables.put("BACKUP", "CCDB1_odd");

        assertThat(proxy("&env=BACKUP", time).status(LIMIT).join().detail())
                .contains("The variable BACKUP, which the hook shall get, holds an API key or a password.")
                .doesNotContain("odd");
        assertThat(directory.resolve("calls")).doesNotExist();
    }

    @Test
    void whatCannotBeCalledSaysWhatToDo() throws IOException {
        assertThat(proxy().status(LIMIT).join().detail()).contains("hook does not exist. Put it there");

        hook(WORKING);
        Path hook = directory.resolve("hook");
        Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rw-------"));
        assertThat(failure(proxy().release(LIMIT))).contains("hook is not executable for this user. Make it so");

        Files.writeString(hook, "#!/no/such/interpreter\n");
        Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
        assertThat(failure(proxy().release(LIMIT)))
                .contains("hook could not be started (")
                .contains("#!/bin/sh");

        Files.delete(hook);
        Files.createDirectory(hook);
        assertThat(failure(proxy().fence(DRAIN, LIMIT))).contains("hook is not a file.");
    }

    @Test
    void timeOutKillsTheHookAndItsChildrenAndPutsClientsBack() throws Exception {
        hook(
                "cd \"$HOOK_HOME\"",
                "if [ $1 = status ]; then cat answer; exit; fi",
                "if [ $1 = unfence ]; then echo traffic=active > answer; exit; fi",
                "printf 'traffic=mixed\\nsessionsActive=2\\n' > answer",
                "sleep 3600 & sh -c 'sleep 3601 & echo $! > grandchild.new; mv grandchild.new grandchild; wait' & echo $! > child",
                "mkfifo begun; echo $$ > begun; wait");
        CompletableFuture<ProxyStatus> fence = proxy().fence(DRAIN, LIMIT);
        long hook = begun();
        long child = number("child");
        long grandchild = number("grandchild");

        time.advance(DRAIN.plus(LIMIT));

        assertThat(failure(fence))
                .startsWith("Proxy lb: fence was not done within 40000 ms. " + directory
                        + "/hook fence took too long and was killed with everything that it had started. Its status after"
                        + " that has clients mixed rather than fenced (sessions on A: 2, on P: unknown). Clients were put back on"
                        + " A.");
        awaitEnd(hook, child, grandchild);
    }

    @Test
    void timeOutAlsoKillsWhatHasLeftTheHook() throws Exception {
        hook(
                "cd \"$HOOK_HOME\"",
                "sh -c 'sleep 3602 & echo $! > orphan'",
                "mkfifo begun; echo $$ > begun; wait; sleep 3603");
        CompletableFuture<ProxyStatus> status = proxy().status(LIMIT);
        long hook = begun();
        long orphan = number("orphan");
        assertThat(isRunning(orphan)).isTrue();

        time.advance(LIMIT);

        assertThat(status.join().traffic()).isEqualTo(Traffic.UNKNOWN);
        awaitEnd(hook, orphan);
    }

    @Test
    void aVerbThatDidItsWorkAndThenHungHasWorked() throws Exception {
        hook(
                "cd \"$HOOK_HOME\"",
                "if [ $1 = status ]; then cat answer; exit; fi",
                "printf 'traffic=fenced\\nsessionsActive=0\\n' > answer",
                "mkfifo begun; echo $$ > begun; sleep 3600");
        CompletableFuture<ProxyStatus> fence = proxy().fence(DRAIN, LIMIT);
        begun();

        time.advance(DRAIN.plus(LIMIT));

        assertThat(fence.join().traffic()).isEqualTo(Traffic.FENCED);
        assertThat(fence.join().detail()).contains("was killed");
    }

    @Test
    void aStatusThatHangsIsUnknown() throws Exception {
        hook("cd \"$HOOK_HOME\"; mkfifo begun; echo $$ > begun; sleep 3600");
        CompletableFuture<ProxyStatus> status = proxy().status(LIMIT);
        long hook = begun();

        time.advance(LIMIT);

        assertThat(status.join().traffic()).isEqualTo(Traffic.UNKNOWN);
        assertThat(status.join().detail()).contains("status was not done within 30000 ms. ");
        awaitEnd(hook);
    }

    @Test
    void aFenceThatIsCanceledIsKilledAndUndone() throws Exception {
        hook(
                "cd \"$HOOK_HOME\"",
                "if [ $1 = status ]; then cat answer; exit; fi",
                "if [ $1 = unfence ]; then mkfifo undone; echo $$ > undone; exit; fi",
                "mkfifo begun; echo $$ > begun; sleep 3600");
        CompletableFuture<ProxyStatus> fence = proxy().fence(DRAIN, LIMIT);
        long hook = begun();

        fence.cancel(true);

        awaitEnd(hook);
        awaitEnd(number("undone"));
    }

    @Test
    void whatAHookLeavesRunningIsNotWaitedForLong() throws Exception {
        hook("cd \"$HOOK_HOME\"; cat answer; sleep 3600 & echo $! > child");
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try {
            assertThat(proxy("", clock).status(LIMIT).join().traffic()).isEqualTo(Traffic.ON_ACTIVE);
            assertThat(isRunning(number("child"))).isTrue();
        } finally {
            clock.shutdownNow();
            ProcessHandle.of(number("child")).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /** Blocks until the hook writes its process id to a pipe. */
    private long begun() throws IOException {
        return number("begun");
    }

    /** What stands in a file, or comes out of a pipe, that the hook makes sooner or later. */
    private long number(String file) throws IOException {
        while (!Files.exists(directory.resolve(file))) {
            Thread.onSpinWait();
        }
        return Long.parseLong(read(file).get(0).strip());
    }

    /** A signal takes its time, and none of these ends by itself within the time of a test. */
    private static void awaitEnd(long... pids) throws IOException {
        for (long each : pids) {
            while (isRunning(each)) {
                Thread.onSpinWait();
            }
        }
    }

    /** Whether it runs: what was killed and not yet taken notice of by its parent does not. */
    private static boolean isRunning(long pid) throws IOException {
        Path status = Path.of("/proc/" + pid + "/stat");
        try {
            return !Files.readString(status).matches("(?s).*\\) [ZX] .*");
        } catch (IOException e) { // it may end while the file is open
            if (Files.exists(status)) {
                throw e;
            }
            return false;
        }
    }
}
