package io.jenkins.plugins.cockroachdb.failback;

import static io.jenkins.plugins.cockroachdb.proxy.Traffic.FENCED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.MIXED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ACTIVE;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ORIGINAL_PRIMARY;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.UNKNOWN;

import io.jenkins.plugins.cockroachdb.cloud.NewStream;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Rows 1 and 1b: there is no reverse stream, or it was canceled. */
final class CreateStage extends Stage {

    /** How long a stream that was asked for may stay invisible before its creation counts as in doubt (R6). */
    static final Duration CREATION_IN_DOUBT = Duration.ofMinutes(5);

    CreateStage(Situation situation, Sight.Cloud cloud) {
        super(situation, cloud);
    }

    /** Row 1: none, or one that was canceled before this record began. */
    Action noStream() {
        // After the PATCH it exists, whatever this one listing shows: nothing goes back on that ground (R5).
        return record.mayHaveHadEffect(Call.INITIATE_CUTOVER)
                ? cutOverStreamIsGone()
                : creationUnderWay()
                        .or(this::endingBeforeCutover)
                        .or(this::ownFenceWithoutStream)
                        .or(this::streamIsGone)
                        .orElseGet(this::byTraffic);
    }

    private Action cutOverStreamIsGone() {
        Optional<Action> erased = streams.reverseStream().flatMap(this::erasedBesideCutover);
        if (erased.isPresent()) {
            return erased.get();
        }
        Optional<ReplicationStream> completed = record.cutOver().stream()
                .flatMap(stream -> streams.find(stream).stream())
                .filter(stream -> stream.status() == StreamStatus.COMPLETED)
                .findFirst();
        if (completed.isPresent()) { // and a later failover led away from P again
            return isOver(completed.get());
        }
        Instant patched = record.firstCalled(Call.INITIATE_CUTOVER).orElseThrow();
        if (record.abortRequested()) {
            return finish(
                    Outcome.IN_DOUBT,
                    "The run was aborted after the cutover was asked for, and its stream is not in the list. Traffic stays"
                            + " as it is; do not put it back on " + a + ". Run again.");
        }
        return lookUntil(
                record.inThisRun(patched).plus(settings.cutoverLimit()),
                "The stream that was cut over is not in the list.",
                () -> finish(
                        Outcome.IN_DOUBT,
                        "The cutover was asked for, and its stream is not in the list any more. Traffic stays as it"
                                + " is; do not put it back on " + a + ". Look at both clusters in the Cloud Console."));
    }

    /** The reverse stream was asked for and does not show: it is never asked for a second time in one run (R6, I1). */
    private Optional<Action> creationUnderWay() {
        String target = target();
        Optional<Instant> posted = record.lastCalled(Call.CREATE_REVERSE_STREAM, target);
        boolean hasShown = posted.isPresent()
                && record.lastUncanceledStreamSeen()
                        .filter(seen -> seen.isAfter(posted.get()))
                        .isPresent();
        if (posted.isEmpty() || hasShown) {
            return Optional.empty();
        }
        Optional<Entry.Called> result = record.lastResult(Call.CREATE_REVERSE_STREAM, target);
        boolean inThisRun = record.hasCalledInThisRun(Call.CREATE_REVERSE_STREAM, target);
        if (result.filter(called -> called.result().isWithoutEffect()).isPresent()) {
            return inThisRun ? Optional.of(finish(Outcome.FAILED, result.get().detail())) : Optional.empty();
        }
        boolean readLongEnough = !now.isBefore(record.inThisRun(posted.get()).plus(CREATION_IN_DOUBT));
        if (readLongEnough && !inThisRun) {
            return Optional.empty(); // it had no effect: gate 1 is asked again
        }
        return Optional.of(
                readLongEnough || record.abortRequested()
                        ? finish(
                                Outcome.IN_DOUBT,
                                "The reverse stream was asked for at " + posted.get()
                                        + " and does not show. If it was created, it is erasing " + p
                                        + ". Look at both clusters in the Cloud Console; run again to go on.")
                        : new Action.Look(SOON, "The reverse stream was asked for and does not show yet."));
    }

    private String target() {
        return creationOf(pair.active().id(), pair.originalPrimary().id());
    }

    /** What names the creation of a stream in the record. */
    static String creationOf(String primaryClusterId, String standbyClusterId) {
        return primaryClusterId + " -> " + standbyClusterId;
    }

    private Optional<Action> ownFenceWithoutStream() {
        return fenceStands() && traffic(ON_ACTIVE) != ON_ACTIVE
                ? Optional.of(lookUntil(
                        fenceDeadline(),
                        "The reverse stream is not in the list any more.",
                        () -> unfence(Outcome.FAILED, "The reverse stream is not in the list any more.")))
                : Optional.empty();
    }

    /** A stream that was there and does not show any more: one listing is no proof, and a run creates one at most. */
    private Optional<Action> streamIsGone() {
        return record.streamMissingSince().flatMap(since -> {
            if (now.isBefore(record.inThisRun(since).plus(CREATION_IN_DOUBT))) {
                return Optional.of(new Action.Look(SOON, "The reverse stream is not in the list any more."));
            }
            return createdAndGone();
        });
    }

    /** A run creates one stream at most (I1). */
    private Optional<Action> createdAndGone() {
        return record.hasCalledInThisRun(Call.CREATE_REVERSE_STREAM, target())
                ? Optional.of(finish(
                        Outcome.FAILED,
                        "The reverse stream is not in the list any more. Look at both clusters in the Cloud Console; run"
                                + " again to go on."))
                : Optional.empty();
    }

    private Action byTraffic() {
        return switch (traffic(ON_ACTIVE)) {
            case ON_ACTIVE -> create();
            case FENCED -> unprovenRoles().orElseGet(() -> foreignFence(null));
            case ON_ORIGINAL_PRIMARY -> finish(
                    Outcome.REFUSED,
                    p + " serves already. " + proxies(ON_ORIGINAL_PRIMARY)
                            + " Creating the reverse stream would erase it. Check both cluster ids.");
            case MIXED -> finish(
                    Outcome.REFUSED,
                    p + " serves some clients. " + proxies(MIXED, ON_ORIGINAL_PRIMARY, FENCED)
                            + " Find out which cluster has the data before anything is erased.");
            case UNKNOWN -> untilProxiesAnswer(() -> finish(
                    Outcome.REFUSED,
                    "Nobody can tell which cluster serves. " + proxies(UNKNOWN)
                            + " Mend the proxies, or leave them out."));
        };
    }

    private Optional<Action> unprovenRoles() {
        List<Check> failed = streams.roleProof(settings.allowUnprovenRoles()).stream()
                .filter(Check::failed)
                .toList();
        return failed.isEmpty() ? Optional.empty() : Optional.of(refused(failed));
    }

    private Action create() {
        if (settings.goal() == Goal.HOME_WITH_THE_STREAM_THERE_IS) {
            return finish(
                    Outcome.REFUSED,
                    "There is no reverse stream from " + a + " to " + p + " to go home with. Create one first.");
        }
        Optional<Instant> posted = record.lastCalled(Call.CREATE_REVERSE_STREAM, target());
        Optional<Entry.Approved> approval = approval(
                        Gate.ERASE, null, pair.originalPrimary().id())
                .filter(approved -> posted.isEmpty() || approved.at().isAfter(posted.get()));
        return createdAndGone()
                .or(() -> refusal(Gate.ERASE))
                .or(() -> examined(approval))
                .or(this::unprovenRoles) // an examination that saw a live stream proved no more than an adoption needs
                .or(this::refusedFutureCutover)
                .orElseGet(() -> approval.isPresent()
                        ? new Action.CreateReverseStream(
                                NewStream.from(pair.active().id())
                                        .erasing(pair.originalPrimary().id()))
                        : new Action.Ask(
                                Gate.ERASE, null, pair.originalPrimary().id()));
    }

    /** Row 1b: canceled since this record began. */
    Action canceled(ReplicationStream stream) {
        return erasedBesideCutover(stream).or(this::endingBeforeCutover).orElseGet(() -> canceledByTraffic(stream));
    }

    private Action isOver(ReplicationStream completed) {
        return finish(
                Outcome.REFUSED,
                "That failback is over: " + pair.describe(completed) + " was completed at " + completed.activatedAt()
                        + ", and another failover led from " + p + " to " + a
                        + " since. Run again to begin a new failback.");
    }

    /** A stream was cut over, and a newer one, live or canceled, may have erased P since. */
    Optional<Action> erasedBesideCutover(ReplicationStream stream) {
        return record.cutOver().stream()
                .filter(id -> !id.equals(stream.id()))
                .flatMap(id -> streams.find(id).stream())
                .filter(other -> other.status() != StreamStatus.CANCELED)
                .findFirst()
                .map(other -> streams.hasFailedOverSince(other) ? isOver(other) : erasedUnderCutover(other, stream));
    }

    private Action erasedUnderCutover(ReplicationStream cutOver, ReplicationStream newer) {
        return finish(
                Outcome.IN_DOUBT,
                capital(pair.describe(cutOver)) + " was cut over and is " + cutOver.statusName()
                        + ", and a newer one, " + newer.id() + ", is " + newer.statusName() + ": it may have erased "
                        + p
                        + ". Traffic stays as it is; do not put it back on " + a
                        + ". Find out which cluster has the data.");
    }

    private Action canceledByTraffic(ReplicationStream stream) {
        String message = capital(pair.describe(stream)) + " was canceled. Nothing flows to " + p
                + " any more. Find out who or what canceled it; run again to begin anew.";
        boolean ours = isOurs(stream) || fenceStands();
        return switch (traffic(ON_ACTIVE)) {
            case ON_ACTIVE -> finish(Outcome.FAILED, message);
            case FENCED, MIXED -> ours ? unfence(Outcome.FAILED, message) : foreignFence(stream.id());
            case ON_ORIGINAL_PRIMARY -> ours
                    ? unfence(Outcome.FAILED, message)
                    : finish(
                            Outcome.REFUSED,
                            "Clients are sent to " + p + ", into which no stream flows. "
                                    + proxies(ON_ORIGINAL_PRIMARY));
            case UNKNOWN -> ours
                    ? unfence(Outcome.FAILED, message)
                    : untilProxiesAnswer(() -> finish(Outcome.FAILED, message + " " + proxies(UNKNOWN)));
        };
    }
}
