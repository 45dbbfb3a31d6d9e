package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.CloudApi;
import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.NewStream;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.proxy.WhoAnswers;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Carries a failback out: looks, asks the {@link Runbook}, performs, records, and looks again, until the run is over. It
 * holds nothing that the next driver would need; that is all in the journal. It blocks no thread but for the journal's writes.
 */
public final class FailbackDriver {

    /** Between two looks at the proxies while a stream is awaited. */
    private static final Duration WATCH_INTERVAL = Duration.ofSeconds(1);

    /** Beyond F: the resolution of the cloud's times and the way of an answer. */
    private static final Duration FENCE_MARGIN = Duration.ofSeconds(2);

    private final CloudApi api;
    private final StreamWatcher watcher;
    private final Observer observer;
    private final List<Proxy> proxies;
    private final Gatekeeper gatekeeper;
    private final Journal journal;
    private final Settings settings;
    private final InstantSource clock;
    private final ScheduledExecutorService timer;
    private final Consumer<Action> onAction;

    private final CompletableFuture<Action.Finish> end = new CompletableFuture<>();

    // Written and read by one step at a time; each step begins when the one before has ended.
    private Optional<Examination> examination = Optional.empty();
    private boolean examinedJustNow;

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
        Entry.Began began = journal.record().beginning();
        this.observer = new Observer(api, began.originalPrimaryId(), began.activeId(), proxies, clock);
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

    /** An examination has looked at everything just now; otherwise it is time to look. */
    private CompletableFuture<Sight> look() {
        if (examinedJustNow) {
            examinedJustNow = false;
            return CompletableFuture.completedFuture(examination.orElseThrow().sight());
        }
        if (journal.record().entries().size() > 1) {
            return observer.look(settings.proxyLimit());
        }
        return examineUnasked().thenCompose(done -> look()); // a failback begins with one anyway
    }

    private CompletableFuture<Optional<Action.Finish>> decide(Sight sight) {
        if (abortedBy != null && !journal.record().abortRequested()) {
            journal.append(new Entry.AbortRequested(clock.instant(), abortedBy));
        }
        note(sight);
        Situation situation = new Situation(clock.instant(), settings, journal.record(), sight, examination);
        Action action = Runbook.next(situation);
        onAction.accept(action);
        if (action instanceof Action.Finish finish) {
            if (journal.record().end().isEmpty()) {
                journal.append(new Entry.Ended(clock.instant(), finish.outcome(), finish.message()));
            }
            return CompletableFuture.completedFuture(Optional.of(finish));
        }
        return perform(action, situation).thenApply(done -> Optional.empty());
    }

    // ---- Looking

    private CompletableFuture<List<ProxyStatus>> proxyStatuses() {
        return observer.proxies(settings.proxyLimit());
    }

    /** Records what changed, and that a proven fence does not hold any more. */
    private void note(Sight sight) {
        noteOpenings(sight.proxies());
        if (sight.failure().isPresent() && journal.record().blindSince().isEmpty()) {
            journal.append(
                    new Entry.Blind(clock.instant(), sight.failure().get().whatHappened()));
        }
        sight.cloud().ifPresent(cloud -> {
            noteNames(cloud.pair());
            noteSeen(seen(
                    cloud.streams().reverseStream().orElse(null),
                    sight.traffic().map(Traffic::words).orElse(null)));
        });
    }

    private void noteNames(Pair pair) {
        String originalPrimary = pair.originalPrimary().name();
        String active = pair.active().name();
        boolean known = journal.record()
                .names()
                .filter(named -> named.originalPrimaryName().equals(originalPrimary)
                        && named.activeName().equals(active))
                .isPresent();
        if (!known) {
            journal.append(new Entry.Named(clock.instant(), originalPrimary, active));
        }
    }

    private Entry.Seen seen(ReplicationStream stream, String traffic) {
        Instant now = clock.instant();
        return stream == null
                ? new Entry.Seen(now, null, null, null, null, traffic)
                : new Entry.Seen(
                        now,
                        stream.id(),
                        stream.statusName(),
                        stream.caughtUpTo().orElse(null),
                        stream.lag(null).map(Duration::toSeconds).orElse(null),
                        traffic);
    }

    private void noteSeen(Entry.Seen seen) {
        Optional<Entry.Seen> last = journal.record().lastSeen();
        boolean changed = last.isEmpty()
                || !Objects.equals(last.get().streamId(), seen.streamId())
                || !Objects.equals(last.get().status(), seen.status())
                || !Objects.equals(last.get().replicatedTime(), seen.replicatedTime())
                || !Objects.equals(last.get().traffic(), seen.traffic());
        if (changed) {
            journal.append(seen);
        }
    }

    private void noteOpenings(List<ProxyStatus> statuses) {
        for (ProxyStatus status : statuses) {
            if (journal.record().fence().isPresent() && status.traffic() != Traffic.FENCED) {
                journal.append(new Entry.FenceOpened(
                        clock.instant(), status.name(), status.traffic().words() + " " + status.detail()));
            }
        }
    }

    // ---- Performing

    private CompletableFuture<Void> perform(Action action, Situation situation) {
        if (action instanceof Action.Look look) {
            return pause(look.after());
        }
        if (action instanceof Action.Examine) {
            return examine();
        }
        if (action instanceof Action.Verify) {
            return verify();
        }
        if (action instanceof Action.Ask ask) {
            // After an approval everything is observed again (R2): at once, instead of a look that would only ask for
            // it.
            return ask(ask, situation)
                    .thenCompose(approved -> approved && ask.gate().isBeforeTheCutover()
                            ? examineUnasked()
                            : CompletableFuture.completedFuture(null));
        }
        if (action instanceof Action.Adopt adopt) {
            journal.append(new Entry.Adopted(clock.instant(), adopt.streamId()));
            return CompletableFuture.completedFuture(null);
        }
        if (action instanceof Action.CreateReverseStream create) {
            return create(Call.CREATE_REVERSE_STREAM, create.stream());
        }
        if (action instanceof Action.CreateForwardStream create) {
            return create(Call.CREATE_FORWARD_STREAM, create.stream());
        }
        if (action instanceof Action.Await await) {
            return await(await, situation);
        }
        if (action instanceof Action.Fence fence) {
            if (fence.lossWindow() != null) {
                journal.append(new Entry.LossWindow(clock.instant(), fence.lossWindow()));
            }
            boolean atOnce = mayHaveBegun(situation.sight());
            return move(
                    Call.FENCE,
                    fence.proxies(),
                    Traffic.FENCED,
                    proxy -> atOnce
                            ? proxy.fenceAtOnce(settings.proxyLimit())
                            : proxy.fence(settings.drain(), settings.proxyLimit()));
        }
        if (action instanceof Action.NoteLoss loss) {
            journal.append(new Entry.LossWindow(clock.instant(), loss.words()));
            return CompletableFuture.completedFuture(null);
        }
        if (action instanceof Action.ProveFence prove) {
            return proveFence(prove.streamId());
        }
        if (action instanceof Action.Unfence unfence) {
            return unfence(unfence);
        }
        if (action instanceof Action.Initiate initiate) {
            return initiate(initiate);
        }
        if (action instanceof Action.Release release) {
            return release(release.proxies());
        }
        throw new IllegalStateException("unknown action " + action);
    }

    /** Whether a cutover may have begun, so that every write to A may be one too many. */
    private boolean mayHaveBegun(Sight sight) {
        return journal.record().mayHaveHadEffect(Call.INITIATE_CUTOVER)
                || sight.cloud()
                        .flatMap(cloud -> PointOfNoReturn.passed(cloud, journal.record()))
                        .isPresent();
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
        return examine();
    }

    private CompletableFuture<Void> examine() {
        return observer.examine(settings).thenAccept(done -> {
            examination = Optional.of(done);
            examinedJustNow = true;
            journal.append(new Entry.Examined(clock.instant(), done.checks()));
        });
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
            Instant now = clock.instant();
            if (answer == null) {
                journal.append(new Entry.NotApproved(now, ask.gate(), ask.streamId(), true, ""));
            } else if (answer.approved()) {
                journal.append(new Entry.Approved(
                        now,
                        ask.gate(),
                        ask.streamId(),
                        ask.clusterId(),
                        answer.by(),
                        ask.gate() == Gate.DISCARD_WRITES ? settings.failoverAt() : null));
            } else {
                journal.append(new Entry.NotApproved(now, ask.gate(), ask.streamId(), false, answer.by()));
            }
            return answer != null && answer.approved();
        });
    }

    private CompletableFuture<Void> create(Call call, NewStream stream) {
        String target = CreateStage.creationOf(stream.primaryClusterId(), stream.standbyClusterId());
        journal.append(new Entry.Calling(clock.instant(), call, target));
        return api.createStream(stream)
                .handle((created, failure) -> called(
                        call,
                        target,
                        failure,
                        () -> "Stream " + created.value().id() + " is "
                                + created.value().statusName() + "."));
    }

    private Void called(Call call, String target, Throwable failure, Supplier<String> done) {
        Instant now = clock.instant();
        if (failure == null) {
            journal.append(new Entry.Called(now, call, target, Entry.Result.DONE, done.get()));
        } else if (Futures.cause(failure) instanceof CloudException refused) {
            journal.append(new Entry.Called(now, call, target, result(refused), refused.getMessage()));
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
                answer -> noteSeen(seen(
                        answer.value(),
                        situation.sight().traffic().map(Traffic::words).orElse(null))));
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
                    proxyStatuses()
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
                                    noteOpenings(statuses); // it may be closed again by the next look
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
            Call call, List<String> names, Traffic wanted, Function<Proxy, CompletableFuture<ProxyStatus>> verb) {
        names.forEach(name -> journal.append(new Entry.Calling(clock.instant(), call, name)));
        return moved(call, names, wanted, verb);
    }

    private CompletableFuture<Void> moved(
            Call call, List<String> names, Traffic wanted, Function<Proxy, CompletableFuture<ProxyStatus>> verb) {
        List<Proxy> chosen =
                proxies.stream().filter(proxy -> names.contains(proxy.name())).toList();
        return Futures.all(chosen, proxy -> verb.apply(proxy)
                        .exceptionally(failure -> ProxyStatus.unknown(
                                proxy.name(),
                                String.valueOf(Futures.cause(failure).getMessage()))))
                .thenAccept(statuses -> statuses.forEach(status -> journal.append(new Entry.Called(
                        clock.instant(),
                        call,
                        status.name(),
                        status.traffic() == wanted ? Entry.Result.DONE : Entry.Result.UNKNOWN,
                        status.name() + " is " + status.traffic().words()
                                + (status.detail().isEmpty() ? "" : " (" + status.detail() + ")")))));
    }

    /** Looks once more first: what has opened since is not released but fenced, so that the loss does not stay unseen (R4). */
    private CompletableFuture<Void> release(List<String> names) {
        names.forEach(name -> journal.append(new Entry.Calling(clock.instant(), Call.RELEASE, name)));
        return proxyStatuses().thenCompose(before -> {
            List<String> closed = new ArrayList<>(names);
            for (ProxyStatus status : before) {
                boolean open = status.traffic() == Traffic.ON_ACTIVE || status.traffic() == Traffic.MIXED;
                if (open && closed.remove(status.name())) {
                    journal.append(new Entry.Called(
                            clock.instant(),
                            Call.RELEASE,
                            status.name(),
                            Entry.Result.REFUSED,
                            "Not released: " + status.name() + " is "
                                    + status.traffic().words() + " again, and has to be fenced first."));
                }
            }
            return moved(
                    Call.RELEASE, closed, Traffic.ON_ORIGINAL_PRIMARY, proxy -> proxy.release(settings.proxyLimit()));
        });
    }

    /** Whether P is a usable cluster, every proxy sends clients there, and nobody else answers them. */
    private CompletableFuture<Void> verify() {
        CompletableFuture<Map<String, WhoAnswers>> answers = observer.whoAnswers(settings.proxyLimit());
        return api.cluster(journal.record().beginning().originalPrimaryId())
                .thenCombine(
                        proxyStatuses(),
                        (cluster, statuses) -> answers.thenApply(seen -> verified(cluster.value(), statuses, seen)))
                .thenCompose(verified -> verified)
                .exceptionally(failure -> {
                    if (Futures.cause(failure) instanceof CloudException unread) {
                        return new Entry.Verified(clock.instant(), false, unread.getMessage());
                    }
                    throw new CompletionException(Futures.cause(failure));
                })
                .thenAccept(journal::append);
    }

    private Entry.Verified verified(Cluster cluster, List<ProxyStatus> statuses, Map<String, WhoAnswers> answers) {
        ClusterHealth health = ClusterHealth.of(cluster);
        boolean everyProxyThere = statuses.stream().allMatch(status -> status.traffic() == Traffic.ON_ORIGINAL_PRIMARY);
        boolean somebodyElseAnswers =
                answers.values().stream().anyMatch(answer -> answer.who() == WhoAnswers.Who.ACTIVE);
        return new Entry.Verified(
                clock.instant(),
                health.state() != ClusterHealth.State.UNHEALTHY && everyProxyThere && !somebodyElseAnswers,
                cluster.name() + " " + health.reason() + "."
                        + statuses.stream()
                                .map(status -> " Proxy " + status.name() + " is "
                                        + status.traffic().words() + "."
                                        + (answers.containsKey(status.name())
                                                ? " "
                                                        + answers.get(status.name())
                                                                .reason()
                                                : ""))
                                .collect(Collectors.joining()));
    }

    /** F: the later of what the stream and the Date header say, in an answer to a request sent after every fence was proven. */
    private CompletableFuture<Void> proveFence(String streamId) {
        return proxyStatuses().thenCompose(statuses -> {
            if (!areFenced(statuses)) {
                return CompletableFuture.completedFuture(null); // the next look decides
            }
            return api.stream(streamId).handle((answer, failure) -> {
                if (failure != null || answer.cloudTime() == null) {
                    return null; // the next look meets the same, or the next proof does better
                }
                ReplicationStream stream = answer.value();
                Instant byStream = stream.replicatedTime() == null || stream.replicationLagSeconds() == null
                        ? Instant.MIN
                        : stream.replicatedTime().plusSeconds(stream.replicationLagSeconds());
                Instant later = byStream.isAfter(answer.cloudTime()) ? byStream : answer.cloudTime();
                journal.append(new Entry.FenceProven(clock.instant(), later.plus(FENCE_MARGIN)));
                return null;
            });
        });
    }

    private static boolean areFenced(List<ProxyStatus> statuses) {
        return statuses.stream().allMatch(status -> status.traffic() == Traffic.FENCED);
    }

    /** Reads the streams once more first: after the point of no return nothing sends writers back (R5). */
    private CompletableFuture<Void> unfence(Action.Unfence unfence) {
        if (unfence.thenEnd() != null && journal.record().givingUp().isEmpty()) {
            journal.append(new Entry.GivingUp(clock.instant(), unfence.thenEnd(), unfence.why()));
        }
        List<String> names = unfence.proxies();
        names.forEach(name -> journal.append(new Entry.Calling(clock.instant(), Call.UNFENCE, name)));
        return observer.look(settings.proxyLimit())
                .thenApply(this::whyNotToUnfence)
                .thenCompose(forbidden -> {
                    if (forbidden.isEmpty()) {
                        return moved(
                                Call.UNFENCE, names, Traffic.ON_ACTIVE, proxy -> proxy.unfence(settings.proxyLimit()));
                    }
                    names.forEach(name -> journal.append(new Entry.Called(
                            clock.instant(), Call.UNFENCE, name, Entry.Result.REFUSED, forbidden.get())));
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
        return proxyStatuses().thenCompose(before -> {
            noteOpenings(before);
            boolean proven = proxies.isEmpty() || journal.record().fence().isPresent();
            if (!areFenced(before) || !proven) {
                return CompletableFuture.completedFuture(null);
            }
            if (initiate.update().failoverAt() != null) {
                journal.append(new Entry.CutoverTimeAsked(
                        clock.instant(), initiate.update().failoverAt()));
            }
            journal.append(new Entry.Calling(clock.instant(), Call.INITIATE_CUTOVER, initiate.streamId()));
            return api.updateStream(initiate.streamId(), initiate.update())
                    .handle((updated, failure) -> called(
                            Call.INITIATE_CUTOVER,
                            initiate.streamId(),
                            failure,
                            () -> "Stream " + updated.value().id() + " is "
                                    + updated.value().statusName() + "."))
                    .thenCompose(called -> proxyStatuses())
                    .thenAccept(this::noteOpenings);
        });
    }
}
