package io.jenkins.plugins.cockroachdb.failback;

import static io.jenkins.plugins.cockroachdb.proxy.Traffic.FENCED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.MIXED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ACTIVE;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ORIGINAL_PRIMARY;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.UNKNOWN;

import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.NewStream;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.cloud.StreamUpdate;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The mind of the failback: one pure function from what was seen, what was done and what is wanted to what to do next. It
 * does no I/O and holds no state, so a crash anywhere, a second driver or a person's hand in between needs no code of its
 * own: whoever comes next looks, asks here, and goes on.
 *
 * <p>The decisions are a table. Its rows are the states of the reverse stream, its columns where traffic is; a method below
 * is a row, and its switch has the columns. A is the active cluster, P the original primary.
 */
public final class Runbook {

    /** How long a created stream may stay invisible before its creation counts as in doubt (R6). */
    private static final Duration CREATION_IN_DOUBT = Duration.ofMinutes(5);

    /** How old a preflight may be that a stream is created on. */
    private static final Duration EXAMINATION_KEEPS = Duration.ofMinutes(1);

    /** How long a cloud that cannot be read is asked again while nothing is at stake. */
    private static final Duration BLIND_LIMIT = Duration.ofMinutes(10);

    private static final Duration SOON = Duration.ofSeconds(2);

    /** Between two PATCHes when the fate of the first is unknown: time for the first to show. */
    private static final Duration PATCH_AGAIN = Duration.ofSeconds(10);

    private final Instant now;
    private final Settings settings;
    private final FailbackRecord record;
    private final Sight sight;
    private final Situation situation;

    private Runbook(Situation situation) {
        this.situation = situation;
        now = situation.now();
        settings = situation.settings();
        record = situation.record();
        sight = situation.sight();
    }

    /** What to do next. The same situation always gives the same action. */
    public static Action next(Situation situation) {
        Runbook runbook = new Runbook(situation);
        Optional<Entry.Ended> end = situation.record().end();
        if (end.isPresent()) {
            return new Action.Finish(end.get().outcome(), end.get().message());
        }
        return situation.sight().cloud().isPresent()
                ? runbook.new Pairwise(situation.sight().cloud().get()).decide()
                : runbook.blind(situation.sight().failure().orElseThrow());
    }

    /** Nothing can be decided about a stream that cannot be read, and an un-fence reads it first (R5). */
    private Action blind(CloudException failure) {
        Optional<Instant> patched = record.firstCalled(Call.INITIATE_CUTOVER);
        if (patched.isPresent()) {
            return lookUntil(
                    patched.get().plus(settings.cutoverLimit()),
                    failure.whatHappened(),
                    () -> finish(
                            Outcome.IN_DOUBT,
                            "The cutover was asked for, and the cloud cannot be read. " + failure.getMessage()
                                    + " Traffic stays as it is. Run again."));
        }
        Optional<Instant> fenced = record.standingFenceBegan();
        if (fenced.isPresent()) {
            return lookUntil(
                    fenced.get().plus(settings.fenceLimit()),
                    failure.whatHappened(),
                    () -> finish(
                            Outcome.STRANDED,
                            "Traffic is fenced, and the stream cannot be read, so it is not known whether it may go back. "
                                    + failure.getMessage()));
        }
        Optional<Instant> posted = record.unsettled(Call.CREATE_REVERSE_STREAM);
        if (posted.isPresent()) {
            return lookUntil(
                    posted.get().plus(CREATION_IN_DOUBT),
                    failure.whatHappened(),
                    () -> finish(
                            Outcome.IN_DOUBT,
                            "It is unknown whether the reverse stream was created. " + failure.getMessage()));
        }
        if (!mayPass(failure)) {
            return finish(Outcome.FAILED, failure.getMessage());
        }
        return lookUntil(
                record.lastEntryAt().plus(BLIND_LIMIT),
                failure.whatHappened(),
                () -> finish(Outcome.FAILED, failure.getMessage()));
    }

    private static boolean mayPass(CloudException failure) {
        return failure instanceof CloudException.Unreachable
                || failure instanceof CloudException.ServerError
                || failure instanceof CloudException.RateLimited
                || failure instanceof CloudException.UnreadableAnswer;
    }

    private static Action finish(Outcome outcome, String message) {
        return new Action.Finish(outcome, message);
    }

    /** What is decided when time is up. */
    private interface Otherwise {
        Action decide();
    }

    private Action lookUntil(Instant deadline, String why, Otherwise otherwise) {
        return now.isBefore(deadline) ? new Action.Look(SOON, why) : otherwise.decide();
    }

    /** The table, for a pair that was seen. */
    private final class Pairwise {
        private final Pair pair;
        private final StreamHistory streams;
        private final boolean proxied = !sight.proxies().isEmpty();
        private final String p;
        private final String a;

        Pairwise(Sight.Cloud cloud) {
            pair = cloud.pair();
            streams = cloud.streams();
            p = pair.originalPrimary().name();
            a = pair.active().name();
        }

        Action decide() {
            if (streams.liveReverseStreams().size() > 1) {
                return twoLiveStreams();
            }
            Optional<ReplicationStream> reverse = streams.reverseStream();
            if (reverse.isEmpty() || wasCanceledBefore(reverse.get())) {
                return row1NoStream();
            }
            ReplicationStream stream = reverse.get();
            return switch (stream.status()) {
                case CANCELED -> row1bCanceled(stream);
                case STARTING -> row2NotReady(stream);
                case REPLICATING -> isReady(stream) ? row3CaughtUp(stream) : row2NotReady(stream);
                case FAILING_OVER -> row4FailingOver(stream);
                case COMPLETED -> isOurs(stream) ? row5Completed(stream) : row6CompletedByOthers(stream);
                case UNRECOGNIZED -> unrecognized(stream);
            };
        }

        // ---- Row 1: no reverse stream, or one that was canceled before this record began

        private Action row1NoStream() {
            Optional<Instant> patched = record.firstCalled(Call.INITIATE_CUTOVER);
            if (patched
                    .isPresent()) { // it exists, whatever this one listing shows: nothing goes back on that ground (R5)
                return lookUntil(
                        patched.get().plus(settings.cutoverLimit()),
                        "The stream that was cut over is not in the list.",
                        () -> finish(
                                Outcome.IN_DOUBT,
                                "The cutover was asked for, and its stream is not in the list any more. Traffic stays as it"
                                        + " is; do not put it back on " + a
                                        + ". Look at both clusters in the Cloud Console."));
            }
            Optional<Action> ending = endingBeforeCutover();
            if (ending.isPresent()) {
                return ending.get();
            }
            return switch (traffic(ON_ACTIVE)) {
                case ON_ACTIVE -> create();
                case FENCED -> {
                    List<Check> failed = failed(streams.roleProof(settings.allowUnprovenRoles()));
                    yield failed.isEmpty() ? foreignFence(null) : refused(failed);
                }
                case ON_ORIGINAL_PRIMARY -> finish(
                        Outcome.REFUSED,
                        p + " serves already. " + proxies(ON_ORIGINAL_PRIMARY)
                                + " Creating the reverse stream would erase it. Check both cluster ids.");
                case MIXED -> finish(
                        Outcome.REFUSED,
                        p + " serves some clients. " + proxies(MIXED, ON_ORIGINAL_PRIMARY)
                                + " Find out which cluster has the data before anything is erased.");
                case UNKNOWN -> finish(
                        Outcome.REFUSED,
                        "Nobody can tell which cluster serves. " + proxies(UNKNOWN)
                                + " Mend the proxies, or leave them out.");
            };
        }

        private Action create() {
            String target =
                    creationOf(pair.active().id(), pair.originalPrimary().id());
            Optional<Instant> posted = record.lastCalled(Call.CREATE_REVERSE_STREAM, target);
            boolean inThisRun = record.hasCalledInThisRun(Call.CREATE_REVERSE_STREAM, target);
            Optional<Entry.Called> result = record.lastResult(Call.CREATE_REVERSE_STREAM, target);
            if (inThisRun && result.map(Entry.Called::result).equals(Optional.of(Entry.Result.REFUSED))) {
                return finish(Outcome.FAILED, result.get().detail());
            }
            if (inThisRun) { // never a second time in one run (R6, I1)
                return lookUntil(
                        posted.get().plus(CREATION_IN_DOUBT),
                        "The reverse stream was asked for and does not show yet.",
                        () -> finish(
                                Outcome.IN_DOUBT,
                                "The reverse stream was asked for at " + posted.get()
                                        + " and does not show. If it was created, it is erasing " + p
                                        + ". Look at both clusters in the Cloud Console; run again to go on."));
            }
            boolean unsettled = record.unsettled(Call.CREATE_REVERSE_STREAM).isPresent();
            if (unsettled && now.isBefore(record.runBegan().plus(CREATION_IN_DOUBT))) {
                return new Action.Look(
                        SOON, "An earlier run asked for the reverse stream, and its answer is not known.");
            }
            Optional<Action> refusal = refusal(Gate.ERASE);
            if (refusal.isPresent()) {
                return refusal.get();
            }
            Optional<Entry.Approved> approval = approval(
                            Gate.ERASE, null, pair.originalPrimary().id())
                    .filter(approved -> posted.isEmpty() || approved.at().isAfter(posted.get()));
            // After the approval everything is examined again: what changed for the worse refuses (R2).
            Instant notBefore = approval.map(Entry.Approved::at)
                    .filter(at -> at.isAfter(now.minus(EXAMINATION_KEEPS)))
                    .orElse(now.minus(EXAMINATION_KEEPS));
            Optional<Examination> examination =
                    situation.examination().filter(done -> !done.at().isBefore(notBefore));
            if (examination.isEmpty()) {
                return new Action.Examine();
            }
            List<Check> failed = failed(examination.get().checks());
            if (!failed.isEmpty()) {
                return refused(failed);
            }
            if (futureCutoverIsRefused()) {
                return refusedFutureCutover();
            }
            return approval.isPresent()
                    ? new Action.CreateReverseStream(
                            NewStream.from(pair.active().id())
                                    .erasing(pair.originalPrimary().id()))
                    : new Action.Ask(Gate.ERASE, null, pair.originalPrimary().id());
        }

        // ---- Row 1b: canceled since this record began

        private Action row1bCanceled(ReplicationStream stream) {
            Optional<Action> ending = endingBeforeCutover();
            if (ending.isPresent()) {
                return ending.get();
            }
            String message = capital(pair.describe(stream)) + " was canceled. Nothing flows to " + p
                    + " any more. Find out who or what canceled it; run again to begin anew.";
            return switch (traffic(ON_ACTIVE)) {
                case ON_ACTIVE -> finish(Outcome.FAILED, message);
                case FENCED, MIXED -> isOurs(stream) ? unfence(Outcome.FAILED, message) : foreignFence(stream.id());
                case ON_ORIGINAL_PRIMARY -> isOurs(stream)
                        ? unfence(Outcome.FAILED, message)
                        : finish(
                                Outcome.REFUSED,
                                "Clients are sent to " + p + ", into which no stream flows. "
                                        + proxies(ON_ORIGINAL_PRIMARY));
                case UNKNOWN -> unfence(Outcome.FAILED, message);
            };
        }

        // ---- Row 2: starting, scanning or lagging

        private Action row2NotReady(ReplicationStream stream) {
            Optional<Action> ending = endingBeforeCutover(stream);
            if (ending.isPresent()) {
                return ending.get();
            }
            Optional<Action> adoption = adoption(stream);
            return switch (traffic(ON_ACTIVE)) {
                case ON_ACTIVE -> mayCutOverYet(stream)
                        ? againUnderFence(stream)
                        : adoption.orElseGet(() -> awaitReadiness(stream));
                case FENCED, MIXED -> isOurs(stream) ? underFence(stream) : foreignFence(stream.id());
                case ON_ORIGINAL_PRIMARY -> mayCutOverYet(stream)
                        ? fenceAll(null)
                        : isOurs(stream) || record.hasAdopted(stream.id())
                                ? unfence(null, p + " is a standby and answers nobody.")
                                : finish(
                                        Outcome.REFUSED,
                                        "Clients are sent to " + p + ", which is a standby and answers nobody. "
                                                + proxies(ON_ORIGINAL_PRIMARY) + " Put them back on " + a + " first.");
                case UNKNOWN -> isOurs(stream) && record.standingFenceBegan().isPresent()
                        ? blindProxies(stream)
                        : adoption.orElseGet(() -> awaitReadiness(stream));
            };
        }

        private Action awaitReadiness(ReplicationStream stream) {
            boolean starting = stream.status() == StreamStatus.STARTING;
            Instant since = record.seenSince(seen -> stream.id().equals(seen.streamId())
                            && (seen.status().equals(StreamStatus.STARTING.name()) == starting))
                    .orElse(now);
            Instant deadline = since.plus(starting ? settings.startLimit() : settings.catchUpLimit());
            if (!now.isBefore(deadline)) {
                return finish(
                        Outcome.TIMED_OUT,
                        capital(pair.describe(stream)) + " is " + stream.statusName() + " since " + since
                                + ", longer than the limit. It goes on by itself; run again to go on waiting, with a longer limit.");
            }
            return new Action.Await(
                    stream.id(),
                    starting
                            ? StreamCondition.status(StreamStatus.REPLICATING)
                            : StreamCondition.caughtUp(
                                    settings.waiveLag() ? settings.catchUpLimit() : settings.maxLag()),
                    deadline);
        }

        // ---- Row 3: caught up

        private Action row3CaughtUp(ReplicationStream stream) {
            Optional<Action> ending = endingBeforeCutover(stream);
            if (ending.isPresent()) {
                return ending.get();
            }
            return switch (traffic(ON_ACTIVE)) {
                case ON_ACTIVE -> mayCutOverYet(stream) ? againUnderFence(stream) : cutOver(stream);
                case FENCED -> isOurs(stream) ? underFence(stream) : foreignFence(stream.id());
                case MIXED -> isOurs(stream) ? fenceTheRest(stream) : foreignFence(stream.id());
                case ON_ORIGINAL_PRIMARY -> isOurs(stream)
                        ? fenceAll(null)
                        : finish(
                                Outcome.REFUSED,
                                "Clients are sent to " + p + ", which is a standby and answers nobody. "
                                        + proxies(ON_ORIGINAL_PRIMARY) + " Put them back on " + a + " first.");
                case UNKNOWN -> blindProxies(stream);
            };
        }

        /** Traffic is on A and nothing was sent: the gates, then the fence. */
        private Action cutOver(ReplicationStream stream) {
            Optional<Action> adoption = adoption(stream);
            if (adoption.isPresent()) {
                return adoption.get();
            }
            if (futureCutoverIsRefused()) {
                return refusedFutureCutover();
            }
            for (Gate gate : isInPast(settings.failoverAt())
                    ? List.of(Gate.DISCARD_WRITES, Gate.CUT_OVER)
                    : List.of(Gate.CUT_OVER)) {
                Optional<Action> refusal = refusal(gate);
                if (refusal.isPresent()) {
                    return refusal.get();
                }
                if (approval(gate, stream.id(), pair.originalPrimary().id()).isEmpty()) {
                    return new Action.Ask(
                            gate, stream.id(), pair.originalPrimary().id());
                }
            }
            if (!proxied) {
                return initiate(stream);
            }
            if (fenceTookTooLong()) {
                return unfence(
                        Outcome.TIMED_OUT,
                        "The fence could not be closed within "
                                + settings.fenceLimit().toSeconds() + " s.");
            }
            return fenceAll(null);
        }

        /** The PATCH was sent and may still take effect, yet clients are on A. */
        private Action againUnderFence(ReplicationStream stream) {
            return proxied
                    ? fenceAll("Clients could write to " + a + " while the cutover was asked for already.")
                    : initiate(stream);
        }

        private Action fenceTheRest(ReplicationStream stream) {
            if (!patchSent(stream) && fenceTookTooLong()) {
                return unfence(
                        Outcome.TIMED_OUT,
                        "The fence could not be closed within "
                                + settings.fenceLimit().toSeconds() + " s: "
                                + proxies(ON_ACTIVE, MIXED, ON_ORIGINAL_PRIMARY));
            }
            return fence(null);
        }

        /** Every proxy is fenced, and the fence is ours: prove it, wait for everything to arrive, send the PATCH. */
        private Action underFence(ReplicationStream stream) {
            if (traffic(ON_ACTIVE) == MIXED) {
                return fenceTheRest(stream);
            }
            if (record.everyCallRefused(Call.INITIATE_CUTOVER, stream.id())) {
                return unfence(
                        Outcome.FAILED,
                        record.lastResult(Call.INITIATE_CUTOVER, stream.id())
                                .map(Entry.Called::detail)
                                .orElse("The cutover was refused."));
            }
            Optional<Entry.FenceProven> fence = record.fence();
            boolean sent = patchSent(stream);
            if (!sent && fenceTookTooLong()) {
                return unfence(
                        Outcome.TIMED_OUT,
                        "Not everything was replicated within "
                                + settings.fenceLimit().toSeconds() + " s under the fence.");
            }
            if (sent && !now.isBefore(cutoverDeadline(stream))) {
                return finish(
                        Outcome.IN_DOUBT,
                        "The cutover was asked for, and " + pair.describe(stream) + " is still " + stream.statusName()
                                + ". Traffic stays fenced. Run again.");
            }
            if (fence.isEmpty()) {
                return new Action.ProveFence(stream.id());
            }
            Instant needed = isInPast(settings.failoverAt())
                    ? settings.failoverAt()
                    : fence.get().fenceInstant();
            boolean arrived =
                    stream.caughtUpTo().filter(upTo -> !upTo.isBefore(needed)).isPresent();
            if (!arrived) {
                Instant deadline = sent ? cutoverDeadline(stream) : fenceDeadline();
                return new Action.Await(stream.id(), StreamCondition.replicatedAfter(needed), deadline);
            }
            return initiate(stream);
        }

        private Action initiate(ReplicationStream stream) {
            Optional<Instant> sent = record.lastCalled(Call.INITIATE_CUTOVER, stream.id());
            if (sent.isPresent()) {
                if (record.everyCallRefused(Call.INITIATE_CUTOVER, stream.id())) {
                    return finish(
                            Outcome.FAILED,
                            record.lastResult(Call.INITIATE_CUTOVER, stream.id())
                                    .map(Entry.Called::detail)
                                    .orElse("The cutover was refused."));
                }
                boolean unsettled = record.unsettled(Call.INITIATE_CUTOVER).isPresent();
                if (!now.isBefore(cutoverDeadline(stream))) {
                    return finish(
                            Outcome.IN_DOUBT,
                            "The cutover was asked for, and " + pair.describe(stream) + " is still "
                                    + stream.statusName() + ". Run again.");
                }
                if (!unsettled || now.isBefore(sent.get().plus(PATCH_AGAIN))) {
                    return new Action.Look(SOON, "The cutover was asked for and does not show yet.");
                }
            }
            boolean mayDiscard = approval(
                            Gate.DISCARD_WRITES,
                            stream.id(),
                            pair.originalPrimary().id())
                    .isPresent();
            if (sent.isEmpty()
                    && proxied
                    && (isAhead(settings.failoverAt()) || (settings.failoverAt() != null && !mayDiscard))) {
                return unfence(null, "The cutover time " + settings.failoverAt() + " was not approved.");
            }
            StreamUpdate update = settings.failoverAt() == null
                    ? StreamUpdate.failOver()
                    : StreamUpdate.failOverAt(settings.failoverAt());
            Instant needed = isInPast(settings.failoverAt())
                    ? settings.failoverAt()
                    : record.fence().map(Entry.FenceProven::fenceInstant).orElse(null);
            return new Action.Initiate(stream.id(), update, proxied ? needed : null);
        }

        private Action blindProxies(ReplicationStream stream) {
            boolean ours = isOurs(stream) && record.standingFenceBegan().isPresent();
            if (!ours) {
                return finish(
                        Outcome.REFUSED,
                        "Nobody can tell where clients are, so nothing is cut over. " + proxies(UNKNOWN));
            }
            if (patchSent(stream)) {
                return lookUntil(
                        cutoverDeadline(stream),
                        "A proxy does not answer. " + proxies(UNKNOWN),
                        () -> finish(
                                Outcome.IN_DOUBT,
                                "The cutover was asked for, and a proxy does not answer. " + proxies(UNKNOWN)));
            }
            return fenceTookTooLong()
                    ? unfence(Outcome.TIMED_OUT, "A proxy does not answer. " + proxies(UNKNOWN))
                    : new Action.Look(SOON, "A proxy does not answer. " + proxies(UNKNOWN));
        }

        // ---- Row 4: the cutover runs

        private Action row4FailingOver(ReplicationStream stream) {
            Instant deadline = cutoverDeadline(stream);
            if (!now.isBefore(deadline)) {
                return finish(
                        Outcome.IN_DOUBT,
                        capital(pair.describe(stream)) + " is FAILING_OVER for longer than the limit."
                                + (proxied ? " Traffic stays as it is. " : " ") + "Run again to go on.");
            }
            if (record.abortRequested()) {
                return goesOn(stream);
            }
            Action await = new Action.Await(stream.id(), StreamCondition.status(StreamStatus.COMPLETED), deadline);
            if (!proxied) {
                return await;
            }
            String lost = record.fence().isPresent()
                    ? null
                    : "Clients could write to " + a + " while the cutover was running already.";
            return switch (traffic(ON_ACTIVE)) {
                case FENCED -> await;
                case ON_ACTIVE -> isAhead(stream.failoverAt())
                        ? new Action.Await(
                                stream.id(), StreamCondition.status(StreamStatus.COMPLETED), stream.failoverAt())
                        : fenceAll(lost);
                case ON_ORIGINAL_PRIMARY -> fenceAll(null);
                case MIXED -> fence(lost);
                case UNKNOWN -> open().isEmpty()
                        ? new Action.Look(SOON, "A proxy does not answer while the cutover runs. " + proxies(UNKNOWN))
                        : fence(lost);
            };
        }

        // ---- Row 5: completed, and ours

        private Action row5Completed(ReplicationStream stream) {
            if (!proxied) {
                return arrived(stream);
            }
            Instant seen = record.seenSince(entry -> stream.id().equals(entry.streamId())
                            && StreamStatus.COMPLETED.name().equals(entry.status()))
                    .orElse(now);
            boolean late = !now.isBefore(seen.plus(settings.cutoverLimit()));
            return switch (traffic(ON_ORIGINAL_PRIMARY)) {
                case ON_ORIGINAL_PRIMARY -> arrived(stream);
                case FENCED -> late ? stranded() : new Action.Release(sight.proxiesThatAre(FENCED));
                case ON_ACTIVE -> record.wasFenced()
                        ? fenceAll("A proxy let clients back to " + a + " after the fence.")
                        : gateHome(stream, () -> fenceAll("Clients wrote to " + a + " after the cutover."));
                case MIXED -> fenceOrRelease();
                case UNKNOWN -> {
                    List<String> answering = sight.proxiesThatAre(FENCED, ON_ACTIVE, MIXED);
                    if (!answering.isEmpty()) {
                        yield fenceOrRelease();
                    }
                    yield late ? stranded() : new Action.Look(SOON, "A proxy does not answer. " + proxies(UNKNOWN));
                }
            };
        }

        /** What is on A is fenced first; what is fenced is let go to P. */
        private Action fenceOrRelease() {
            List<String> onActive = sight.proxiesThatAre(ON_ACTIVE, MIXED);
            return onActive.isEmpty()
                    ? new Action.Release(sight.proxiesThatAre(FENCED))
                    : new Action.Fence(onActive, "Some clients could write to " + a + " after the cutover.");
        }

        private Action stranded() {
            return finish(
                    Outcome.STRANDED,
                    "The cutover is completed, and traffic could not be let go to " + p + ". "
                            + proxies(FENCED, UNKNOWN)
                            + " Release these proxies by hand: nothing must send writes back to " + a + ".");
        }

        private Action arrived(ReplicationStream stream) {
            String home = proxied ? p + " serves." : p + " is a cluster of its own; traffic unknown.";
            if (!settings.reProtect()) {
                return finish(Outcome.COMPLETED, home);
            }
            boolean nothingLost = proxied
                    && settings.failoverAt() == null
                    && record.lossWindows().isEmpty()
                    && !record.openedDuringCutover();
            if (!nothingLost) {
                return finish(
                        Outcome.UNPROTECTED,
                        home + " It was not re-protected: " + a + " may hold writes that are missing on " + p
                                + ", and the forward stream would erase them.");
            }
            Optional<ReplicationStream> forward = streams.liveForwardStream()
                    .filter(live ->
                            stream.activatedAt() == null || live.createdAt().isAfter(stream.activatedAt()));
            if (forward.isPresent()) {
                return awaitProtection(forward.get(), home);
            }
            if (record.abortRequested()) {
                return finish(Outcome.UNPROTECTED, home + " Re-protection was aborted.");
            }
            Optional<Entry.NotApproved> no = record.refusal(Gate.RE_PROTECT);
            if (no.isPresent()) {
                return finish(
                        Outcome.UNPROTECTED,
                        home + " Re-protection was "
                                + (no.get().timedOut()
                                        ? "not approved in time."
                                        : "refused by " + no.get().by() + "."));
            }
            String target =
                    creationOf(pair.originalPrimary().id(), pair.active().id());
            Optional<Instant> posted = record.lastCalled(Call.CREATE_FORWARD_STREAM, target);
            if (posted.isPresent()) {
                Optional<Entry.Called> result = record.lastResult(Call.CREATE_FORWARD_STREAM, target);
                if (result.filter(called -> called.result() == Entry.Result.REFUSED)
                        .isPresent()) {
                    return finish(Outcome.UNPROTECTED, home + " " + result.get().detail());
                }
                return lookUntil(
                        posted.get().plus(CREATION_IN_DOUBT),
                        "The forward stream was asked for and does not show yet.",
                        () -> finish(
                                Outcome.UNPROTECTED, home + " The forward stream was asked for and does not show."));
            }
            List<Check> failed = failed(streams.exchanged().roleProof(false));
            if (!failed.isEmpty()) {
                return finish(
                        Outcome.UNPROTECTED,
                        home + " It was not re-protected. " + failed.get(0).reason());
            }
            return approval(Gate.RE_PROTECT, stream.id(), pair.active().id()).isPresent()
                    ? new Action.CreateForwardStream(
                            NewStream.from(pair.originalPrimary().id())
                                    .erasing(pair.active().id()))
                    : new Action.Ask(Gate.RE_PROTECT, stream.id(), pair.active().id());
        }

        private Action awaitProtection(ReplicationStream forward, String home) {
            if (isReady(forward)) {
                return finish(Outcome.COMPLETED, home + " It is protected by " + pair.describe(forward) + ".");
            }
            Instant deadline = forward.createdAt().plus(settings.startLimit()).plus(settings.catchUpLimit());
            if (record.abortRequested() || !now.isBefore(deadline)) {
                return finish(
                        Outcome.UNPROTECTED,
                        home + " " + capital(pair.describe(forward)) + " is " + forward.statusName()
                                + " and goes on by itself.");
            }
            return new Action.Await(forward.id(), StreamCondition.caughtUp(settings.maxLag()), deadline);
        }

        // ---- Row 6: completed, and not ours

        private Action row6CompletedByOthers(ReplicationStream stream) {
            if (!proxied) {
                return finish(
                        Outcome.COMPLETED,
                        p + " is a cluster of its own since " + stream.activatedAt()
                                + ": already home; traffic unknown. If home is " + a
                                + ", the two cluster ids are exchanged.");
            }
            return switch (traffic(ON_ORIGINAL_PRIMARY)) {
                case ON_ORIGINAL_PRIMARY -> finish(Outcome.COMPLETED, p + " serves: already home.");
                case UNKNOWN -> finish(Outcome.REFUSED, "Nobody can tell where clients are. " + proxies(UNKNOWN));
                case FENCED -> gateHome(stream, () -> new Action.Release(sight.proxiesThatAre(FENCED)));
                case ON_ACTIVE, MIXED -> gateHome(stream, this::fenceOrRelease);
            };
        }

        /** Clients may have written to A after the cutover, or the cutover was somebody else's: a person decides. */
        private Action gateHome(ReplicationStream stream, Otherwise approved) {
            Optional<Entry.NotApproved> no = record.refusal(Gate.GO_HOME);
            if (no.isPresent()) {
                return finish(
                        traffic(ON_ACTIVE) == FENCED ? Outcome.IN_DOUBT : Outcome.REFUSED,
                        "The cutover is completed, and moving traffic to " + p + " was "
                                + (no.get().timedOut()
                                        ? "not approved in time."
                                        : "refused by " + no.get().by() + ".")
                                + " Traffic is " + traffic(ON_ACTIVE).words() + ".");
            }
            return approval(Gate.GO_HOME, stream.id(), pair.originalPrimary().id())
                            .isPresent()
                    ? approved.decide()
                    : new Action.Ask(
                            Gate.GO_HOME, stream.id(), pair.originalPrimary().id());
        }

        // ---- Beside the table

        private Action twoLiveStreams() {
            String which =
                    streams.liveReverseStreams().stream().map(pair::describe).collect(Collectors.joining(" and "));
            String message = "There are two live reverse streams, " + which
                    + ". Stop every other run on this pair, cancel one of them, and run again.";
            boolean oneCutsOver = streams.liveReverseStreams().stream()
                    .anyMatch(stream -> stream.status() == StreamStatus.FAILING_OVER);
            if (oneCutsOver || record.firstCalled(Call.INITIATE_CUTOVER).isPresent()) {
                return finish(Outcome.IN_DOUBT, message);
            }
            return record.standingFenceBegan().isPresent()
                    ? unfence(Outcome.FAILED, message)
                    : finish(Outcome.FAILED, message);
        }

        private Action unrecognized(ReplicationStream stream) {
            String message = capital(pair.describe(stream)) + " is " + stream.statusName()
                    + ", which this version does not know. Nothing was changed because of it.";
            Instant since = record.seenSince(seen -> stream.id().equals(seen.streamId())
                            && stream.statusName().equals(seen.status()))
                    .orElse(now);
            boolean atStake = record.standingFenceBegan().isPresent() || patchSent(stream);
            return lookUntil(
                    since.plus(atStake ? settings.fenceLimit() : SOON),
                    message,
                    () -> finish(atStake ? Outcome.IN_DOUBT : Outcome.REFUSED, message));
        }

        /** A fence that is not ours may be another run's on its way to the cutover: watch, then ask, then un-fence (R8). */
        private Action foreignFence(String streamId) {
            Duration watch = settings.fenceLimit()
                    .plus(settings.proxyLimit().multipliedBy(2))
                    .plusSeconds(60);
            Instant since = record.seenSince(seen -> FENCED.words().equals(seen.traffic())
                            || MIXED.words().equals(seen.traffic()))
                    .map(first -> first.isBefore(record.runBegan()) ? record.runBegan() : first)
                    .orElse(now);
            if (now.isBefore(since.plus(watch))) {
                return new Action.Look(
                        SOON,
                        "Traffic was fenced by somebody else, who may be about to cut over. Watching until "
                                + since.plus(watch) + ".");
            }
            Optional<Action> refusal = refusal(Gate.FOREIGN_FENCE);
            if (refusal.isPresent()) {
                return refusal.get();
            }
            return approval(Gate.FOREIGN_FENCE, streamId, pair.active().id()).isPresent()
                    ? unfence(null, "Traffic was fenced by somebody else, and nobody cut over.")
                    : new Action.Ask(Gate.FOREIGN_FENCE, streamId, pair.active().id());
        }

        /** A live stream that this record did not create is adopted, if P is nobody's source (R1). */
        private Optional<Action> adoption(ReplicationStream stream) {
            if (record.hasAdopted(stream.id()) || hasCreated(stream)) {
                return Optional.empty();
            }
            List<Check> failed = failed(streams.adoptionProof());
            return Optional.of(failed.isEmpty() ? new Action.Adopt(stream.id()) : refused(failed));
        }

        private boolean hasCreated(ReplicationStream stream) {
            return record.hasCalled(
                    Call.CREATE_REVERSE_STREAM, creationOf(stream.primaryClusterId(), stream.standbyClusterId()));
        }

        /** A run that was asked to end, or that is putting traffic back, ends before the cutover. */
        private Optional<Action> endingBeforeCutover() {
            Optional<Entry.GivingUp> givingUp = record.givingUp();
            if (givingUp.isPresent()) {
                Entry.GivingUp end = givingUp.get();
                return Optional.of(
                        record.standingFenceBegan().isPresent() && traffic(ON_ACTIVE) != ON_ACTIVE
                                ? unfence(end.outcome(), end.message())
                                : finish(end.outcome(), end.message()));
            }
            if (record.abortRequested()) {
                String message = "The run was aborted before the cutover.";
                return Optional.of(
                        record.standingFenceBegan().isPresent()
                                ? unfence(Outcome.ABORTED, message)
                                : finish(Outcome.ABORTED, message));
            }
            return Optional.empty();
        }

        private Optional<Action> endingBeforeCutover(ReplicationStream stream) {
            if (mayCutOverYet(stream)) {
                return record.abortRequested() ? Optional.of(goesOn(stream)) : Optional.empty();
            }
            return endingBeforeCutover();
        }

        private Action goesOn(ReplicationStream stream) {
            return finish(
                    Outcome.IN_DOUBT,
                    "The run was aborted after the cutover was asked for: it goes on in the cloud, and "
                            + pair.describe(stream) + " is " + stream.statusName() + "."
                            + (proxied ? " Traffic stays " + traffic(ON_ACTIVE).words() + "." : "")
                            + " Run again to finish it.");
        }

        /**
         * Puts clients back on A, where a proxy answers; when that does not work in time, traffic is stranded.
         *
         * @param thenEnd how the run ends; null when it goes on
         */
        private Action unfence(Outcome thenEnd, String why) {
            List<String> proxies = sight.proxiesThatAre(FENCED, MIXED, ON_ORIGINAL_PRIMARY);
            if (proxies.isEmpty() && sight.proxiesThatAre(UNKNOWN).isEmpty()) {
                return finish(thenEnd, why);
            }
            Optional<Instant> began = record.unfencingSince();
            if (began.isPresent()
                    && !now.isBefore(began.get().plus(settings.proxyLimit().multipliedBy(4)))) {
                return finish(
                        Outcome.STRANDED,
                        why + " Traffic could not be put back on " + a + ". "
                                + proxies(FENCED, MIXED, ON_ORIGINAL_PRIMARY, UNKNOWN)
                                + " Unfence these proxies by hand.");
            }
            return proxies.isEmpty() && began.isPresent()
                    ? new Action.Look(SOON, "A proxy does not answer. " + proxies(UNKNOWN))
                    : new Action.Unfence(proxies.isEmpty() ? sight.proxiesThatAre(UNKNOWN) : proxies, thenEnd, why);
        }

        private Action fenceAll(String lossWindow) {
            return new Action.Fence(
                    sight.proxies().stream().map(ProxyStatus::name).toList(), lossWindow);
        }

        private Action fence(String lossWindow) {
            return new Action.Fence(open(), lossWindow);
        }

        private List<String> open() {
            return sight.proxiesThatAre(ON_ACTIVE, MIXED, ON_ORIGINAL_PRIMARY);
        }

        private boolean isReady(ReplicationStream stream) {
            return stream.status() == StreamStatus.REPLICATING
                    && stream.caughtUpTo().isPresent()
                    && (settings.waiveLag()
                            || stream.lag(null)
                                    .filter(lag -> lag.compareTo(settings.maxLag()) <= 0)
                                    .isPresent());
        }

        /** Ours: in this open record there is a valid approval of gate 2 for this stream, or its PATCH. */
        private boolean isOurs(ReplicationStream stream) {
            return patchSent(stream)
                    || approval(
                                    Gate.CUT_OVER,
                                    stream.id(),
                                    pair.originalPrimary().id())
                            .isPresent();
        }

        private boolean patchSent(ReplicationStream stream) {
            return record.hasCalled(Call.INITIATE_CUTOVER, stream.id());
        }

        private boolean mayCutOverYet(ReplicationStream stream) {
            return patchSent(stream) && !record.everyCallRefused(Call.INITIATE_CUTOVER, stream.id());
        }

        private boolean wasCanceledBefore(ReplicationStream stream) {
            return stream.status() == StreamStatus.CANCELED
                    && !record.hasSeenLive(stream.id())
                    && (stream.canceledAt() == null
                            || stream.canceledAt().isBefore(record.beginning().at()));
        }

        /** Until when the first PATCH may be sent: the fence time-out after F, and F must come in time itself (R8). */
        private Instant fenceDeadline() {
            Instant closing = record.standingFenceBegan()
                    .orElse(now)
                    .plus(settings.drain())
                    .plus(settings.proxyLimit());
            Instant proven = record.fence().map(Entry.FenceProven::at).orElse(closing);
            return (proven.isBefore(closing) ? proven : closing).plus(settings.fenceLimit());
        }

        private boolean fenceTookTooLong() {
            return record.standingFenceBegan().isPresent() && !now.isBefore(fenceDeadline());
        }

        private Instant cutoverDeadline(ReplicationStream stream) {
            Instant asked = record.firstCalled(Call.INITIATE_CUTOVER, stream.id())
                    .or(() -> record.seenSince(seen -> stream.id().equals(seen.streamId())
                            && StreamStatus.FAILING_OVER.name().equals(seen.status())))
                    .orElse(now);
            Instant begins =
                    stream.failoverAt() != null && stream.failoverAt().isAfter(asked) ? stream.failoverAt() : asked;
            return begins.plus(settings.cutoverLimit());
        }

        private boolean isInPast(Instant time) {
            return time != null && !isAhead(time);
        }

        private boolean isAhead(Instant time) {
            return time != null && time.isAfter(now);
        }

        /** With proxies, a time ahead would let writers go on under a cutover that runs already (R7). */
        private boolean futureCutoverIsRefused() {
            return proxied && isAhead(settings.failoverAt());
        }

        private Action refusedFutureCutover() {
            return finish(
                    Outcome.REFUSED,
                    "The cutover time " + settings.failoverAt()
                            + " is ahead, which does not go together with proxies. Run at that time, or leave the time out.");
        }

        private Optional<Entry.Approved> approval(Gate gate, String streamId, String clusterId) {
            return record.approval(gate, streamId, clusterId, settings.gateLimit(), now);
        }

        private Optional<Action> refusal(Gate gate) {
            return record.refusal(gate)
                    .map(no -> finish(
                            no.timedOut() ? Outcome.TIMED_OUT : Outcome.REFUSED,
                            "May this run " + gate.words() + "? "
                                    + (no.timedOut() ? "Nobody answered in time." : no.by() + " refused.")));
        }

        private Action refused(List<Check> failed) {
            return finish(
                    Outcome.REFUSED,
                    failed.stream()
                            .map(check -> check.reason() + " " + check.remedy())
                            .collect(Collectors.joining(" ")));
        }

        /** Where traffic is; without proxies, where it must be taken to be. */
        private Traffic traffic(Traffic withoutProxies) {
            return sight.traffic().orElse(withoutProxies);
        }

        private String proxies(Traffic... which) {
            List<String> names = sight.proxiesThatAre(which);
            return sight.proxies().stream()
                    .filter(proxy -> names.contains(proxy.name()))
                    .map(proxy -> "Proxy " + proxy.name() + " is "
                            + proxy.traffic().words() + (proxy.detail().isEmpty() ? "." : " (" + proxy.detail() + ")."))
                    .collect(Collectors.joining(" "));
        }
    }

    /** What names the creation of a stream in the record. */
    static String creationOf(String primaryClusterId, String standbyClusterId) {
        return primaryClusterId + " -> " + standbyClusterId;
    }

    private static List<Check> failed(List<Check> checks) {
        return checks.stream().filter(Check::failed).toList();
    }

    private static String capital(String sentence) {
        return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }
}
