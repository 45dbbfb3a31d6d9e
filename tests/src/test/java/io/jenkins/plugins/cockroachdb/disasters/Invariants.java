package io.jenkins.plugins.cockroachdb.disasters;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.cockroachdb.cloud.Transport;
import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.StreamStatus;
import io.jenkins.plugins.cockroachdb.simulator.Write;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What must hold, checked against the truth: the state of cloud and proxies and what clients were told, never what a driver
 * believes. I1 to I7 are those of the documentation.
 */
final class Invariants implements Wire.Witness {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** How long a driver may not notice that a proxy opened: one read of the cloud may take two minutes, of each page. */
    static final Duration NOTICED = Duration.ofSeconds(150);

    /** How long a run reads before it asks for a stream again that an earlier run may have got; the clock may be off a little. */
    private static final Duration UNANSWERED = Duration.ofSeconds(290);

    /** How old what a decision rests on may be: an examination keeps for a minute. */
    private static final Duration EVIDENCE = Duration.ofSeconds(75);

    /** A write that a client was told is safe. */
    private record Acknowledged(String value, Instant at, String where, boolean excused) {}

    private final World world;
    private final List<Violation> violations = new ArrayList<>();
    private final List<Acknowledged> acknowledged = new ArrayList<>();
    private final Map<Life, Map<String, Integer>> posts = new HashMap<>();
    private final Map<String, Instant> unanswered = new HashMap<>();
    private final Map<String, Instant> patched = new HashMap<>();
    private final Map<String, Life> patchedBy = new HashMap<>();
    private final Map<String, Instant> asking = new HashMap<>();
    private final Map<Life, Call> doing = new HashMap<>();
    private final Map<String, Instant> unfenced = new HashMap<>();
    private final Map<String, Instant> secondSeen = new HashMap<>();
    private final Set<People.Approval> used = new HashSet<>();
    private final Map<Edge, Instant> lastWrite = new HashMap<>();
    private int writes;

    Invariants(World world) {
        this.world = world;
    }

    List<Violation> violations() {
        return List.copyOf(violations);
    }

    boolean areViolated() {
        return !violations.isEmpty();
    }

    void violated(String invariant, String words) {
        Violation violation = new Violation(invariant, words);
        if (!violations.contains(violation)) {
            violations.add(violation);
            world.trace.line("VIOLATION", violation::toString);
        }
    }

    // ---- Clients

    /** Clients write wherever they are let, often, and always right before that changes. */
    void afterAnEvent() {
        Instant now = world.time.instant();
        for (Edge edge : world.edges) {
            Instant last = lastWrite.get(edge);
            if (last == null || !now.isBefore(last.plusMillis(250))) {
                write(edge);
            }
        }
    }

    /** Before anything may close: the last moment for a write. */
    void closing(Edge edge) {
        write(edge);
    }

    private void write(Edge edge) {
        Instant now = world.time.instant();
        lastWrite.put(edge, now);
        String value = "write " + writes++;
        if (edge.reachesActive() && world.cloud.write(world.servingId, value)) {
            acknowledged.add(new Acknowledged(value, now, edge.name, isExcused(edge, now)));
        }
    }

    /** A proxy that opened by itself lets writes through until a driver that was at work then looks, and can close it. At a gate none looks. */
    private boolean isExcused(Edge edge, Instant now) {
        return edge.openedItself != null
                && (edge.wasSilentSince(now.minus(NOTICED))
                        || world.watchedAgain(edge.openedItself)
                                .filter(watched -> !now.isBefore(watched.plus(NOTICED)))
                                .isEmpty());
    }

    /** What clients were told is safe, and one cluster has not. */
    private List<Acknowledged> missingOn(String clusterId) {
        Set<String> there = new HashSet<>();
        for (Write write : world.cloud.writes(clusterId)) {
            there.add(write.value());
        }
        return acknowledged.stream()
                .filter(write -> !there.contains(write.value()))
                .toList();
    }

    // ---- Requests

    @Override
    public void answered(Life sender, Operation operation, Transport.Request request) {
        if (operation == Operation.CREATE_STREAM) {
            unanswered.remove(creation(sender, request));
        }
    }

    private String creation(Life sender, Transport.Request request) {
        return world.recordOf(sender) + json(request);
    }

    @Override
    public void sent(Life sender, Operation operation, Transport.Request request) {
        if (operation == Operation.CREATE_STREAM) {
            Instant now = world.time.instant();
            Instant before = unanswered.put(creation(sender, request), now);
            if (before != null && now.isBefore(before.plus(UNANSWERED))) {
                violated("I1", "a stream was asked for again, soon after a request that nobody saw answered");
            }
        }
        if (isCutover(operation, request)) {
            for (Edge edge : world.edges) {
                boolean justOpened = edge.openedItself != null
                        && edge.openedItself.isAfter(world.time.instant().minusSeconds(1));
                if (!edge.isFenced() && !justOpened && !world.others(sender)) {
                    violated("I3", "the cutover was asked for while " + edge.name + " was not fenced");
                }
            }
        }
    }

    @Override
    public void arrives(Life sender, Operation operation, Transport.Request request) {
        if (operation == Operation.CREATE_STREAM) {
            JsonNode body = json(request);
            creating(
                    sender,
                    body.get("primary_cluster_id").asText(),
                    body.get("standby_cluster_id").asText());
        } else if (isCutover(operation, request)) {
            String path = request.uri().getPath();
            cuttingOver(sender, path.substring(path.lastIndexOf('/') + 1));
        }
    }

    private static boolean isCutover(Operation operation, Transport.Request request) {
        return operation == Operation.UPDATE_STREAM
                && "FAILING_OVER".equals(json(request).path("status").asText());
    }

    private static JsonNode json(Transport.Request request) {
        try {
            return JSON.readTree(request.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void creating(Life sender, String primary, String standby) {
        String direction = primary + " -> " + standby;
        if (posts.computeIfAbsent(sender, life -> new HashMap<>()).merge(direction, 1, Integer::sum) > 1) {
            violated("I1", "a run asked twice for a stream " + direction);
        }
        boolean reverse = standby.equals(world.originalPrimaryId);
        useApproval(
                sender,
                reverse ? Gate.ERASE : Gate.RE_PROTECT,
                world.cloud.cluster(standby).name());
        if (reverse && world.rolesCannotBeProven()) {
            violated("I2", "the reverse stream was asked for, although the roles cannot be proven");
        }
        if (reverse) {
            for (Edge edge : world.edges) {
                boolean long_ = edge.changed().isBefore(world.time.instant().minus(EVIDENCE));
                if (long_ && (!edge.reachesActive() || edge.reachesOriginal()) && !edge.isDown()) {
                    violated("I2", "the reverse stream was asked for while " + edge.name + " did not serve A alone");
                }
            }
        }
        if (!reverse && !missingOn(primary).isEmpty()) {
            violated("I2", "a stream was asked for that erases acknowledged writes on " + world.nameOf(standby));
        }
    }

    private void useApproval(Life sender, Gate gate, String clusterName) {
        Instant oldest = world.time.instant().minus(world.settings.gateLimit()).minus(EVIDENCE);
        Optional<People.Approval> approval = world.people.approvals.stream()
                .filter(given -> given.record().equals(world.recordOf(sender))
                        && given.gate() == gate
                        && given.clusterName().equals(clusterName)
                        && !given.at().isBefore(oldest)
                        && !used.contains(given))
                .findFirst();
        if (approval.isEmpty()) {
            violated("I2", "a stream that erases " + clusterName + " was asked for, and nobody approved it");
        }
        approval.ifPresent(used::add);
    }

    /** A driver writes down what it is about to do; it may die before it does. */
    void begins(Life driver, Entry.Calling calling) {
        String record = world.recordOf(driver);
        doing.put(driver, calling.call());
        if (calling.call() == Call.INITIATE_CUTOVER && isApproved(record)) {
            asking.put(record + calling.target(), world.time.instant());
        }
    }

    private boolean isApproved(String record) {
        Instant lastUnfence = unfenced.getOrDefault(record, Instant.MIN);
        return world.people.approvals.stream()
                .anyMatch(given -> given.record().equals(record)
                        && given.gate() == Gate.CUT_OVER
                        && given.at().isAfter(lastUnfence)
                        && !given.at().isBefore(world.time.instant().minus(world.approvalHolds())));
    }

    private void cuttingOver(Life sender, String streamId) {
        Instant now = world.time.instant();
        String record = world.recordOf(sender);
        Instant lastUnfence = unfenced.getOrDefault(record, Instant.MIN);
        boolean approved = isApproved(record);
        // What was approved may be asked for until its fate is known, for as long as nobody puts clients back (R5).
        Instant asked = asking.get(record + streamId);
        boolean goesOn = asked != null && asked.isAfter(lastUnfence);
        boolean tooLate = world.cloud.status(streamId) == StreamStatus.CANCELED; // nothing comes of it any more
        if (!approved && !goesOn && !tooLate) {
            violated("I2", "the cutover was asked for, and no approval of it held");
        }
        boolean replicating = world.cloud.status(streamId) == StreamStatus.REPLICATING;
        if (replicating && !world.hasReplicated(streamId)) {
            violated("I2", "the cutover was asked for before the initial scan was done");
        }
        if (replicating
                && world.edges.isEmpty()
                && !world.settings(sender).waiveLag()
                && world.lag(streamId).compareTo(world.settings(sender).maxLag().plusSeconds(60)) > 0) {
            violated("I2", "the cutover was asked for while the stream trailed behind");
        }
        if (world.doubleSince()
                .filter(since -> since.isBefore(now.minus(EVIDENCE)))
                .isPresent()) {
            violated("I1", "the cutover was asked for while there were two live reverse streams");
        }
        if (replicating) {
            patched.putIfAbsent(streamId, now);
            patchedBy.putIfAbsent(streamId, sender);
        }
    }

    // ---- Proxies

    /**
     * Clients may reach A again.
     *
     * @param by whose command it was; empty when the proxy did it by itself
     */
    void openedToActive(Edge edge, Optional<Life> by, Instant sent) {
        if (by.isEmpty()) {
            return;
        }
        Life driver = by.get();
        if (doing.get(driver) != Call.FENCE) { // a fence that fails puts clients back, and may be tried again
            unfenced.merge(world.recordOf(driver), sent, (before, now) -> now.isAfter(before) ? now : before);
        }
        for (String stream : world.reverseStreams()) {
            StreamStatus status = world.cloud.status(stream);
            boolean overtaken = patchedBy.get(stream) != driver
                    && patched.getOrDefault(stream, Instant.MAX)
                            .isAfter(world.time.instant().minusSeconds(60));
            if ((status == StreamStatus.FAILING_OVER || status == StreamStatus.COMPLETED)
                    && !world.isOld(stream)
                    && !(overtaken && world.others(driver))) {
                violated("I4", "clients were put back on A while the reverse stream was " + status);
            }
        }
    }

    /** A driver lets clients go to P. */
    void openedToOriginal() {
        if (!world.liveReverseStreams().isEmpty() && !world.isErasedBesideCutover()) {
            violated("I4", "clients were let go to P, which is a standby yet");
        }
    }

    // ---- Ends

    /** A run has ended by itself. */
    void ended(Life life, FailbackRecord record, Action.Finish finish) {
        String name = world.recordOf(life);
        Outcome outcome = finish.outcome();
        boolean beforeTheCutover = outcome == Outcome.FAILED
                || outcome == Outcome.REFUSED
                || outcome == Outcome.TIMED_OUT
                || outcome == Outcome.ABORTED;
        if (beforeTheCutover) {
            for (Edge edge : world.edges) {
                if (name.equals(edge.closedBy) && !edge.reachesActive()) {
                    violated("I4", "the run ended as " + outcome.kind() + " and left " + edge.name + " fenced");
                }
            }
            for (String stream : world.reverseStreams()) {
                StreamStatus status = world.cloud.status(stream);
                if (patchedBy.get(stream) != null
                        && world.recordOf(patchedBy.get(stream)).equals(name)
                        && (status == StreamStatus.FAILING_OVER || status == StreamStatus.COMPLETED)) {
                    violated(
                            "I4",
                            "the run ended as " + outcome.kind() + ", and the cutover that it asked for is " + status);
                }
            }
        }
        boolean home = outcome == Outcome.COMPLETED || outcome == Outcome.UNPROTECTED;
        if (home && world.settings(life).goal().isHome()) {
            boolean completed =
                    world.reverseStreams().stream().anyMatch(id -> world.cloud.status(id) == StreamStatus.COMPLETED);
            if (!completed) {
                violated("I4", "the run ended as " + outcome.kind() + ", and no reverse stream is COMPLETED");
            }
            for (Edge edge : world.edges) {
                boolean justChanged =
                        edge.changed().isAfter(world.time.instant().minus(NOTICED));
                if (!edge.reachesOriginal() && !edge.isDown() && !justChanged && outcome == Outcome.COMPLETED) {
                    violated("I4", "the run ended as completed, and clients of " + edge.name + " are not on P");
                }
            }
            nothingIsLost(record, finish);
        }
        if (world.settings(life).reProtect()
                && outcome == Outcome.COMPLETED
                && !record.lossWindows().isEmpty()) {
            violated("I2", "A was erased after a loss window");
        }
    }

    /** No write that A acknowledged is missing on P, but for what is excused and reported. */
    private void nothingIsLost(FailbackRecord record, Action.Finish finish) {
        List<Acknowledged> missing = missingOn(world.idleId);
        if (missing.isEmpty()) {
            return;
        }
        boolean reported = !record.lossWindows().isEmpty()
                || finish.message().contains("lost")
                || world.anyLossReported()
                || world.goesBackInTime();
        boolean byOthers = world.schedule.has(Twist.CutOverByHand.class)
                || world.goesBackInTime()
                || world.schedule.has(Twist.SecondDriver.class)
                || world.schedule.has(Twist.History.HOME_ALREADY)
                || world.wasCutOverByOthers();
        Optional<Acknowledged> unexcused =
                missing.stream().filter(write -> !write.excused()).findFirst();
        if (unexcused.isPresent() && !byOthers) {
            violated(
                    "I3",
                    "a write that A acknowledged at " + unexcused.get().at() + " through "
                            + unexcused.get().where() + " is missing on P");
        }
        if (!reported) {
            violated(
                    "I3",
                    missing.size() + " writes that A acknowledged are missing on P, and no loss window was reported");
        }
    }

    /** A while after everything: what was said still holds. */
    void quiet(String record, Outcome last) {
        if (last == Outcome.FAILED || last == Outcome.REFUSED || last == Outcome.TIMED_OUT || last == Outcome.ABORTED) {
            for (Edge edge : world.edges) {
                if (record.equals(edge.closedBy) && !edge.reachesActive() && !edge.isDown()) {
                    violated("I4", "the run ended as " + last.kind() + ", and later its fence closed " + edge.name);
                }
            }
        }
    }

    /** Texts that leave the program. */
    void shown(String where, String text) {
        if (text.contains(world.key)) {
            violated("I7", "the key is in " + where);
        }
        if (text.contains(world.proxyPassword)) {
            violated("I7", "a password is in " + where);
        }
    }
}
