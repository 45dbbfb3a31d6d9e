package io.jenkins.plugins.cockroachdb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.cloudbees.groovy.cps.Outcome;
import hudson.AbortException;
import io.jenkins.plugins.cockroachdb.jenkins.StepFailureCause;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.junit.jupiter.api.Test;

/** The library does what cockroachFailbackNext says, and hands back what came of it. What that says is scripted here. */
class InterpreterTest {

    private static final String PROXY = "haproxy:/run/haproxy/admin.sock?name=edge";
    private static final Map<String, Object> FINISHED =
            Map.of("action", "finish", "outcome", "completed", "message", "Home.");

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-03-01T03:00:00Z"));
    private final Agents agents = new Agents(time);
    private final Map<String, Object> given = new LinkedHashMap<>(
            Map.of("activeClusterId", "a-id", "originalPrimaryClusterId", "p-id", "proxies", PROXY, "agent", "edge"));
    private final Build build = new Build(PipelineCode.of("cockroachFailback(params)"), time, agents)
            .with("cockroachFailbackNext", this::next)
            .with("redirectProxy", this::redirect);

    /** What cockroachFailbackNext was given, each time. */
    private final List<Map<String, Object>> asked = new ArrayList<>();

    private final Deque<CompletableFuture<?>> replies = new ArrayDeque<>();

    /** What redirectProxy was given, each time. */
    private final List<Map<String, Object>> redirected = new ArrayList<>();

    private String traffic = "on A";

    private CompletableFuture<?> next(Step step) {
        asked.add(step.parameters());
        return replies.isEmpty() ? Build.done(FINISHED) : replies.poll();
    }

    private CompletableFuture<?> redirect(Step step) {
        assertThat(build.agent()).as("within a node").isPresent();
        redirected.add(step.parameters());
        switch ((String) step.parameter("action")) {
            case "fence" -> traffic = "fenced";
            case "unfence" -> traffic = "on A";
            case "release" -> traffic = "on P";
            default -> {}
        }
        boolean lost = build.agent().orElseThrow().lost;
        Map<String, Object> proxy = new LinkedHashMap<>(Map.of(
                "name", "edge", "traffic", lost ? "unknown" : traffic, "sessionsActive", 0, "sessionsOriginal", 0));
        proxy.put("detail", lost ? "the agent is lost" : "");
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("at", time.instant().toString());
        result.put("proxies", new ArrayList<>(List.of(proxy)));
        return Build.done(result);
    }

    private void saysAsk(String gate, boolean erases) {
        says(
                "ask",
                "approval",
                "gate",
                gate,
                "erases",
                erases,
                "question",
                "May it?",
                "evidence",
                "lag: 3 s",
                "clusterName",
                "orders-east",
                "timeoutMinutes",
                60);
    }

    /** The next reply: an action in a stage, with more about it. */
    private Map<String, Object> says(String action, String stage, Object... more) {
        Map<String, Object> reply = new HashMap<>(Map.of(
                "turn",
                replies.size() + 1,
                "action",
                action,
                "stage",
                stage,
                "message",
                action + ".",
                "fenced",
                false,
                "holdMinutes",
                30));
        for (int i = 0; i < more.length; i += 2) {
            reply.put((String) more[i], more[i + 1]);
        }
        replies.add(Build.done(reply));
        return reply;
    }

    private void saysFenced(String action, String stage, Object... more) {
        Map<String, Object> reply = says(action, stage, more);
        reply.put("fenced", true);
    }

    private Outcome run() throws Exception {
        return build.run(Build.variables(given, new CurrentBuild("starter", 7)));
    }

    private Object lastResult(int question) {
        return ((Map<?, ?>) asked.get(question).get("last")).get("result");
    }

    private List<String> steps() {
        return build.performed().stream()
                .map(step -> step.name)
                .filter(name -> !List.of("echo", "stage", "timeout").contains(name))
                .toList();
    }

    @Test
    void everyActionIsOneStepAndItsResultIsHandedBack() throws Exception {
        Map<String, Function<Step, CompletableFuture<?>>> steps = Map.of(
                "cockroachFailbackCreateStream", step -> Build.done(Map.of("id", "s", "adopted", step.parameter("x"))),
                "awaitStreamStatus", step -> Build.done(Map.of("status", step.parameter("status"))),
                "cockroachCreateStream", step -> Build.done(Map.of("id", "forward")));
        steps.forEach(build::with);
        says("createStream", "creating the stream", "parameters", Map.of("x", 5));
        says("await", "creating the stream", "parameters", Map.of("status", "REPLICATING"));
        says("look", "creating the stream", "seconds", 30);
        says("createForwardStream", "protection", "parameters", Map.of());
        given.put("proxies", "");

        assertThat(run().getNormal()).isEqualTo(FINISHED);

        assertThat(lastResult(1)).isEqualTo(Map.of("id", "s", "adopted", 5));
        assertThat(lastResult(2)).isEqualTo(Map.of("status", "REPLICATING"));
        assertThat(lastResult(3)).isNull();
        assertThat(lastResult(4)).isEqualTo(Map.of("id", "forward"));
        assertThat(build.stages()).containsExactly("creating the stream", "protection");
        assertThat(time.instant()).isEqualTo("2026-03-01T03:00:30Z");
        assertThat(asked).allSatisfy(each -> assertThat(each)
                .containsEntry("activeClusterId", "a-id")
                .containsEntry("originalPrimaryClusterId", "p-id")
                .doesNotContainKeys("proxies", "agent", "approvers"));
    }

    @Test
    void aNodeIsHeldFromGate2ToTheReleaseAndLookedThroughBeforeEveryQuestion() throws Exception {
        build.with("input", step -> Build.done(FailbackJob.typed("orders-east", "lead")))
                .with("awaitStreamStatus", step -> Build.done(Map.of()))
                .with("initiateFailback", step -> Build.done(step.parameters()));
        says("examine", "prerequisites", "parameters", Map.of("examine", true));
        saysAsk("CUT_OVER", false);
        says("look", "approval", "seconds", 0);
        saysFenced("fence", "fence", "parameters", Map.of("drainSeconds", 3));
        saysFenced("await", "fence", "parameters", Map.of());
        saysFenced("initiate", "cutover", "parameters", Map.of("streamId", "s"));
        saysFenced("release", "release", "parameters", Map.of("streamId", "s"));

        assertThat(run().getNormal()).isEqualTo(FINISHED);

        assertThat(steps())
                .containsExactly(words(
                        "node redirectProxy cockroachFailbackNext", // to begin with
                        "node redirectProxy cockroachFailbackNext", // examined
                        "input cockroachFailbackNext", // approved
                        "node sleep redirectProxy cockroachFailbackNext", // the node to hold
                        "redirectProxy cockroachFailbackNext", // the fence
                        "awaitStreamStatus redirectProxy cockroachFailbackNext",
                        "redirectProxy initiateFailback redirectProxy cockroachFailbackNext", // proven before and after
                        "redirectProxy cockroachFailbackNext")); // the release
        assertThat(build.stages()).containsExactly("prerequisites", "approval", "fence", "cutover", "release");
        assertThat(agents.given()).hasSize(3).allMatch(agent -> agent.released && agent.label.equals("edge"));
        assertThat(redirected.get(1)).containsEntry("examine", true).containsEntry("proxies", List.of(PROXY));
        assertThat(redirected.get(3)).containsEntry("action", "fence").containsEntry("drainSeconds", 3);
        assertThat(lastResult(6).toString()).contains("streamId=s", "fenceProvenAt=");
        assertThat(build.log()).contains("Traffic: edge on P. (A is the active cluster, P the original primary.)");
    }

    private static String[] words(String... lines) {
        return String.join(" ", lines).split(" ");
    }

    @Test
    void aCutoverIsNotAskedForWhenAProxyWasOpenedRightBefore() throws Exception {
        saysFenced("fence", "fence");
        saysFenced("initiate", "cutover", "parameters", Map.of("streamId", "s"));
        build.watchedBy(step -> {
            if (asked.size() == 2) {
                traffic = "on A";
            }
        });

        run();

        assertThat(steps()).doesNotContain("initiateFailback");
        assertThat(lastResult(2)).isEqualTo(Map.of("notSent", true));
    }

    @Test
    void anAgentThatIsLostWhileFencedIsLeftAndAnotherOneLooksBeforeNextIsAsked() throws Exception {
        build.with("awaitStreamStatus", step -> {
            agents.loseThoseInUse();
            return Build.done(Map.of("status", "REPLICATING"));
        });
        saysFenced("fence", "fence");
        saysFenced("await", "fence", "parameters", Map.of());
        saysFenced("release", "release", "parameters", Map.of("streamId", "s"));

        run();

        assertThat(steps())
                .containsSubsequence(words(
                        "awaitStreamStatus redirectProxy", // all is unknown
                        "node redirectProxy cockroachFailbackNext redirectProxy cockroachFailbackNext"));
        assertThat(redirected.stream().map(each -> each.get("action")))
                .containsExactly("status", "fence", "status", "status", "release");
        assertThat(asked.get(2).get("proxies").toString()).contains("traffic=fenced");
        assertThat(lastResult(2)).isEqualTo(Map.of("status", "REPLICATING"));
    }

    @Test
    void withoutANodeNextHearsOfItAfterTheTimeThatItGave() throws Exception {
        saysFenced("unfence", "fence");
        build.watchedBy(step -> {
            if (asked.size() == 1) {
                agents.vanish();
            }
        });

        run();

        assertThat(time.instant()).isBetween("2026-03-01T03:30:00Z", "2026-03-01T03:30:09Z");
        assertThat(asked.get(1).get("proxies").toString()).contains("unknown");
        assertThat(((Map<?, ?>) asked.get(1).get("last")).get("error"))
                .isInstanceOfSatisfying(
                        FlowInterruptedException.class, e -> assertThat(e).hasToString("Timeout has been exceeded"));
        assertThat(build.log()).anySatisfy(line -> assertThat(line)
                .contains("PRIMARY_CLUSTER_ID=p-id STANDBY_CLUSTER_ID=a-id bin/failback full --proxy '" + PROXY + "'"));
    }

    @Test
    void whoAbortsIsHandedToNextWhichGoesOn() throws Exception {
        build.with("awaitStreamStatus", step -> {
            time.schedule(() -> build.abort("alice"), 60, TimeUnit.SECONDS);
            return new CompletableFuture<>();
        });
        saysFenced("await", "fence", "parameters", Map.of());
        saysFenced("unfence", "fence", "parameters", Map.of("streamId", "s"));
        replies.add(failure("aborted"));

        Outcome outcome = run();

        assertThat(((Map<?, ?>) asked.get(1).get("last")).get("error"))
                .asString()
                .endsWith("Aborted by alice");
        assertThat(redirected).last().satisfies(last -> assertThat(last).containsEntry("action", "unfence"));
        assertThat(kind(outcome)).isEqualTo("aborted");
    }

    /** Jenkins interrupts whatever block is open, when no step is. */
    @Test
    void aCutoverThatHadNotBegunWhenSomebodyAbortedWasNotSent() throws Exception {
        build.with(
                "stage",
                step -> step.text().equals("cutover")
                        ? CompletableFuture.failedFuture(
                                Build.interrupted(new CauseOfInterruption.UserInterruption("alice")))
                        : Build.done(null));
        saysFenced("fence", "fence");
        saysFenced("initiate", "cutover", "parameters", Map.of("streamId", "s"));
        saysFenced("unfence", "fence", "parameters", Map.of("streamId", "s"));
        replies.add(failure("aborted"));

        run();

        assertThat(steps()).doesNotContain("initiateFailback");
        assertThat(asked.get(2).get("last").toString()).contains("Aborted by alice", "notSent=true");
        assertThat(redirected).last().satisfies(last -> assertThat(last).containsEntry("action", "unfence"));
    }

    @Test
    void anOutcomeOfNextEndsTheBuildAndAnInterruptionOfItDoesNot() throws Exception {
        says("look", "prerequisites", "seconds", 1);
        CompletableFuture<?> never = new CompletableFuture<>();
        replies.add(never);
        time.schedule(() -> build.abort("alice"), 60, TimeUnit.SECONDS);
        replies.add(failure("aborted"));

        assertThat(kind(run())).isEqualTo("aborted");

        assertThat(asked).hasSize(3);
        assertThat(asked.get(2).get("last").toString()).contains("Aborted by alice");
    }

    @Test
    void aGateAsksUntilTheNameIsTyped() throws Exception {
        given.put("approvers", "lead,deputy");
        given.put("eraseApprovers", "dba");
        List<Step> inputs = new ArrayList<>();
        build.with("input", step -> {
            inputs.add(step);
            return Build.done(
                    Map.of("clusterName", inputs.size() < 2 ? "orders-esat" : "orders-east", "approver", "dba"));
        });
        saysAsk("ERASE", true);

        run();

        assertThat(lastResult(1)).isEqualTo(Map.of("approved", true, "by", "dba", "timedOut", false));
        assertThat(inputs).hasSize(2).allSatisfy(input -> assertThat(input.parameters())
                .containsEntry("submitter", "dba")
                .containsEntry("submitterParameter", "approver"));
        assertThat(inputs.get(0).parameter("message")).isEqualTo("May it?");
        assertThat(inputs.get(0).parameter("parameters").toString()).contains("lag: 3 s");
        assertThat(inputs.get(1).parameter("message").toString())
                .isEqualTo("'orders-esat' is not the name of the cluster. Nothing was approved. May it?");
    }

    @Test
    void whoStartedTheBuildMayBeKeptFromApprovingIt() throws Exception {
        given.put("approverIsNotStarter", true);
        Deque<String> approvers = new ArrayDeque<>(List.of("Starter", "lead"));
        build.with("input", step -> Build.done(Map.of("clusterName", "orders-east", "approver", approvers.poll())));
        saysAsk("CUT_OVER", false);

        run();

        assertThat(lastResult(1)).isEqualTo(Map.of("approved", true, "by", "lead", "timedOut", false));
        assertThat(build.log())
                .contains("Starter started this build, so somebody else has to approve. Nothing was approved.");
    }

    @Test
    void aRefusalAndAGateThatNobodyPassesAreNoApproval() throws Exception {
        build.with("input", step -> asked.size() == 1 ? FailbackJob.refuse() : new CompletableFuture<>());
        for (int i = 0; i < 2; i++) {
            saysAsk("CUT_OVER", false);
        }

        run();

        assertThat(asked.get(1).get("last").toString()).contains("error=Rejected by bob");
        assertThat(lastResult(2)).isEqualTo(Map.of("approved", false, "timedOut", true));
        assertThat(Duration.between(Instant.parse("2026-03-01T03:00:00Z"), time.instant()))
                .isGreaterThan(Duration.ofMinutes(60));
    }

    @Test
    void wrongParametersAreRefusedBeforeAnythingIsDone() throws Exception {
        given.put("approver", "lead");
        assertThat(run().getAbnormal())
                .isInstanceOf(AbortException.class)
                .hasMessageContaining("no parameter approver")
                .hasMessageContaining("Nothing was done");
        assertThat(steps()).containsExactly("error");
    }

    @Test
    void gatesAreApprovedInAdvanceOnTheSimulatedCloudAlone() throws Exception {
        given.put("preApproved", true);
        assertThat(run().getAbnormal()).hasMessageContaining("only on the simulated cloud");
    }

    private static CompletableFuture<?> failure(String kind) {
        return CompletableFuture.failedFuture(Build.interrupted(new StepFailureCause(kind, "It ended.")));
    }

    private static String kind(Outcome outcome) {
        FlowInterruptedException e = (FlowInterruptedException) outcome.getAbnormal();
        return ((StepFailureCause) e.getCauses().get(0)).getKind();
    }
}
