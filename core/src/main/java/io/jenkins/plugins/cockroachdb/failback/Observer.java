package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.CloudApi;
import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.ClusterNode;
import io.jenkins.plugins.cockroachdb.cloud.Disruption;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamFilter;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.proxy.WhoAnswers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/** Looks at everything that a failback depends on: clusters, streams, proxies. It changes nothing and blocks no thread. */
public final class Observer {

    /** The name of the check that fails when not everything could be read; then it is the only one. */
    static final String CAN_BE_READ = "prerequisites can be read";

    /** A cloud that does not answer is read for up to two minutes; whatever opens meanwhile is not to wait for the next look. */
    private static final Duration SLOW_READ = Duration.ofSeconds(10);

    private final CloudApi api;
    private final String originalPrimaryId;
    private final String activeId;
    private final List<Proxy> proxies;
    private final InstantSource clock;

    // Names and prerequisites do not change from look to look; they are read again for each examination.
    private volatile Pair pair;

    /** @param proxies every proxy that clients use; empty to leave traffic to others */
    public Observer(
            CloudApi api,
            String originalPrimaryId,
            String activeId,
            List<? extends Proxy> proxies,
            InstantSource clock) {
        this.api = api;
        this.originalPrimaryId = originalPrimaryId;
        this.activeId = activeId;
        this.proxies = List.copyOf(proxies);
        this.clock = clock;
    }

    /**
     * One look at streams and proxies, and the first time at the clusters. A cloud that cannot be read is a fact in the
     * sight, not an exception.
     *
     * @param proxyLimit how long a proxy may take to answer
     */
    public CompletableFuture<Sight> look(Duration proxyLimit) {
        Instant at = clock.instant();
        CompletableFuture<List<ProxyStatus>> statuses = proxies(proxyLimit);
        return sight(at, pair == null ? clusters() : CompletableFuture.completedFuture(pair), streams(), statuses)
                .thenCompose(sight -> clock.instant().isBefore(at.plus(SLOW_READ))
                        ? CompletableFuture.completedFuture(sight)
                        : proxies(proxyLimit).thenApply(sight::withProxies));
    }

    /** A look with everything that the preflight judges besides, read anew. */
    public CompletableFuture<Examination> examine(Settings settings) {
        CompletableFuture<List<ProxyStatus>> statuses = proxies(settings.proxyLimit());
        Instant at = clock.instant();
        CompletableFuture<Answer<Cluster>> original = api.cluster(originalPrimaryId);
        CompletableFuture<Answer<Cluster>> active = api.cluster(activeId);
        CompletableFuture<Answer<List<ReplicationStream>>> streams = streams();
        CompletableFuture<Answer<List<ClusterNode>>> originalNodes = api.nodes(originalPrimaryId);
        CompletableFuture<Answer<List<ClusterNode>>> activeNodes = api.nodes(activeId);
        CompletableFuture<Optional<Disruption>> originalDisruption = disruption(originalPrimaryId);
        CompletableFuture<Optional<Disruption>> activeDisruption = disruption(activeId);
        CompletableFuture<Sight> sight =
                sight(at, original.thenCombine(active, (p, a) -> new Pair(p.value(), a.value())), streams, statuses);
        CompletableFuture<List<Check>> proxyChecks = proxyChecks(settings.proxyLimit(), statuses);
        CompletableFuture<List<Check>> answerChecks = sight.thenCompose(seen -> seen.cloud()
                .map(cloud -> answerChecks(settings.proxyLimit(), seen.proxies()))
                .orElse(CompletableFuture.completedFuture(List.of())));
        CompletableFuture<Void> rest = CompletableFuture.allOf(
                originalNodes, activeNodes, originalDisruption, activeDisruption, proxyChecks, answerChecks);
        return sight.thenCompose(seen -> rest.handle((done, failure) -> {
            Optional<CloudException> unread = seen.failure().or(() -> cloudFailure(failure));
            if (unread.isPresent()) {
                return new Examination(seen, List.of(notRead(unread.get())));
            }
            Sight.Cloud cloud = seen.cloud().orElseThrow();
            List<Check> checks = new ArrayList<>(Preflight.checks(
                    new Preflight.Evidence(
                            cloud.pair(),
                            originalNodes.join().value(),
                            activeNodes.join().value(),
                            originalDisruption.join(),
                            activeDisruption.join(),
                            cloud.streams(),
                            seen.proxies(),
                            original.join().leastSkew()),
                    settings.maxSkew(),
                    settings.allowUnprovenRoles()));
            checks.addAll(proxyChecks.join());
            checks.addAll(answerChecks.join());
            return new Examination(seen, checks);
        }));
    }

    /** Every proxy as it is now. One that does not answer is unknown, with the reason. */
    public CompletableFuture<List<ProxyStatus>> proxies(Duration limit) {
        return Futures.all(proxies, proxy -> proxy.status(limit)
                .exceptionally(failure -> ProxyStatus.unknown(
                        proxy.name(), String.valueOf(Futures.cause(failure).getMessage()))));
    }

    /** What each proxy itself has to say about a fence. One that could not be read at all is judged by who serves. */
    private CompletableFuture<List<Check>> proxyChecks(Duration limit, CompletableFuture<List<ProxyStatus>> statuses) {
        return statuses.thenCompose(seen -> {
            List<String> silent = seen.stream()
                    .filter(status -> status.traffic() == Traffic.UNKNOWN)
                    .map(ProxyStatus::name)
                    .toList();
            return Futures.all(
                    proxies.stream()
                            .filter(proxy -> !silent.contains(proxy.name()))
                            .toList(),
                    proxy -> proxy.findings(limit)
                            .handle((findings, failure) -> failure == null
                                    ? Preflight.proxy(proxy.name(), findings)
                                    : Check.warn(
                                            Preflight.proxy(proxy.name()),
                                            "It could not be examined. "
                                                    + Futures.cause(failure).getMessage(),
                                            "Look at it before you go on.")));
        });
    }

    /** Who answers where clients of each proxy connect, for those that say where that is. */
    private CompletableFuture<List<Check>> answerChecks(Duration limit, List<ProxyStatus> seen) {
        return whoAnswers(limit).thenApply(answers -> seen.stream()
                .filter(status -> answers.containsKey(status.name()))
                .map(status -> Preflight.whoAnswers(status, answers.get(status.name())))
                .toList());
    }

    /**
     * Who answers where clients of each proxy connect, by the proxy's name; those that do not say where that is are missing. Empty
     * before the clusters were seen.
     *
     * @param limit how long at most, and a second
     */
    CompletableFuture<Map<String, WhoAnswers>> whoAnswers(Duration limit) {
        Pair clusters = pair;
        if (clusters == null) {
            return CompletableFuture.completedFuture(Map.of());
        }
        Map<String, WhoAnswers> answers = new ConcurrentHashMap<>();
        return Futures.all(proxies, proxy -> proxy.whoAnswers(
                                clusters.active().sqlDns(),
                                clusters.originalPrimary().sqlDns(),
                                limit)
                        .thenAccept(answer -> answer.ifPresent(seen -> answers.put(proxy.name(), seen))))
                .thenApply(done -> answers);
    }

    private static Check notRead(CloudException failure) {
        return Check.fail(
                CAN_BE_READ,
                "Not every prerequisite could be read. " + failure.getMessage(),
                "Run again when the cloud answers.");
    }

    private CompletableFuture<Sight> sight(
            Instant at,
            CompletableFuture<Pair> clusters,
            CompletableFuture<Answer<List<ReplicationStream>>> streams,
            CompletableFuture<List<ProxyStatus>> statuses) {
        return clusters.thenCombine(streams, (read, answer) -> {
                    pair = read;
                    return new Sight.Cloud(read, new StreamHistory(read, answer.value()), answer.cloudTime());
                })
                .handle((cloud, failure) -> statuses.thenApply(seen -> failure == null
                        ? new Sight(at, Optional.of(cloud), Optional.empty(), seen)
                        : Sight.without(at, cloudFailure(failure).orElseThrow(), seen)))
                .thenCompose(sight -> sight);
    }

    private CompletableFuture<Pair> clusters() {
        return api.cluster(originalPrimaryId)
                .thenCombine(api.cluster(activeId), (original, active) -> new Pair(original.value(), active.value()));
    }

    /** Every stream that touches either cluster, completed ones too, with the cloud's time of the earlier answer. */
    private CompletableFuture<Answer<List<ReplicationStream>>> streams() {
        return api.streams(StreamFilter.live().touching(originalPrimaryId).andCompleted())
                .thenCombine(api.streams(StreamFilter.live().touching(activeId).andCompleted()), (p, a) -> {
                    List<ReplicationStream> both = new ArrayList<>(p.value());
                    both.addAll(a.value());
                    return p.map(one -> both);
                });
    }

    /** Limited access: whoever may not read it does without. */
    private CompletableFuture<Optional<Disruption>> disruption(String clusterId) {
        return api.disruption(clusterId)
                .thenApply(answer -> Optional.of(answer.value()))
                .exceptionally(failure -> {
                    if (Futures.cause(failure) instanceof CloudException.Forbidden
                            || Futures.cause(failure) instanceof CloudException.NotFound) {
                        return Optional.empty();
                    }
                    throw new CompletionException(Futures.cause(failure));
                });
    }

    /**
     * The failure when it is the cloud's.
     *
     * @throws CompletionException if it is a fault of this program
     */
    private static Optional<CloudException> cloudFailure(Throwable failure) {
        if (failure == null) {
            return Optional.empty();
        }
        if (Futures.cause(failure) instanceof CloudException cloud) {
            return Optional.of(cloud);
        }
        throw new CompletionException(Futures.cause(failure));
    }
}
