package io.jenkins.plugins.cockroachdb.proxy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One proxy between applications and the clusters A (active) and P (original primary).
 *
 * <p>Every verb is idempotent: it reads the real state first and does only what is missing. None blocks. Each future ends
 * with what was <em>seen</em> after the verb, never with what was merely asked for, or exceptionally with a {@link
 * ProxyException} that names proxy, refusal and remedy. A verb that ran out of time ends with that exception too; what
 * the proxy then does has to be read with {@link #status}.
 */
public interface Proxy {

    /** The proxy's name in messages, gates and the record; unique within a failback. */
    String name();

    /**
     * Reads where clients can go. A proxy that does not answer is {@link Traffic#UNKNOWN} with the reason as its detail,
     * not an exception: not knowing is a fact that the runbook decides about.
     *
     * @param limit how long at most
     */
    CompletableFuture<ProxyStatus> status(Duration limit);

    /**
     * Closes P, verified, then drains A, closes it, cuts what is left and proves that no session remains. When that fails, clients
     * are left as they were found.
     *
     * @param drain how long sessions on A may finish by themselves
     * @param limit how long at most beyond the drain
     */
    CompletableFuture<ProxyStatus> fence(Duration drain, Duration limit);

    /**
     * As {@link #fence}, for when a cutover may have begun: nobody may finish by himself, because what is written to A now is lost, and
     * what could be closed stays closed when the rest could not.
     *
     * @param limit how long at most
     */
    default CompletableFuture<ProxyStatus> fenceAtOnce(Duration limit) {
        return fence(Duration.ZERO, limit);
    }

    /**
     * Puts clients back on A. Only for before a cutover.
     *
     * @param limit how long at most
     */
    CompletableFuture<ProxyStatus> unfence(Duration limit);

    /**
     * Lets clients go to P, and A stays closed. Only for after a cutover. Where A is open, or somebody is left there, that is an error
     * and changes nothing: whatever was written there meanwhile is lost, and must not go by unseen behind a release. Fence first.
     *
     * @param limit how long at most
     */
    CompletableFuture<ProxyStatus> release(Duration limit);

    /**
     * What a person should know before a fence: whatever makes it fail, costs sessions or does not survive a restart; empty when
     * all is well. Changes nothing. Ends exceptionally with a {@link ProxyException} when the proxy cannot be read.
     *
     * @param limit how long at most
     */
    default CompletableFuture<List<ProxyFinding>> findings(Duration limit) {
        return CompletableFuture.completedFuture(List.of());
    }

    /**
     * Which cluster answers where applications connect; see {@link WhoAnswers}. Empty when nobody said where that is. Ends exceptionally
     * only for a defect.
     *
     * @param activeSqlDns A's {@code sql_dns} in the Cloud API; null when unknown
     * @param originalPrimarySqlDns P's; null when unknown
     * @param limit how long at most, and a second
     */
    default CompletableFuture<Optional<WhoAnswers>> whoAnswers(
            String activeSqlDns, String originalPrimarySqlDns, Duration limit) {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    /** What a verb does, command by command, for the person who approves it; empty when nobody can say. */
    default List<String> commands(Verb verb) {
        return List.of();
    }
}
