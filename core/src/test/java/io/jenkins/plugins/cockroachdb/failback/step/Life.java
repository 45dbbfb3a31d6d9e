package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.CloudApi;
import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.ClusterNode;
import io.jenkins.plugins.cockroachdb.cloud.Disruption;
import io.jenkins.plugins.cockroachdb.cloud.NewStream;
import io.jenkins.plugins.cockroachdb.cloud.Organization;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamFilter;
import io.jenkins.plugins.cockroachdb.cloud.StreamUpdate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * One life of the process that runs a step: it keeps the step's progress as plain text, carries its requests, and can be
 * killed before and after each save, each request and each answer.
 */
final class Life implements StepHost, CloudApi {

    private final CloudApi cloud;
    final List<String> notes = new ArrayList<>();
    final List<String> seen = new ArrayList<>();
    Map<String, String> saved;
    Runnable onSave = () -> {};
    /** What every save ends with. */
    CompletableFuture<Void> disk = CompletableFuture.completedFuture(null);

    int moments;
    boolean dead;
    private int lastMoment = Integer.MAX_VALUE;

    /** @param saved what an earlier life has saved */
    Life(CloudApi cloud, Map<String, String> saved) {
        this.cloud = cloud;
        this.saved = saved;
    }

    /** Kills it at the given moment, counted from 0. */
    Life killedAt(int moment) {
        lastMoment = moment;
        return this;
    }

    /** The next life, with what this one has saved. */
    Life next() {
        return new Life(cloud, saved);
    }

    private void moment() {
        dead |= moments++ == lastMoment;
    }

    @Override
    public Progress progress() {
        return Progress.ofMap(saved);
    }

    @Override
    public CompletableFuture<Void> save(Progress progress) {
        moment();
        if (!dead) {
            saved = progress.toMap();
            onSave.run();
            moment();
        }
        return dead ? new CompletableFuture<>() : disk.copy();
    }

    @Override
    public void seen(Answer<ReplicationStream> stream) {
        seen.add(stream.value().statusName());
    }

    @Override
    public void note(String sentence) {
        notes.add(sentence);
    }

    private <T> CompletableFuture<T> carry(Supplier<CompletableFuture<T>> request) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        moment();
        if (!dead) {
            request.get().whenComplete((value, failure) -> {
                moment();
                if (dead) {
                    return;
                }
                if (failure == null) {
                    answer.complete(value);
                } else {
                    answer.completeExceptionally(failure);
                }
            });
        }
        return answer;
    }

    @Override
    public CompletableFuture<Answer<Organization>> organization() {
        return carry(cloud::organization);
    }

    @Override
    public CompletableFuture<Answer<List<Cluster>>> clusters() {
        return carry(cloud::clusters);
    }

    @Override
    public CompletableFuture<Answer<Cluster>> cluster(String clusterId) {
        return carry(() -> cloud.cluster(clusterId));
    }

    @Override
    public CompletableFuture<Answer<List<ClusterNode>>> nodes(String clusterId) {
        return carry(() -> cloud.nodes(clusterId));
    }

    @Override
    public CompletableFuture<Answer<Disruption>> disruption(String clusterId) {
        return carry(() -> cloud.disruption(clusterId));
    }

    @Override
    public CompletableFuture<Answer<List<ReplicationStream>>> streams(StreamFilter filter) {
        return carry(() -> cloud.streams(filter));
    }

    @Override
    public CompletableFuture<Answer<ReplicationStream>> stream(String streamId) {
        return carry(() -> cloud.stream(streamId));
    }

    @Override
    public CompletableFuture<Answer<ReplicationStream>> createStream(NewStream stream) {
        return carry(() -> cloud.createStream(stream));
    }

    @Override
    public CompletableFuture<Answer<ReplicationStream>> updateStream(String streamId, StreamUpdate update) {
        return carry(() -> cloud.updateStream(streamId, update));
    }
}
