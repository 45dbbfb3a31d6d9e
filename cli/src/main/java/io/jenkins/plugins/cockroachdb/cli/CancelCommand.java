package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.cloud.StreamUpdate;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.cloud.WaitException;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.Pair;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.failback.Sight;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;

/** Gives a failback up before its cutover. */
@Command(
        name = "cancel",
        description = {
            "Cancels the reverse stream: the failback is given up, and so is the copy on the original primary. The other"
                    + " cluster goes on serving.",
            "Before that, the name of the cluster with the copy has to be typed. Of two live streams, PCR_STREAM_ID names"
                    + " the one to cancel."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  failback cancel", "  failback cancel --yes"})
final class CancelCommand extends PairCommand {

    /** How long a cancellation may take to show. */
    private static final Duration TO_SHOW = Duration.ofMinutes(1);

    CancelCommand(Shell shell) {
        super(shell);
    }

    @Override
    Conclusion run(Display display) throws IOException, InterruptedException {
        Variables variables = Variables.of(shell());
        Settings settings = Settings.of(shell(), variables, connection());
        try (CloudSession session = CloudSession.open(settings, shell());
                RecordFile record = record(variables, settings)) {
            boolean begunBefore = record.record().entries().size() > 1;
            try {
                refuseWhileItMatters(record.record());
                Sight.Cloud cloud = Clouds.look(session, settings, shell());
                ReplicationStream stream =
                        chosen(cloud, NamedStream.of(variables).orElse(null));
                refuseUnlessReplicating(cloud.pair(), stream);
                approve(cloud.pair(), stream, display);
                Conclusion conclusion = cancel(session, cloud.pair(), stream, display);
                end(
                        record,
                        conclusion.outcome() == Outcome.COMPLETED ? Outcome.ABORTED : conclusion.outcome(),
                        conclusion.message());
                return conclusion.recordedIn(record.file());
            } catch (RefusedException | FailedException e) {
                if (!begunBefore) { // nothing is left open that nobody began
                    end(record, e instanceof RefusedException ? Outcome.REFUSED : Outcome.FAILED, e.getMessage());
                }
                throw e;
            }
        }
    }

    private void end(RecordFile record, Outcome outcome, String message) {
        record.append(new Entry.Ended(shell().clock().instant(), outcome, message));
    }

    /** What a failback of ours may still need is not canceled under its feet. */
    private void refuseWhileItMatters(FailbackRecord record) {
        String finish = " Finish this failback first: " + shell().program() + " full";
        if (record.mayHaveHadEffect(Call.INITIATE_CUTOVER)) {
            throw new RefusedException(
                    "The cutover was asked for, and there is no way back from it. Nothing was done." + finish);
        }
        if (!record.standingFences().isEmpty()) {
            throw new RefusedException("Traffic is fenced for the cutover: "
                    + String.join(", ", record.standingFences().keySet()) + ". Nothing was done." + finish);
        }
    }

    private static ReplicationStream chosen(Sight.Cloud cloud, NamedStream named) {
        List<ReplicationStream> live = cloud.streams().liveReverseStreams();
        if (named != null) {
            for (ReplicationStream stream : live) {
                if (stream.id().equals(named.id())) {
                    return stream;
                }
            }
        }
        if (live.size() > 1) {
            throw new RefusedException("There are " + live.size() + " live reverse streams: "
                    + String.join(
                            " and ", live.stream().map(cloud.pair()::describe).toList())
                    + ". Nothing was done. Set PCR_STREAM_ID to the one to cancel.");
        }
        return cloud.streams()
                .reverseStream()
                .orElseThrow(() -> new RefusedException("There is no reverse stream from "
                        + cloud.pair().active().name() + " to "
                        + cloud.pair().originalPrimary().name() + " to cancel. Nothing was done."));
    }

    private static void refuseUnlessReplicating(Pair pair, ReplicationStream stream) {
        if (stream.status() != StreamStatus.REPLICATING) {
            String which = Character.toUpperCase(pair.describe(stream).charAt(0))
                    + pair.describe(stream).substring(1) + " is " + stream.statusName();
            throw new RefusedException(which
                    + switch (stream.status()) {
                        case STARTING -> ", and can be canceled only once it is REPLICATING. Run again in a few minutes.";
                        case FAILING_OVER -> ": the cutover is running, and there is no way back from it.";
                        case COMPLETED -> ": both clusters are clusters of their own, and there is nothing to cancel.";
                        case CANCELED -> " already.";
                        default -> ", which this version does not know. Look at it in the Cloud Console.";
                    }
                    + " Nothing was done.");
        }
    }

    private void approve(Pair pair, ReplicationStream stream, Display display) throws InterruptedException {
        String p = pair.originalPrimary().name();
        String action = "cancel the stream and give the copy on " + p + " up";
        display.show(new Event.Asked(
                shell().clock().instant(),
                "CANCEL",
                "May this run " + action + "?",
                p,
                List.of(
                        pair.describe(stream) + " is " + stream.statusName() + ", replicated up to "
                                + stream.caughtUpTo().map(Instant::toString).orElse("nothing yet") + ".",
                        p + " has no usable data until a new stream has copied everything again.",
                        pair.active().name() + " goes on serving.",
                        "To come: cancel it (PATCH /api/v1/physical-replication-streams/{id} to CANCELED)")));
        if (isApproved()) {
            return;
        }
        Terminal terminal = shell().terminal()
                .orElseThrow(() -> new RefusedException("There is no terminal to ask at. Nothing was done."
                        + " To approve in advance: " + typed() + " --yes"));
        display.awaitShown();
        if (!terminal.confirms(p, action)) {
            throw new RefusedException("The cancellation was not approved. Nothing was done.");
        }
    }

    private Conclusion cancel(CloudSession session, Pair pair, ReplicationStream stream, Display display)
            throws InterruptedException {
        display.show(new Event.Doing(shell().clock().instant(), "Call: cancel " + pair.describe(stream) + ".", null));
        try {
            session.api().updateStream(stream.id(), StreamUpdate.cancel()).get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof CloudException failure)) {
                throw new IllegalStateException(e.getCause());
            }
            if (!(failure instanceof CloudException.FateUnknown)) {
                return Conclusion.of(Outcome.FAILED, failure.getMessage());
            }
            display.show(new Event.Doing(shell().clock().instant(), failure.whatHappened(), null));
        }
        return settled(session, pair, stream);
    }

    /** Whatever the answer was: what the stream shows is what holds. */
    private Conclusion settled(CloudSession session, Pair pair, ReplicationStream stream) throws InterruptedException {
        try (StreamWatcher watcher = new StreamWatcher(session.api(), shell().clock(), session.timer())) {
            watcher.await(
                            stream.id(),
                            StreamCondition.status(StreamStatus.CANCELED),
                            shell().clock().instant().plus(TO_SHOW))
                    .get();
            return Conclusion.of(
                    Outcome.COMPLETED,
                    "The reverse " + pair.describe(stream) + " is canceled. "
                            + pair.active().name() + " goes on serving; "
                            + pair.originalPrimary().name() + " has no usable data.");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof WaitException failure) {
                boolean isOver = failure.lastSeen()
                        .filter(seen -> !seen.status().isLive())
                        .isPresent();
                return isOver
                        ? Conclusion.of(Outcome.FAILED, "The stream was not canceled. " + failure.getMessage())
                        : Conclusion.of(
                                Outcome.IN_DOUBT,
                                "Nobody knows whether the stream is going to be canceled. " + failure.getMessage());
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
