package io.jenkins.plugins.cockroachdb.disasters;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.cockroachdb.cloud.SimulatedTransport;
import io.jenkins.plugins.cockroachdb.cloud.Transport;
import io.jenkins.plugins.cockroachdb.disasters.Twist.History;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.ProxyEnvironment;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.ClusterSpec;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.HttpRequest;
import io.jenkins.plugins.cockroachdb.simulator.HttpResponse;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.Role;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import io.jenkins.plugins.cockroachdb.simulator.StreamStatus;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Everything in a schedule but the drivers: clusters and their history, the network, proxies with clients, people. */
final class World implements Wire.Weather {

    static final Instant START = Instant.parse("2026-03-01T03:00:00Z");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STREAMS = "/api/v1/physical-replication-streams";

    final Schedule schedule;
    final VirtualTime time = new VirtualTime(START);
    final Coverage coverage = new Coverage();
    final SplittableRandom random;
    final Trace trace;
    final SimulatedCloud cloud;
    final Settings settings;

    /** Of every run but the first. */
    final Settings laterSettings;

    final String key;

    /** What PgBouncer's file and its console have, and nobody may see. */
    final String proxyPassword;

    final String originalPrimaryId;
    final String activeId;

    /** Where clients are sent by what a proxy calls A and P. */
    final String servingId;

    final String idleId;

    final List<Edge> edges = new ArrayList<>();
    final People people;
    final Invariants invariants;
    final Wire wire;

    private final Path directory;
    private final String consoleKey;
    private final Faults faults = new Faults();
    private final Set<String> oldStreams = new HashSet<>();
    private final Map<Life, String> records = new HashMap<>();
    private final Map<Life, Instant> firstLooks = new HashMap<>();
    private final Map<Life, Settings> settingsOfLives = new HashMap<>();
    private Instant outageEnds = Instant.MIN;
    private FaultKind outage;
    private Instant datelessUntil = Instant.MIN;
    private Instant unknownStatusUntil = Instant.MIN;
    private Instant doubleSince;
    private boolean cutOverByHand;
    private boolean lossReported;
    private boolean calm;

    /** @param directory for the proxies' files */
    World(Schedule schedule, boolean traced, Path directory) {
        this.schedule = schedule;
        this.directory = directory;
        random = new SplittableRandom(schedule.seed() ^ 0x5DEECE66DL);
        trace = new Trace(time, traced);
        cloud = new SimulatedCloud(time, cloudSettings(schedule));
        Random ids = new Random(schedule.seed());
        key = SimulatedCloud.randomKey(ids);
        consoleKey = SimulatedCloud.randomKey(ids);
        proxyPassword = SimulatedCloud.randomKey(ids);
        cloud.addKey(key, schedule.has(Twist.WeakKey.class) ? Role.CLUSTER_DEVELOPER : Role.CLUSTER_ADMIN);
        cloud.addKey(consoleKey, Role.CLUSTER_ADMIN);
        ClusterSpec east = ClusterSpec.of("orders-east", "us-east-1").withId("11111111-1111-1111-1111-111111111111");
        ClusterSpec west = ClusterSpec.of("orders-west", "us-west-2").withId("22222222-2222-2222-2222-222222222222");
        ClusterSpec south = ClusterSpec.of("orders-south", "us-south-3").withId("33333333-3333-3333-3333-333333333333");
        cloud.addCluster(east);
        cloud.addCluster(west);
        cloud.addCluster(south);
        history(east.id(), west.id(), south.id());
        boolean exchanged = schedule.has(History.IDS_EXCHANGED);
        originalPrimaryId = exchanged ? west.id() : east.id();
        activeId = exchanged ? east.id() : west.id();
        servingId = activeId;
        idleId = originalPrimaryId;
        settings = settings(schedule, false);
        laterSettings = settings(schedule, true);
        people = new People(schedule, settings.gateLimit(), time, random, trace, coverage);
        invariants = new Invariants(this);
        wire = new Wire(
                new SimulatedTransport(new SimulatedEndpoint(cloud, faults), time),
                time,
                random,
                trace,
                invariants,
                this);
        proxies();
        schedule.all(Twist.RequestFault.class)
                .forEach(fault -> faults.on(fault.operation(), fault.occurrence(), Fault.of(fault.kind())));
    }

    private static CloudSettings cloudSettings(Schedule schedule) {
        CloudSettings cloud = CloudSettings.defaults()
                .withStarting(Duration.ofSeconds(20))
                .withInitialScan(Duration.ofSeconds(10))
                .withRevert(Duration.ofSeconds(30))
                .withHeartbeatTimeout(Duration.ofMinutes(10));
        for (Twist twist : schedule.twists()) {
            if (twist instanceof Twist.Pace pace) {
                cloud = cloud.withStarting(pace.starting())
                        .withInitialScan(pace.scan())
                        .withStride(pace.stride())
                        .withStrideTransit(pace.transit())
                        .withRevert(pace.revert());
            } else if (twist instanceof Twist.StaleReads stale) {
                cloud = cloud.withStaleness(stale.by());
            } else if (twist instanceof Twist.DelayedEffects delayed) {
                cloud = cloud.withEffectDelay(delayed.by());
            } else if (twist instanceof Twist.SecondStreamTaken) {
                cloud = cloud.withRefuseSecondLiveStream(false);
            } else if (twist instanceof Twist.ScanShows shows) {
                cloud = cloud.withScanReplicatedTime(shows.what());
            } else if (twist instanceof Twist.SmallPages pages) {
                cloud = cloud.withPageLimit(pages.size()).withMaxPageLimit(pages.size());
            }
        }
        return cloud;
    }

    private static Settings settings(Schedule schedule, boolean isLater) {
        Settings.Builder settings =
                Settings.DEFAULT.toBuilder().startLimit(Duration.ofMinutes(10)).catchUpLimit(Duration.ofMinutes(15));
        for (Twist each : schedule.twists()) {
            Twist twist = isLater && each instanceof Twist.Later later ? later.wish() : each;
            if (twist instanceof Twist.MaxLag max) {
                settings.maxLag(max.lag());
            } else if (twist instanceof Twist.StartLimit limit) {
                settings.startLimit(limit.limit());
            } else if (twist instanceof Twist.FenceLimit limit) {
                settings.fenceLimit(limit.limit());
            } else if (twist instanceof Twist.CutoverLimit limit) {
                settings.cutoverLimit(limit.limit());
            } else if (twist instanceof Twist.Drain drain) {
                settings.drain(drain.drain());
            } else if (twist instanceof Twist.WaiveLag) {
                settings.waiveLag(true);
            } else if (twist instanceof Twist.AllowUnprovenRoles) {
                settings.allowUnprovenRoles(true);
            } else if (twist instanceof Twist.ReProtect) {
                settings.reProtect(true);
            } else if (twist instanceof Twist.FailoverAt at) {
                settings.failoverAt(START.plus(at.fromBeginning()));
            } else if (twist instanceof Twist.Aim aim) {
                settings.goal(aim.goal());
            }
        }
        return settings.build();
    }

    private void history(String east, String west, String south) {
        History past = schedule.one(Twist.Past.class).map(Twist.Past::history).orElse(null);
        coverage.reach(Expected.HISTORIES, past == null ? "FAILED_OVER" : past);
        if (past != History.NONE && past != History.PLANNED_SWITCHOVER) {
            old(StreamSpec.completed(east, west, daysAgo(40), daysAgo(past == History.EARLIER_FAILBACK ? 30 : 2)));
        }
        if (past == null) {
            return;
        }
        switch (past) {
            case IDS_EXCHANGED -> cutOverByHand = true; // what the settings call the cutover was the failover
            case NONE -> {}
            case ACTIVE_ERASED -> old(StreamSpec.canceled(east, west, daysAgo(1), hoursAgo(3)));
            case ORIGINAL_IS_SOURCE -> old(StreamSpec.live(east, south, daysAgo(1)));
            case EARLIER_FAILBACK -> {
                old(StreamSpec.completed(west, east, daysAgo(29), daysAgo(20)));
                old(StreamSpec.completed(east, west, daysAgo(19), daysAgo(2)));
            }
            case REVERSE_LIVE, PLANNED_SWITCHOVER -> cloud.addStream(
                    StreamSpec.live(west, east, START.minusSeconds(random.nextInt(600))));
            case REVERSE_CANCELED -> old(StreamSpec.canceled(west, east, daysAgo(1), hoursAgo(3)));
            case TWO_LIVE -> {
                cloud.addStream(StreamSpec.live(west, east, hoursAgo(3)));
                cloud.addStream(StreamSpec.live(west, east, hoursAgo(2)));
                doubleSince = hoursAgo(2);
            }
            case HOME_ALREADY -> {
                cloud.addStream(StreamSpec.completed(west, east, daysAgo(1), START.minusSeconds(60)));
                cutOverByHand = true;
            }
        }
    }

    private void old(StreamSpec stream) {
        oldStreams.add(cloud.addStream(stream));
    }

    private static Instant daysAgo(int days) {
        return START.minus(Duration.ofDays(days));
    }

    private static Instant hoursAgo(int hours) {
        return START.minus(Duration.ofHours(hours));
    }

    private void proxies() {
        createDirectory(proxyFiles());
        List<Edge.Kind> kinds =
                schedule.one(Twist.Proxies.class).map(Twist.Proxies::kinds).orElse(List.of(Edge.Kind.HAPROXY));
        Duration sessions = schedule.one(Twist.LongSessions.class)
                .map(Twist.LongSessions::length)
                .orElse(Duration.ofSeconds(2));
        for (int i = 0; i < kinds.size(); i++) {
            int number = i;
            Optional<Twist.SentAtFirst> first = schedule.all(Twist.SentAtFirst.class)
                    .filter(sent -> sent.proxy() == number)
                    .findFirst();
            boolean toActive = first.map(Twist.SentAtFirst::toActive).orElse(!schedule.has(History.IDS_EXCHANGED));
            boolean toOriginal = first.map(Twist.SentAtFirst::toOriginal).orElse(schedule.has(History.IDS_EXCHANGED));
            coverage.reach(Expected.PROXIES, kinds.get(i));
            edges.add(
                    switch (kinds.get(i)) {
                        case HAPROXY -> new HaProxyEdge(i, false, toActive, toOriginal, sessions, this);
                        case HAPROXY_WITH_STATE_FILE -> new HaProxyEdge(i, true, toActive, toOriginal, sessions, this);
                        case PGBOUNCER -> new PgBouncerEdge(i, toActive, toOriginal, sessions, this);
                        case HOOK -> new HookEdge(i, toActive, toOriginal, sessions, this);
                    });
        }
    }

    /** Where proxies have their files. */
    Path proxyFiles() {
        return directory.resolve("proxies");
    }

    /** The same files as a driver sees them: no two processes have more in common than the disk. */
    Path proxyFilesOf(Life driver) {
        Path mounted = directory.resolve(recordOf(driver) + "-mount");
        if (!Files.exists(mounted)) {
            try {
                Files.createSymbolicLink(mounted, proxyFiles());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return mounted;
    }

    private static void createDirectory(Path directory) {
        try {
            Files.createDirectory(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a driver's process has for its proxies. */
    ProxyEnvironment environmentOf(Life driver) {
        return new ProxyEnvironment(variable -> Optional.of(proxyPassword), driver.threads(), driver);
    }

    // ---- Events

    /** Something happens that is no driver's doing. */
    void happens(Twist.Event event, List<Life> lives) {
        if (calm) {
            return;
        }
        trace.line("EVENT", event::toString);
        coverage.reach(Expected.TWISTS, event.getClass().getSimpleName());
        if (event instanceof Twist.Canceled) {
            byHand("CANCELED");
        } else if (event instanceof Twist.HeartbeatLost) {
            liveReverseStreams().forEach(cloud::loseHeartbeat);
        } else if (event instanceof Twist.CutOverByHand) {
            cutOverByHand |= byHand("FAILING_OVER");
        } else if (event instanceof Twist.CreatedByHand) {
            createdByHand();
        } else if (event instanceof Twist.Locked locked) {
            String cluster = locked.originalPrimary() ? originalPrimaryId : activeId;
            cloud.changeCluster(cluster, spec -> spec.withState("LOCKED"));
            time.schedule(
                    () -> cloud.changeCluster(cluster, spec -> spec.withState("CREATED")),
                    locked.length().toNanos(),
                    TimeUnit.NANOSECONDS);
        } else if (event instanceof Twist.Outage storm) {
            outage = storm.kind();
            outageEnds = time.instant().plus(storm.length());
        } else if (event instanceof Twist.Dateless dateless) {
            datelessUntil = time.instant().plus(dateless.length());
        } else if (event instanceof Twist.UnknownStatus unknown) {
            unknownStatusUntil = time.instant().plus(unknown.length());
        } else if (event instanceof Twist.ClockJump jump) {
            lives.forEach(life -> life.jump(jump.by()));
        } else if (event instanceof Twist.Restart restart) {
            edge(restart.proxy()).ifPresent(edge -> {
                edge.meets(restart.badly() ? "SPOILT_RESTART" : "RESTART");
                edge.restart(restart.down(), restart.badly());
            });
        } else if (event instanceof Twist.UnfencedByHand unfenced) {
            edge(unfenced.proxy()).filter(edge -> !edge.isDown()).ifPresent(edge -> {
                edge.meets("UNFENCED_BY_HAND");
                edge.change(Optional.empty(), edge::sendToActive);
            });
        } else if (event instanceof Twist.Silence silence) {
            edge(silence.proxy()).ifPresent(edge -> {
                edge.meets("SILENCE");
                edge.silence(silence.length());
            });
        } else if (event instanceof Twist.AnswerLost lost) {
            edge(lost.proxy()).ifPresent(edge -> edge.plan(Edge.LinkFault.ANSWER_LOST, lost.command(), Duration.ZERO));
        } else if (event instanceof Twist.LateCommand late) {
            edge(late.proxy()).ifPresent(edge -> edge.plan(Edge.LinkFault.LATE, late.command(), late.by()));
        } else if (event instanceof Twist.CommandRefused refused) {
            edge(refused.proxy())
                    .ifPresent(edge -> edge.plan(Edge.LinkFault.REFUSED, refused.command(), Duration.ZERO));
        }
    }

    private Optional<Edge> edge(int number) {
        return number < edges.size() ? Optional.of(edges.get(number)) : Optional.empty();
    }

    private boolean byHand(String status) {
        for (String stream : liveReverseStreams()) {
            HttpResponse answer = console("PATCH", STREAMS + "/" + stream, "{\"status\":\"" + status + "\"}");
            trace.line("console", () -> status + " is answered with HTTP " + answer.status());
            return answer.status() == 200;
        }
        return false;
    }

    /** Whoever does so after the cutover erases the cluster that serves, which no tool can undo. */
    private void createdByHand() {
        if (isCutOver()) {
            return;
        }
        HttpResponse answer = console(
                "POST",
                STREAMS,
                "{\"primary_cluster_id\":\"" + activeId + "\",\"standby_cluster_id\":\"" + originalPrimaryId + "\"}");
        trace.line("console", () -> "a stream by hand is answered with HTTP " + answer.status());
        noteDouble();
    }

    private HttpResponse console(String method, String target, String body) {
        return cloud.handle(new HttpRequest(
                method,
                target,
                Map.of("Authorization", "Bearer " + consoleKey, "Content-Type", "application/json"),
                body.getBytes(StandardCharsets.UTF_8)));
    }

    /** From now on nothing goes wrong any more. */
    void calmDown() {
        calm = true;
        faults.clear();
        outageEnds = Instant.MIN;
        datelessUntil = Instant.MIN;
        unknownStatusUntil = Instant.MIN;
        people.calmDown();
        edges.forEach(Edge::answer);
        edges.forEach(Edge::planNothing);
        for (String cluster : List.of(originalPrimaryId, activeId)) {
            cloud.changeCluster(cluster, spec -> spec.withState("CREATED"));
        }
    }

    boolean isCalm() {
        return calm;
    }

    /** What people do when a run says that it cannot go on: all streams but the newest are canceled, clients put on A by hand. */
    void mendByHand() {
        List<String> live = liveReverseStreams();
        List<String> all = reverseStreams();
        String newest = all.isEmpty() ? "" : all.get(all.size() - 1);
        for (String stream : live) {
            if (stream.equals(newest)) {
                continue;
            }
            HttpResponse answer = console("PATCH", STREAMS + "/" + stream, "{\"status\":\"CANCELED\"}");
            trace.line("people", () -> "cancel " + stream + ": HTTP " + answer.status());
        }
        noteDouble();
        if (!isCutOver()) {
            trace.line("people", () -> "put clients on A");
            for (Edge edge : edges) {
                edge.change(Optional.empty(), edge::sendToActive);
                edge.openedItself = null;
            }
        }
    }

    // ---- The weather on the wire

    @Override
    public Duration delay(Operation operation, int occurrence) {
        if (calm) {
            return Duration.ZERO;
        }
        schedule.all(Twist.RequestFault.class)
                .filter(fault -> fault.operation() == operation && fault.occurrence() == occurrence)
                .forEach(fault -> cover(operation, fault.kind()));
        Duration delay = schedule.all(Twist.LateRequest.class)
                .filter(late -> late.operation() == operation && late.occurrence() == occurrence)
                .map(Twist.LateRequest::by)
                .findFirst()
                .orElse(Duration.ZERO);
        if (!delay.isZero()) {
            coverage.reach(Expected.TWISTS, "LateRequest");
            trace.line("EVENT", () -> operation + " arrives " + delay.toMillis() + " ms late");
        }
        return delay;
    }

    @Override
    public Optional<FaultKind> outage() {
        return time.instant().isBefore(outageEnds) ? Optional.of(outage) : Optional.empty();
    }

    private void cover(Operation operation, FaultKind fault) {
        boolean write = operation == Operation.CREATE_STREAM || operation == Operation.UPDATE_STREAM;
        coverage.reach(Expected.FAULTS, fault + (write ? " of a write" : " of a read"));
        trace.line("EVENT", () -> operation + " meets " + fault);
    }

    @Override
    public void meets(Operation operation, FaultKind fault) {
        cover(operation, fault);
        faults.on(operation, 1, Fault.of(fault));
    }

    @Override
    public Transport.Response changed(Operation operation, Transport.Response response) {
        Transport.Response changed = response;
        boolean read = operation == Operation.GET_STREAM || operation == Operation.LIST_STREAMS;
        if (read && time.instant().isBefore(unknownStatusUntil)) {
            String body = new String(response.body(), StandardCharsets.UTF_8)
                    .replace("\"status\":\"REPLICATING\"", "\"status\":\"RESTING\"")
                    .replace("\"status\":\"FAILING_OVER\"", "\"status\":\"RESTING\"");
            changed = new Transport.Response(
                    response.status(), response.headers(), body.getBytes(StandardCharsets.UTF_8), response.bodyFlaw());
        }
        if (time.instant().isBefore(datelessUntil)) {
            Map<String, String> headers = new HashMap<>(changed.headers());
            headers.keySet().removeIf(name -> name.equalsIgnoreCase("Date"));
            changed = new Transport.Response(changed.status(), headers, changed.body(), changed.bodyFlaw());
        }
        return changed;
    }

    // ---- The truth

    /** All streams from A to P, as the settings call them, the oldest first. */
    List<String> reverseStreams() {
        return cloud.streamIds(activeId, originalPrimaryId);
    }

    List<String> liveReverseStreams() {
        return reverseStreams().stream()
                .filter(stream -> switch (cloud.status(stream)) {
                    case STARTING, REPLICATING, FAILING_OVER -> true;
                    case COMPLETED, CANCELED -> false;
                })
                .toList();
    }

    /** Whether the cutover of this failback has begun, whoever asked for it. */
    private boolean isCutOver() {
        return reverseStreams().stream()
                .filter(stream -> !isOld(stream))
                .map(cloud::status)
                .anyMatch(status -> status == StreamStatus.FAILING_OVER || status == StreamStatus.COMPLETED);
    }

    /** Whether P was cut over, and another stream writes to it: only people can find out what it has. */
    boolean isErasedBesideCutover() {
        return !liveReverseStreams().isEmpty()
                && reverseStreams().stream()
                        .anyMatch(stream -> !isOld(stream) && cloud.status(stream) == StreamStatus.COMPLETED);
    }

    /** Whether a stream had ended before the failback began. */
    boolean isOld(String stream) {
        return oldStreams.contains(stream);
    }

    /** A stream may be the second live one now. */
    void noteDouble() {
        if (liveReverseStreams().size() > 1 && doubleSince == null) {
            doubleSince = time.instant();
        }
    }

    /** Since when two reverse streams are live; empty when they are not. */
    Optional<Instant> doubleSince() {
        return liveReverseStreams().size() > 1 ? Optional.ofNullable(doubleSince) : Optional.empty();
    }

    boolean hasReplicated(String stream) {
        return replicatedTime(stream).isPresent();
    }

    Duration lag(String stream) {
        return replicatedTime(stream)
                .map(replicated -> Duration.between(replicated, time.instant()))
                .orElse(Duration.ofDays(1));
    }

    private Optional<Instant> replicatedTime(String stream) {
        try {
            JsonNode shown =
                    JSON.readTree(console("GET", STREAMS + "/" + stream, "").body());
            return Optional.ofNullable(shown.get("replicated_time"))
                    .map(time -> Instant.parse(time.asText()))
                    .filter(time ->
                            time.isAfter(Instant.parse(shown.get("created_at").asText())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String nameOf(String clusterId) {
        return cloud.cluster(clusterId).name();
    }

    /** Whether no driver may ever find that P may be erased. */
    boolean rolesCannotBeProven() {
        boolean waivable = schedule.has(History.IDS_EXCHANGED)
                || schedule.has(History.NONE)
                || schedule.has(History.PLANNED_SWITCHOVER);
        return schedule.has(History.ACTIVE_ERASED)
                || schedule.has(History.ORIGINAL_IS_SOURCE)
                || schedule.has(History.HOME_ALREADY)
                || (waivable && !settings.allowUnprovenRoles() && !laterSettings.allowUnprovenRoles());
    }

    /** Whether the cutover that happened was no driver's. */
    boolean wasCutOverByOthers() {
        return cutOverByHand;
    }

    void reportLoss() {
        lossReported = true;
    }

    boolean anyLossReported() {
        return lossReported;
    }

    /** How long an approval of gate 2 can lead to a PATCH. */
    Duration approvalHolds() {
        Duration first = approvalHolds(settings);
        Duration later = approvalHolds(laterSettings);
        return first.compareTo(later) > 0 ? first : later;
    }

    private static Duration approvalHolds(Settings settings) {
        return settings.gateLimit()
                .plus(settings.fenceLimit())
                .plus(settings.drain())
                .plus(settings.proxyLimit().multipliedBy(2))
                .plus(settings.cutoverLimit())
                .plusMinutes(3);
    }

    /** Whether somebody wants to cut over to a time, which gives up what was written since. */
    boolean goesBackInTime() {
        return settings.failoverAt() != null || laterSettings.failoverAt() != null;
    }

    // ---- Drivers

    void born(Life life, String record, Settings its) {
        records.put(life, record);
        settingsOfLives.put(life, its);
    }

    String recordOf(Life life) {
        return records.get(life);
    }

    Settings settings(Life life) {
        return settingsOfLives.get(life);
    }

    /** A driver has seen the cloud and the proxies. */
    void looked(Life life) {
        firstLooks.putIfAbsent(life, time.instant());
    }

    /**
     * From when on one of the drivers that were at work then has looked; empty when all are dead, or at a gate, or could not read the
     * cloud yet since they were started: what they find then they may have to ask about.
     */
    Optional<Instant> watchedAgain(Instant instant) {
        return records.keySet().stream()
                .filter(life -> life.isAlive() && !life.born().isAfter(instant))
                .filter(life -> firstLooks.containsKey(life) && !people.areAskedBy(life))
                .map(life -> latest(
                        instant, firstLooks.get(life), people.answered(life).orElse(instant)))
                .min(Comparator.naturalOrder());
    }

    private static Instant latest(Instant... instants) {
        return Collections.max(List.of(instants));
    }

    /** Whether drivers with another record than this one's have ever been at work. */
    boolean others(Life life) {
        return records.values().stream().anyMatch(record -> !record.equals(recordOf(life)));
    }
}
