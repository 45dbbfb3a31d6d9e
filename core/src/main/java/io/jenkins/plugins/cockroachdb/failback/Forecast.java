package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.NewStream;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a run would do from a situation on, if everybody approves and every call works. It is the {@link Runbook} itself, asked
 * step by step about a world that always does what it is told, so it cannot say anything else than what a run would decide.
 * It does no I/O.
 */
public final class Forecast {

    /** Stands for the id of a reverse stream that is still to be created. */
    public static final String REVERSE_STREAM = "ID-OF-THE-REVERSE-STREAM";

    /** Stands for the id of a forward stream that is still to be created. */
    public static final String FORWARD_STREAM = "ID-OF-THE-FORWARD-STREAM";

    /** So many looks at what does not change are no forecast any more. */
    private static final int MOST_STEPS = 1000;

    private static final Duration A_MOMENT = Duration.ofSeconds(1);

    /** Long enough for a run to look at its prerequisites again. */
    private static final Duration A_WHILE = Duration.ofMinutes(2);

    /**
     * One step of a run.
     *
     * @param situation as it would be then; its clock does not tell how long anything takes
     * @param action what the run would do
     */
    public record Step(Situation situation, Action action) {}

    private final Settings settings;
    private final Pair pair;
    private final List<ReplicationStream> streams;
    private List<ProxyStatus> proxies;
    private Instant now;
    private FailbackRecord record;
    private Optional<Examination> examination;

    private Forecast(Situation situation, Sight.Cloud cloud) {
        settings = situation.settings();
        pair = cloud.pair();
        streams = new ArrayList<>(cloud.streams().all());
        proxies = situation.sight().proxies();
        now = situation.now();
        record = situation.record();
        examination = situation.examination();
    }

    /**
     * The steps in order; a wait or a look that follows its like is left out. The last one is {@link Action.Finish}, unless the
     * run would watch something that cannot be foretold.
     *
     * @return empty when the cloud was not seen
     */
    public static List<Step> of(Situation situation) {
        return situation
                .sight()
                .cloud()
                .map(cloud -> new Forecast(situation, cloud).steps())
                .orElse(List.of());
    }

    private List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < MOST_STEPS; i++) {
            note();
            Situation situation = new Situation(now, settings, record, sight(), examination);
            Action action = Runbook.next(situation);
            if (steps.isEmpty() || !isMoreOf(steps.get(steps.size() - 1).action(), action)) {
                steps.add(new Step(situation, action));
            }
            if (action instanceof Action.Finish) {
                break;
            }
            now = now.plus(A_MOMENT);
            perform(action);
        }
        return List.copyOf(steps);
    }

    private static boolean isMoreOf(Action before, Action action) {
        return before.equals(action)
                || (before instanceof Action.Look one
                        && action instanceof Action.Look other
                        && one.why().equals(other.why()));
    }

    private Sight sight() {
        return Sight.of(now, new Sight.Cloud(pair, new StreamHistory(pair, streams), now), proxies);
    }

    /** As a driver does with each look. */
    private void note() {
        Optional<ReplicationStream> stream = new StreamHistory(pair, streams).reverseStream();
        add(new Entry.Seen(
                now,
                stream.map(ReplicationStream::id).orElse(null),
                stream.map(ReplicationStream::statusName).orElse(null),
                stream.flatMap(ReplicationStream::caughtUpTo).orElse(null),
                stream.flatMap(seen -> seen.lag(now)).map(Duration::toSeconds).orElse(null),
                sight().traffic().map(Traffic::words).orElse(null)));
    }

    private void add(Entry entry) {
        record = record.with(entry);
    }

    private void perform(Action action) {
        if (action instanceof Action.Look look) {
            now = now.plus(look.after());
        } else if (action instanceof Action.Examine) {
            examine();
        } else if (action instanceof Action.Ask ask) {
            add(new Entry.Approved(now, ask.gate(), ask.streamId(), ask.clusterId(), "", settings.failoverAt()));
            if (ask.gate().isBeforeTheCutover()) {
                examine(); // as a driver does at once
            }
        } else if (action instanceof Action.Adopt adopt) {
            add(new Entry.Adopted(now, adopt.streamId()));
        } else if (action instanceof Action.CreateReverseStream create) {
            create(Call.CREATE_REVERSE_STREAM, create.stream(), REVERSE_STREAM);
        } else if (action instanceof Action.CreateForwardStream create) {
            create(Call.CREATE_FORWARD_STREAM, create.stream(), FORWARD_STREAM);
        } else if (action instanceof Action.Await await) {
            await(await.streamId(), await.condition());
        } else if (action instanceof Action.Fence fence) {
            move(Call.FENCE, fence.proxies(), Traffic.FENCED);
        } else if (action instanceof Action.NoteLoss loss) {
            add(new Entry.LossWindow(now, loss.words()));
        } else if (action instanceof Action.ProveFence) {
            add(new Entry.FenceProven(now, now));
        } else if (action instanceof Action.Unfence unfence) {
            unfence(unfence);
        } else if (action instanceof Action.Initiate initiate) {
            call(Call.INITIATE_CUTOVER, initiate.streamId());
            change(
                    initiate.streamId(),
                    StreamStatus.FAILING_OVER,
                    initiate.update().failoverAt());
        } else if (action instanceof Action.Release release) {
            move(Call.RELEASE, release.proxies(), Traffic.ON_ORIGINAL_PRIMARY);
        } else if (action instanceof Action.Verify) {
            add(new Entry.Verified(now, true, ""));
        } else {
            throw new IllegalStateException("unknown action " + action);
        }
    }

    /** What was found would be found again. */
    private void examine() {
        examination = Optional.of(
                new Examination(sight(), examination.map(Examination::checks).orElse(List.of())));
    }

    private void create(Call call, NewStream stream, String id) {
        call(call, CreateStage.creationOf(stream.primaryClusterId(), stream.standbyClusterId()));
        streams.add(new ReplicationStream(
                id,
                StreamStatus.STARTING.name(),
                stream.primaryClusterId(),
                stream.standbyClusterId(),
                now,
                null,
                null,
                null,
                null,
                null,
                null));
    }

    private void call(Call call, String target) {
        add(new Entry.Calling(now, call, target));
        add(new Entry.Called(now, call, target, Entry.Result.DONE, ""));
    }

    private void await(String streamId, StreamCondition condition) {
        now = now.plus(condition.nearCutover() ? A_MOMENT : A_WHILE);
        for (int stage = 0; stage < StreamStatus.values().length; stage++) {
            ReplicationStream stream = streams.stream()
                    .filter(one -> one.id().equals(streamId))
                    .findFirst()
                    .orElseThrow();
            if (condition.judge(new Answer<>(stream, now, now, now)) == StreamCondition.Judgement.MET) {
                return;
            }
            change(
                    streamId,
                    switch (stream.status()) {
                        case STARTING, REPLICATING -> StreamStatus.REPLICATING;
                        case FAILING_OVER, COMPLETED -> StreamStatus.COMPLETED;
                        case CANCELED, UNRECOGNIZED -> stream.status();
                    },
                    stream.failoverAt());
        }
    }

    /** Brings a stream to a status, the first time to REPLICATING without and then with everything replicated. */
    private void change(String streamId, StreamStatus status, Instant failoverAt) {
        streams.replaceAll(stream -> {
            if (!stream.id().equals(streamId) || status == StreamStatus.UNRECOGNIZED) {
                return stream;
            }
            boolean flows = stream.status() == StreamStatus.REPLICATING && status == StreamStatus.REPLICATING;
            return new ReplicationStream(
                    stream.id(),
                    status.name(),
                    stream.primaryClusterId(),
                    stream.standbyClusterId(),
                    stream.createdAt(),
                    flows ? now : null,
                    flows ? 0 : null,
                    null,
                    failoverAt,
                    status == StreamStatus.COMPLETED ? now : null,
                    stream.canceledAt());
        });
    }

    private void unfence(Action.Unfence unfence) {
        if (unfence.thenEnd() != null) {
            add(new Entry.GivingUp(now, unfence.thenEnd(), unfence.why()));
        }
        move(Call.UNFENCE, unfence.proxies(), Traffic.ON_ACTIVE);
    }

    private void move(Call call, List<String> names, Traffic traffic) {
        names.forEach(name -> call(call, name));
        proxies = proxies.stream()
                .map(proxy -> names.contains(proxy.name()) ? new ProxyStatus(proxy.name(), traffic, 0, 0, "") : proxy)
                .toList();
    }
}
