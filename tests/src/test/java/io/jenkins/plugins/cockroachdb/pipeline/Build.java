package io.jenkins.plugins.cockroachdb.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import hudson.AbortException;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.TimeoutStepExecution;

/** What Jenkins does around a pipeline: it performs the steps, in virtual time, and saves and loads the program between them. */
final class Build {

    private static final Duration LONGEST = Duration.ofDays(3);

    private final PipelineCode code;
    private final VirtualTime time;
    private final Map<String, Function<Step, CompletableFuture<?>>> steps = new HashMap<>();
    private final Deque<Block> blocks = new ArrayDeque<>();
    private final List<String> log = new ArrayList<>();
    private final List<String> stages = new ArrayList<>();
    private final List<Step> performed = new ArrayList<>();
    private Predicate<Program.Point> reloads = point -> false;
    private Predicate<Program.Point> leaves = point -> false;
    private Consumer<Step> watcher = step -> {};
    private Program program;
    private String abortedBy;

    /** A step that encloses what runs. */
    private record Block(Step step, Instant deadline, Agents.Agent agent) {}

    Build(PipelineCode code, VirtualTime time, Agents agents) {
        this.code = code;
        this.time = time;
        steps.put("echo", step -> done(log.add(step.text())));
        steps.put("error", step -> CompletableFuture.failedFuture(new AbortException(step.text())));
        steps.put("unstable", step -> {
            log.add(step.text());
            currentBuild().setResult("UNSTABLE");
            return done(null);
        });
        steps.put("sleep", step -> after(Duration.ofSeconds(Long.parseLong(step.text()))));
        steps.put("node", step -> agents.acquire(step.text()));
        steps.put("timeout", step -> done(null));
        steps.put("stage", step -> done(stages.add(step.text())));
    }

    /** What a step does. */
    Build with(String step, Function<Step, CompletableFuture<?>> performance) {
        steps.put(step, performance);
        return this;
    }

    /** Saves the program at these points, and goes on with what a fresh class loader loads. */
    Build reloadedAt(Predicate<Program.Point> points) {
        reloads = points;
        return this;
    }

    /** Goes on in another process from the first of these points. */
    Build continuedInASecondJvmAt(Predicate<Program.Point> points) {
        leaves = points;
        return this;
    }

    /** The points at which a program has come to such a step. */
    static Predicate<Program.Point> step(String name) {
        return point -> point instanceof Program.At at && at.step().name.equals(name);
    }

    /** Is told of each step right before it begins. */
    Build watchedBy(Consumer<Step> told) {
        watcher = watcher.andThen(told);
        return this;
    }

    /** Ends the step that runs, or the next one. */
    void abort(String user) {
        abortedBy = user;
    }

    /** Runs it to its end. */
    Outcome run(Map<String, Object> variables) throws IOException {
        program = new SuspendedProgram(code, variables);
        while (!(program.point() instanceof Program.Ended)) {
            if (reloads.test(program.point())) {
                program = SuspendedProgram.load(program.save(), code);
            }
            if (leaves.test(program.point())) {
                program = new SecondJvm(program.save(), code);
                leaves = point -> false;
            }
            goOn();
        }
        return ((Program.Ended) program.point()).outcome();
    }

    private void goOn() {
        if (program.point() instanceof Program.BodyEnded body) {
            Block block = blocks.pop();
            if (block.agent() != null) {
                block.agent().release();
            }
            program.go(body.outcome());
            return;
        }
        Step step = ((Program.At) program.point()).step();
        performed.add(step);
        watcher.accept(step);
        try {
            Object result = await(start(step));
            if (!step.hasBody) {
                program.go(new Outcome(result, null));
            } else {
                blocks.push(new Block(step, deadline(step), result instanceof Agents.Agent agent ? agent : null));
                program.enter();
            }
        } catch (CompletionException e) {
            program.go(new Outcome(null, e.getCause()));
        } catch (FlowInterruptedException e) {
            program.go(new Outcome(null, e));
        }
    }

    private CompletableFuture<?> start(Step step) {
        Function<Step, CompletableFuture<?>> performance = steps.get(step.name);
        if (performance == null) {
            throw new AssertionError("no such step: " + step);
        }
        return performance.apply(step);
    }

    private Instant deadline(Step step) {
        if (!step.name.equals("timeout")) {
            return null;
        }
        long minutes = ((Number) step.parameter("time")).longValue();
        return time.instant().plus(Duration.ofMinutes(minutes));
    }

    /** Moves time until it is done, the time of an enclosing block is over, or somebody aborts. */
    private Object await(CompletableFuture<?> future) throws FlowInterruptedException {
        Instant limit = blocks.stream()
                .map(Block::deadline)
                .filter(deadline -> deadline != null)
                .min(Instant::compareTo)
                .orElse(time.instant().plus(LONGEST));
        while (!future.isDone() && abortedBy == null) {
            Instant next = time.nextDue().orElse(Instant.MAX);
            if (next.isAfter(limit)) {
                time.advanceTo(limit.isAfter(time.instant()) ? limit : time.instant());
                future.cancel(true);
                throw interrupted(new TimeoutStepExecution.ExceededTimeout());
            }
            time.runNext();
        }
        if (abortedBy != null) {
            String user = abortedBy;
            abortedBy = null;
            future.cancel(true);
            throw interrupted(new CauseOfInterruption.UserInterruption(user));
        }
        return future.join();
    }

    static FlowInterruptedException interrupted(CauseOfInterruption cause) {
        return new FlowInterruptedException(cause);
    }

    static CompletableFuture<Object> done(Object result) {
        return CompletableFuture.completedFuture(result);
    }

    CompletableFuture<Object> after(Duration duration) {
        CompletableFuture<Object> over = new CompletableFuture<>();
        time.schedule(() -> over.complete(null), duration.toMillis(), TimeUnit.MILLISECONDS);
        return over;
    }

    // ---- What is to be seen

    /** The agent of the node that what runs is in; empty outside of every node. */
    Optional<Agents.Agent> agent() {
        return blocks.stream().map(Block::agent).filter(agent -> agent != null).findFirst();
    }

    CurrentBuild currentBuild() {
        return (CurrentBuild) program.variable("currentBuild");
    }

    List<String> log() {
        return log;
    }

    List<String> stages() {
        return stages;
    }

    List<Step> performed() {
        return performed;
    }

    static Map<String, Object> variables(Map<String, Object> params, CurrentBuild build) {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("params", new LinkedHashMap<>(params));
        variables.put("currentBuild", build);
        return variables;
    }
}
