package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.util.Secret;
import io.jenkins.plugins.cockroachdb.cloud.ApiKey;
import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.RequestBudget;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.cloud.Transport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What all steps share that use the same cloud with the same key: the key's budget, the watcher, the clusters' names. */
final class CloudSession {

    private static final Duration NAMES_KEEP = Duration.ofMinutes(10);

    private final ApiUrl url;
    private final Transport transport;
    private final ScheduledExecutorService timer;
    private final RequestBudget budget;
    private final CloudClient client;
    private final StreamWatcher watcher;

    // Guarded by CloudSessions.
    int users;
    Instant idleSince;

    // Guarded by this.
    private CompletableFuture<Map<String, String>> names;
    private Instant namesAsked;

    CloudSession(ApiUrl url, Secret key, Transport transport, ScheduledExecutorService timer) {
        this.url = url;
        this.transport = transport;
        this.timer = timer;
        this.budget = new RequestBudget(timer);
        this.client = client(() -> key);
        this.watcher = new StreamWatcher(client, InstantSource.system(), timer);
    }

    /**
     * A client with the same budget.
     *
     * @param keys asked before every request; what it throws ends the request before anything is sent
     */
    CloudClient client(Supplier<Secret> keys) {
        return CloudClient.builder(url, () -> ApiKey.of(keys.get().getPlainText()), transport, timer)
                .budget(budget)
                .build();
    }

    StreamWatcher watcher() {
        return watcher;
    }

    /** The names of all clusters that the key sees, by id; empty when they cannot be read just now. */
    CompletableFuture<Map<String, String>> clusterNames() {
        CompletableFuture<Map<String, String>> mine;
        synchronized (this) {
            if (names != null && Instant.now().isBefore(namesAsked.plus(NAMES_KEEP))) {
                return names;
            }
            names = new CompletableFuture<>();
            namesAsked = Instant.now();
            mine = names;
        }
        client.clusters()
                .thenApply(answer -> answer.value().stream().collect(Collectors.toMap(Cluster::id, Cluster::name)))
                .exceptionally(failure -> Map.of())
                .thenAccept(mine::complete);
        return mine;
    }

    void close() {
        watcher.close();
    }
}
