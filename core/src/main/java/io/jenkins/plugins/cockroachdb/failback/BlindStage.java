package io.jenkins.plugins.cockroachdb.failback;

import static io.jenkins.plugins.cockroachdb.proxy.Traffic.FENCED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.MIXED;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ACTIVE;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ORIGINAL_PRIMARY;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.UNKNOWN;

import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The cloud cannot be read. Nothing can be decided about a stream then, and an un-fence reads it first (R5); what was seen
 * COMPLETED stays so, and clients may go on to P.
 */
final class BlindStage {

    /** How long a cloud that cannot be read is asked again while nothing is at stake. */
    private static final Duration NOTHING_AT_STAKE = Duration.ofMinutes(10);

    private final Situation situation;
    private final CloudException failure;
    private final FailbackRecord record;
    private final Settings settings;
    private final Sight sight;
    private final Instant since;
    private final String p;
    private final String a;

    BlindStage(Situation situation, CloudException failure) {
        this.situation = situation;
        this.failure = failure;
        record = situation.record();
        settings = situation.settings();
        sight = situation.sight();
        since = record.blindSince().orElse(situation.now());
        p = record.names()
                .map(Entry.Named::originalPrimaryName)
                .orElse(record.beginning().originalPrimaryId());
        a = record.names()
                .map(Entry.Named::activeName)
                .orElse(record.beginning().activeId());
    }

    Action decide() {
        Optional<StreamStatus> last = record.lastStatus();
        boolean cutsOver = last.filter(
                        status -> status == StreamStatus.FAILING_OVER || status == StreamStatus.COMPLETED)
                .isPresent();
        boolean asked =
                record.mayHaveHadEffect(Call.INITIATE_CUTOVER) && !last.equals(Optional.of(StreamStatus.CANCELED));
        if (asked || (cutsOver && !record.standingFences().isEmpty())) {
            return afterThePatch();
        }
        boolean fenced = !record.standingFences().isEmpty() && !sight.traffic().equals(Optional.of(ON_ACTIVE));
        return fenced ? underFence() : beforeTheFence();
    }

    private Action afterThePatch() {
        boolean completed = record.lastStatus().equals(Optional.of(StreamStatus.COMPLETED));
        Optional<Traffic> traffic = sight.traffic();
        List<String> open = toCloseAgain(completed);
        boolean mayClose = !record.abortRequested() && situation.now().isBefore(since.plus(settings.cutoverLimit()));
        if (!open.isEmpty() && mayClose) {
            return closeAgain(open);
        }
        if (completed && traffic.equals(Optional.of(FENCED))) {
            Optional<Instant> refused = record.lastFailed(Call.RELEASE);
            if (refused.isPresent() && !situation.now().isBefore(since.plus(settings.cutoverLimit()))) {
                return Stage.finish(
                        Outcome.STRANDED,
                        "The cutover is completed, the cloud cannot be read, and clients could not be let go to " + p
                                + ". "
                                + sight.describe(FENCED) + " Release these proxies by hand, or run again when the cloud"
                                + " answers: nothing must send writes back to " + a + ". " + failure.getMessage());
            }
            return refused.filter(failed -> situation.now().isBefore(failed.plus(Stage.SOON)))
                    .<Action>map(failed -> new Action.Look(Stage.SOON, failure.whatHappened()))
                    .orElseGet(() -> new Action.Release(sight.proxiesThatAre(FENCED)));
        }
        if (completed && (traffic.isEmpty() || traffic.get() == ON_ORIGINAL_PRIMARY)) {
            return lookFor(
                    settings.fenceLimit(),
                    Outcome.UNPROTECTED,
                    "The cutover is completed" + (traffic.isEmpty() ? "" : " and clients are on " + p)
                            + ". The rest could not be done, since the cloud cannot be read. ");
        }
        return lookFor(
                settings.cutoverLimit(),
                Outcome.IN_DOUBT,
                "The cutover is under way, and the cloud cannot be read. Traffic stays as it is; do not put it back on "
                        + a + ". Run again when the cloud answers. ");
    }

    /**
     * A fence is watched whether the cloud can be read or not (R4). A run that did not see it closed leaves clients alone that are all
     * on A, because a person may have gone back, and people can be asked only when the cloud can be read.
     */
    private List<String> toCloseAgain(boolean completed) {
        boolean watched = record.sawFenceInThisRun();
        if (!watched && !sight.traffic().equals(Optional.of(MIXED))) {
            return List.of();
        }
        return watched && !completed
                ? sight.proxiesThatAre(ON_ACTIVE, MIXED, ON_ORIGINAL_PRIMARY)
                : sight.proxiesThatAre(ON_ACTIVE, MIXED);
    }

    private Action closeAgain(List<String> open) {
        String loss = Stage.openedAfterTheFence(a);
        boolean justFailed = record.lastFailed(Call.FENCE)
                .filter(failed -> situation.now().isBefore(failed.plus(Stage.SOON)))
                .isPresent();
        return justFailed
                ? new Action.Look(Stage.SOON, "A proxy was not fenced; again soon. " + failure.whatHappened())
                : new Action.Fence(open, record.hasLossWindowInThisRun(loss) ? null : loss);
    }

    private Action underFence() {
        return lookFor(
                settings.fenceLimit(),
                Outcome.STRANDED,
                "Traffic is fenced, and whether it may go back is not known, since the cloud cannot be read. "
                        + sight.describe(FENCED, MIXED, ON_ORIGINAL_PRIMARY, UNKNOWN)
                        + " This failback did not ask for a cutover. When the stream is REPLICATING or CANCELED in the Cloud"
                        + " Console, unfence these proxies by hand, or run again when the cloud answers. ");
    }

    private Action beforeTheFence() {
        boolean inDoubt = record.unsettled(Call.CREATE_REVERSE_STREAM).isPresent();
        if (inDoubt) {
            return lookFor(
                    CreateStage.CREATION_IN_DOUBT,
                    Outcome.IN_DOUBT,
                    "It is unknown whether the reverse stream was created; if it was, it is erasing " + p
                            + ". Run again when the cloud answers. ");
        }
        String streamGoesOn = record.mayHaveHadEffect(Call.CREATE_REVERSE_STREAM)
                ? "The reverse stream goes on by itself. Run again when the cloud answers. "
                : "";
        if (record.abortRequested()) {
            return Stage.finish(
                    Outcome.ABORTED, "The run was aborted before the cutover. " + streamGoesOn + failure.getMessage());
        }
        return failure.mayPass()
                ? lookFor(NOTHING_AT_STAKE, Outcome.FAILED, streamGoesOn)
                : Stage.finish(Outcome.FAILED, streamGoesOn + failure.getMessage());
    }

    /** Looks again for a while, and then ends so; an abort ends it at once. */
    private Action lookFor(Duration limit, Outcome outcome, String message) {
        return situation.now().isBefore(since.plus(limit)) && !record.abortRequested()
                ? new Action.Look(Stage.SOON, failure.whatHappened())
                : Stage.finish(outcome, message + failure.getMessage());
    }
}
