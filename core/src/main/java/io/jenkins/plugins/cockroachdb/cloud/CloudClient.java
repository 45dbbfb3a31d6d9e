package io.jenkins.plugins.cockroachdb.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The client of the Cloud API over any {@link Transport}. Immutable and thread-safe. */
public final class CloudClient implements CloudApi {

    private static final String CLUSTERS = "/api/v1/clusters";
    private static final String STREAMS = "/api/v1/physical-replication-streams";

    private static final int MOST_PAGES = 1000;

    /** Ids are UUIDs; what is let through cannot change the path ("..") or the query, and no key has this length. */
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private final Sender sender;
    private final RequestBudget.Urgency reads;

    private CloudClient(Sender sender, RequestBudget.Urgency reads) {
        this.sender = sender;
        this.reads = reads;
    }

    /**
     * @param url where the API is
     * @param keys asked for the key for every single request, so that a rotated key holds at once; must be quick. If it
     *     throws or gives null, the call ends with {@link CloudException.KeyMissing} and the exception's message
     * @param transport moves the requests
     * @param timer runs time-outs, pauses and the budget; its tasks are short
     */
    public static Builder builder(
            ApiUrl url, Supplier<ApiKey> keys, Transport transport, ScheduledExecutorService timer) {
        return new Builder(url, keys, transport, timer);
    }

    /** Collects what a client is made of. */
    public static final class Builder {
        private final ApiUrl url;
        private final Supplier<ApiKey> keys;
        private final Transport transport;
        private final ScheduledExecutorService timer;
        private RequestBudget budget;
        private RetryPolicy policy = RetryPolicy.DEFAULT;
        private InstantSource clock = InstantSource.system();
        // Not the default generator: it is looked for by the thread's class loader, and not every one of Jenkins' finds
        // it.
        private RandomGenerator random = new Random();

        private Builder(ApiUrl url, Supplier<ApiKey> keys, Transport transport, ScheduledExecutorService timer) {
            this.url = url;
            this.keys = keys;
            this.transport = transport;
            this.timer = timer;
            this.budget = new RequestBudget(timer);
        }

        /** The budget of this key, shared by all who use it; a new one by default. */
        public Builder budget(RequestBudget budget) {
            this.budget = budget;
            return this;
        }

        public Builder policy(RetryPolicy policy) {
            this.policy = policy;
            return this;
        }

        /** Our clock, for the times of an {@link Answer}; the system's by default. */
        public Builder clock(InstantSource clock) {
            this.clock = clock;
            return this;
        }

        /** Where the jitter of retries comes from. */
        public Builder random(RandomGenerator random) {
            this.random = random;
            return this;
        }

        public CloudClient build() {
            return new CloudClient(
                    new Sender(url, keys, transport, budget, policy, clock, timer, random), RequestBudget.Urgency.READ);
        }
    }

    /** The same client with its reads behind everybody else's, for polling. */
    CloudClient inBackground() {
        return new CloudClient(sender, RequestBudget.Urgency.BACKGROUND);
    }

    RequestBudget budget() {
        return sender.budget();
    }

    @Override
    public CompletableFuture<Answer<Organization>> organization() {
        return read(Operation.GET_ORGANIZATION, "", "/api/v1/organization", Json::organization);
    }

    @Override
    public CompletableFuture<Answer<List<Cluster>>> clusters() {
        return readPages(Operation.LIST_CLUSTERS, "", CLUSTERS, Map.of(), "clusters", Json::cluster, page -> {});
    }

    @Override
    public CompletableFuture<Answer<Cluster>> cluster(String clusterId) {
        return read(
                Operation.GET_CLUSTER,
                clusterId,
                CLUSTERS + "/" + checked("cluster", clusterId),
                node -> about(clusterId, Json.cluster(node)));
    }

    @Override
    public CompletableFuture<Answer<List<ClusterNode>>> nodes(String clusterId) {
        String path = CLUSTERS + "/" + checked("cluster", clusterId) + "/nodes";
        return readPages(Operation.LIST_NODES, clusterId, path, Map.of(), "nodes", Json::node, page -> {});
    }

    @Override
    public CompletableFuture<Answer<Disruption>> disruption(String clusterId) {
        String path = CLUSTERS + "/" + checked("cluster", clusterId) + "/disrupt";
        return read(Operation.GET_DISRUPTION, clusterId, path, Json::disruption);
    }

    @Override
    public CompletableFuture<Answer<List<ReplicationStream>>> streams(StreamFilter filter) {
        return streams(filter, page -> {});
    }

    /** As {@link #streams(StreamFilter)}, with every page shown as soon as it is there. */
    CompletableFuture<Answer<List<ReplicationStream>>> streams(
            StreamFilter filter, Consumer<Answer<List<ReplicationStream>>> onPage) {
        Map<String, String> query = new LinkedHashMap<>();
        putId(query, "primary_cluster_id", filter.primaryClusterId());
        putId(query, "standby_cluster_id", filter.standbyClusterId());
        putId(query, "cluster_id", filter.clusterId());
        if (filter.withCompleted()) {
            query.put("show_completed", "true");
        }
        return readPages(
                Operation.LIST_STREAMS, "", STREAMS, query, "physical_replication_streams", Json::stream, onPage);
    }

    @Override
    public CompletableFuture<Answer<ReplicationStream>> stream(String streamId) {
        return read(
                Operation.GET_STREAM,
                streamId,
                STREAMS + "/" + checked("stream", streamId),
                node -> about(streamId, Json.stream(node)));
    }

    @Override
    public CompletableFuture<Answer<ReplicationStream>> createStream(NewStream stream) {
        checked("cluster", stream.primaryClusterId());
        checked("cluster", stream.standbyClusterId());
        String resource = "from cluster " + stream.primaryClusterId() + " to cluster " + stream.standbyClusterId();
        return write(Operation.CREATE_STREAM, resource, "POST", STREAMS, Json.body(stream), node -> {
            ReplicationStream created = Json.stream(node);
            boolean asked = isSame(stream.primaryClusterId(), created.primaryClusterId())
                    && isSame(stream.standbyClusterId(), created.standbyClusterId());
            return asked ? created : notAbout("a stream between these clusters");
        });
    }

    @Override
    public CompletableFuture<Answer<ReplicationStream>> updateStream(String streamId, StreamUpdate update) {
        String path = STREAMS + "/" + checked("stream", streamId);
        String resource = streamId + " to " + update.status();
        return write(
                Operation.UPDATE_STREAM,
                resource,
                "PATCH",
                path,
                Json.body(update),
                node -> about(streamId, Json.stream(node)));
    }

    // An answer to somebody else's question must not be judged: a cache or proxy on the way may mix them up.

    private static Cluster about(String id, Cluster cluster) {
        return isSame(id, cluster.id()) ? cluster : notAbout("cluster " + id);
    }

    private static ReplicationStream about(String id, ReplicationStream stream) {
        return isSame(id, stream.id()) ? stream : notAbout("stream " + id);
    }

    private static boolean isSame(String asked, String answered) {
        return asked.equalsIgnoreCase(answered);
    }

    private static <T> T notAbout(String what) {
        throw new Json.Unexpected("is not about " + what);
    }

    private CompletableFuture<Answer<ReplicationStream>> write(
            Operation operation,
            String resource,
            String method,
            String path,
            byte[] body,
            Function<JsonNode, ReplicationStream> reading) {
        return sender.send(operation, resource, method, path, body, RequestBudget.Urgency.WRITE, reading);
    }

    private <T> CompletableFuture<Answer<T>> read(
            Operation operation, String resource, String path, Function<JsonNode, T> reading) {
        return sender.send(operation, resource, "GET", path, null, reads, reading);
    }

    private <T> CompletableFuture<Answer<List<T>>> readPages(
            Operation operation,
            String resource,
            String path,
            Map<String, String> query,
            String listField,
            Function<JsonNode, T> element,
            Consumer<Answer<List<T>>> onPage) {
        Pages<T> pages = new Pages<>(operation, resource, path, query, listField, element, onPage);
        pages.read(null);
        return pages.result;
    }

    /** Follows a list to its end. */
    private final class Pages<T> {
        private final Operation operation;
        private final String resource;
        private final String path;
        private final Map<String, String> query;
        private final String listField;
        private final Function<JsonNode, T> element;
        private final Consumer<Answer<List<T>>> onPage;

        private final CompletableFuture<Answer<List<T>>> result = new CompletableFuture<>();
        private final List<T> elements = new ArrayList<>();
        private final Set<String> seen = new HashSet<>();
        private Answer<?> first;

        Pages(
                Operation operation,
                String resource,
                String path,
                Map<String, String> query,
                String listField,
                Function<JsonNode, T> element,
                Consumer<Answer<List<T>>> onPage) {
            this.operation = operation;
            this.resource = resource;
            this.path = path;
            this.query = new LinkedHashMap<>(query);
            this.listField = listField;
            this.element = element;
            this.onPage = onPage;
        }

        void read(String token) {
            if (token != null) {
                query.put("pagination.page", token);
            }
            CompletableFuture<Answer<Json.Page<T>>> page =
                    CloudClient.this.read(operation, resource, path + queryString(query), this::page);
            result.whenComplete((all, failure) -> page.cancel(true));
            page.whenComplete((answer, failure) -> {
                if (failure != null) {
                    result.completeExceptionally(unwrapped(failure));
                } else {
                    add(answer);
                }
            });
        }

        /** A server that always names a next page, an old one or a new one, would keep us here for ever. */
        private Json.Page<T> page(JsonNode node) {
            Json.Page<T> page = Json.Page.read(node, listField, element);
            if (seen.size() == MOST_PAGES) {
                throw new Json.Unexpected("goes on after " + MOST_PAGES + " pages");
            }
            if (page.next() != null && !seen.add(page.next())) {
                throw new Json.Unexpected("names a next page that it named before");
            }
            return page;
        }

        private void add(Answer<Json.Page<T>> answer) {
            try {
                if (first == null) {
                    first = answer;
                }
                elements.addAll(answer.value().elements());
                onPage.accept(answer.map(Json.Page::elements));
            } catch (Throwable theirs) {
                result.completeExceptionally(theirs); // or the list would never end
                return;
            }
            if (answer.value().next() != null) {
                read(answer.value().next());
            } else {
                List<T> all = List.copyOf(elements);
                result.complete(new Answer<>(all, first.cloudTime(), first.sentAt(), answer.receivedAt()));
            }
        }
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException ? failure.getCause() : failure;
    }

    private static void putId(Map<String, String> query, String name, String clusterId) {
        if (clusterId != null) {
            query.put(name, checked("cluster", clusterId));
        }
    }

    private static String queryString(Map<String, String> query) {
        return query.isEmpty()
                ? ""
                : query.entrySet().stream()
                        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&", "?", ""));
    }

    /** Whether it can be the id of a cluster or stream; null cannot. */
    public static boolean isId(String text) {
        return text != null && ID.matcher(text).matches();
    }

    static String checked(String what, String id) {
        if (!isId(id)) {
            throw new IllegalArgumentException("\"" + Redaction.line(String.valueOf(id), null)
                    + "\" is not the id of a " + what + ". Nothing was sent. Copy the id from the Cloud Console.");
        }
        return id;
    }
}
