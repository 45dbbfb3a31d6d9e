package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.failback.Futures;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** What a step of a pipeline takes, does and returns. It holds no state: every run is given all that it needs. */
public abstract class StepContract {

    /** Taken by every step, for its host, who chooses the {@link StepEnvironment} by it. */
    public static final Parameter<String> CLOUD = Parameter.text(
                    "cloud", "Name of a configured cloud; the default cloud if left out.")
            .optional();

    /** Taken by every step, for its host, who chooses the {@link StepEnvironment} by it. */
    public static final Parameter<String> CREDENTIALS_ID = Parameter.text(
                    "credentialsId", "Id of the credentials with the API key; those of the cloud if left out.")
            .optional();

    /** What a step leaves behind that only reads. */
    static final String NOTHING_LEFT = "It only read: nothing was changed, and nothing goes on because of it.";

    private final String name;
    private final String help;
    private final List<Parameter<?>> parameters;

    StepContract(String name, String help, Parameter<?>... own) {
        this.name = name;
        this.help = help;
        this.parameters =
                Stream.concat(Stream.of(own), Stream.of(CLOUD, CREDENTIALS_ID)).toList();
    }

    /** As it is written in a pipeline. */
    public final String name() {
        return name;
    }

    /** One line for whoever writes a pipeline. */
    public final String help() {
        return help;
    }

    /** What it takes, in the order of the documentation. */
    public final List<Parameter<?>> parameters() {
        return parameters;
    }

    /**
     * Reads what a pipeline gave. Needs no cloud.
     *
     * @param given values by the name of their parameter; one that is null or blank counts as left out
     * @throws WrongParameterException if a parameter is unknown, missing or not allowed
     */
    public final Arguments arguments(Map<String, ?> given) {
        Arguments arguments = new Arguments(name, parameters, given);
        check(arguments);
        return arguments;
    }

    /**
     * Runs the step, or goes on with it from what its host saved. Returns at once and blocks no thread; it begins on the timer.
     *
     * <p>The future ends with the result: text, numbers, flags, null, and lists and maps of these, all serializable. It ends
     * with a {@link StepFailedException} when the step did not come to it, and with anything else only when the host could not
     * save or this program has a fault. Canceling it ends the step at once; {@link #leftBehind} tells what goes on then.
     */
    public final CompletableFuture<Map<String, Object>> run(
            Arguments arguments, StepEnvironment environment, StepHost host) {
        StepRun run = new StepRun(environment, host);
        CompletableFuture<Map<String, Object>> end = new CompletableFuture<>();
        end.whenComplete((result, failure) -> {
            if (end.isCancelled()) {
                run.stop();
            }
        });
        CompletableFuture.supplyAsync(() -> perform(arguments, run), environment.timer())
                .thenCompose(result -> result)
                .whenComplete((result, failure) -> {
                    if (failure == null) {
                        end.complete(result);
                    } else {
                        end.completeExceptionally(failureOf(Futures.cause(failure)));
                    }
                });
        return end;
    }

    /**
     * What goes on in the cloud, and how to come back to it, when the step was ended before its end.
     *
     * @param progress what it saved last
     */
    public abstract String leftBehind(Arguments arguments, Progress progress);

    /**
     * Looks at the parameters together.
     *
     * @throws WrongParameterException if they do not go together
     */
    void check(Arguments arguments) {}

    final WrongParameterException wrong(String problem) {
        return new WrongParameterException(name, problem);
    }

    abstract CompletableFuture<Map<String, Object>> perform(Arguments arguments, StepRun run);

    private static Throwable failureOf(Throwable cause) {
        return cause instanceof CloudException cloud
                ? new StepFailedException(Outcome.FAILED, cloud.getMessage())
                : cause;
    }
}
