package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.CloudApi;
import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.NewStream;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.proxy.WhoAnswers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/**
 * What every driver of a failback does in a turn, however it carries things out: it looks, writes down what it saw, asks the {@link
 * Runbook}, writes down what is begun and what came of it. What changes neither cloud nor traffic is done here as well. It blocks
 * no thread but for the journal's writes, and is used by one thread at a time.
 */
public final class FailbackTurn {

    /** Beyond F: the resolution of the cloud's times and the way of an answer. */
    private static final Duration FENCE_MARGIN = Duration.ofSeconds(2);

    private final CloudApi api;
    private final Observer observer;
    private final Journal journal;
    private final Settings settings;
    private final InstantSource clock;

    private Optional<Examination> examination = Optional.empty();
    private boolean examinedJustNow;

    /**
     * @param proxies every proxy that clients use; empty to leave traffic to others
     * @param journal of this failback; its beginning names the pair
     */
    public FailbackTurn(
            CloudApi api, List<? extends Proxy> proxies, Journal journal, Settings settings, InstantSource clock) {
        Entry.Began began = journal.record().beginning();
        this.api = api;
        this.observer = new Observer(api, began.originalPrimaryId(), began.activeId(), proxies, clock);
        this.journal = journal;
        this.settings = settings;
        this.clock = clock;
    }

    // ---- Looking

    /** A look at everything; an examination that has looked just now is one. */
    public CompletableFuture<Sight> look() {
        if (examinedJustNow) {
            examinedJustNow = false;
            return CompletableFuture.completedFuture(examination.orElseThrow().sight());
        }
        return observer.look(settings.proxyLimit());
    }

    CompletableFuture<List<ProxyStatus>> proxies() {
        return observer.proxies(settings.proxyLimit());
    }

    /** Writes down what changed, and that a proven fence does not hold any more. */
    public Situation note(Sight sight) {
        noteOpenings(sight.proxies());
        if (sight.failure().isPresent() && journal.record().blindSince().isEmpty()) {
            journal.append(
                    new Entry.Blind(clock.instant(), sight.failure().get().whatHappened()));
        }
        sight.cloud().ifPresent(cloud -> {
            noteNames(cloud.pair());
            noteSeen(cloud.streams().reverseStream().orElse(null), sight.traffic());
        });
        return new Situation(clock.instant(), settings, journal.record(), sight, examination);
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

    /**
     * Writes down how the reverse stream is, if that changed.
     *
     * @param stream null when there is none
     */
    void noteSeen(ReplicationStream stream, Optional<Traffic> traffic) {
        Entry.Seen seen = seen(stream, traffic.map(Traffic::words).orElse(null));
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

    void noteOpenings(List<ProxyStatus> statuses) {
        for (ProxyStatus status : statuses) {
            if (journal.record().fence().isPresent() && status.traffic() != Traffic.FENCED) {
                journal.append(new Entry.FenceOpened(
                        clock.instant(), status.name(), status.traffic().words() + " " + status.detail()));
            }
        }
    }

    // ---- Deciding

    /** What to do next. The end of the run is written down. */
    public Action decide(Situation situation) {
        Action action = Runbook.next(situation);
        if (action instanceof Action.Finish finish && journal.record().end().isEmpty()) {
            journal.append(new Entry.Ended(clock.instant(), finish.outcome(), finish.message()));
        }
        return action;
    }

    // ---- Doing what needs nobody else

    /**
     * Does what changes neither cloud nor traffic; empty for every other action. The future ends exceptionally only for a defect, or
     * when the journal cannot be written.
     */
    public Optional<CompletableFuture<Void>> alone(Action action) {
        if (action instanceof Action.Examine) {
            return Optional.of(examine());
        }
        if (action instanceof Action.Verify) {
            return Optional.of(verify());
        }
        if (action instanceof Action.ProveFence prove) {
            return Optional.of(proveFence(prove.streamId()));
        }
        if (action instanceof Action.Adopt adopt) {
            journal.append(new Entry.Adopted(clock.instant(), adopt.streamId()));
            return Optional.of(CompletableFuture.completedFuture(null));
        }
        if (action instanceof Action.NoteLoss loss) {
            journal.append(new Entry.LossWindow(clock.instant(), loss.words()));
            return Optional.of(CompletableFuture.completedFuture(null));
        }
        return Optional.empty();
    }

    CompletableFuture<Void> examine() {
        return observer.examine(settings).thenAccept(done -> {
            examination = Optional.of(done);
            examinedJustNow = true;
            journal.append(new Entry.Examined(clock.instant(), done.checks()));
        });
    }

    /** Whether P is a usable cluster, every proxy sends clients there, and nobody else answers them. */
    private CompletableFuture<Void> verify() {
        CompletableFuture<Map<String, WhoAnswers>> answers = observer.whoAnswers(settings.proxyLimit());
        return api.cluster(journal.record().beginning().originalPrimaryId())
                .thenCombine(
                        proxies(),
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
        return proxies().thenCompose(statuses -> {
            if (!areFenced(statuses)) {
                return CompletableFuture.completedFuture(null); // the next look decides
            }
            return api.stream(streamId).handle((answer, failure) -> {
                if (failure == null && answer.cloudTime() != null) {
                    journal.append(new Entry.FenceProven(clock.instant(), fenceInstant(answer)));
                }
                return null; // otherwise the next look meets the same, or the next proof does better
            });
        });
    }

    private static Instant fenceInstant(Answer<ReplicationStream> answer) {
        ReplicationStream stream = answer.value();
        Instant byStream = stream.replicatedTime() == null || stream.replicationLagSeconds() == null
                ? Instant.MIN
                : stream.replicatedTime().plusSeconds(stream.replicationLagSeconds());
        Instant later = byStream.isAfter(answer.cloudTime()) ? byStream : answer.cloudTime();
        return later.plus(FENCE_MARGIN);
    }

    static boolean areFenced(List<ProxyStatus> statuses) {
        return statuses.stream().allMatch(status -> status.traffic() == Traffic.FENCED);
    }

    // ---- Writing down what is begun, and what came of it

    /** Writes down that a call is about to be made, with what has to stand before it, or that a gate is being asked. */
    public void begin(Action action) {
        Instant now = clock.instant();
        if (action instanceof Action.CreateReverseStream create) {
            begin(Call.CREATE_REVERSE_STREAM, creation(create.stream()));
        } else if (action instanceof Action.CreateForwardStream create) {
            begin(Call.CREATE_FORWARD_STREAM, creation(create.stream()));
        } else if (action instanceof Action.Fence fence) {
            if (fence.lossWindow() != null) {
                journal.append(new Entry.LossWindow(now, fence.lossWindow()));
            }
            fence.proxies().forEach(name -> begin(Call.FENCE, name));
        } else if (action instanceof Action.Unfence unfence) {
            if (unfence.thenEnd() != null && journal.record().givingUp().isEmpty()) {
                journal.append(new Entry.GivingUp(now, unfence.thenEnd(), unfence.why()));
            }
            unfence.proxies().forEach(name -> begin(Call.UNFENCE, name));
        } else if (action instanceof Action.Release release) {
            release.proxies().forEach(name -> begin(Call.RELEASE, name));
        } else if (action instanceof Action.Ask ask) {
            journal.append(new Entry.Asked(now, ask.gate(), ask.streamId(), ask.clusterId()));
        } else if (action instanceof Action.Initiate initiate) {
            if (initiate.update().failoverAt() != null) {
                journal.append(new Entry.CutoverTimeAsked(now, initiate.update().failoverAt()));
            }
            begin(Call.INITIATE_CUTOVER, initiate.streamId());
        }
    }

    private void begin(Call call, String target) {
        journal.append(new Entry.Calling(clock.instant(), call, target));
    }

    static String creation(NewStream stream) {
        return CreateStage.creationOf(stream.primaryClusterId(), stream.standbyClusterId());
    }

    /** Writes down what came of a call. */
    public void called(Call call, String target, Entry.Result result, String detail) {
        journal.append(new Entry.Called(clock.instant(), call, target, result, detail));
    }

    /** Writes down what was seen at a proxy after a verb. */
    public void moved(Call call, ProxyStatus status) {
        called(
                call,
                status.name(),
                status.traffic() == wanted(call) ? Entry.Result.DONE : Entry.Result.UNKNOWN,
                status.name() + " is " + status.traffic().words()
                        + (status.detail().isEmpty() ? "" : " (" + status.detail() + ")"));
    }

    private static Traffic wanted(Call call) {
        return switch (call) {
            case FENCE -> Traffic.FENCED;
            case UNFENCE -> Traffic.ON_ACTIVE;
            case RELEASE -> Traffic.ON_ORIGINAL_PRIMARY;
            case CREATE_REVERSE_STREAM, INITIATE_CUTOVER, CREATE_FORWARD_STREAM -> throw new IllegalArgumentException(
                    call + " moves no traffic");
        };
    }

    /**
     * Writes down how a gate was answered.
     *
     * @param reply null when nobody answered in time
     */
    public void answered(Gate gate, String streamId, String clusterId, Gatekeeper.Reply reply) {
        Instant now = clock.instant();
        if (reply == null) {
            journal.append(new Entry.NotApproved(now, gate, streamId, true, ""));
        } else if (reply.approved()) {
            Instant discardAfter = gate == Gate.DISCARD_WRITES ? settings.failoverAt() : null;
            journal.append(new Entry.Approved(now, gate, streamId, clusterId, reply.by(), discardAfter));
        } else {
            journal.append(new Entry.NotApproved(now, gate, streamId, false, reply.by()));
        }
    }

    /** Writes down that a person wants the run to end; once is enough. */
    public void abortRequested(String by) {
        if (!journal.record().abortRequested()) {
            journal.append(new Entry.AbortRequested(clock.instant(), by));
        }
    }

    /** Whether a cutover may have begun, so that every write to A may be one too many. */
    public boolean mayHaveBegun(Sight sight) {
        return journal.record().mayHaveHadEffect(Call.INITIATE_CUTOVER)
                || sight.cloud()
                        .flatMap(cloud -> PointOfNoReturn.passed(cloud, journal.record()))
                        .isPresent();
    }
}
