package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.CloudApi;
import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.NewStream;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Carries a failback out: looks, asks the {@link Runbook}, performs, records, and looks again, until the run is over. It
 * holds nothing that the next driver would need; that is all in the journal. It blocks no thread but for the journal's writes.
 */
public final class FailbackDriver {

    /** Between two looks at the proxies while a stream is awaited. */
    private static final Duration WATCH_INTERVAL = Duration.ofSeconds(1);

    private final CloudApi api;
    private final StreamWatcher watcher;
    private final FailbackTurn turn;
    private final List<Proxy> proxies;
    private final Gatekeeper gatekeeper;
    private final Journal journal;
    private final Settings settings;
    private final InstantSource clock;
    private final ScheduledExecutorService timer;
    private final Consumer<Action> onAction;

    private final CompletableFuture<Action.Finish> end = new CompletableFuture<>();

    private volatile String abortedBy;
    private volatile CompletableFuture<?> waiting = CompletableFuture.completedFuture(null);

    /**
     * @param api the cloud
     * @param watcher waits on streams of the same cloud with the same key
     * @param proxies every proxy that clients use; empty to leave traffic to others
     * @param journal of this failback; its beginning names the pair
     * @param onAction shown each action before it is performed
     */
    public FailbackDriver(
            CloudApi api,
            StreamWatcher watcher,
            List<Proxy> proxies,
            Gatekeeper gatekeeper,
            Journal journal,
            Settings settings,
            InstantSource clock,
            ScheduledExecutorService timer,
            Consumer<Action> onAction) {
        this.api = api;
        this.watcher = watcher;
        this.turn = new FailbackTurn(api, proxies, journal, settings, clock);
        this.proxies = List.copyOf(proxies);
        this.gatekeeper = gatekeeper;
        this.journal = journal;
        this.settings = settings;
        this.clock = clock;
        this.timer = timer;
        this.onAction = onAction;
    }

    /**
     * Starts, and ends with how the run ended. Ends exceptionally only when the journal cannot be written or a fault of this
     * program shows; then nothing more was done, and a rerun goes on from the record.
     */
    public CompletableFuture<Action.Finish> run() {
        step();
        return end;
    }

    /**
     * Asks the run to end. Before the cutover it puts traffic back first; after it, it ends by saying what goes on.
     *
     * @param by who asks, for the record
     */
    public void abort(String by) {
        abortedBy = by;
        waiting.cancel(true);
    }

    private void step() {
        CompletableFuture.completedFuture(null)
                .thenCompose(start -> look())
                .thenCompose(this::decide)
                .whenComplete((finished, failure) -> {
                    if (failure != null) {
                        end.completeExceptionally(Futures.cause(failure));
                    } else if (finished.isPresent()) {
                        end.complete(finished.get());
                    } else {
                        timer.execute(this::step);
                    }
                });
    }

    private CompletableFuture<Sight> look() {
        boolean isFirst = journal.record().entries().size() == 1;
        // A failback begins with an examination anyway.
        return isFirst ? examineUnasked().thenCompose(done -> turn.look()) : turn.look();
    }

    private CompletableFuture<Optional<Action.Finish>> decide(Sight sight) {
        if (abortedBy != null) {
            turn.abortRequested(abortedBy);
        }
        Situation situation = turn.note(sight);
        Action action = turn.decide(situation);
        onAction.accept(action);
        return action instanceof Action.Finish finish
                ? CompletableFuture.completedFuture(Optional.of(finish))
                : perform(action, situation).thenApply(done -> Optional.empty());
    }

    // ---- Performing

    private CompletableFuture<Void> perform(Action action, Situation situation) {
        Optional<CompletableFuture<Void>> alone = turn.alone(action);
        if (alone.isPresent()) {
            return alone.get();
        }
        if (action instanceof Action.Look look) {
            return pause(look.after());
        }
        if (action instanceof Action.Ask ask) {
            // After an approval everything is observed again (R2): at once, instead of a look that would only ask for
            // it.
            return ask(ask, situation)
                    .thenCompose(approved -> approved && ask.gate().isBeforeTheCutover()
                            ? examineUnasked()
                            : CompletableFuture.completedFuture(null));
        }
        if (action instanceof Action.Await await) {
            return await(await, situation);
        }
        if (action instanceof Action.Initiate initiate) {
            return initiate(initiate);
        }
        turn.begin(action);
        if (action instanceof Action.CreateReverseStream create) {
            return create(Call.CREATE_REVERSE_STREAM, create.stream());
        }
        if (action instanceof Action.CreateForwardStream create) {
            return create(Call.CREATE_FORWARD_STREAM, create.stream());
        }
        if (action instanceof Action.Fence fence) {
            boolean atOnce = turn.mayHaveBegun(situation.sight());
            return move(
                    Call.FENCE,
                    fence.proxies(),
                    proxy -> atOnce
                            ? proxy.fenceAtOnce(settings.proxyLimit())
                            : proxy.fence(settings.drain(), settings.proxyLimit()));
        }
        if (action instanceof Action.Unfence unfence) {
            return unfence(unfence.proxies());
        }
        if (action instanceof Action.Release release) {
            return release(release.proxies());
        }
        throw new IllegalStateException("unknown action " + action);
    }

    private CompletableFuture<Void> pause(Duration duration) {
        CompletableFuture<Void> pause = new CompletableFuture<>();
        timer.schedule(() -> pause.complete(null), duration.toNanos(), TimeUnit.NANOSECONDS);
        return interruptible(pause);
    }

    /** What an abort cuts short; its end, however it comes, is only a reason to look again. */
    private CompletableFuture<Void> interruptible(CompletableFuture<?> future) {
        cutShortByAbort(future);
        return future.handle((value, failure) -> {
            if (failure != null && Futures.cause(failure) instanceof UncheckedIOException journalIsLost) {
                throw new CompletionException(journalIsLost); // nothing may be done any more that is not recorded
            }
            return null;
        });
    }

    /** The abort comes on another thread: either it finds the future, or the future finds it. One abort cuts short once. */
    private void cutShortByAbort(CompletableFuture<?> future) {
        waiting = future;
        if (abortedBy != null && !journal.record().abortRequested()) {
            future.cancel(true);
        }
    }

    /** An examination that the runbook would ask for next: it saves the look that would only lead to it. */
    private CompletableFuture<Void> examineUnasked() {
        onAction.accept(new Action.Examine());
        return turn.examine();
    }

    /** Ends with whether the gate was passed. */
    private CompletableFuture<Boolean> ask(Action.Ask ask, Situation situation) {
        String name = situation
                .sight()
                .cloud()
                .map(cloud -> cloud.pair().nameOf(ask.clusterId()))
                .orElse(ask.clusterId());
        CompletableFuture<Gatekeeper.Reply> reply =
                gatekeeper.ask(new Gatekeeper.Question(ask.gate(), name, situation));
        CompletableFuture<Gatekeeper.Reply> inTime = new CompletableFuture<>();
        reply.whenComplete((answer, failure) -> {
            if (failure != null) {
                inTime.completeExceptionally(Futures.cause(failure));
            } else {
                inTime.complete(answer);
            }
        });
        Future<?> tooLate =
                timer.schedule(() -> inTime.complete(null), settings.gateLimit().toNanos(), TimeUnit.NANOSECONDS);
        cutShortByAbort(inTime);
        return inTime.handle((answer, failure) -> {
            reply.cancel(true);
            tooLate.cancel(false);
            if (failure != null) {
                if (abortedBy != null) {
                    return false;
                }
                throw new CompletionException(Futures.cause(failure));
            }
            turn.answered(ask.gate(), ask.streamId(), ask.clusterId(), answer);
            return answer != null && answer.approved();
        });
    }

    private CompletableFuture<Void> create(Call call, NewStream stream) {
        String target = FailbackTurn.creation(stream);
        return api.createStream(stream).handle((created, failure) -> called(call, target, failure, created));
    }

    private Void called(Call call, String target, Throwable failure, Answer<ReplicationStream> answer) {
        if (failure == null) {
            turn.called(
                    call,
                    target,
                    Entry.Result.DONE,
                    "Stream " + answer.value().id() + " is " + answer.value().statusName() + ".");
        } else if (Futures.cause(failure) instanceof CloudException refused) {
            turn.called(call, target, result(refused), refused.getMessage());
        } else {
            throw new CompletionException(Futures.cause(failure));
        }
        return null;
    }

    private static Entry.Result result(CloudException failure) {
        if (failure instanceof CloudException.FateUnknown) {
            return Entry.Result.UNKNOWN;
        }
        boolean nobodyTookIt =
                failure instanceof CloudException.RateLimited || failure instanceof CloudException.Unreachable;
        return nobodyTookIt ? Entry.Result.NOT_TAKEN : Entry.Result.REFUSED;
    }

    private CompletableFuture<Void> await(Action.Await await, Situation situation) {
        CompletableFuture<?> wait = watcher.await(
                await.streamId(),
                await.condition(),
                await.deadline(),
                answer -> turn.noteSeen(answer.value(), situation.sight().traffic()));
        CompletableFuture<Void> changed = new CompletableFuture<>();
        if (situation.sight().traffic().isPresent()) {
            watchTraffic(situation.sight(), wait, changed);
        }
        changed.whenComplete((value, failure) -> wait.cancel(true));
        return interruptible(wait).thenCompose(over -> {
            changed.complete(null);
            return changed;
        });
    }

    private void watchTraffic(Sight before, CompletableFuture<?> wait, CompletableFuture<Void> changed) {
        timer.schedule(
                () -> {
                    if (wait.isDone()) {
                        return;
                    }
                    turn.proxies()
                            .thenAccept(statuses -> {
                                List<Traffic> now = statuses.stream()
                                        .map(ProxyStatus::traffic)
                                        .toList();
                                List<Traffic> then = before.proxies().stream()
                                        .map(ProxyStatus::traffic)
                                        .toList();
                                if (now.equals(then)) {
                                    watchTraffic(before, wait, changed);
                                } else {
                                    turn.noteOpenings(statuses); // it may be closed again by the next look
                                    changed.complete(null);
                                }
                            })
                            .exceptionally(
                                    failure -> { // nobody watches any more, so nothing may be waited for
                                        changed.completeExceptionally(Futures.cause(failure));
                                        return null;
                                    });
                },
                WATCH_INTERVAL.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    /** Moves proxies in parallel, and records of each what was then seen of it. */
    private CompletableFuture<Void> move(
            Call call, List<String> names, Function<Proxy, CompletableFuture<ProxyStatus>> verb) {
        List<Proxy> chosen =
                proxies.stream().filter(proxy -> names.contains(proxy.name())).toList();
        return Futures.all(chosen, proxy -> verb.apply(proxy)
                        .exceptionally(failure -> ProxyStatus.unknown(
                                proxy.name(),
                                String.valueOf(Futures.cause(failure).getMessage()))))
                .thenAccept(statuses -> statuses.forEach(status -> turn.moved(call, status)));
    }

    /** Looks once more first: what has opened since is not released but fenced, so that the loss does not stay unseen (R4). */
    private CompletableFuture<Void> release(List<String> names) {
        return turn.proxies().thenCompose(before -> {
            List<String> closed = new ArrayList<>(names);
            for (ProxyStatus status : before) {
                boolean open = status.traffic() == Traffic.ON_ACTIVE || status.traffic() == Traffic.MIXED;
                if (open && closed.remove(status.name())) {
                    turn.called(
                            Call.RELEASE,
                            status.name(),
                            Entry.Result.REFUSED,
                            "Not released: " + status.name() + " is "
                                    + status.traffic().words() + " again, and has to be fenced first.");
                }
            }
            return move(Call.RELEASE, closed, proxy -> proxy.release(settings.proxyLimit()));
        });
    }

    /** Reads the streams once more first: after the point of no return nothing sends writers back (R5). */
    private CompletableFuture<Void> unfence(List<String> names) {
        return turn.look().thenApply(this::whyNotToUnfence).thenCompose(forbidden -> {
            if (forbidden.isEmpty()) {
                return move(Call.UNFENCE, names, proxy -> proxy.unfence(settings.proxyLimit()));
            }
            names.forEach(name -> turn.called(Call.UNFENCE, name, Entry.Result.REFUSED, forbidden.get()));
            return CompletableFuture.completedFuture(null); // what it has become is in the next look
        });
    }

    private Optional<String> whyNotToUnfence(Sight sight) {
        if (sight.cloud().isEmpty()) {
            return Optional.of("The stream could not be read. "
                    + sight.failure().orElseThrow().getMessage());
        }
        return PointOfNoReturn.passed(sight.cloud().get(), journal.record()).map(why -> "Not un-fenced: " + why + ".");
    }

    /** The PATCH, between two proofs of the fence. */
    private CompletableFuture<Void> initiate(Action.Initiate initiate) {
        return turn.proxies().thenCompose(before -> {
            turn.noteOpenings(before);
            boolean proven = proxies.isEmpty() || journal.record().fence().isPresent();
            if (!FailbackTurn.areFenced(before) || !proven) {
                return CompletableFuture.completedFuture(null);
            }
            turn.begin(initiate);
            return api.updateStream(initiate.streamId(), initiate.update())
                    .handle((updated, failure) -> called(Call.INITIATE_CUTOVER, initiate.streamId(), failure, updated))
                    .thenCompose(called -> turn.proxies())
                    .thenAccept(turn::noteOpenings);
        });
    }
}
