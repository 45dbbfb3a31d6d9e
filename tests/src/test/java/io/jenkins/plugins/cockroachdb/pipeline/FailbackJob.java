package io.jenkins.plugins.cockroachdb.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import hudson.AbortException;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.failback.step.CloudSteps;
import io.jenkins.plugins.cockroachdb.failback.step.FailbackSteps;
import io.jenkins.plugins.cockroachdb.failback.step.Progress;
import io.jenkins.plugins.cockroachdb.failback.step.StepContract;
import io.jenkins.plugins.cockroachdb.failback.step.StepFailedException;
import io.jenkins.plugins.cockroachdb.failback.step.StepHost;
import io.jenkins.plugins.cockroachdb.failback.step.WrongParameterException;
import io.jenkins.plugins.cockroachdb.jenkins.StepFailureCause;
import io.jenkins.plugins.cockroachdb.proxy.ProxyErrand;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Stream;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.TimeoutStepExecution;
import org.jenkinsci.plugins.workflow.support.steps.input.Rejection;

/** A build of a failback job on a {@link Pair}, with people who approve. */
final class FailbackJob {

    private static final Duration ONE_MINUTE = Duration.ofMinutes(1);

    final Pair pair;
    final Build build;
    final Map<String, Object> parameters = new LinkedHashMap<>();

    /** Every question that people were asked. */
    final List<Step> inputs = new ArrayList<>();

    /** How people answer; by default somebody approves, and types what is asked for. */
    Function<Step, CompletableFuture<?>> people = this::approve;

    private final Path records;

    FailbackJob(PipelineCode code, Pair pair, Path records) {
        this.pair = pair;
        this.records = records;
        build = new Build(code, pair.time, pair.agents).with("input", step -> {
            inputs.add(step);
            return people.apply(step);
        });
        Stream.concat(CloudSteps.ALL.stream(), FailbackSteps.ALL.stream())
                .forEach(contract -> build.with(contract.name(), step -> perform(contract, step)));
        parameters.put("activeClusterId", pair.scene.activeId());
        parameters.put("originalPrimaryClusterId", pair.scene.originalPrimaryId());
        parameters.put("proxies", pair.description());
        parameters.put("agent", "edge");
    }

    /** A pipeline that is nothing but the library. */
    static FailbackJob ofLibrary(Pair pair, Path records) {
        return of("cockroachFailback(params)", pair, records);
    }

    /** A job that has this script in place of the repository's. */
    static FailbackJob of(String pipeline, Pair pair, Path records) {
        return new FailbackJob(PipelineCode.of(pipeline), pair, records);
    }

    /** Whether a step does not even begin where an agent is lost, rather than to say so in its result. */
    boolean refusesLostAgents;

    Outcome run() throws IOException {
        return build.run(Build.variables(parameters, new CurrentBuild("starter", 7)));
    }

    /** Runs it, and sees that what has to hold at such an end does. */
    String runAndAssertHolds() throws IOException {
        String kind = kind(run());
        pair.assertHolds(kind);
        return kind;
    }

    /** The word for how the build ended; the exception in words when that is not one of ours. */
    static String kind(Outcome outcome) {
        if (outcome.isSuccess()) {
            return (String) ((Map<?, ?>) outcome.getNormal()).get("outcome");
        }
        return outcome.getAbnormal() instanceof FlowInterruptedException e
                        && e.getCauses().get(0) instanceof StepFailureCause cause
                ? cause.getKind()
                : outcome.getAbnormal().toString();
    }

    FailbackRecord record() throws IOException {
        return RecordFile.read(RecordFile.newest(records).orElseThrow());
    }

    // ---- People

    /** Types the one name, and the other when that was wrong. */
    CompletableFuture<?> approve(Step input) {
        boolean isAboutTheOther = input.parameter("message").toString().startsWith("'orders-east' is not");
        return type(isAboutTheOther ? "orders-west" : "orders-east", "lead");
    }

    CompletableFuture<?> type(String clusterName, String approver) {
        return build.after(ONE_MINUTE).thenApply(later -> typed(clusterName, approver));
    }

    static Map<String, Object> typed(String clusterName, String approver) {
        return Map.of("clusterName", clusterName, "approver", approver);
    }

    static CompletableFuture<?> refuse() {
        return CompletableFuture.failedFuture(Build.interrupted(new Rejection("bob")));
    }

    // ---- What the plugin does around a step

    private CompletableFuture<?> perform(StepContract contract, Step step) {
        if (contract == FailbackSteps.REDIRECT_PROXY
                && refusesLostAgents
                && build.agent().filter(agent -> agent.lost).isPresent()) {
            return CompletableFuture.failedFuture(new AbortException("the agent was marked offline"));
        }
        CompletableFuture<Map<String, Object>> run;
        try {
            run = contract.run(
                    contract.arguments(step.parametersWith(FailbackJob::plain)), pair.environment(), new Host());
        } catch (WrongParameterException e) {
            return CompletableFuture.failedFuture(new AbortException(e.getMessage()));
        }
        CompletableFuture<Object> end = run.handle((result, failure) -> {
            if (failure == null) {
                return result;
            }
            throw new CompletionException(
                    failure instanceof StepFailedException expected
                            ? Build.interrupted(
                                    new StepFailureCause(expected.outcome().kind(), expected.getMessage()))
                            : failure);
        });
        end.whenComplete((result, failure) -> {
            if (end.isCancelled()) {
                run.cancel(true);
            }
        });
        return end;
    }

    /** A value that a pipeline gave, as the plugin keeps it: an exception becomes a map. */
    private static Object plain(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((key, each) -> copy.put(key.toString(), plain(each)));
            return copy;
        }
        if (value instanceof List<?> list) {
            return new ArrayList<>(list.stream().map(FailbackJob::plain).toList());
        }
        if (value instanceof Throwable caught) {
            return error(caught);
        }
        return value instanceof CharSequence text ? text.toString() : value;
    }

    private static Map<String, Object> error(Throwable caught) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", caught.toString());
        if (caught instanceof FlowInterruptedException interruption) {
            CauseOfInterruption cause = interruption.getCauses().get(0);
            error.put("message", cause.getShortDescription());
            if (cause instanceof StepFailureCause failure) {
                error.put("kind", failure.getKind());
            } else if (cause instanceof Rejection) {
                error.put("kind", "refused");
                error.put("by", "bob");
            } else if (cause instanceof TimeoutStepExecution.ExceededTimeout) {
                error.put("kind", "timedOut");
            } else if (cause instanceof CauseOfInterruption.UserInterruption person) {
                error.put("kind", "aborted");
                error.put("by", person.getUserId());
            }
        }
        return error;
    }

    /** Of one step, for as long as it runs. */
    private final class Host implements StepHost {
        private Progress progress = Progress.NEW;

        @Override
        public Progress progress() {
            return progress;
        }

        @Override
        public CompletableFuture<Void> save(Progress next) {
            progress = next;
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Optional<String> driver() {
            return Optional.of("a build");
        }

        @Override
        public RecordFile openRecord(String originalPrimaryId, String activeId, boolean isUnderWay) throws IOException {
            return isUnderWay
                    ? RecordFile.reopen(records)
                    : RecordFile.open(records, originalPrimaryId, activeId, "a build", pair.time);
        }

        @Override
        public CompletableFuture<List<SeenProxy>> atProxies(ProxyErrand errand) {
            Agents.Agent agent = build.agent().orElseThrow(() -> new AssertionError("not within a node"));
            if (agent.lost) {
                return CompletableFuture.completedFuture(errand.unknown("The agent is lost."));
            }
            CompletableFuture<List<SeenProxy>> end = pair.proxy.run(errand);
            end.whenComplete((seen, failure) -> {
                if (end.isCancelled()) {
                    pair.proxy.giveUp();
                }
            });
            return end;
        }
    }
}
