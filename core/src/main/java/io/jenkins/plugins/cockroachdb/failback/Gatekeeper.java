package io.jenkins.plugins.cockroachdb.failback;

import java.util.Objects;
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
     * @param by who answered, or what waived the gate; empty when nobody could be asked; never null
     */
    record Reply(boolean approved, String by) {
        public Reply {
            Objects.requireNonNull(by, "by");
        }

        /** A person said yes, or something that was given in advance did. */
        public static Reply approvedBy(String who) {
            return new Reply(true, who);
        }

        /** A person said no. */
        public static Reply refusedBy(String who) {
            return new Reply(false, who);
        }

        /** There is nobody to ask, as where no terminal is. */
        public static Reply nobodyToAsk() {
            return new Reply(false, "");
        }
    }

    /**
     * Asks. The future may end at any time, or never; the driver gives up at the gate's time-out and cancels it.
     */
    CompletableFuture<Reply> ask(Question question);
}
