package io.jenkins.plugins.cockroachdb.simulator;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * The state of a simulated cloud: clusters with their data, replication streams, API keys. It answers requests with
 * {@link #handle}, and tests populate, change and inspect it directly; what the inspecting methods show is the truth now,
 * whatever {@link CloudSettings#staleness()} makes reads show.
 *
 * <p>Nothing here waits or is scheduled: what is true at an instant follows from the recorded facts and the clock. Safe for
 * use by several threads. Methods that name a cluster or stream throw {@link NoSuchElementException} if there is none.
 */
public final class SimulatedCloud {

    private final InstantSource clock;
    private final CloudSettings settings;
    private final Responder responder;
    private final Api api;
    private final Map<String, ApiKey> keys = new HashMap<>();
    private final Map<String, Cluster> clusters = new LinkedHashMap<>();
    private final Map<String, Slot> streamsById = new HashMap<>();
    private final NavigableMap<Key, Slot> streams = new TreeMap<>();
    private final Set<String> toldOf = new HashSet<>();
    private Consumer<String> onCompleted; // null as long as nobody wants to be told

    /**
     * A cloud with nothing in it.
     *
     * @param clock the cloud's time, real or virtual; the clients' clocks may differ from it
     * @param settings how it behaves
     */
    public SimulatedCloud(InstantSource clock, CloudSettings settings) {
        this.clock = Objects.requireNonNull(clock, "clock");
        this.settings = Objects.requireNonNull(settings, "settings");
        responder = new Responder(clock);
        api = new Api(this, responder);
    }

    /**
     * A cloud as a failover has left it: {@code orders-east} was the primary, {@code orders-west} serves since two days ago,
     * and the stream between them is COMPLETED.
     *
     * @param clock the cloud's time
     * @param settings how it behaves
     * @param random where key and ids come from: seeded for a run that can be repeated, secure for one that others can reach
     */
    public static Scene afterFailover(InstantSource clock, CloudSettings settings, RandomGenerator random) {
        SimulatedCloud cloud = new SimulatedCloud(clock, settings);
        ClusterSpec east = ClusterSpec.of("orders-east", "us-east-1").withId(randomId(random));
        ClusterSpec west = ClusterSpec.of("orders-west", "us-west-2").withId(randomId(random));
        String key = randomKey(random);
        cloud.addCluster(east);
        cloud.addCluster(west);
        cloud.addKey(key, Role.CLUSTER_ADMIN);
        Instant now = clock.instant();
        cloud.addStream(StreamSpec.completed(
                east.id(), west.id(), now.minus(Duration.ofDays(21)), now.minus(Duration.ofDays(2))));
        return new Scene(cloud, key, east.id(), west.id());
    }

    /** A key that looks like a real one: {@code CCDB1_}, 22 letters and digits, {@code _}, and 40 more. */
    public static String randomKey(RandomGenerator random) {
        return "CCDB1_" + randomText(random, 22) + "_" + randomText(random, 40);
    }

    private static String randomText(RandomGenerator random, int length) {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        return random.ints(length, 0, alphabet.length())
                .collect(StringBuilder::new, (text, i) -> text.append(alphabet.charAt(i)), StringBuilder::append)
                .toString();
    }

    private static String randomId(RandomGenerator random) {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return UUID.nameUUIDFromBytes(bytes).toString();
    }

    /** Answers a request as the API does, with its effect; see {@link SimulatedEndpoint} for a wire that has faults. */
    public synchronized HttpResponse handle(HttpRequest request) {
        HttpResponse response = api.answer(request);
        tellWhatIsCompleted();
        return response;
    }

    /**
     * Has somebody told of every stream that is completed from now on, by its id and once: with the first request after that,
     * before its answer, so that nobody knows earlier. For whoever plays the clusters with servers of their own.
     */
    public synchronized void onCompleted(Consumer<String> told) {
        onCompleted = id -> {}; // what is completed already is past
        tellWhatIsCompleted();
        onCompleted = Objects.requireNonNull(told, "told");
    }

    private void tellWhatIsCompleted() {
        if (onCompleted == null) {
            return;
        }
        for (String id : streamsById.keySet()) {
            if (status(id) == StreamStatus.COMPLETED && toldOf.add(id)) {
                onCompleted.accept(id);
            }
        }
    }

    /** How the cloud behaves. */
    public CloudSettings settings() {
        return settings;
    }

    /**
     * Adds a cluster, without data.
     *
     * @throws IllegalArgumentException if there is one with this id
     */
    public synchronized void addCluster(ClusterSpec cluster) {
        if (clusters.putIfAbsent(cluster.id(), new Cluster(cluster)) != null) {
            throw new IllegalArgumentException("there is a cluster with the id " + cluster.id());
        }
    }

    /** What a cluster is now. */
    public synchronized ClusterSpec cluster(String clusterId) {
        return existing(clusterId).at(now());
    }

    /** Changes a cluster from now on; its id stays. */
    public synchronized void changeCluster(String clusterId, UnaryOperator<ClusterSpec> change) {
        Cluster cluster = existing(clusterId);
        cluster.versions.put(now(), change.apply(cluster.at(now())).withId(clusterId));
    }

    /** Lets a key in, with the same role on every cluster, those added later included. */
    public synchronized void addKey(String key, Role role) {
        keys.put(key, new ApiKey(clusterId -> Optional.of(role)));
    }

    /** Lets a key in, with a role on each of some clusters, by id, and none on the others. */
    public synchronized void addKey(String key, Map<String, Role> roles) {
        Map<String, Role> copy = Map.copyOf(roles);
        keys.put(key, new ApiKey(clusterId -> Optional.ofNullable(copy.get(clusterId))));
    }

    /** Lets a key in no more. */
    public synchronized void revokeKey(String key) {
        keys.remove(key);
    }

    /**
     * Plants a stream with its history, unchecked: also one that the API would refuse.
     *
     * @return its id
     * @throws IllegalArgumentException if it is of the future
     */
    public synchronized String addStream(StreamSpec spec) {
        if (spec.createdAt().isAfter(now())) {
            throw new IllegalArgumentException("a stream cannot have been created in the future");
        }
        existing(spec.primaryId());
        existing(spec.standbyId());
        ReplicationStream stream = ReplicationStream.begun(
                nextStreamId(), spec.primaryId(), spec.standbyId(), spec.createdAt(), spec.createdAt(), settings);
        if (spec.activatedAt() != null) {
            stream = stream.withCutover(spec.activatedAt().minus(settings.revert()), null);
        }
        if (spec.canceledAt() != null) {
            stream = stream.withCanceledByRequestAt(spec.canceledAt());
        }
        add(stream);
        return stream.id();
    }

    /** The ids of all streams from one cluster to another, whatever their status, the oldest first. */
    public synchronized List<String> streamIds(String primaryId, String standbyId) {
        existing(standbyId);
        return existing(primaryId).streams.values().stream()
                .map(Slot::stream)
                .filter(stream -> stream.primaryId().equals(primaryId)
                        && stream.standbyId().equals(standbyId))
                .map(ReplicationStream::id)
                .toList();
    }

    /** The status of a stream as every request that was answered has made it, also if reads do not show it yet. */
    public synchronized StreamStatus status(String streamId) {
        return slot(streamId).stream.admissionStatus(now());
    }

    /**
     * The point at which the standby's data stand when the stream is COMPLETED: it has exactly the primary's writes at or
     * before it. The year 1 if the cutover found nothing replicated; empty if there is no cutover, or none that can end.
     */
    public synchronized Optional<Instant> cutoverPoint(String streamId) {
        return slot(streamId).stream.cutoverPoint();
    }

    /** Lets the primary fall silent: nothing more is replicated, and in time the stream is canceled. */
    public synchronized void loseHeartbeat(String streamId) {
        Slot slot = slot(streamId);
        slot.stream = slot.stream.withHeartbeatLostAt(now());
    }

    /**
     * Writes to a cluster.
     *
     * @return whether the cluster acknowledged it: not while it is the standby of a live stream, and not after such a stream
     *     was canceled
     */
    public synchronized boolean write(String clusterId, String value) {
        Cluster cluster = existing(clusterId);
        boolean writable = newestStreamInto(clusterId, now())
                .filter(stream -> stream.status(now()) != StreamStatus.COMPLETED)
                .isEmpty();
        if (writable) {
            cluster.writes.add(new Write(now(), value));
        }
        return writable;
    }

    /** What a cluster holds now, its own writes and those replicated to it, the oldest first. */
    public synchronized List<Write> writes(String clusterId) {
        return List.copyOf(data(clusterId, now()));
    }

    Instant now() {
        return clock.instant();
    }

    Responder responder() {
        return responder;
    }

    Optional<ApiKey> key(String key) {
        return Optional.ofNullable(keys.get(key));
    }

    List<ClusterSpec> clusters(Instant at) {
        return clusters.values().stream().map(cluster -> cluster.at(at)).toList();
    }

    /**
     * A cluster as it was at an instant.
     *
     * @throws ApiException if there is none
     */
    ClusterSpec cluster(String clusterId, Instant at) {
        return Optional.ofNullable(clusters.get(clusterId))
                .orElseThrow(() -> ApiException.notFound("no such cluster: " + clusterId))
                .at(at);
    }

    /** The streams that touch a cluster, or all streams, in the order of their creation. */
    NavigableMap<Key, Slot> streams(Optional<String> clusterId) {
        return clusterId
                .map(id -> clusters.containsKey(id) ? clusters.get(id).streams : new TreeMap<Key, Slot>())
                .orElse(streams);
    }

    /**
     * A stream, also one that reads do not show yet.
     *
     * @throws ApiException if there is none
     */
    ReplicationStream stream(String streamId) {
        return Optional.ofNullable(streamsById.get(streamId)).orElseThrow(() -> noStream(streamId)).stream;
    }

    static ApiException noStream(String streamId) {
        return ApiException.notFound("no such replication stream: " + streamId);
    }

    /**
     * Creates a stream between clusters that may replicate.
     *
     * @throws ApiException if the pair has a live one and may not have two
     */
    ReplicationStream create(String primaryId, String standbyId) {
        if (settings.refuseSecondLiveStream()) {
            clusters.get(primaryId).streams.values().stream()
                    .map(Slot::stream)
                    .filter(stream -> stream.primaryId().equals(standbyId)
                            || stream.standbyId().equals(standbyId))
                    .filter(stream -> stream.admissionStatus(now()).isLive())
                    .findFirst()
                    .ifPresent(live -> {
                        throw ApiException.precondition("the clusters have a replication stream already: " + live.id()
                                + " is " + live.admissionStatus(now()));
                    });
        }
        return add(ReplicationStream.begun(nextStreamId(), primaryId, standbyId, now(), effectTime(), settings));
    }

    /** Cuts a stream over; null is the latest time. */
    ReplicationStream cutOver(String streamId, Instant failoverAt) {
        Slot slot = streamsById.get(streamId);
        slot.stream = slot.stream.withCutover(effectTime(), failoverAt);
        return slot.stream;
    }

    /** Cancels a stream. */
    ReplicationStream cancel(String streamId) {
        Slot slot = streamsById.get(streamId);
        slot.stream = slot.stream.withCanceledByRequestAt(effectTime());
        return slot.stream;
    }

    private Instant effectTime() {
        return now().plus(settings.effectDelay());
    }

    private String nextStreamId() {
        return UUID.nameUUIDFromBytes(("stream " + streams.size()).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    private ReplicationStream add(ReplicationStream stream) {
        Slot slot = new Slot(stream);
        Key key = Key.of(stream.createdAt(), stream.id());
        streams.put(key, slot);
        streamsById.put(stream.id(), slot);
        clusters.get(stream.primaryId()).streams.put(key, slot);
        clusters.get(stream.standbyId()).streams.put(key, slot);
        return stream;
    }

    /**
     * What a cluster holds at an instant. A stream into it erased what it had; a completed one gave it what the primary had
     * at the cutover point; whatever it acknowledged after that is its own.
     */
    private List<Write> data(String clusterId, Instant at) {
        List<Write> own = clusters.get(clusterId).writes;
        Optional<ReplicationStream> newest = newestStreamInto(clusterId, at);
        if (newest.isEmpty()) {
            return own.stream().filter(write -> !write.at().isAfter(at)).toList();
        }
        ReplicationStream stream = newest.get();
        if (stream.status(at) != StreamStatus.COMPLETED) {
            return List.of();
        }
        List<Write> data =
                new ArrayList<>(data(stream.primaryId(), stream.cutoverPoint().orElseThrow()));
        own.stream()
                .filter(write -> !write.at().isBefore(stream.activatedAt())
                        && !write.at().isAfter(at))
                .forEach(data::add);
        return data;
    }

    private Optional<ReplicationStream> newestStreamInto(String clusterId, Instant at) {
        return clusters.get(clusterId).streams.descendingMap().values().stream()
                .map(Slot::stream)
                .filter(stream -> stream.standbyId().equals(clusterId) && stream.existsAt(at))
                .findFirst();
    }

    private Cluster existing(String clusterId) {
        return Optional.ofNullable(clusters.get(clusterId))
                .orElseThrow(() -> new NoSuchElementException("no such cluster: " + clusterId));
    }

    private Slot slot(String streamId) {
        return Optional.ofNullable(streamsById.get(streamId))
                .orElseThrow(() -> new NoSuchElementException("no such stream: " + streamId));
    }

    /** Where a stream's facts are kept, shared by every index. */
    static final class Slot {
        private ReplicationStream stream;

        private Slot(ReplicationStream stream) {
            this.stream = stream;
        }

        ReplicationStream stream() {
            return stream;
        }
    }

    /** A cluster with its past, its own writes, and the streams that touch it. */
    private static final class Cluster {
        private final NavigableMap<Instant, ClusterSpec> versions = new TreeMap<>();
        private final List<Write> writes = new ArrayList<>();
        private final NavigableMap<Key, Slot> streams = new TreeMap<>();

        Cluster(ClusterSpec first) {
            versions.put(Instant.MIN, first);
        }

        ClusterSpec at(Instant instant) {
            return versions.floorEntry(instant).getValue();
        }
    }
}
