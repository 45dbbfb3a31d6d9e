package io.jenkins.plugins.cockroachdb.cloud;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Polls for everybody who waits on streams of one cloud with one API key; make one for each such pair.
 *
 * <p>It sweeps over all watched streams, with the list calls or stream by stream, whichever takes fewer requests, and looks
 * at the few streams near a cutover by id; how often, says the {@link Cadence} of each. All of its requests go through the
 * key's {@link RequestBudget}, behind everybody else's. It has no thread: it lives on the timer and on the threads that
 * bring the answers.
 *
 * <p>A wait is judged only by answers to requests sent after it began, so that nothing from before can fulfil it. A failed
 * look that may pass (no answer, 429, 5xx, a page of a proxy) is repeated until the deadline; every other ends the wait.
 */
public final class StreamWatcher implements AutoCloseable {

    /** A cutover that was asked for a later time is near only this long before it. */
    private static final Duration NEAR_BEFORE_FAILOVER_AT = Duration.ofSeconds(30);

    /**
     * Looks near a cutover under way at once. The budget serves its queue in order and a sweep has one request in it, so four
     * of five requests go to the streams near a cutover while there are enough of them, and the sweep still goes on.
     */
    private static final int NEAR_AT_ONCE = 4;

    /** A deadline may be Instant.MAX, which no timer can count to. */
    private static final Duration LONGEST_SLEEP = Duration.ofHours(1);

    /** Of how many streams nobody waits on any more the cadence is kept: one wait of a failback follows the other. */
    private static final int REMEMBERED = 100;

    private final CloudClient client;
    private final InstantSource clock;
    private final ScheduledExecutorService timer;

    // All guarded by this. Futures are completed and requests sent outside of it.
    private final Map<String, Watched> watched = new LinkedHashMap<>();
    private final Map<String, Cadence> remembered = new LinkedHashMap<>();
    private final SortedSet<Wait> deadlines =
            new TreeSet<>(Comparator.comparing((Wait wait) -> wait.deadline).thenComparing(wait -> wait.number));
    private long ticket;
    private long waitsSoFar;
    private int nearUnderWay;
    private boolean sweeping;
    private int pagesOfLastList = 1;
    private Future<?> wakeUp;
    private boolean closed;

    /**
     * @param client whose key and budget are used
     * @param clock ours; deadlines are of this clock
     * @param timer wakes the watcher
     */
    public StreamWatcher(CloudClient client, InstantSource clock, ScheduledExecutorService timer) {
        this.client = client.inBackground();
        this.clock = clock;
        this.timer = timer;
    }

    /**
     * Waits until the condition holds. The future ends with the answer that fulfilled it, or exceptionally with a {@link
     * WaitException}; canceling it ends the wait.
     *
     * @param deadline by our clock; if it has passed already, the stream is still looked at once
     * @param onSeen shown every answer on the stream, in order, also those that change nothing; must be quick
     * @throws IllegalArgumentException if the id cannot be one
     */
    public CompletableFuture<Answer<ReplicationStream>> await(
            String streamId, StreamCondition condition, Instant deadline, Consumer<Answer<ReplicationStream>> onSeen) {
        Wait wait = new Wait(CloudClient.checked("stream", streamId), condition, deadline, onSeen);
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException("The watcher is closed.");
            }
            wait.since = ticket;
            wait.number = ++waitsSoFar;
            Watched stream = watched.computeIfAbsent(streamId, Watched::new);
            stream.waits.add(wait);
            stream.looked = null;
            deadlines.add(wait);
        }
        wait.future.whenComplete((answer, failure) -> forget(wait));
        proceed();
        return wait.future;
    }

    /** As {@link #await(String, StreamCondition, Instant, Consumer)}, for whoever needs only the end. */
    public CompletableFuture<Answer<ReplicationStream>> await(
            String streamId, StreamCondition condition, Instant deadline) {
        return await(streamId, condition, deadline, seen -> {});
    }

    /**
     * When a stream is going to be looked at, by our clock, unless the budget makes it later. Empty when nobody waits for it or a
     * look is under way.
     */
    public synchronized Optional<Instant> nextLook(String streamId) {
        Watched stream = watched.get(streamId);
        if (stream == null || stream.lookUnderWay) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        if (stream.isNearCutover(now)) {
            return Optional.of(latest(stream.nextLook(now), now));
        }
        // A sweep looks at every one of them as soon as one is due.
        return sweeping
                ? Optional.empty()
                : watched.values().stream()
                        .filter(each -> !each.isNearCutover(now))
                        .map(each -> latest(each.nextLook(now), now))
                        .min(Comparator.naturalOrder());
    }

    private static Instant latest(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    /** Cancels every wait. */
    @Override
    public void close() {
        List<Wait> waits = new ArrayList<>();
        synchronized (this) {
            closed = true;
            watched.values().forEach(stream -> waits.addAll(stream.waits));
        }
        waits.forEach(wait -> wait.future.cancel(false));
    }

    /** A wait, from {@link #await} to the end of its future. What is foreign code is read once, before anything depends on it. */
    private static final class Wait {
        final String streamId;
        final StreamCondition condition;
        final String words;
        final boolean nearCutover;
        final Instant deadline;
        final Consumer<Answer<ReplicationStream>> onSeen;
        final CompletableFuture<Answer<ReplicationStream>> future = new CompletableFuture<>();
        long since;
        long number;

        Wait(String streamId, StreamCondition condition, Instant deadline, Consumer<Answer<ReplicationStream>> onSeen) {
            this.streamId = streamId;
            this.condition = condition;
            this.words = condition.words();
            this.nearCutover = condition.nearCutover();
            this.deadline = Objects.requireNonNull(deadline, "deadline");
            this.onSeen = Objects.requireNonNull(onSeen, "onSeen");
        }

        /** Shows an answer, and ends the wait if that decides it. Whatever goes wrong in foreign code ends this wait alone. */
        void show(Answer<ReplicationStream> answer) {
            try {
                onSeen.accept(answer);
                switch (condition.judge(answer)) {
                    case MET -> future.complete(answer);
                    case NEVER -> future.completeExceptionally(
                            answer.value().status() == StreamStatus.CANCELED
                                    ? new WaitException.StreamCanceled(words, answer.value())
                                    : new WaitException.UnexpectedStatus(words, answer.value()));
                    case NOT_YET -> {}
                }
            } catch (Throwable theirs) {
                future.completeExceptionally(theirs);
            }
        }
    }

    /** A stream that somebody waits on. Guarded by the watcher, but for what says otherwise. */
    private final class Watched {
        final String id;
        final List<Wait> waits = new ArrayList<>(1);
        ReplicationStream lastSeen;
        CloudException lastFailure;
        long lastAsked = -1;
        long lastShown = -1; // guarded by this stream, which is held while its waits are shown an answer
        boolean lookUnderWay;
        Instant looked; // null when a wait has begun since
        Cadence cadence;

        Watched(String id) {
            this.id = id;
            Cadence known = remembered.remove(id);
            cadence = known == null ? Cadence.UNSEEN : known;
        }

        /** At once for a new wait, and when the clock was set back since the last look. */
        Instant nextLook(Instant now) {
            return looked == null || looked.isAfter(now)
                    ? Instant.MIN
                    : looked.plus(cadence.pauseAfter(looked, isNearCutover(now)));
        }

        boolean isNearCutover(Instant now) {
            if (waits.stream().anyMatch(wait -> wait.nearCutover)) {
                return true;
            }
            return lastSeen != null
                    && lastSeen.status() == StreamStatus.FAILING_OVER
                    && (lastSeen.failoverAt() == null
                            || now.isAfter(lastSeen.failoverAt().minus(NEAR_BEFORE_FAILOVER_AT)));
        }
    }

    /** Does what is due, then sleeps until something else is. The one place where anything is started. */
    private void proceed() {
        List<Runnable> due = new ArrayList<>();
        synchronized (this) {
            if (wakeUp != null) {
                wakeUp.cancel(false);
                wakeUp = null;
            }
            if (watched.isEmpty()) {
                client.budget().nearCutover(false);
                return;
            }
            Instant now = clock.instant();
            Instant wake = expire(now, due);
            wake = earlier(wake, lookNearCutover(now, due));
            wake = earlier(wake, sweep(now, due));
            if (wake != null) {
                Duration wait = Duration.between(now, wake);
                long delay =
                        wait.compareTo(LONGEST_SLEEP) > 0 ? LONGEST_SLEEP.toMillis() : Math.max(0, wait.toMillis() + 1);
                wakeUp = timer.schedule(this::proceed, delay, TimeUnit.MILLISECONDS);
            }
        }
        due.forEach(Runnable::run);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a == null || (b != null && b.isBefore(a)) ? b : a;
    }

    /** Ends the waits whose deadline has passed, once their stream was looked at; tells the next deadline. */
    private Instant expire(Instant now, List<Runnable> due) {
        List<Wait> notLookedAt = new ArrayList<>();
        while (!deadlines.isEmpty() && !deadlines.first().deadline.isAfter(now)) {
            Wait wait = deadlines.first();
            deadlines.remove(wait);
            Watched stream = watched.get(wait.streamId);
            if (stream.lastAsked <= wait.since) {
                notLookedAt.add(wait);
            } else {
                CloudException lastFailure = stream.lastFailure;
                ReplicationStream lastSeen = stream.lastSeen;
                due.add(() -> wait.future.completeExceptionally(new WaitException.DeadlinePassed(
                        wait.streamId, wait.words, wait.deadline, lastSeen, lastFailure)));
            }
        }
        Instant next = deadlines.isEmpty() ? null : deadlines.first().deadline;
        deadlines.addAll(notLookedAt); // the end of their first look brings us back here
        return next;
    }

    private Instant lookNearCutover(Instant now, List<Runnable> due) {
        List<Watched> near = new ArrayList<>(watched.values().stream()
                .filter(stream -> stream.isNearCutover(now))
                .toList());
        client.budget().nearCutover(!near.isEmpty());
        List<Watched> neverSeen = watched.values().stream()
                .filter(stream -> stream.lastAsked < 0 && !near.contains(stream))
                .limit(NEAR_AT_ONCE + 1L)
                .toList();
        if (neverSeen.size() <= NEAR_AT_ONCE) {
            near.addAll(neverSeen); // a few new ones are looked at right away, rather than with the next sweep
        }
        near.sort(Comparator.comparing(stream -> stream.nextLook(now)));
        for (Watched stream : near) {
            if (nearUnderWay == NEAR_AT_ONCE) {
                return null; // the end of a look brings us back here
            }
            if (stream.lookUnderWay) {
                continue;
            }
            Instant nextLook = stream.nextLook(now);
            if (nextLook.isAfter(now)) {
                return nextLook;
            }
            nearUnderWay++;
            stream.lookUnderWay = true;
            stream.looked = now;
            due.add(() -> look(stream.id).whenComplete((done, failure) -> {
                synchronized (this) {
                    nearUnderWay--;
                    stream.lookUnderWay = false;
                }
                proceed();
            }));
        }
        return null;
    }

    /** Sweeps over all as soon as one of them is due: a list shows the others too. */
    private Instant sweep(Instant now, List<Runnable> due) {
        if (sweeping) {
            return null; // its end brings us back here
        }
        List<Watched> streams = watched.values().stream()
                .filter(stream -> !stream.isNearCutover(now) && !stream.lookUnderWay)
                .toList();
        Instant nextSweep = streams.stream()
                .map(stream -> stream.nextLook(now))
                .min(Comparator.naturalOrder())
                .orElse(null);
        if (nextSweep == null || nextSweep.isAfter(now)) {
            return nextSweep;
        }
        sweeping = true;
        Deque<String> distant = new ArrayDeque<>();
        for (Watched stream : streams) {
            stream.looked = now;
            distant.add(stream.id);
        }
        boolean list = distant.size() > pagesOfLastList;
        due.add(() -> (list ? sweepByList(distant) : sweepById(distant)).whenComplete((done, failure) -> {
            synchronized (this) {
                sweeping = false;
            }
            proceed();
        }));
        return null;
    }

    /**
     * Reads the lists, then by id what they did not show: completed streams are hidden, canceled ones may be. A list that is
     * refused or cannot be read says nothing about any single stream, so then all are read by id.
     */
    private CompletableFuture<Void> sweepByList(Deque<String> ids) {
        Set<String> shown = ConcurrentHashMap.newKeySet();
        long asked = nextTicket();
        int[] pages = {0};
        return client.streams(StreamFilter.live(), page -> {
                    pages[0]++;
                    for (ReplicationStream stream : page.value()) {
                        shown.add(stream.id());
                        // All pages count as asked for when the first was: later ones may show the state of that time.
                        seen(stream.id(), page.map(all -> stream), asked);
                    }
                })
                .handle((all, failure) -> {
                    if (failure != null && holdsForEveryStream(cause(failure))) {
                        ids.forEach(id -> failed(id, cause(failure), asked));
                        return CompletableFuture.<Void>completedFuture(null);
                    }
                    if (failure == null) {
                        synchronized (this) {
                            pagesOfLastList = pages[0];
                        }
                    }
                    ids.removeIf(shown::contains);
                    return sweepById(ids);
                })
                .thenCompose(rest -> rest);
    }

    private static boolean holdsForEveryStream(Throwable failure) {
        return failure instanceof CloudException.Unauthorized
                || failure instanceof CloudException.KeyMissing
                || failure instanceof CloudException.Unreachable
                || failure instanceof CloudException.ServerError
                || failure instanceof CloudException.RateLimited;
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException ? failure.getCause() : failure;
    }

    /** Looks at one stream after the other. */
    private CompletableFuture<Void> sweepById(Deque<String> ids) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        sweepById(ids, done);
        return done;
    }

    private void sweepById(Deque<String> ids, CompletableFuture<Void> done) {
        ids.removeIf(id -> !isWatched(id));
        String id = ids.poll();
        if (id == null) {
            done.complete(null);
        } else {
            look(id).whenComplete((seen, failure) -> sweepById(ids, done));
        }
    }

    private synchronized boolean isWatched(String id) {
        return watched.containsKey(id);
    }

    private synchronized long nextTicket() {
        return ++ticket;
    }

    private CompletableFuture<Void> look(String id) {
        long asked = nextTicket();
        return client.stream(id).handle((answer, failure) -> {
            if (failure != null) {
                failed(id, cause(failure), asked);
            } else {
                seen(id, answer, asked);
            }
            return null;
        });
    }

    private void seen(String id, Answer<ReplicationStream> answer, long asked) {
        Watched stream;
        List<Wait> waits;
        synchronized (this) {
            stream = watched.get(id);
            if (stream == null || asked < stream.lastAsked) {
                return;
            }
            stream.lastAsked = asked;
            stream.lastSeen = answer.value();
            stream.cadence = stream.cadence.after(answer);
            stream.lastFailure = null;
            waits = stream.waits.stream().filter(wait -> wait.since < asked).toList();
        }
        synchronized (stream) {
            if (asked >= stream.lastShown) { // or a newer answer has overtaken this one
                stream.lastShown = asked;
                waits.forEach(wait -> wait.show(answer));
            }
        }
    }

    private void failed(String id, Throwable cause, long asked) {
        List<Wait> waits;
        ReplicationStream lastSeen;
        synchronized (this) {
            Watched stream = watched.get(id);
            if (stream == null || asked < stream.lastAsked) {
                return;
            }
            stream.lastAsked = asked;
            stream.lastFailure = cause instanceof CloudException failure ? failure : null;
            lastSeen = stream.lastSeen;
            waits = stream.waits.stream().filter(wait -> wait.since < asked).toList();
        }
        if (!(cause instanceof CloudException failure)) {
            waits.forEach(wait -> wait.future.completeExceptionally(cause));
        } else if (!mayPass(failure)) {
            waits.forEach(wait -> wait.future.completeExceptionally(
                    new WaitException.CloudRefused(id, wait.words, failure, lastSeen)));
        }
    }

    private static boolean mayPass(CloudException failure) {
        return failure instanceof CloudException.Unreachable
                || failure instanceof CloudException.ServerError
                || failure instanceof CloudException.RateLimited
                || failure instanceof CloudException.UnreadableAnswer;
    }

    private void remember(Watched stream) {
        remembered.put(stream.id, stream.cadence);
        if (remembered.size() > REMEMBERED) {
            remembered.remove(remembered.keySet().iterator().next());
        }
    }

    private synchronized void forget(Wait wait) {
        Watched stream = watched.get(wait.streamId);
        stream.waits.remove(wait);
        deadlines.remove(wait);
        if (stream.waits.isEmpty()) {
            watched.remove(wait.streamId);
            remember(stream);
        }
    }
}
