package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.CloudApi;
import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.failback.Futures;
import io.jenkins.plugins.cockroachdb.failback.Observer;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.failback.Sight;
import io.jenkins.plugins.cockroachdb.proxy.ProxyErrand;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** One life of a step: how it reads, waits and saves, until its end or until it is stopped. */
final class StepRun {

    /** Between two readings of something that does not show yet, or cannot be read just now. */
    static final Duration SOON = Duration.ofSeconds(2);

    /** How long the effect of a write may stay unseen before it is in doubt (R6), and how long a silent cloud is asked again. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    private final StepEnvironment environment;
    private final StepHost host;
    private volatile CompletableFuture<?> waiting = CompletableFuture.completedFuture(null);
    private volatile Runnable onStop = () -> {};
    private volatile boolean stopped;
    private volatile String lastNote;

    StepRun(StepEnvironment environment, StepHost host) {
        this.environment = environment;
        this.host = host;
    }

    /** Ends what it waits for. A write that is under way is left to its end: nobody knows whether it took effect. */
    void stop() {
        stopped = true;
        waiting.cancel(true);
        onStop.run();
    }

    /** Has something given back as soon as this is stopped, whatever is still under way. */
    void whenStopped(Runnable giveBack) {
        onStop = giveBack;
        if (stopped) {
            giveBack.run();
        }
    }

    Instant now() {
        return environment.clock().instant();
    }

    /** The cloud; what is stopped does not get at it any more. */
    CloudApi api() {
        throwIfStopped();
        return environment.api();
    }

    Progress progress() {
        return host.progress();
    }

    /** Keeps the progress; what is stopped does not get beyond it. */
    CompletableFuture<Void> save(Progress progress) {
        throwIfStopped();
        return interruptible(host.save(progress)).thenRun(this::throwIfStopped);
    }

    private void throwIfStopped() {
        if (stopped) {
            throw new CancellationException();
        }
    }

    RecordFile openRecord(String originalPrimaryId, String activeId, boolean isUnderWay) throws IOException {
        throwIfStopped();
        return host.openRecord(originalPrimaryId, activeId, isUnderWay);
    }

    Optional<String> driver() {
        return host.driver();
    }

    Optional<Duration> lastWritePause(String originalPrimaryId, String activeId) {
        return host.lastWritePause(originalPrimaryId, activeId);
    }

    CompletableFuture<List<SeenProxy>> atProxies(ProxyErrand errand) {
        throwIfStopped();
        return interruptible(host.atProxies(errand));
    }

    InstantSource clock() {
        return environment.clock();
    }

    /** Tells it, unless it is what was told last. */
    void note(String sentence) {
        if (!sentence.equals(lastNote)) {
            lastNote = sentence;
            host.note(sentence);
        }
    }

    Observer observer(String originalPrimaryId, String activeId) {
        return observer(originalPrimaryId, activeId, List.of());
    }

    Observer observer(String originalPrimaryId, String activeId, List<SeenProxy> proxies) {
        return new Observer(api(), originalPrimaryId, activeId, proxies, environment.clock());
    }

    /**
     * One reading of every stream that touches the pair, and the first time of both clusters; fails when they cannot be read,
     * and at two live streams from the one to the other.
     */
    CompletableFuture<Sight.Cloud> look(Observer observer) {
        return observer.look(Settings.DEFAULT.proxyLimit())
                .thenCompose(StepRun::cloud)
                .thenApply(StepRun::withoutDouble);
    }

    /** What a sight shows of the cloud, or why it shows nothing. */
    static CompletableFuture<Sight.Cloud> cloud(Sight sight) {
        return sight.cloud()
                .map(CompletableFuture::completedFuture)
                .orElseGet(() -> CompletableFuture.failedFuture(sight.failure().orElseThrow()));
    }

    /**
     * The same cloud, unless it shows two live streams where there may be one: nobody can tell which of them counts (R6).
     *
     * @throws StepFailedException if it does
     */
    static Sight.Cloud withoutDouble(Sight.Cloud cloud) {
        List<ReplicationStream> live = cloud.streams().liveReverseStreams();
        if (live.size() > 1) {
            boolean oneCutsOver = live.stream().anyMatch(stream -> stream.status() == StreamStatus.FAILING_OVER);
            throw new StepFailedException(
                    oneCutsOver ? Outcome.IN_DOUBT : Outcome.FAILED,
                    "There are " + live.size() + " live streams where there may be one: "
                            + live.stream().map(cloud.pair()::describe).collect(Collectors.joining("; "))
                            + ". All of them go on. Stop every other run on this pair, cancel all but the one to keep,"
                            + " and run again.");
        }
        return cloud;
    }

    /** One reading of a stream. */
    CompletableFuture<Answer<ReplicationStream>> stream(String streamId) {
        return api().stream(streamId).thenApply(answer -> {
            host.seen(answer);
            return answer;
        });
    }

    /** Reads, and again for a while when the cloud does not answer just now. */
    <T> CompletableFuture<T> read(Supplier<CompletableFuture<T>> reading) {
        return read(reading, now().plus(PATIENCE));
    }

    /** Reads once, and again until the deadline when the cloud does not answer just now. */
    <T> CompletableFuture<T> read(Supplier<CompletableFuture<T>> reading, Instant deadline) {
        return interruptible(reading.get()).exceptionallyCompose(failure -> {
            Throwable cause = Futures.cause(failure);
            if (cause instanceof CloudException cloud && cloud.mayPass() && now().isBefore(deadline)) {
                note(cloud.whatHappened() + " It is tried again until " + deadline + ".");
                return soon().thenCompose(later -> read(reading, deadline));
            }
            return CompletableFuture.failedFuture(cause);
        });
    }

    CompletableFuture<Answer<ReplicationStream>> await(String streamId, StreamCondition condition, Instant deadline) {
        return interruptible(environment.watcher().await(streamId, condition, deadline, host::seen));
    }

    CompletableFuture<Void> soon() {
        CompletableFuture<Void> pause = new CompletableFuture<>();
        environment.timer().schedule(() -> pause.complete(null), SOON.toMillis(), TimeUnit.MILLISECONDS);
        return interruptible(pause);
    }

    private <T> CompletableFuture<T> interruptible(CompletableFuture<T> future) {
        waiting = future;
        if (stopped) {
            future.cancel(true);
        }
        return future;
    }
}
