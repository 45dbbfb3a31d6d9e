package io.jenkins.plugins.cockroachdb.failback;

import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ACTIVE;
import static io.jenkins.plugins.cockroachdb.proxy.Traffic.ON_ORIGINAL_PRIMARY;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Row 2: the reverse stream is starting, scanning or lagging. */
class CatchUpStage extends Stage {

    /** What stops an adoption: the rest was judged when the stream was created. */
    private static final Set<String> PROOF_OF_ADOPTION = Set.of(
            StreamHistory.NOBODYS_SOURCE, Preflight.ONE_REVERSE_STREAM, Preflight.WHO_SERVES, Observer.CAN_BE_READ);

    CatchUpStage(Situation situation, Sight.Cloud cloud) {
        super(situation, cloud);
    }

    /** A run that is only to bring the stream about is done with it here, and moves nothing. */
    final Action streamAlone(ReplicationStream stream) {
        if (fenceStands() || mayCutOverYet(stream)) {
            return finish(
                    Outcome.USAGE,
                    "A failback of this pair was interrupted under its fence. Run the whole failback to go on with it.");
        }
        return endingBeforeCutover().or(() -> adoption(stream)).orElseGet(() -> {
            if (settings.goal() == Goal.STREAM_CREATED || isReady(stream)) {
                return finish(
                        Outcome.COMPLETED,
                        capital(pair.describe(stream)) + " is " + stream.statusName()
                                + (isReady(stream) ? " and has caught up." : " and goes on by itself."));
            }
            return awaitReadiness(stream);
        });
    }

    /** Row 2. */
    final Action notReady(ReplicationStream stream) {
        return endingBefore(stream).orElseGet(() -> switch (traffic(ON_ACTIVE)) {
            case ON_ACTIVE -> mayCutOverYet(stream)
                    ? new CutOverStage(situation, sight.cloud().orElseThrow()).againUnderFence(stream)
                    : adoption(stream).orElseGet(() -> awaitReadiness(stream));
            case FENCED, MIXED -> isOurs(stream)
                    ? new CutOverStage(situation, sight.cloud().orElseThrow()).underFence(stream)
                    : foreignFence(stream.id());
            case ON_ORIGINAL_PRIMARY -> onOriginalPrimary(stream);
            case UNKNOWN -> mayCutOverYet(stream) || (isOurs(stream) && fenceStands())
                    ? new CutOverStage(situation, sight.cloud().orElseThrow()).proxiesSilent(stream)
                    : awaitReadiness(stream);
        });
    }

    private Action onOriginalPrimary(ReplicationStream stream) {
        if (mayCutOverYet(stream)) {
            return new CutOverStage(situation, sight.cloud().orElseThrow()).closeAgain(stream);
        }
        return isOurs(stream) || record.hasAdopted(stream.id())
                ? unfence(null, p + " is a standby and answers nobody.")
                : sentToAStandby();
    }

    final Action sentToAStandby() {
        if (fenceStands()) {
            return unfence(null, p + " is a standby and answers nobody.");
        }
        return finish(
                Outcome.REFUSED,
                "Clients are sent to " + p + ", which is a standby and answers nobody. " + proxies(ON_ORIGINAL_PRIMARY)
                        + " Put them back on " + a + " first.");
    }

    final Action awaitReadiness(ReplicationStream stream) {
        boolean starting = stream.status() == StreamStatus.STARTING;
        Instant since = record.seenSince(stream.id(), status -> (status == StreamStatus.STARTING) == starting)
                .map(record::inThisRun)
                .orElse(now);
        Instant deadline = since.plus(starting ? settings.startLimit() : settings.catchUpLimit());
        if (!now.isBefore(deadline)) {
            return finish(
                    Outcome.TIMED_OUT,
                    capital(pair.describe(stream)) + " is " + stream.statusName() + " since " + since
                            + " or longer, which is the limit. It goes on by itself; run again to go on waiting, with a"
                            + " longer limit.");
        }
        return new Action.Await(
                stream.id(),
                starting
                        ? StreamCondition.status(StreamStatus.REPLICATING)
                        : StreamCondition.caughtUp(settings.waiveLag() ? settings.catchUpLimit() : settings.maxLag()),
                deadline);
    }

    /** A live stream that this record did not create is adopted, if P is nobody's source and who serves agrees (R1). */
    final Optional<Action> adoption(ReplicationStream stream) {
        if (record.hasAdopted(stream.id()) || hasCreated(stream)) {
            return Optional.empty();
        }
        Optional<Examination> examination = freshExamination();
        if (examination.isEmpty()) {
            return Optional.of(new Action.Examine());
        }
        List<Check> failed = failed(examination.get()).stream()
                .filter(check -> PROOF_OF_ADOPTION.contains(check.name()))
                .toList();
        return unread(examination.get())
                .or(() -> Optional.of(failed.isEmpty() ? new Action.Adopt(stream.id()) : refused(failed)));
    }

    private boolean hasCreated(ReplicationStream stream) {
        String target = CreateStage.creationOf(stream.primaryClusterId(), stream.standbyClusterId());
        return record.hasCalled(Call.CREATE_REVERSE_STREAM, target)
                && !record.everyCallRefused(Call.CREATE_REVERSE_STREAM, target);
    }

    /** As {@link #endingBeforeCutover()}, unless the stream may yet cut over: then it says what goes on. */
    final Optional<Action> endingBefore(ReplicationStream stream) {
        if (mayCutOverYet(stream)) {
            return record.abortRequested() ? Optional.of(goesOn(stream)) : Optional.empty();
        }
        return endingBeforeCutover();
    }

    final Action goesOn(ReplicationStream stream) {
        return finish(
                Outcome.IN_DOUBT,
                "The run was aborted after the cutover was asked for: it goes on in the cloud, and "
                        + pair.describe(stream) + " is " + stream.statusName() + "."
                        + (proxied
                                ? " Traffic stays " + traffic(ON_ACTIVE).words() + "; do not put it back on " + a + "."
                                : "")
                        + " Run again to finish it.");
    }
}
