package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.NewStream;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Examination;
import io.jenkins.plugins.cockroachdb.failback.Futures;
import io.jenkins.plugins.cockroachdb.failback.Observer;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.failback.Sight;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Creates a stream, which erases its target, or adopts the live one that there is. The roles are proven (R1) and every
 * prerequisite is judged right before. The POST is sent once at most: when its answer is missing, the stream is looked for, and
 * if it does not show it is in doubt (R6).
 */
final class CreateStreamContract extends StepContract {

    private static final Parameter<String> CONFIRM_ERASE =
            Parameter.text("confirmErase", "Name of the cluster to be erased, exactly as the Cloud Console shows it.");

    private static final Parameter<Boolean> ALLOW_UNPROVEN_ROLES = Parameter.flag(
            "allowUnprovenRoles",
            "Goes on although the last failover did not lead from the original primary to the active cluster.");

    private final PairParameters pair;

    private CreateStreamContract(String name, String help, PairParameters pair, Parameter<?>... own) {
        super(name, help, own);
        this.pair = pair;
    }

    /** Of the reverse stream, for the way home. */
    static CreateStreamContract reverse() {
        PairParameters pair = PairParameters.OF_REVERSE_STREAM;
        return new CreateStreamContract(
                "cockroachFailbackCreateStream",
                "Creates the stream from the active cluster to the original primary, which erases the original primary.",
                pair,
                pair.active(),
                pair.originalPrimary(),
                CONFIRM_ERASE,
                ALLOW_UNPROVEN_ROLES);
    }

    /** Of the forward stream, for the protection at home; there, nobody may allow unproven roles. */
    static CreateStreamContract forward() {
        PairParameters pair = PairParameters.OF_FORWARD_STREAM;
        return new CreateStreamContract(
                "cockroachCreateStream",
                "Creates a stream from the cluster that serves to its standby, which erases the standby.",
                pair,
                pair.active(),
                pair.originalPrimary(),
                CONFIRM_ERASE);
    }

    @Override
    void check(Arguments arguments) {
        pair.check(this, arguments);
    }

    @Override
    CompletableFuture<Map<String, Object>> perform(Arguments arguments, StepRun run) {
        Progress saved = run.progress();
        return switch (saved.phase()) {
            case SENDING -> find(arguments, run, saved, pair.observer(arguments, run));
            case ANSWERED -> created(arguments, run, saved);
            default -> begin(arguments, run);
        };
    }

    private CompletableFuture<Map<String, Object>> created(Arguments arguments, StepRun run, Progress answered) {
        return run.read(() -> run.stream(answered.streamId()))
                .thenApply(answer -> result(answer.value(), answer.cloudTime(), false))
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        Futures.cause(failure) instanceof CloudException unread
                                ? new StepFailedException(
                                        Outcome.FAILED, unread.getMessage() + " " + leftBehind(arguments, answered))
                                : Futures.cause(failure)));
    }

    private CompletableFuture<Map<String, Object>> begin(Arguments arguments, StepRun run) {
        return run.read(() -> examine(arguments, run)).thenCompose(examination -> {
            Sight.Cloud cloud = examination.sight().cloud().orElseThrow();
            confirm(arguments, cloud);
            Optional<ReplicationStream> live = StepRun.withoutDouble(cloud).streams().liveReverseStreams().stream()
                    .findFirst();
            if (live.isEmpty()) {
                refuseAny(examination.failed());
                return create(arguments, run, cloud);
            }
            refuseAny(cloud.streams().adoptionProof().stream()
                    .filter(Check::failed)
                    .toList());
            run.note("There is " + cloud.pair().describe(live.get()) + " already: it is adopted.");
            return CompletableFuture.completedFuture(result(live.get(), cloud.time(), true));
        });
    }

    /** Everything that the preflight judges; fails when the cloud cannot be read. */
    private CompletableFuture<Examination> examine(Arguments arguments, StepRun run) {
        Settings settings = Settings.DEFAULT.toBuilder()
                .allowUnprovenRoles(arguments.find(ALLOW_UNPROVEN_ROLES).orElse(false))
                .build();
        return pair.observer(arguments, run)
                .examine(settings)
                .thenCompose(examination -> StepRun.cloud(examination.sight()).thenApply(cloud -> examination));
    }

    private void confirm(Arguments arguments, Sight.Cloud cloud) {
        String name = cloud.pair().originalPrimary().name();
        String confirmed = arguments.get(CONFIRM_ERASE);
        if (!confirmed.equals(name)) {
            throw new StepFailedException(
                    Outcome.REFUSED,
                    "The cluster to be erased is " + name
                            + ", and confirmErase names another. Nothing was sent. Make sure that " + name
                            + " is the one to erase, and give its name exactly.");
        }
    }

    private static void refuseAny(List<Check> failed) {
        if (!failed.isEmpty()) {
            throw new StepFailedException(
                    Outcome.REFUSED,
                    failed.stream()
                                    .map(check -> check.reason() + " " + check.remedy())
                                    .collect(Collectors.joining(" "))
                            + " Nothing was sent.");
        }
    }

    private CompletableFuture<Map<String, Object>> create(Arguments arguments, StepRun run, Sight.Cloud cloud) {
        String newestBefore =
                cloud.streams().reverseStream().map(ReplicationStream::id).orElse(null);
        Progress sending = Progress.sending(run.now().plus(StepRun.PATIENCE), newestBefore);
        NewStream wanted = NewStream.from(arguments.get(pair.active())).erasing(arguments.get(pair.originalPrimary()));
        return run.save(sending)
                .thenCompose(kept -> run.api().createStream(wanted))
                .thenCompose(
                        created -> run.save(Progress.answered(created.value().id()))
                                .thenCompose(kept -> alone(arguments, run))
                                .thenApply(alone -> result(created.value(), created.cloudTime(), false)))
                .exceptionallyCompose(failure -> {
                    Throwable cause = Futures.cause(failure);
                    if (cause instanceof CloudException.FateUnknown unknown) {
                        run.note(unknown.getMessage() + " The stream is looked for until " + sending.deadline() + ".");
                        return find(arguments, run, sending, pair.observer(arguments, run));
                    }
                    return CompletableFuture.failedFuture(cause);
                });
    }

    /** Where the server allows it, somebody else may have created a second stream at the same time (I1). */
    private CompletableFuture<Void> alone(Arguments arguments, StepRun run) {
        return run.read(() -> run.look(pair.observer(arguments, run)), run.now())
                .handle((cloud, failure) -> {
                    if (failure != null && Futures.cause(failure) instanceof StepFailedException twice) {
                        throw twice;
                    }
                    return null; // what cannot be read now is read by the next step
                });
    }

    private CompletableFuture<Map<String, Object>> find(
            Arguments arguments, StepRun run, Progress sending, Observer observer) {
        return run.read(() -> run.look(observer), sending.deadline())
                .thenCompose(cloud -> {
                    Optional<ReplicationStream> created = cloud.streams()
                            .reverseStream()
                            .filter(stream -> !stream.id().equals(sending.streamId()));
                    if (created.isPresent()) {
                        return run.save(Progress.answered(created.get().id()))
                                .thenApply(kept -> result(created.get(), cloud.time(), false));
                    }
                    if (!run.now().isBefore(sending.deadline())) {
                        throw inDoubt(arguments, sending, "No such stream shows.");
                    }
                    return run.soon().thenCompose(later -> find(arguments, run, sending, observer));
                })
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        Futures.cause(failure) instanceof CloudException unread
                                ? inDoubt(arguments, sending, unread.getMessage())
                                : Futures.cause(failure)));
    }

    private StepFailedException inDoubt(Arguments arguments, Progress sending, String why) {
        return new StepFailedException(Outcome.IN_DOUBT, why + " " + leftBehind(arguments, sending));
    }

    private static Map<String, Object> result(ReplicationStream stream, Instant cloudNow, boolean adopted) {
        Map<String, Object> map = ResultMaps.stream(stream, cloudNow, Settings.DEFAULT.maxLag());
        map.put("adopted", adopted);
        return map;
    }

    @Override
    public String leftBehind(Arguments arguments, Progress progress) {
        String target = arguments.get(CONFIRM_ERASE) + " (" + arguments.get(pair.originalPrimary()) + ")";
        return switch (progress.phase()) {
            case SENDING -> "The stream was asked for, and it is not known whether it was created; if so, it is erasing "
                    + target
                    + ". Look at both clusters in the Cloud Console. " + name()
                    + " does not create a second one while the first shows: run it again to go on.";
            case ANSWERED -> "Stream " + progress.streamId() + " was created and goes on: it erases " + target
                    + " and fills it anew. awaitStreamStatus waits for it, cockroachCancelStream ends it.";
            default -> NOTHING_LEFT;
        };
    }
}
