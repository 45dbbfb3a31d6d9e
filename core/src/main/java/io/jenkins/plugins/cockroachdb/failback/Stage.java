package io.jenkins.plugins.cockroachdb.failback;

import static io.jenkins.plugins.cockroachdb.proxy.Traffic.FENCED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.MIXED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ACTIVE;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ORIGINAL_PRIMARY;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.UNKNOWN;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A stage of a failback: some rows of the {@link Runbook}'s table. What more than one of them has to know about the situation
 * stands here, and the actions that more than one of them takes.
 */
abstract class Stage {

    /** Between two looks while something is waited for that no stream shows. */
    static final Duration SOON = Duration.ofSeconds(2);

    /** How old an examination may be that something is decided on. */
    private static final Duration EXAMINATION_KEEPS = Duration.ofMinutes(1);

    /** How long an examination that could not read everything is repeated. */
    private static final Duration UNREAD_LIMIT = Duration.ofMinutes(2);

    /**
     * How long after a refused cutover nothing goes back to A: it may have been refused because somebody else's was taken,
     * which reads show only later.
     */
    private static final Duration REFUSAL_SETTLES = Duration.ofMinutes(1);

    /**
     * How long what a proxy was asked for and did not answer may still take effect. No run ends within that after a fence, or clients
     * would be shut out unseen; and none fences within that after an un-fence, or the fence would open unseen.
     */
    private static final Duration SETTLES = Duration.ofMinutes(1);

    final Situation situation;
    final Instant now;
    final Settings settings;
    final FailbackRecord record;
    final Sight sight;
    final Pair pair;
    final StreamHistory streams;
    final boolean proxied;

    /** The names of the original primary and of the active cluster. */
    final String p;

    final String a;

    Stage(Situation situation, Sight.Cloud cloud) {
        this.situation = situation;
        now = situation.now();
        settings = situation.settings();
        record = situation.record();
        sight = situation.sight();
        pair = cloud.pair();
        streams = cloud.streams();
        proxied = !sight.proxies().isEmpty();
        p = pair.originalPrimary().name();
        a = pair.active().name();
    }

    /** What is decided when it is asked for. */
    interface Decision {
        Action decide();
    }

    static Action finish(Outcome outcome, String message) {
        return new Action.Finish(outcome, message);
    }

    static Action refused(Collection<Check> failed) {
        return finish(
                Outcome.REFUSED,
                failed.stream()
                        .map(check -> (check.reason() + " " + check.remedy()).strip())
                        .collect(Collectors.joining(" ")));
    }

    final Action lookUntil(Instant deadline, String why, Decision otherwise) {
        return now.isBefore(deadline) ? new Action.Look(SOON, why) : otherwise.decide();
    }

    static String capital(String sentence) {
        return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }

    // ---- Traffic

    /** Where traffic is; without proxies, where it must be taken to be. */
    final Traffic traffic(Traffic withoutProxies) {
        return sight.traffic().orElse(withoutProxies);
    }

    /** The proxies that are like this, in sentences. */
    final String proxies(Traffic... which) {
        return sight.describe(which);
    }

    /** A proxy that does not answer for a moment decides nothing; one that stays silent does. */
    final Action untilProxiesAnswer(Decision otherwise) {
        Instant since = record.seenTrafficSince(UNKNOWN).orElse(now);
        return lookUntil(since.plus(settings.proxyLimit()), "A proxy does not answer. " + proxies(UNKNOWN), otherwise);
    }

    // ---- Whose stream and whose fence it is

    /**
     * Ours: in this open record there is a valid approval of gate 2 for this stream, a fence that was made on one, or its
     * PATCH.
     */
    final boolean isOurs(ReplicationStream stream) {
        return mayCutOverYet(stream) || mayCutOver(stream) || fenceStands(stream);
    }

    /** Whether gate 2 is passed for this stream. */
    final boolean mayCutOver(ReplicationStream stream) {
        return approval(Gate.CUT_OVER, stream.id(), pair.originalPrimary().id()).isPresent();
    }

    private boolean fenceStands(ReplicationStream stream) {
        return fenceStands() && record.hasUsed(Gate.CUT_OVER, stream.id(), Call.FENCE);
    }

    /** Whether a fence of this failback stands at some proxy. */
    final boolean fenceStands() {
        return !record.standingFences().isEmpty();
    }

    /** Whether the stream may yet cut over because of us, or did: nothing goes back to A then (R5). */
    final boolean mayCutOverYet(ReplicationStream stream) {
        return record.cutOver().contains(stream.id());
    }

    // ---- Gates

    final Optional<Entry.Approved> approval(Gate gate, String streamId, String clusterId) {
        return record.approval(gate, streamId, clusterId, settings.gateLimit(), now);
    }

    /** How the run ends because a gate was answered with no, or not at all. */
    final Optional<Action> refusal(Gate gate) {
        return record.refusal(gate)
                .map(no -> finish(
                        no.timedOut() ? Outcome.TIMED_OUT : Outcome.REFUSED,
                        "May this run " + gate.words() + "? " + answer(no) + streamGoesOn()));
    }

    static String answer(Entry.NotApproved no) {
        if (no.timedOut()) {
            return "Nobody answered in time.";
        }
        return no.by().isEmpty() ? "Nobody could be asked." : no.by() + " refused.";
    }

    /**
     * Everything examined, shortly before a gate is asked and again after it was passed: what changed for the worse refuses
     * (R2).
     *
     * @param approval of the gate, if it was passed
     * @return what to do first; empty when the way is free
     */
    final Optional<Action> examined(Optional<Entry.Approved> approval) {
        Optional<Examination> examination = freshExamination()
                .filter(done -> approval.isEmpty()
                        || approval.get().at().isBefore(now.minus(EXAMINATION_KEEPS))
                        || !done.at().isBefore(approval.get().at()));
        if (examination.isEmpty()) {
            return Optional.of(new Action.Examine());
        }
        return unread(examination.get()).or(() -> {
            List<Check> failed = failed(examination.get());
            return failed.isEmpty() ? Optional.empty() : Optional.of(refused(failed));
        });
    }

    final Optional<Examination> freshExamination() {
        return situation.examination().filter(done -> !done.at().isBefore(now.minus(EXAMINATION_KEEPS)));
    }

    /** What could not be read may be readable in a moment; empty when everything was read, or cannot be for too long. */
    final Optional<Action> unread(Examination examination) {
        Optional<Instant> since = record.unreadSince();
        if (since.isEmpty() || !now.isBefore(since.get().plus(UNREAD_LIMIT))) {
            return Optional.empty();
        }
        return Optional.of(
                now.isBefore(examination.at().plus(SOON))
                        ? new Action.Look(SOON, examination.failed().get(0).reason())
                        : new Action.Examine());
    }

    /** Who serves is judged by what was seen last: a proxy that was silent in the examination may answer now. */
    final List<Check> failed(Examination examination) {
        return examination.failed().stream()
                .filter(check -> !check.name().equals(Preflight.WHO_SERVES)
                        || Preflight.whoServes(pair, sight.proxies()).failed())
                .toList();
    }

    // ---- Ends before the cutover

    /** A run that was asked to end, or that is putting traffic back, ends before the cutover. */
    final Optional<Action> endingBeforeCutover() {
        Optional<Entry.GivingUp> givingUp = record.givingUp();
        if (givingUp.isPresent()) {
            Entry.GivingUp end = givingUp.get();
            return Optional.of(
                    isToBeUnfenced()
                            ? unfence(end.outcome(), end.message())
                            : endBackOnActive(end.outcome(), end.message()));
        }
        if (record.abortRequested()) {
            String message = "The run was aborted before the cutover.";
            return Optional.of(
                    isToBeUnfenced() ? unfence(Outcome.ABORTED, message) : endBackOnActive(Outcome.ABORTED, message));
        }
        return Optional.empty();
    }

    /** Ends with clients on A, once no fence that was not answered can close a proxy any more. */
    final Action endBackOnActive(Outcome outcome, String message) {
        return settles(Call.FENCE)
                .<Action>map(until -> new Action.Look(
                        SOON,
                        "A fence was not answered. Watching until " + until + " that it does not close a proxy yet."))
                .orElseGet(() -> finish(outcome, message + backOnActive() + streamGoesOn()));
    }

    /** Until when a call may take effect yet that was not answered; empty when none can. */
    final Optional<Instant> settles(Call call) {
        return record.unanswered(call).map(at -> at.plus(SETTLES)).filter(now::isBefore);
    }

    /** Whether a fence of this failback, or one that it began to take away, keeps clients from A. */
    private boolean isToBeUnfenced() {
        return (fenceStands()
                        || record.unfencingSince().isPresent()
                        || settles(Call.FENCE).isPresent())
                && traffic(ON_ACTIVE) != ON_ACTIVE;
    }

    private String backOnActive() {
        return proxied && traffic(ON_ACTIVE) == ON_ACTIVE ? " Traffic is on " + a + "." : "";
    }

    /** What a run that ends before the cutover leaves behind in the cloud. */
    final String streamGoesOn() {
        return streams.reverseStream()
                .filter(stream -> stream.status().isLive())
                .map(stream -> " " + capital(pair.describe(stream)) + " goes on and is " + stream.statusName()
                        + ": run again to use it, or cancel it.")
                .orElse("");
    }

    // ---- Fence and un-fence

    /**
     * Puts clients back on A, where a proxy answers; when that does not work in time, traffic is stranded.
     *
     * @param thenEnd how the run ends; null when it goes on
     */
    final Action unfence(Outcome thenEnd, String why) {
        List<String> proxies = sight.proxiesThatAre(FENCED, MIXED, ON_ORIGINAL_PRIMARY);
        List<String> silent = sight.proxiesThatAre(UNKNOWN);
        if (proxies.isEmpty() && silent.isEmpty()) {
            return thenEnd == null ? new Action.Look(SOON, why) : endBackOnActive(thenEnd, why);
        }
        Optional<Instant> refused = record.cutoverRefused().filter(at -> now.isBefore(at.plus(REFUSAL_SETTLES)));
        if (refused.isPresent()) {
            return new Action.Look(
                    SOON,
                    "The cutover was refused. Watching until " + refused.get().plus(REFUSAL_SETTLES)
                            + " that the stream is not cutting over for somebody else.");
        }
        Optional<Instant> began = record.unfencingSince();
        if (began.isPresent()
                && !now.isBefore(began.get().plus(settings.proxyLimit().multipliedBy(4)))) {
            return finish(
                    Outcome.STRANDED,
                    why + " Traffic could not be put back on " + a + ". "
                            + proxies(FENCED, MIXED, ON_ORIGINAL_PRIMARY, UNKNOWN)
                            + " Unfence these proxies by hand, or run again once they answer.");
        }
        return proxies.isEmpty() && began.isPresent()
                ? new Action.Look(SOON, "A proxy does not answer. " + proxies(UNKNOWN))
                : paced(
                        Call.UNFENCE,
                        "Putting traffic back did not work; again soon. ",
                        new Action.Unfence(proxies.isEmpty() ? silent : proxies, thenEnd, why));
    }

    final Action fenceAll(String lossWindow) {
        return fence(sight.proxies().stream().map(proxy -> proxy.name()).toList(), lossWindow);
    }

    /** The loss window of a fence that this run watched; the words name it in the record. */
    static String openedAfterTheFence(String active) {
        return "A proxy let clients back to " + active + " after the fence.";
    }

    /** Fences what is open. */
    final Action fenceOpen(String lossWindow) {
        return fence(open(), lossWindow);
    }

    final Action fence(List<String> proxies, String lossWindow) {
        String unrecorded = lossWindow != null && record.hasLossWindowInThisRun(lossWindow) ? null : lossWindow;
        return paced(Call.FENCE, "A proxy was not fenced; again soon. ", new Action.Fence(proxies, unrecorded));
    }

    final Action release(List<String> proxies) {
        return paced(Call.RELEASE, "A proxy was not released; again soon. ", new Action.Release(proxies));
    }

    /** What failed a moment ago is not done again at once. */
    private Action paced(Call call, String why, Action action) {
        return record.lastFailed(call)
                .filter(failed -> now.isBefore(failed.plus(SOON)))
                .<Action>map(failed -> new Action.Look(SOON, why + proxies(ON_ACTIVE, FENCED, MIXED, UNKNOWN)))
                .orElse(action);
    }

    final List<String> open() {
        return sight.proxiesThatAre(ON_ACTIVE, MIXED, ON_ORIGINAL_PRIMARY);
    }

    /** A fence that is not ours may be another run's on its way to the cutover: watch, then ask, then un-fence (R8). */
    final Action foreignFence(String streamId) {
        if (fenceStands()) {
            return unfence(null, "The fence of a run that was interrupted stands.");
        }
        String why = "Traffic was fenced by somebody else, and nobody cut over.";
        boolean unfencing = record.unfencingSince().isPresent();
        if (unfencing) {
            return unfence(null, why);
        }
        Instant until =
                record.seenTrafficSince(FENCED, MIXED, UNKNOWN).orElse(now).plus(foreignWatch());
        if (now.isBefore(until)) {
            return new Action.Look(
                    SOON,
                    "Traffic was fenced by somebody else, who may be about to cut over. Watching until " + until + ".");
        }
        return refusal(Gate.FOREIGN_FENCE)
                .orElseGet(() ->
                        approval(Gate.FOREIGN_FENCE, streamId, pair.active().id())
                                        .isPresent()
                                ? unfence(null, why)
                                : new Action.Ask(
                                        Gate.FOREIGN_FENCE,
                                        streamId,
                                        pair.active().id()));
    }

    /** As long as a run may take from its fence to its PATCH, and as long as two of its proxies may take to answer. */
    private Duration foreignWatch() {
        return settings.fenceLimit().plus(settings.proxyLimit().multipliedBy(2)).plusSeconds(60);
    }

    /** A cutover that this failback did not ask for behind a proven fence may have left writes behind. */
    final Optional<Action> lossOfAnUnprovenCutover() {
        String words = "The cutover began without a proof that everything written to " + a + " had arrived.";
        boolean recorded =
                record.lossWindows().stream().anyMatch(loss -> loss.words().equals(words));
        return record.cutOverBehindFence() || recorded ? Optional.empty() : Optional.of(new Action.NoteLoss(words));
    }

    // ---- Deadlines before the PATCH

    /**
     * Since when the fence counts that is about to lead to the PATCH: ours, or one that was found. A fence of an earlier run
     * that somebody has taken away counts no more.
     */
    private Optional<Instant> fenceBegan() {
        return record.standingFences().values().stream()
                .min(Instant::compareTo)
                .filter(began -> traffic(ON_ACTIVE) != ON_ACTIVE)
                .or(record::fencingSince)
                .or(() -> record.seenTrafficSince(FENCED, MIXED));
    }

    /** Until when the first PATCH may be sent: the fence time-out after F, and F must come in time itself (R8). */
    final Instant fenceDeadline() {
        Instant closing = fenceBegan().orElse(now).plus(settings.drain()).plus(settings.proxyLimit());
        Instant proven = record.fence().map(Entry.FenceProven::at).orElse(closing);
        return (proven.isBefore(closing) ? proven : closing).plus(settings.fenceLimit());
    }

    /** How it goes back to A because the fence has stood for too long without leading to a PATCH; empty while it has not. */
    final Optional<Action> fenceTookTooLong(String message) {
        if (now.isBefore(fenceDeadline())) {
            return Optional.empty();
        }
        boolean ofAnEarlierRun =
                fenceBegan().filter(began -> began.isBefore(record.runBegan())).isPresent();
        return Optional.of(
                ofAnEarlierRun
                        ? unfence(null, "The fence of a run that was interrupted has stood for too long.")
                        : unfence(Outcome.TIMED_OUT, message));
    }

    // ---- Deadlines after the PATCH

    /** Until when this run waits for the cutover. */
    final Instant cutoverDeadline(ReplicationStream stream) {
        Instant asked = record.inThisRun(record.firstCalled(Call.INITIATE_CUTOVER, stream.id())
                .or(() -> record.seenSince(stream.id(), status -> status == StreamStatus.FAILING_OVER))
                .orElse(now));
        Instant begins =
                stream.failoverAt() != null && stream.failoverAt().isAfter(asked) ? stream.failoverAt() : asked;
        return begins.plus(settings.cutoverLimit());
    }

    // ---- The stream

    /** Caught up, by the cloud's clock (R3). */
    final boolean isReady(ReplicationStream stream) {
        return stream.status() == StreamStatus.REPLICATING
                && stream.caughtUpTo().isPresent()
                && (settings.waiveLag()
                        || stream.lag(sight.cloud().orElseThrow().time())
                                .filter(lag -> lag.compareTo(settings.maxLag()) <= 0)
                                .isPresent());
    }

    final boolean isInPast(Instant time) {
        return time != null && !isAhead(time);
    }

    final boolean isAhead(Instant time) {
        return time != null && time.isAfter(now);
    }

    /** With proxies, a time ahead would let writers go on under a cutover that runs already (R7). */
    final Optional<Action> refusedFutureCutover() {
        return proxied && isAhead(settings.failoverAt())
                ? Optional.of(
                        finish(
                                Outcome.REFUSED,
                                "The cutover time " + settings.failoverAt()
                                        + " is ahead, which does not go together with proxies. Run at that time, or leave the time out."))
                : Optional.empty();
    }
}
