package io.jenkins.plugins.cockroachdb.failback;

import java.util.concurrent.CompletableFuture;

/** Asks people. */
public interface Gatekeeper {

    /**
     * A question.
     *
     * @param gate what is asked
     * @param clusterName what the approver has to type
     * @param situation the evidence to show
     */
    record Question(Gate gate, String clusterName, Situation situation) {}

    /**
     * An answer.
     *
     * @param approved whether the failback may go on
     * @param by who answered, or what waived the gate; never null
     */
    record Reply(boolean approved, String by) {}

    /**
     * Asks. The future may end at any time, or never; the driver gives up at the gate's time-out and cancels it.
     */
    CompletableFuture<Reply> ask(Question question);
}
