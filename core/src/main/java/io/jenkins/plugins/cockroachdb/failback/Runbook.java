package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The mind of the failback: one pure function from what was seen, what was done and what is wanted to what to do next. It
 * does no I/O and holds no state, so a crash anywhere, a second driver or a person's hand in between needs no code of its
 * own: whoever comes next looks, asks here, and goes on.
 *
 * <p>The decisions are a table. Its rows are the states of the reverse stream, its columns where traffic is. The stages
 * have the rows: {@link CreateStage} 1 and 1b, {@link CatchUpStage} 2, {@link CutOverStage} 3 and 4, {@link HomeStage} 5
 * and 6; a method there is a row, and its switch has the columns. A is the active cluster, P the original primary.
 */
public final class Runbook {

    private Runbook() {}

    /** What to do next. The same situation always gives the same action. */
    public static Action next(Situation situation) {
        return ended(situation.record()).or(() -> proxiesLeftOut(situation)).orElseGet(() -> situation
                .sight()
                .cloud()
                .map(cloud -> new Table(situation, cloud).decide())
                .orElseGet(() ->
                        new BlindStage(situation, situation.sight().failure().orElseThrow()).decide()));
    }

    private static Optional<Action> ended(FailbackRecord record) {
        return record.end().map(end -> new Action.Finish(end.outcome(), end.message()));
    }

    /** A fence that this run does not know of would stay closed for ever, or be opened unseen. */
    private static Optional<Action> proxiesLeftOut(Situation situation) {
        Set<String> missing = new TreeSet<>(situation.record().standingFences().keySet());
        situation.sight().proxies().stream().map(ProxyStatus::name).forEach(missing::remove);
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(Stage.finish(
                        Outcome.USAGE,
                        "This failback has fenced " + String.join(", ", missing)
                                + ", which this run was not told of. Nothing was done. Name every proxy that the earlier run"
                                + " named, and run again."));
    }

    /** Finds the row. */
    private static final class Table extends Stage {

        private final Sight.Cloud cloud;

        Table(Situation situation, Sight.Cloud cloud) {
            super(situation, cloud);
            this.cloud = cloud;
        }

        Action decide() {
            if (streams.liveReverseStreams().size() > 1) {
                return twoLiveStreams();
            }
            Optional<ReplicationStream> reverse = streams.reverseStream();
            Optional<ReplicationStream> eraser =
                    reverse.filter(stream -> stream.status().isLive()).flatMap(streams::doubleOf);
            if (eraser.isPresent()) {
                return erasedUnder(reverse.get(), eraser.get());
            }
            Optional<Action> beside = reverse.filter(stream -> stream.status().isLive())
                    .flatMap(stream -> new CreateStage(situation, cloud).erasedBesideCutover(stream));
            if (beside.isPresent()) {
                return beside.get();
            }
            if (reverse.isEmpty() || wasCanceledBefore(reverse.get())) {
                return new CreateStage(situation, cloud).noStream();
            }
            ReplicationStream stream = reverse.get();
            return switch (stream.status()) {
                case CANCELED -> new CreateStage(situation, cloud).canceled(stream);
                case STARTING, REPLICATING -> replicating(stream);
                case FAILING_OVER -> new CutOverStage(situation, cloud).failingOver(stream);
                case COMPLETED -> completed(stream);
                case UNRECOGNIZED -> unrecognized(stream);
            };
        }

        private Action replicating(ReplicationStream stream) {
            if (!settings.goal().isHome()) {
                return new CatchUpStage(situation, cloud).streamAlone(stream);
            }
            return isReady(stream)
                    ? new CutOverStage(situation, cloud).caughtUp(stream)
                    : new CatchUpStage(situation, cloud).notReady(stream);
        }

        private Action completed(ReplicationStream stream) {
            if (!settings.goal().isHome()) {
                return finish(
                        fenceStands() || record.mayHaveHadEffect(Call.INITIATE_CUTOVER)
                                ? Outcome.USAGE
                                : Outcome.REFUSED,
                        p + " is home already: " + pair.describe(stream) + " was completed at " + stream.activatedAt()
                                + ". Nothing was created.");
            }
            return isOurs(stream)
                    ? new HomeStage(situation, cloud).completed(stream)
                    : new HomeStage(situation, cloud).completedByOthers(stream);
        }

        private boolean wasCanceledBefore(ReplicationStream stream) {
            return stream.status() == StreamStatus.CANCELED
                    && !record.hasSeenLive(stream.id())
                    && (stream.canceledAt() == null
                            || stream.canceledAt().isBefore(record.beginning().at()));
        }

        /** A double (R6): it stops every run. Which of them to keep is a person's decision. */
        private Action twoLiveStreams() {
            List<ReplicationStream> live = streams.liveReverseStreams();
            String message = "There are two live reverse streams: "
                    + live.stream()
                            .map(stream -> pair.describe(stream) + ", " + stream.statusName() + ", created at "
                                    + stream.createdAt())
                            .collect(Collectors.joining("; "))
                    + ". Stop every other run on this pair, cancel all but the newest, which has erased " + p
                    + " under the others, and run again.";
            return stopped(live, message);
        }

        /** The double was canceled, but what this stream had brought to P is gone. */
        private Action erasedUnder(ReplicationStream stream, ReplicationStream eraser) {
            return stopped(
                    List.of(stream),
                    capital(pair.describe(eraser)) + ", created at " + eraser.createdAt() + ", has erased " + p
                            + " while " + pair.describe(stream) + " was live, which is no proof any more that " + p
                            + " has everything. Stop every other run on this pair, cancel this stream too, and run again.");
        }

        private Action stopped(List<ReplicationStream> live, String message) {
            boolean oneCutsOver = live.stream()
                    .anyMatch(stream -> stream.status() == StreamStatus.FAILING_OVER
                            || stream.status() == StreamStatus.UNRECOGNIZED);
            if (oneCutsOver || record.mayHaveHadEffect(Call.INITIATE_CUTOVER)) {
                return finish(Outcome.IN_DOUBT, message + " Do not put traffic back on " + a + ".");
            }
            return fenceStands() ? unfence(Outcome.FAILED, message) : finish(Outcome.FAILED, message);
        }

        private Action unrecognized(ReplicationStream stream) {
            String message = capital(pair.describe(stream)) + " is " + stream.statusName()
                    + ", which this version does not know. Nothing was changed because of it.";
            Instant since = record.seenSince(stream.id(), status -> status == StreamStatus.UNRECOGNIZED)
                    .map(record::inThisRun)
                    .orElse(now);
            if (mayCutOverYet(stream)) {
                return lookUntil(
                        record.abortRequested() ? now : since.plus(settings.cutoverLimit()),
                        message,
                        () -> finish(
                                Outcome.IN_DOUBT,
                                message + " The cutover was asked for: do not put traffic back on " + a + "."));
            }
            return lookUntil(
                    since.plus(fenceStands() ? settings.fenceLimit() : SOON),
                    message,
                    () -> fenceStands()
                            ? finish(
                                    Outcome.STRANDED,
                                    message + " Traffic is fenced, and no cutover was asked for. " + proxiesFenced()
                                            + " Ask Cockroach Labs Support what it means before traffic goes anywhere.")
                            : finish(Outcome.REFUSED, message + " Use a newer version."));
        }

        private String proxiesFenced() {
            return sight.describe(Traffic.values());
        }
    }
}
