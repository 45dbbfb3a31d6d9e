package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.failback.Observer;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import java.util.List;

/**
 * The two clusters of a stream, as the parameters of a step name them. Seen from a forward stream the roles are exchanged: its
 * source is the active cluster of the pair, and what it erases the original primary.
 *
 * @param active the source, which keeps its data
 * @param originalPrimary the target, which is or was erased
 */
record PairParameters(Parameter<String> active, Parameter<String> originalPrimary) {

    /** For the way home. */
    static final PairParameters OF_REVERSE_STREAM = new PairParameters(
            Parameter.id("activeClusterId", "Id of the cluster that serves now."),
            Parameter.id("originalPrimaryClusterId", "Id of the cluster that served before the failover."));

    /** For the protection at home. */
    static final PairParameters OF_FORWARD_STREAM = new PairParameters(
            Parameter.id("primaryClusterId", "Id of the cluster that serves, and is to be protected."),
            Parameter.id("standbyClusterId", "Id of the cluster that is to be its standby, which is erased."));

    PairParameters optional() {
        return new PairParameters(active.optional(), originalPrimary.optional());
    }

    /** @throws WrongParameterException if both name the same cluster */
    void check(StepContract step, Arguments arguments) {
        if (arguments.find(active).isPresent() && arguments.find(active).equals(arguments.find(originalPrimary))) {
            throw step.wrong("Parameters " + active.name() + " and " + originalPrimary.name()
                    + " are the same, and must be the ids of two clusters.");
        }
    }

    /** Looks at this pair. */
    Observer observer(Arguments arguments, StepRun run) {
        return observer(arguments, run, List.of());
    }

    /**
     * The same with proxies.
     *
     * @param proxies as they were seen
     */
    Observer observer(Arguments arguments, StepRun run, List<SeenProxy> proxies) {
        return run.observer(arguments.get(originalPrimary), arguments.get(active), proxies);
    }
}
