package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Futures;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/**
 * One turn of a failback that a pipeline drives: writes down what came of the action before, looks, decides, writes down what is
 * begun, and tells the pipeline what to do. It changes neither cloud nor traffic, so it may begin again after any crash.
 */
final class NextContract extends StepContract {

    /** How long what was seen at the proxies may be decided on, beyond what a verb may have taken. */
    private static final Duration SIGHT_KEEPS = Duration.ofSeconds(30);

    private static final PairParameters PAIR = PairParameters.OF_REVERSE_STREAM;

    private static final Parameter<List<SeenProxy>> PROXIES = Parameter.maps(
            "proxies",
            "Every proxy that clients use, as redirectProxy saw it last: the list under \"proxies\" in its result. Without,"
                    + " nobody stops the writers or moves traffic.",
            "a list of maps as redirectProxy returns it",
            SeenProxy::ofMap);

    private static final Parameter<Instant> PROXIES_SEEN_AT = Parameter.instant(
            "proxiesSeenAt", "When redirectProxy began to look: what stands under \"at\" in its result.");

    private static final Parameter<Map<String, Object>> LAST = Parameter.map(
            "last",
            "What came of the action before: its turn, and its result or the error that was caught; left out at first.",
            "a map with turn, and result or error");

    private static final Parameter<Boolean> DRY_RUN = Parameter.flag(
            "dryRun", "Whether to tell alone what a run would do. Nothing is recorded, and nothing has to be done.");

    NextContract() {
        super(
                "cockroachFailbackNext",
                "Decides what a failback does next.",
                Stream.concat(
                                Stream.of(
                                        PAIR.active(), PAIR.originalPrimary(), PROXIES, PROXIES_SEEN_AT, LAST, DRY_RUN),
                                SettingsParameters.ALL.stream())
                        .toArray(Parameter<?>[]::new));
    }

    @Override
    void check(Arguments arguments) {
        PAIR.check(this, arguments);
        if (!arguments.get(PROXIES).isEmpty() && arguments.find(PROXIES_SEEN_AT).isEmpty()) {
            throw wrong("Parameter proxies goes together with proxiesSeenAt.");
        }
    }

    @Override
    CompletableFuture<Map<String, Object>> perform(Arguments arguments, StepRun run) {
        PipelineTurn.Given given = new PipelineTurn.Given(
                arguments.get(PAIR.originalPrimary()),
                arguments.get(PAIR.active()),
                SettingsParameters.settings(arguments),
                arguments.get(PROXIES),
                arguments
                        .find(PROXIES_SEEN_AT)
                        .filter(seenAt -> seenAt.plus(SIGHT_KEEPS)
                                .plus(arguments.get(SettingsParameters.DRAIN))
                                .plus(arguments
                                        .get(SettingsParameters.PROXY_LIMIT)
                                        .multipliedBy(2))
                                .isBefore(run.now()))
                        .isEmpty(),
                LastTurn.of(arguments.find(LAST)));
        if (arguments.get(DRY_RUN)) {
            return PipelineTurn.plan(run, given);
        }
        RecordFile record;
        try {
            record = run.openRecord(
                    given.originalPrimaryId(), given.activeId(), given.last().turn() > 0);
        } catch (IOException e) {
            throw new StepFailedException(given.isTrafficStopped() ? Outcome.IN_DOUBT : Outcome.FAILED, e.getMessage());
        }
        run.whenStopped(() -> close(record)); // whoever takes the next turn must not wait for this one's answers
        CompletableFuture<Map<String, Object>> turn;
        try {
            turn = new PipelineTurn(run, given, record).take();
        } catch (UncheckedIOException e) {
            turn = CompletableFuture.failedFuture(e);
        }
        return turn.handle((result, failure) -> {
            close(record);
            Throwable cause = failure == null ? null : Futures.cause(failure);
            if (cause instanceof UncheckedIOException unwritten) {
                throw unwritten(record.record(), unwritten);
            }
            if (cause != null) {
                throw new CompletionException(cause);
            }
            return result;
        });
    }

    private static void close(RecordFile record) {
        try {
            record.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static StepFailedException unwritten(FailbackRecord record, UncheckedIOException failure) {
        return new StepFailedException(
                record.leftAs(Outcome.FAILED),
                failure.getMessage() + " Nothing more was done. " + holds(record) + " Run again to go on.");
    }

    private static String holds(FailbackRecord record) {
        if (record.mayHaveHadEffect(Call.INITIATE_CUTOVER)) {
            return "The cutover was asked for and goes on: do not put traffic back.";
        }
        return record.standingFences().isEmpty()
                ? "No traffic was moved."
                : "Traffic is fenced at "
                        + String.join(", ", record.standingFences().keySet()) + ": clients can write nowhere.";
    }

    @Override
    public String leftBehind(Arguments arguments, Progress progress) {
        return "Deciding changed nothing. Look at traffic and stream with the command status, and run the job again to go on"
                + " from the record.";
    }
}
