package io.jenkins.plugins.cockroachdb.cloud;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The part of the CockroachDB Cloud API that a failback needs.
 *
 * <p>No method blocks. Each returns a future that ends with an {@link Answer}, or exceptionally with a {@link
 * CloudException} that tells what happened, what holds now and what to do. Canceling that very future (not one derived
 * from it) abandons the request; whether an abandoned <em>write</em> took effect is then unknown and has to be read.
 *
 * <p>Futures complete on a thread of the transport or the timer: what depends on them must not block.
 *
 * <p>Source: the official OpenAPI document, version 2024-09-16. All endpoints of physical cluster replication are marked
 * Preview there, so every answer is read tolerantly: unknown fields are skipped, unknown values kept as they came.
 */
public interface CloudApi {

    /** Who the key belongs to. There is no endpoint that tells the key's rights. */
    CompletableFuture<Answer<Organization>> organization();

    /** All clusters that the key may see, every page. */
    CompletableFuture<Answer<List<Cluster>>> clusters();

    /**
     * One cluster.
     *
     * @throws IllegalArgumentException at once if the id cannot be one
     */
    CompletableFuture<Answer<Cluster>> cluster(String clusterId);

    /** All nodes of a cluster, every page. */
    CompletableFuture<Answer<List<ClusterNode>>> nodes(String clusterId);

    /** What is deliberately disrupted in a cluster. The endpoint has limited access: expect {@code Forbidden}. */
    CompletableFuture<Answer<Disruption>> disruption(String clusterId);

    /**
     * All streams that match, every page, in the server's order. The time of the answer is that of its <em>first</em>
     * page, so that nothing in the list is older than the answer claims.
     */
    CompletableFuture<Answer<List<ReplicationStream>>> streams(StreamFilter filter);

    /** One stream. */
    CompletableFuture<Answer<ReplicationStream>> stream(String streamId);

    /**
     * Starts a stream, which <strong>erases the standby</strong>. Sent once and never repeated: there is no idempotency
     * key. Ends with {@link CloudException.FateUnknown} when the server may have acted although its answer is missing.
     */
    CompletableFuture<Answer<ReplicationStream>> createStream(NewStream stream);

    /** Fails a stream over or cancels it. Sent once and never repeated, as {@link #createStream} is. */
    CompletableFuture<Answer<ReplicationStream>> updateStream(String streamId, StreamUpdate update);
}
