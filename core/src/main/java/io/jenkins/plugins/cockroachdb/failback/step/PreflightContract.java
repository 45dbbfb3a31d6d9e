package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Judges every prerequisite of a failback. What stops a failback is in the result; the step itself does not fail of it. */
final class PreflightContract extends StepContract {

    private static final PairParameters PAIR = PairParameters.OF_REVERSE_STREAM;

    private static final Parameter<List<SeenProxy>> PROXIES = Parameter.maps(
            "proxies",
            "What redirectProxy saw: the list under \"proxies\" in its result. Without, nobody proves who serves.",
            "a list of maps with name, traffic, sessionsActive, sessionsOriginal and detail, as redirectProxy returns it",
            SeenProxy::ofMap);

    private static final Parameter<Duration> MAX_SKEW =
            Parameter.seconds("maxSkewSeconds", 5, 0, "The largest difference between the cloud's clock and ours.");

    PreflightContract() {
        super(
                "cockroachFailbackPreflight",
                "Judges every prerequisite of a failback, and changes nothing.",
                PAIR.active(),
                PAIR.originalPrimary(),
                PROXIES,
                MAX_SKEW);
    }

    @Override
    void check(Arguments arguments) {
        PAIR.check(this, arguments);
    }

    @Override
    CompletableFuture<Map<String, Object>> perform(Arguments arguments, StepRun run) {
        Settings settings =
                Settings.DEFAULT.toBuilder().maxSkew(arguments.get(MAX_SKEW)).build();
        return PAIR.observer(arguments, run, arguments.get(PROXIES))
                .examine(settings)
                .thenApply(examination -> ResultMaps.checks(examination.checks()));
    }

    @Override
    public String leftBehind(Arguments arguments, Progress progress) {
        return NOTHING_LEFT;
    }
}
