package io.jenkins.plugins.cockroachdb.failback.step;

import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Tells what a cluster is and whether it may take part in a failback. */
final class ClusterStatusContract extends StepContract {

    private static final Parameter<String> CLUSTER = Parameter.id("clusterId", "Id of the cluster.");

    ClusterStatusContract() {
        super("cockroachClusterStatus", "Tells what a CockroachDB Cloud cluster is, and its health.", CLUSTER);
    }

    @Override
    CompletableFuture<Map<String, Object>> perform(Arguments arguments, StepRun run) {
        return run.read(() -> run.api().cluster(arguments.get(CLUSTER)))
                .thenApply(answer -> ResultMaps.cluster(answer.value()));
    }

    @Override
    public String leftBehind(Arguments arguments, Progress progress) {
        return NOTHING_LEFT;
    }
}
