package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.cloud.StreamCondition;
import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Examination;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.FailbackTurn;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Gatekeeper;
import io.jenkins.plugins.cockroachdb.failback.Journal;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.Pair;
import io.jenkins.plugins.cockroachdb.failback.RolesChanged;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.failback.Sight;
import io.jenkins.plugins.cockroachdb.failback.Situation;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.report.CallsToCome;
import io.jenkins.plugins.cockroachdb.report.GateText;
import io.jenkins.plugins.cockroachdb.report.Measures;
import io.jenkins.plugins.cockroachdb.report.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A turn of a failback whose actions are done by a pipeline: a {@link FailbackTurn} in the plain words of steps. */
final class PipelineTurn {

    /** How long a stream is awaited at most before everything is looked at again, also for the line of the report's chart. */
    private static final Duration UNWATCHED = Duration.ofMinutes(10);

    /** The same while a fence stands, which has to be watched. */
    private static final Duration WATCHED = Duration.ofSeconds(5);

    /**
     * What the pipeline gave.
     *
     * @param proxies as they were seen; empty without proxies
     * @param isFresh whether that was just now
     */
    record Given(
            String originalPrimaryId,
            String activeId,
            Settings settings,
            List<SeenProxy> proxies,
            boolean isFresh,
            LastTurn last) {

        boolean isProxied() {
            return !proxies.isEmpty();
        }

        /** Whether clients may be nowhere, as far as anybody saw. */
        boolean isTrafficStopped() {
            return proxies.stream()
                    .map(proxy -> proxy.seen().traffic())
                    .anyMatch(traffic -> traffic != Traffic.ON_ACTIVE && traffic != Traffic.ON_ORIGINAL_PRIMARY);
        }

        private boolean isExamined() {
            return proxies.stream().allMatch(SeenProxy::isExamined);
        }
    }

    private final StepRun run;
    private final Given given;
    private final Settings settings;
    private final Journal journal;
    private final FailbackTurn turn;

    PipelineTurn(StepRun run, Given given, Journal journal) {
        this.run = run;
        this.given = given;
        this.settings = given.settings();
        this.journal = journal;
        this.turn = new FailbackTurn(run.api(), given.proxies(), journal, settings, run.clock());
    }

    /** Ends with what to do. */
    CompletableFuture<Map<String, Object>> take() {
        settle();
        return given.isFresh()
                ? step()
                : CompletableFuture.completedFuture(
                        look(Duration.ZERO, "What was seen at the proxies is too old to decide on."));
    }

    private void settle() {
        List<Entry> begun = given.last().turn() == journal.record().entries().size() ? begunLast() : List.of();
        run.driver()
                .filter(driver -> !driver.equals(journal.record().lastDriver()))
                .ifPresent(driver -> journal.append(new Entry.Resumed(run.now(), driver)));
        given.last().settle(begun, turn);
        given.last().abortedBy().ifPresent(turn::abortRequested);
    }

    /** The calls at the end of the record, or the gate. */
    private List<Entry> begunLast() {
        List<Entry> entries = journal.record().entries();
        List<Entry> begun = new ArrayList<>();
        for (int i = entries.size() - 1; i >= 0; i--) {
            Entry entry = entries.get(i);
            boolean isBegun = entry instanceof Entry.Calling || (entry instanceof Entry.Asked && begun.isEmpty());
            if (!isBegun) {
                break;
            }
            begun.add(entry);
            if (entry instanceof Entry.Asked) {
                break;
            }
        }
        Collections.reverse(begun);
        return begun;
    }

    private CompletableFuture<Map<String, Object>> step() {
        return turn.look().thenCompose(sight -> {
            Situation situation = turn.note(sight);
            Action action = turn.decide(situation);
            boolean needsMore = action instanceof Action.Examine || action instanceof Action.Verify;
            if (needsMore && !given.isExamined()) {
                return CompletableFuture.completedFuture(examine(situation, action));
            }
            return turn.alone(action)
                    .map(done -> done.thenCompose(then -> step()))
                    .orElseGet(() -> CompletableFuture.completedFuture(told(action, situation)));
        });
    }

    // ---- In the words of steps

    private Map<String, Object> told(Action action, Situation situation) {
        if (action instanceof Action.Finish finish) {
            return finish(finish, situation);
        }
        turn.begin(action);
        if (action instanceof Action.Look look) {
            return look(look.after(), look.why());
        }
        if (action instanceof Action.Ask ask) {
            return ask(ask, situation);
        }
        if (action instanceof Action.Await await) {
            return with(
                    map(
                            "await",
                            action,
                            "Waiting for stream " + await.streamId() + " to be "
                                    + await.condition().words() + "."),
                    await(await));
        }
        // Clients may have to be moved while the cloud cannot be read.
        Optional<Pair> pair = situation.sight().cloud().map(Sight.Cloud::pair);
        String p = pair.map(seen -> seen.originalPrimary().name()).orElse(given.originalPrimaryId());
        String a = pair.map(seen -> seen.active().name()).orElse(given.activeId());
        if (action instanceof Action.CreateReverseStream) {
            Map<String, Object> parameters = pair();
            parameters.put("confirmErase", p);
            parameters.put("allowUnprovenRoles", settings.allowUnprovenRoles());
            return with(call("createStream", action, "Erasing " + p + " and copying " + a + " to it."), parameters);
        }
        if (action instanceof Action.CreateForwardStream) {
            Map<String, Object> parameters = new LinkedHashMap<>();
            parameters.put("primaryClusterId", given.originalPrimaryId());
            parameters.put("standbyClusterId", given.activeId());
            parameters.put("confirmErase", a);
            return with(
                    call("createForwardStream", action, "Erasing " + a + " and copying " + p + " to it."), parameters);
        }
        if (action instanceof Action.Initiate initiate) {
            return with(call("initiate", action, "Cutting over to " + p + "."), initiate(initiate, p));
        }
        if (action instanceof Action.Fence fence) {
            Map<String, Object> parameters = traffic(fence.proxies());
            parameters.put("atOnce", turn.mayHaveBegun(situation.sight()));
            return with(call("fence", action, "Stopping clients at " + names(fence.proxies()) + "."), parameters);
        }
        if (action instanceof Action.Unfence unfence) {
            Map<String, Object> parameters = traffic(unfence.proxies());
            parameters.putAll(pair());
            return with(call("unfence", action, "Putting clients back on " + a + ". " + unfence.why()), parameters);
        }
        if (action instanceof Action.Release release) {
            Map<String, Object> parameters = traffic(release.proxies());
            parameters.putAll(pair());
            return with(
                    call("release", action, "Letting clients at " + names(release.proxies()) + " go to " + p + "."),
                    parameters);
        }
        throw new IllegalStateException("unknown action " + action);
    }

    /** An action that has to be written down once it is done. */
    private Map<String, Object> call(String word, Action action, String message) {
        Map<String, Object> map = map(word, action, message);
        map.put("turn", journal.record().entries().size());
        return map;
    }

    private Map<String, Object> map(String word, Action action, String message) {
        Map<String, Object> map = new LinkedHashMap<>();
        // A number that fits no record: there is nothing to write down of it, but the run is under way.
        map.put("turn", Integer.MAX_VALUE);
        map.put("action", word);
        journal.record()
                .names()
                .ifPresent(names -> map.put("pair", names.activeName() + " to " + names.originalPrimaryName()));
        map.put("stage", Phase.reached(journal.record(), action).words());
        map.put("message", message);
        map.put("fenced", isFenceHeld(action));
        map.put("holdMinutes", (int) Math.max(1, holdAtMost().toMinutes()));
        return map;
    }

    private static Map<String, Object> with(Map<String, Object> map, Map<String, Object> parameters) {
        map.put("parameters", parameters);
        return map;
    }

    /** Whether somebody has to stay where the proxies can be reached. */
    private boolean isFenceHeld(Action action) {
        if (!given.isProxied()) {
            return false;
        }
        boolean moves =
                action instanceof Action.Fence || action instanceof Action.Unfence || action instanceof Action.Release;
        Traffic traffic = Traffic.together(
                given.proxies().stream().map(proxy -> proxy.seen().traffic()).toList());
        boolean isSomewhere = traffic == Traffic.ON_ACTIVE || traffic == Traffic.ON_ORIGINAL_PRIMARY;
        boolean hasFenced = journal.record().entries().stream()
                .anyMatch(entry -> entry instanceof Entry.Calling calling && calling.call() == Call.FENCE);
        return moves || !journal.record().standingFences().isEmpty() || (hasFenced && !isSomewhere);
    }

    /**
     * From the fence to the release, gates and what may go wrong in between included. Where no proxy answers, holding on helps nobody:
     * that clients are stopped has to be told soon.
     */
    private Duration holdAtMost() {
        boolean isLost = given.isProxied()
                && given.proxies().stream().allMatch(proxy -> proxy.seen().traffic() == Traffic.UNKNOWN);
        if (isLost) {
            return settings.fenceLimit().plus(settings.proxyLimit());
        }
        return settings.fenceLimit()
                .plus(settings.cutoverLimit())
                .plus(settings.gateLimit())
                .plus(settings.drain())
                .plus(settings.proxyLimit().multipliedBy(8))
                .plus(UNWATCHED);
    }

    private Map<String, Object> look(Duration after, String why) {
        Map<String, Object> map = map("look", new Action.Look(after, why), why);
        map.put("seconds", (int) Math.max(0, after.toSeconds()));
        return map;
    }

    private Map<String, Object> examine(Situation situation, Action action) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("examine", true);
        situation.sight().cloud().map(Sight.Cloud::pair).ifPresent(pair -> {
            parameters.put("activeSqlDns", pair.active().sqlDns());
            parameters.put("originalPrimarySqlDns", pair.originalPrimary().sqlDns());
        });
        parameters.put("proxyTimeoutSeconds", (int) settings.proxyLimit().toSeconds());
        parameters.values().removeIf(value -> value == null);
        return with(map("examine", action, "Looking at the proxies more closely."), parameters);
    }

    private Map<String, Object> ask(Action.Ask ask, Situation situation) {
        String name = situation
                .sight()
                .cloud()
                .map(cloud -> cloud.pair().nameOf(ask.clusterId()))
                .orElse(ask.clusterId());
        GateText text = GateText.of(
                new Gatekeeper.Question(ask.gate(), name, situation),
                run.lastWritePause(given.originalPrimaryId(), given.activeId()),
                List.<Proxy>copyOf(given.proxies()));
        Map<String, Object> map = call("ask", ask, text.question());
        map.put("gate", ask.gate().name());
        map.put("question", text.question());
        map.put("evidence", String.join("\n", text.evidence()));
        map.put("clusterName", name);
        map.put("erases", ask.gate() == Gate.ERASE || ask.gate() == Gate.RE_PROTECT);
        map.put("timeoutMinutes", (int) settings.gateLimit().toMinutes());
        return map;
    }

    private Map<String, Object> await(Action.Await await) {
        Duration left = Duration.between(run.now(), await.deadline());
        Duration most = given.isProxied() && isFenceHeld(await) ? WATCHED : UNWATCHED;
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("streamId", await.streamId());
        StreamCondition condition = await.condition();
        if (condition instanceof StreamCondition.InStatus status) {
            parameters.put("status", status.wanted().name());
            parameters.put("maxLagSeconds", -1);
        } else if (condition instanceof StreamCondition.CaughtUp caughtUp) {
            parameters.put("maxLagSeconds", (int) caughtUp.maxLag().toSeconds());
        } else if (condition instanceof StreamCondition.ReplicatedAfter after) {
            parameters.put("replicatedAfter", after.instant().toString());
        }
        parameters.put(
                "timeoutSeconds", (int) Math.max(1, left.compareTo(most) < 0 ? left.toSeconds() : most.toSeconds()));
        parameters.put("returnOnTimeout", true);
        return parameters;
    }

    private Map<String, Object> initiate(Action.Initiate initiate, String willServe) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("streamId", initiate.streamId());
        parameters.put("confirmCutover", willServe);
        Instant time = initiate.update().failoverAt();
        if (time != null) {
            parameters.put("failoverAt", time.toString());
        }
        if (initiate.replicatedAfter() != null) {
            parameters.put("replicatedAfter", initiate.replicatedAfter().toString());
        }
        parameters.put(
                "maxLagSeconds",
                settings.waiveLag() ? -1 : (int) settings.maxLag().toSeconds());
        return parameters;
    }

    private Map<String, Object> traffic(List<String> only) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("only", new ArrayList<>(only));
        parameters.put("drainSeconds", (int) settings.drain().toSeconds());
        parameters.put("proxyTimeoutSeconds", (int) settings.proxyLimit().toSeconds());
        return parameters;
    }

    private Map<String, Object> pair() {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("activeClusterId", given.activeId());
        parameters.put("originalPrimaryClusterId", given.originalPrimaryId());
        return parameters;
    }

    private static String names(List<String> proxies) {
        return String.join(", ", proxies);
    }

    /** @throws StepFailedException if it is not a good end */
    private Map<String, Object> finish(Action.Finish finish, Situation situation) {
        if (finish.outcome() != Outcome.COMPLETED && finish.outcome() != Outcome.UNPROTECTED) {
            throw new StepFailedException(finish.outcome(), finish.message());
        }
        FailbackRecord record = journal.record();
        Map<String, Object> map = map("finish", finish, finish.message());
        map.put("outcome", finish.outcome().kind());
        map.put("measures", measures(record));
        Optional<RolesChanged> roles = situation
                .sight()
                .cloud()
                .flatMap(cloud -> RolesChanged.of(record, cloud.pair()))
                .or(() -> RolesChanged.of(record));
        map.put("afterwards", new ArrayList<>(roles.map(RolesChanged::lines).orElse(List.of())));
        return map;
    }

    private static Map<String, Object> measures(FailbackRecord record) {
        Measures measures = Measures.of(record);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("durationSeconds", seconds(measures.duration()));
        map.put(
                "rtoSeconds",
                measures.recovery() == null ? null : seconds(measures.recovery().time()));
        map.put("rpo", measures.rpo().kind().name());
        map.put("rpoSeconds", rpoSeconds(measures));
        map.put("rpoBecause", measures.rpo().because());
        map.put("writePauseSeconds", measures.writePause() == null ? null : seconds(measures.writePause()));
        map.put("lossWindows", new ArrayList<>(measures.lossWindows()));
        return map;
    }

    private static Integer rpoSeconds(Measures measures) {
        return switch (measures.rpo().kind()) {
            case ZERO -> 0;
            case BOUND, DISCARDED -> seconds(measures.rpo().span());
            case NO_CUTOVER, UNKNOWN -> null;
        };
    }

    private static int seconds(Duration duration) {
        return (int) Math.min(Integer.MAX_VALUE, duration.plusMillis(999).toSeconds());
    }

    // ---- What would come

    /** What a run would do from here on; nothing is written down. */
    static CompletableFuture<Map<String, Object>> plan(StepRun run, Given given) {
        Entry.Began began =
                new Entry.Began(run.now(), given.originalPrimaryId(), given.activeId(), "a look at what would come");
        PipelineTurn look = new PipelineTurn(run, given, Journal.inMemory(began));
        return look.planned();
    }

    private CompletableFuture<Map<String, Object>> planned() {
        return turn.look().thenCompose(before -> {
            if (!given.isExamined()) {
                return CompletableFuture.completedFuture(examine(turn.note(before), new Action.Examine()));
            }
            return turn.alone(new Action.Examine())
                    .orElseThrow()
                    .thenCompose(done -> turn.look())
                    .thenApply(sight -> {
                        Situation situation = turn.note(sight);
                        List<String> plan = new ArrayList<>();
                        situation.examination().map(Examination::checks).orElse(List.of()).stream()
                                .map(PipelineTurn::words)
                                .forEach(plan::add);
                        CallsToCome.from(situation, List.<Proxy>copyOf(given.proxies()))
                                .forEach(call -> plan.add("To come: " + call));
                        Map<String, Object> map = map("finish", new Action.Examine(), "Nothing was changed.");
                        map.put("outcome", Outcome.COMPLETED.kind());
                        map.put("plan", plan);
                        return map;
                    });
        });
    }

    private static String words(Check check) {
        return check.verdict() + " " + check.name() + ": " + (check.reason() + " " + check.remedy()).strip();
    }
}
