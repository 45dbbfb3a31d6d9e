package io.jenkins.plugins.cockroachdb.failback;

import static io.jenkins.plugins.cockroachdb.proxy.Traffic.MIXED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ACTIVE;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ORIGINAL_PRIMARY;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.UNKNOWN;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.cloud.StreamUpdate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Rows 3 and 4: the reverse stream has caught up, and then it fails over. */
final class CutOverStage extends CatchUpStage {

    /** Between two PATCHes when the fate of the first is unknown: time for the first to show. */
    private static final Duration PATCH_AGAIN = Duration.ofSeconds(10);

    CutOverStage(Situation situation, Sight.Cloud cloud) {
        super(situation, cloud);
    }

    /** Row 3. */
    Action caughtUp(ReplicationStream stream) {
        return endingBefore(stream).orElseGet(() -> switch (traffic(ON_ACTIVE)) {
            case ON_ACTIVE -> mayCutOverYet(stream) ? againUnderFence(stream) : gatesThenFence(stream);
            case FENCED, MIXED -> isOurs(stream) ? underFence(stream) : foreignFence(stream.id());
            case ON_ORIGINAL_PRIMARY -> isOurs(stream) ? closeAgain(stream) : sentToAStandby();
            case UNKNOWN -> mayCutOverYet(stream) || (isOurs(stream) && fenceStands())
                    ? proxiesSilent(stream)
                    : trafficUnknown();
        });
    }

    /** A fence that stands although its approval is used up has to be lifted, or the run is stranded (I4). */
    private Action trafficUnknown() {
        return fenceStands()
                ? unfence(null, "The fence of a run that was interrupted stands.")
                : untilProxiesAnswer(() -> finish(
                        Outcome.REFUSED,
                        "Nobody can tell where clients are, so nothing is cut over. " + proxies(UNKNOWN)
                                + streamGoesOn()));
    }

    /** Traffic is on A and nothing was sent: the gates, then the fence. */
    private Action gatesThenFence(ReplicationStream stream) {
        return adoption(stream)
                .or(this::refusedFutureCutover)
                .or(() -> refusedUnretainedTime(stream))
                .or(this::unfenceSettles)
                .or(() -> gates(stream))
                .orElseGet(() -> proxied
                        ? fenceTookTooLong(fenceNotClosed()).orElseGet(() -> fenceAll(null))
                        : initiate(stream));
    }

    /** What was asked to open a proxy and has not answered could open it behind the next fence. */
    private Optional<Action> unfenceSettles() {
        return settles(Call.UNFENCE)
                .map(until -> new Action.Look(
                        SOON,
                        "An un-fence was not answered. Waiting until " + until
                                + " so that it does not open the next fence."));
    }

    /** The cloud would refuse it as well, but only behind the fence. */
    private Optional<Action> refusedUnretainedTime(ReplicationStream stream) {
        return settings.failoverAt() != null && !stream.canGoBackTo(settings.failoverAt())
                ? Optional.of(finish(
                        Outcome.REFUSED,
                        "The cutover time " + settings.failoverAt() + " is before " + stream.retainedTime()
                                + ", the earliest that "
                                + pair.describe(stream) + " can go back to. Give a later one, or leave it out."
                                + streamGoesOn()))
                : Optional.empty();
    }

    private Optional<Action> gates(ReplicationStream stream) {
        List<Gate> gates =
                isInPast(settings.failoverAt()) ? List.of(Gate.DISCARD_WRITES, Gate.CUT_OVER) : List.of(Gate.CUT_OVER);
        // While the fence is being closed, proxies disagree, which is no change for the worse.
        boolean fencing = record.fencingSince().isPresent();
        for (Gate gate : gates) {
            Optional<Entry.Approved> approval =
                    gate == Gate.DISCARD_WRITES ? discardApproval(stream) : cutOverApproval(stream);
            Optional<Action> first = refusal(gate).or(() -> fencing ? Optional.empty() : examined(approval));
            if (first.isPresent()) {
                return first;
            }
            if (approval.isEmpty()) {
                return Optional.of(
                        new Action.Ask(gate, stream.id(), pair.originalPrimary().id()));
            }
        }
        return Optional.empty();
    }

    private Optional<Entry.Approved> cutOverApproval(ReplicationStream stream) {
        return approval(Gate.CUT_OVER, stream.id(), pair.originalPrimary().id());
    }

    /** To discard what was written after one time is not to discard what was written after another. */
    private Optional<Entry.Approved> discardApproval(ReplicationStream stream) {
        return approval(Gate.DISCARD_WRITES, stream.id(), pair.originalPrimary().id())
                .filter(approved -> Objects.equals(approved.failoverAt(), settings.failoverAt()));
    }

    private String fenceNotClosed() {
        return "The fence could not be closed within " + settings.fenceLimit().toSeconds() + " s. "
                + proxies(ON_ACTIVE, MIXED, ON_ORIGINAL_PRIMARY, UNKNOWN);
    }

    /**
     * The PATCH was sent and may still take effect, yet clients are on A. A run that watched the fence closes it again; another
     * one asks first, because a person may have gone back.
     */
    Action againUnderFence(ReplicationStream stream) {
        if (!now.isBefore(cutoverDeadline(stream))) {
            return cutoverInDoubt(stream);
        }
        boolean ofThisRun =
                proxied ? record.sawFenceInThisRun() : record.hasCalledInThisRun(Call.INITIATE_CUTOVER, stream.id());
        if (!ofThisRun) {
            Optional<Action> first = gates(stream);
            if (first.isPresent()) {
                return first.get() instanceof Action.Finish ? cutoverInDoubt(stream) : first.get();
            }
        }
        if (proxied) {
            return fenceAll(openDuringCutover());
        }
        return isReady(stream)
                ? initiate(stream)
                : new Action.Look(SOON, "The cutover was asked for, and the stream has not caught up again.");
    }

    private String openDuringCutover() {
        return "Clients could write to " + a + " while the cutover was asked for already.";
    }

    /** P's way is open although P is a standby, and the stream is ours: closed again, F is taken anew. */
    Action closeAgain(ReplicationStream stream) {
        return mayCutOverYet(stream)
                ? untilCutoverDeadline(stream, () -> fenceAll(null))
                : fenceTookTooLong(fenceNotClosed()).orElseGet(() -> fenceAll(null));
    }

    private Action untilCutoverDeadline(ReplicationStream stream, Decision before) {
        return now.isBefore(cutoverDeadline(stream)) ? before.decide() : cutoverInDoubt(stream);
    }

    private Action cutoverInDoubt(ReplicationStream stream) {
        return finish(
                Outcome.IN_DOUBT,
                "The cutover was asked for, and " + pair.describe(stream) + " is still " + stream.statusName() + "."
                        + (lastPatch(stream) == Entry.Result.REFUSED
                                ? " When it was asked for again, the answer was: " + refusalOf(stream)
                                : "")
                        + (proxied
                                ? " Traffic stays " + traffic(ON_ACTIVE).words() + "; do not put it back on " + a + ". "
                                        + proxies(UNKNOWN)
                                : "")
                        + " Run again.");
    }

    /** The fence is ours: close it wholly, prove it, wait for everything to arrive, send the PATCH. */
    Action underFence(ReplicationStream stream) {
        if (traffic(ON_ACTIVE) == MIXED) {
            return mayCutOverYet(stream)
                    ? untilCutoverDeadline(stream, () -> fenceOpen(openDuringCutover()))
                    : fenceTookTooLong(fenceNotClosed()).orElseGet(() -> fenceOpen(null));
        }
        if (isRefused(stream)) {
            return unfence(Outcome.FAILED, refusalOf(stream));
        }
        boolean sent = mayCutOverYet(stream);
        Optional<Action> tooLong = sent
                ? Optional.empty()
                : fenceTookTooLong("Not everything was replicated within "
                        + settings.fenceLimit().toSeconds() + " s under the fence.");
        if (tooLong.isPresent()) {
            return tooLong.get();
        }
        if (sent && !now.isBefore(cutoverDeadline(stream))) {
            return cutoverInDoubt(stream);
        }
        if (!sent && !mayCutOver(stream) && !record.hasUsedInThisRun(Gate.CUT_OVER, stream.id(), Call.FENCE)) {
            return unfence(null, "The approval of the cutover has expired.");
        }
        Optional<Instant> fence = record.fence().map(Entry.FenceProven::fenceInstant);
        if (fence.isEmpty()) {
            return new Action.ProveFence(stream.id());
        }
        Instant needed = isInPast(settings.failoverAt()) ? settings.failoverAt() : fence.get();
        boolean arrived =
                stream.caughtUpTo().filter(upTo -> !upTo.isBefore(needed)).isPresent();
        return arrived
                ? initiate(stream)
                : new Action.Await(
                        stream.id(),
                        StreamCondition.replicatedAfter(needed),
                        sent ? cutoverDeadline(stream) : fenceDeadline());
    }

    /** Every attempt was definitely refused, and the last one not because nobody took it. */
    private boolean isRefused(ReplicationStream stream) {
        return record.everyCallRefused(Call.INITIATE_CUTOVER, stream.id()) && lastPatch(stream) == Entry.Result.REFUSED;
    }

    private Entry.Result lastPatch(ReplicationStream stream) {
        return record.lastResult(Call.INITIATE_CUTOVER, stream.id())
                .map(Entry.Called::result)
                .orElse(Entry.Result.UNKNOWN);
    }

    private String refusalOf(ReplicationStream stream) {
        return record.lastResult(Call.INITIATE_CUTOVER, stream.id())
                .map(Entry.Called::detail)
                .orElseThrow();
    }

    private Action initiate(ReplicationStream stream) {
        boolean mayHaveHadEffect = mayCutOverYet(stream);
        Optional<Instant> sent = record.lastCalled(Call.INITIATE_CUTOVER, stream.id());
        if (sent.isPresent()) {
            if (isRefused(stream)) {
                return finish(Outcome.FAILED, refusalOf(stream) + streamGoesOn());
            }
            boolean late = !now.isBefore(cutoverDeadline(stream));
            if (late && mayHaveHadEffect) {
                return cutoverInDoubt(stream);
            }
            if (late && !proxied) { // behind a fence its time-out decides
                return finish(Outcome.TIMED_OUT, refusalOf(stream) + streamGoesOn());
            }
            boolean settled = lastPatch(stream) == Entry.Result.DONE;
            if (settled || now.isBefore(sent.get().plus(mayHaveHadEffect ? PATCH_AGAIN : SOON))) {
                return new Action.Look(SOON, "The cutover was asked for and does not show yet.");
            }
        }
        if (mayHaveHadEffect && !Objects.equals(record.cutoverTimeAsked().orElse(null), settings.failoverAt())) {
            return finish(
                    Outcome.USAGE,
                    "This failback has asked for a cutover to "
                            + record.cutoverTimeAsked().map(String::valueOf).orElse("the latest time")
                            + ", which may take effect yet, so it cannot ask for another one. Run again with that time.");
        }
        if (!mayHaveHadEffect && proxied && isUnapprovedTime(stream)) {
            return unfence(null, "The cutover time " + settings.failoverAt() + " was not approved.");
        }
        Instant needed = isInPast(settings.failoverAt())
                ? settings.failoverAt()
                : record.fence().map(Entry.FenceProven::fenceInstant).orElse(null);
        return new Action.Initiate(
                stream.id(),
                settings.failoverAt() == null
                        ? StreamUpdate.failOver()
                        : StreamUpdate.failOverAt(settings.failoverAt()),
                proxied ? needed : null);
    }

    private boolean isUnapprovedTime(ReplicationStream stream) {
        return isAhead(settings.failoverAt())
                || (settings.failoverAt() != null && discardApproval(stream).isEmpty());
    }

    /** Under our fence a proxy does not answer: no PATCH (R4), and none goes back once one was sent (R5). */
    Action proxiesSilent(ReplicationStream stream) {
        String why = "A proxy does not answer. " + proxies(UNKNOWN);
        return mayCutOverYet(stream)
                ? lookUntil(cutoverDeadline(stream), why, () -> cutoverInDoubt(stream))
                : fenceTookTooLong(why).orElseGet(() -> new Action.Look(SOON, why));
    }

    /** Row 4: the cutover runs, whoever asked for it. */
    Action failingOver(ReplicationStream stream) {
        if (!settings.goal().isHome()) {
            return finish(
                    fenceStands() || record.mayHaveHadEffect(Call.INITIATE_CUTOVER) ? Outcome.USAGE : Outcome.REFUSED,
                    capital(pair.describe(stream)) + " is cutting over. Run the whole failback to finish it.");
        }
        if (record.abortRequested()) {
            return goesOn(stream);
        }
        Instant deadline = cutoverDeadline(stream);
        if (!now.isBefore(deadline)) {
            return cutoverInDoubt(stream);
        }
        Action await = new Action.Await(stream.id(), StreamCondition.status(StreamStatus.COMPLETED), deadline);
        if (!proxied) {
            return await;
        }
        return switch (traffic(ON_ACTIVE)) {
            case FENCED -> lossOfAnUnprovenCutover().orElse(await);
            case ON_ACTIVE -> isAhead(stream.failoverAt())
                    ? new Action.Await(stream.id(), StreamCondition.status(StreamStatus.COMPLETED), stream.failoverAt())
                    : fenceAll(openDuringCutover());
            case ON_ORIGINAL_PRIMARY -> fenceAll(null);
            case MIXED -> fenceOpen(openDuringCutover());
            case UNKNOWN -> open().isEmpty()
                    ? new Action.Look(SOON, "A proxy does not answer while the cutover runs. " + proxies(UNKNOWN))
                    : fenceOpen(openDuringCutover());
        };
    }
}
