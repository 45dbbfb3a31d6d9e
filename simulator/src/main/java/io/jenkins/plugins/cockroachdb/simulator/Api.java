package io.jenkins.plugins.cockroachdb.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The cloud's HTTP face: who may ask, whether the question is well formed, and the answer's document. */
final class Api {

    private static final String VERSION = "2024-09-16";
    private static final Duration FARTHEST_FAILOVER = Duration.ofHours(1);
    private static final Set<String> INACTIVE = Set.of("DELETED", "CREATION_FAILED");

    private final SimulatedCloud cloud;
    private final Responder responder;

    Api(SimulatedCloud cloud, Responder responder) {
        this.cloud = cloud;
        this.responder = responder;
    }

    HttpResponse answer(HttpRequest request) {
        try {
            return responder.json(200, result(request));
        } catch (ApiException e) {
            Map<String, String> headers = e.status() == 429 ? Map.of("Retry-After", "1") : Map.of();
            return responder.error(e.status(), e.code(), e.getMessage(), headers);
        }
    }

    private ObjectNode result(HttpRequest request) {
        ApiKey key = request.bearer().flatMap(cloud::key).orElseThrow(ApiException::unauthenticated);
        if (!key.admit(cloud.now(), cloud.settings().rateLimitPerSecond())) {
            throw ApiException.exhausted(
                    "more than " + cloud.settings().rateLimitPerSecond() + " requests in a second");
        }
        request.header("Cc-Version").filter(version -> !version.equals(VERSION)).ifPresent(version -> {
            throw ApiException.invalid("unknown Cc-Version " + version + ", only " + VERSION + " is known");
        });
        Route route = Route.of(request)
                .orElseThrow(() -> ApiException.notFound("no such call: " + request.method() + " " + request.path()));
        Query query = new Query(request.query());
        return switch (route.operation()) {
            case GET_ORGANIZATION -> organization(query);
            case LIST_CLUSTERS -> listClusters(key, query);
            case GET_CLUSTER -> getCluster(key, route.id(), query);
            case LIST_NODES -> listNodes(key, route.id(), query);
            case GET_DISRUPTION -> getDisruption(key, route.id(), query);
            case LIST_STREAMS -> listStreams(key, query);
            case GET_STREAM -> getStream(key, route.id(), query);
            case CREATE_STREAM -> createStream(key, query, request);
            case UPDATE_STREAM -> updateStream(key, route.id(), query, request);
        };
    }

    private ObjectNode organization(Query query) {
        query.end();
        return Documents.organization();
    }

    private enum ClusterOrder {
        NAME,
        CREATED_AT,
        DELETED_AT
    }

    private ObjectNode listClusters(ApiKey key, Query query) {
        boolean inactive = query.flag("show_inactive");
        ClusterOrder order =
                query.word("pagination.sort_by", ClusterOrder.class).orElse(ClusterOrder.NAME);
        Instant at = pageTime(query);
        Page.Wanted wanted = wanted(query);
        query.end();
        NavigableMap<Key, ClusterSpec> list = new TreeMap<>();
        for (ClusterSpec cluster : cloud.clusters(at)) {
            list.put(
                    order == ClusterOrder.NAME
                            ? new Key(cluster.name(), cluster.id())
                            : Key.of(cluster.createdAt(), cluster.id()),
                    cluster);
        }
        Predicate<ClusterSpec> shown =
                cluster -> key.sees(cluster.id()) && (inactive || !INACTIVE.contains(cluster.state()));
        return Documents.page("clusters", Page.of(list, shown, wanted), Documents::cluster);
    }

    private ObjectNode getCluster(ApiKey key, String id, Query query) {
        query.end();
        return Documents.cluster(readable(key, cloud.cluster(id, readTime())));
    }

    private ObjectNode listNodes(ApiKey key, String id, Query query) {
        Optional<String> region = query.text("region_name");
        Instant at = pageTime(query);
        Page.Wanted wanted = wanted(query);
        query.end();
        NavigableMap<Key, ClusterSpec.Node> list = readable(key, cloud.cluster(id, at)).nodes().stream()
                .collect(Collectors.toMap(
                        node -> new Key(node.region(), node.name()), node -> node, (a, b) -> b, TreeMap::new));
        Predicate<ClusterSpec.Node> shown =
                node -> region.isEmpty() || region.get().equals(node.region());
        return Documents.page("nodes", Page.of(list, shown, wanted), Documents::node);
    }

    private ObjectNode getDisruption(ApiKey key, String id, Query query) {
        query.end();
        ClusterSpec cluster = readable(key, cloud.cluster(id, readTime()));
        if (key.role(id).filter(Role.CLUSTER_DEVELOPER::equals).isPresent()) {
            throw ApiException.forbidden("reading a disruption needs CLUSTER_ADMIN or CLUSTER_OPERATOR_WRITER");
        }
        return Documents.disruption(cluster);
    }

    private ObjectNode listStreams(ApiKey key, Query query) {
        Optional<String> primary = query.text("primary_cluster_id");
        Optional<String> standby = query.text("standby_cluster_id");
        Optional<String> either = query.text("cluster_id");
        boolean completed = query.flag("show_completed");
        Instant at = pageTime(query);
        Page.Wanted wanted = wanted(query);
        query.end();
        Predicate<SimulatedCloud.Slot> shown = slot -> {
            ReplicationStream stream = slot.stream();
            return stream.existsAt(at)
                    && primary.filter(id -> !id.equals(stream.primaryId())).isEmpty()
                    && standby.filter(id -> !id.equals(stream.standbyId())).isEmpty()
                    && either.filter(id -> !id.equals(stream.primaryId()) && !id.equals(stream.standbyId()))
                            .isEmpty()
                    && (completed || stream.status(at) != StreamStatus.COMPLETED)
                    && sees(key, stream);
        };
        NavigableMap<Key, SimulatedCloud.Slot> list =
                cloud.streams(either.or(() -> primary).or(() -> standby));
        return Documents.page(
                "physical_replication_streams",
                Page.of(list, shown, wanted),
                slot -> Documents.stream(slot.stream(), at));
    }

    private ObjectNode getStream(ApiKey key, String id, Query query) {
        query.end();
        Instant at = readTime();
        ReplicationStream stream = cloud.stream(id);
        if (!stream.existsAt(at)) {
            throw SimulatedCloud.noStream(id);
        }
        if (!sees(key, stream)) {
            throw ApiException.forbidden("the key has no role on either cluster of stream " + id);
        }
        return Documents.stream(stream, at);
    }

    private ObjectNode createStream(ApiKey key, Query query, HttpRequest request) {
        query.end();
        RequestBody body = new RequestBody(request);
        String primaryId = body.required("primary_cluster_id");
        String standbyId = body.required("standby_cluster_id");
        body.end();
        ClusterSpec primary = cloud.cluster(primaryId, cloud.now());
        ClusterSpec standby = cloud.cluster(standbyId, cloud.now());
        if (!key.administers(primaryId) || !key.administers(standbyId)) {
            throw ApiException.forbidden("creating a replication stream needs CLUSTER_ADMIN on both clusters");
        }
        Admission.check(primary, standby);
        return answered(cloud.create(primaryId, standbyId));
    }

    private ObjectNode updateStream(ApiKey key, String id, Query query, HttpRequest request) {
        query.end();
        RequestBody body = new RequestBody(request);
        StreamStatus target = status(body.required("status"));
        Instant failoverAt = body.text("failover_at")
                .map(text -> Query.time("failover_at", text))
                .orElse(null);
        body.end();
        ReplicationStream stream = cloud.stream(id);
        if (!key.administers(stream.primaryId()) && !key.administers(stream.standbyId())) {
            throw ApiException.forbidden("updating a replication stream needs CLUSTER_ADMIN on one of its clusters");
        }
        StreamStatus current = stream.admissionStatus(cloud.now());
        if (current != StreamStatus.REPLICATING) {
            throw ApiException.precondition("stream " + id + " is " + current + " and cannot become " + target
                    + ": only a stream that is REPLICATING can be updated");
        }
        return switch (target) {
            case CANCELED -> answered(cloud.cancel(id));
            case FAILING_OVER -> {
                checkFailoverAt(stream, failoverAt);
                yield answered(cloud.cutOver(id, failoverAt));
            }
            default -> throw ApiException.precondition(
                    "a stream cannot be set to " + target + ", only to FAILING_OVER or CANCELED");
        };
    }

    private void checkFailoverAt(ReplicationStream stream, Instant failoverAt) {
        if (failoverAt == null) {
            return;
        }
        Instant now = cloud.now();
        if (failoverAt.isAfter(now.plus(FARTHEST_FAILOVER))) {
            throw ApiException.invalid("failover_at " + failoverAt + " is more than one hour ahead");
        }
        Instant retained = stream.retainedTime(now);
        if (failoverAt.isBefore(retained)) {
            throw ApiException.invalid("failover_at " + failoverAt + " is before retained_time " + retained);
        }
    }

    private static StreamStatus status(String word) {
        return Arrays.stream(StreamStatus.values())
                .filter(status -> status.name().equals(word))
                .findFirst()
                .orElseThrow(() -> ApiException.invalid("unknown status: " + word));
    }

    /** A write is answered with the stream as it is once the write has taken effect. */
    private ObjectNode answered(ReplicationStream stream) {
        return Documents.stream(stream, cloud.now().plus(cloud.settings().effectDelay()));
    }

    private static ClusterSpec readable(ApiKey key, ClusterSpec cluster) {
        if (!key.sees(cluster.id())) {
            throw ApiException.forbidden("the key has no role on cluster " + cluster.id());
        }
        return cluster;
    }

    private static boolean sees(ApiKey key, ReplicationStream stream) {
        return key.sees(stream.primaryId()) || key.sees(stream.standbyId());
    }

    /** The instant whose state reads show. */
    private Instant readTime() {
        return cloud.now().minus(cloud.settings().staleness());
    }

    /** The instant whose state a list shows. */
    private Instant pageTime(Query query) {
        Instant readTime = readTime();
        Instant asOf = query.time("pagination.as_of_time").orElse(readTime);
        if (asOf.isAfter(cloud.now())) {
            throw ApiException.invalid("pagination.as_of_time is in the future: " + asOf);
        }
        return asOf.isBefore(readTime) ? asOf : readTime;
    }

    private enum SortOrder {
        ASC,
        DESC
    }

    private Page.Wanted wanted(Query query) {
        CloudSettings settings = cloud.settings();
        return new Page.Wanted(
                query.text("pagination.page").map(Key::ofToken),
                Math.min(query.positive("pagination.limit").orElse(settings.pageLimit()), settings.maxPageLimit()),
                query.word("pagination.sort_order", SortOrder.class)
                        .filter(SortOrder.DESC::equals)
                        .isPresent());
    }
}
