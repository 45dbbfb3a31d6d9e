package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.NewStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.cloud.StreamUpdate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a failback does next. Whoever drives it performs the action, appends to the record what came of it, looks at
 * everything again and asks again.
 */
public sealed interface Action {

    /**
     * Look again after a while.
     *
     * @param after how long to wait first
     * @param why a sentence for a person: what is waited for
     */
    record Look(Duration after, String why) implements Action {}

    /** Read every prerequisite and judge it. */
    record Examine() implements Action {}

    /**
     * Ask a person.
     *
     * @param streamId what the approval binds to; null when there is no stream yet
     * @param clusterId the cluster whose name has to be typed
     */
    record Ask(Gate gate, String streamId, String clusterId) implements Action {}

    /** Record that a live reverse stream is used that somebody else created. */
    record Adopt(String streamId) implements Action {}

    /** Create the reverse stream, which erases the original primary. */
    record CreateReverseStream(NewStream stream) implements Action {}

    /**
     * Wait for a stream, and look again when the condition holds, can never hold, or the time is up. Traffic is watched
     * meanwhile: a change ends the wait.
     *
     * @param deadline by our clock
     */
    record Await(String streamId, StreamCondition condition, Instant deadline) implements Action {}

    /**
     * Fence these proxies.
     *
     * @param lossWindow what to record as a loss window before; null for none
     */
    record Fence(List<String> proxies, String lossWindow) implements Action {}

    /** Record that writes may have been lost. */
    record NoteLoss(String words) implements Action {}

    /** Prove every fence, then ask the cloud for its time: F. */
    record ProveFence(String streamId) implements Action {}

    /**
     * Put clients of these proxies back on A.
     *
     * @param thenEnd how the run ends once they are; null when it goes on
     * @param why a sentence for a person, and the message of that end
     */
    record Unfence(List<String> proxies, Outcome thenEnd, String why) implements Action {}

    /**
     * Send the PATCH, the point of no return. The fence is proven right before and right after.
     *
     * @param replicatedAfter what must have been replicated; null without proxies
     */
    record Initiate(String streamId, StreamUpdate update, Instant replicatedAfter) implements Action {}

    /** Let clients of these proxies go to P. */
    record Release(List<String> proxies) implements Action {}

    /** See whether P really serves. */
    record Verify() implements Action {}

    /** Create the forward stream, which erases A. */
    record CreateForwardStream(NewStream stream) implements Action {}

    /** The run is over. */
    record Finish(Outcome outcome, String message) implements Action {}
}
