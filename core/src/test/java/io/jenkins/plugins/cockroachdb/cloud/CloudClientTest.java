package io.jenkins.plugins.cockroachdb.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.ClusterSpec;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.ReceivedRequest;
import io.jenkins.plugins.cockroachdb.simulator.Role;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class CloudClientTest {

    private final SimulatedWorld world = new SimulatedWorld();
    private final CloudClient client = world.client;
    private final String original = world.scene.originalPrimaryId();
    private final String active = world.scene.activeId();

    @Test
    void tellsWhoTheKeyBelongsTo() {
        Organization organization = world.get(client.organization());

        assertThat(organization.name()).isNotBlank();
        assertThat(organization.id()).isNotBlank();
    }

    @Test
    void readsAClusterWithTheFactsThatAFailbackNeeds() {
        Cluster cluster = world.get(client.cluster(original));

        assertThat(cluster.id()).isEqualTo(original);
        assertThat(cluster.state()).isEqualTo("CREATED");
        assertThat(cluster.plan()).isEqualTo("ADVANCED");
        assertThat(cluster.cloudProvider()).isEqualTo("AWS");
        assertThat(cluster.regions())
                .singleElement()
                .extracting(Cluster.Region::name)
                .isNotNull();
        assertThat(cluster.sqlDns()).isNotBlank();
    }

    @Test
    void readsNodesAndDisruption() {
        world.scene.cloud().changeCluster(original, cluster -> cluster.withDisruptedRegions("us-east-1"));

        assertThat(world.get(client.nodes(original))).isNotEmpty().allMatch(node -> node.status()
                .equals("LIVE"));
        assertThat(world.get(client.disruption(original)).regions())
                .extracting(Disruption.DisruptedRegion::regionCode)
                .containsExactly("us-east-1");
    }

    @Test
    void aStreamLivesFromCreationToCutover() {
        ReplicationStream created = world.get(client.createStream(world.reverse()));
        assertThat(created.status()).isEqualTo(StreamStatus.STARTING);
        assertThat(created.primaryClusterId()).isEqualTo(active);
        assertThat(created.standbyClusterId()).isEqualTo(original);

        world.time.advance(Duration.ofMinutes(6));
        ReplicationStream scanning = world.get(client.stream(created.id()));
        assertThat(scanning.status()).isEqualTo(StreamStatus.REPLICATING);
        assertThat(scanning.caughtUpTo()).isEmpty();

        world.time.advance(Duration.ofMinutes(6));
        ReplicationStream caughtUp = world.get(client.stream(created.id()));
        assertThat(caughtUp.caughtUpTo()).isPresent();
        assertThat(caughtUp.lag(null).orElseThrow()).isLessThan(Duration.ofSeconds(40));

        ReplicationStream cutover = world.get(client.updateStream(created.id(), StreamUpdate.failOver()));
        assertThat(cutover.status()).isEqualTo(StreamStatus.FAILING_OVER);

        world.time.advance(Duration.ofMinutes(4));
        ReplicationStream completed = world.get(client.stream(created.id()));
        assertThat(completed.status()).isEqualTo(StreamStatus.COMPLETED);
        assertThat(completed.activatedAt()).isNotNull();
    }

    @Test
    void theCutoverTimeThatWasAskedForArrives() {
        ReplicationStream stream = caughtUpStream();
        Instant inHalfAnHour = world.time.instant().plus(Duration.ofMinutes(30));

        ReplicationStream cutover = world.get(client.updateStream(stream.id(), StreamUpdate.failOverAt(inHalfAnHour)));

        assertThat(cutover.failoverAt()).isEqualTo(inHalfAnHour);
    }

    @Test
    void listsFollowEveryPageAndShowCompletedStreamsOnlyWhenAsked() {
        Instant created = Instant.parse("2025-01-01T00:00:00Z");
        for (int i = 0; i < 250; i++) {
            world.scene
                    .cloud()
                    .addStream(StreamSpec.completed(original, active, created, created.plusSeconds(60L + i)));
        }

        List<ReplicationStream> all = world.get(
                client.streams(StreamFilter.live().from(original).to(active).andCompleted()));
        List<ReplicationStream> live =
                world.get(client.streams(StreamFilter.live().touching(original)));

        assertThat(all).hasSize(251).extracting(ReplicationStream::id).doesNotHaveDuplicates();
        assertThat(live).isEmpty();
    }

    @Test
    void theTimeOfAListIsThatOfItsFirstPage() {
        for (int i = 0; i < 250; i++) {
            world.scene.cloud().addCluster(ClusterSpec.of("cluster-" + i, "us-west-2"));
        }
        // The budget has one more request for this second, so the second page comes later than the first.
        for (int i = 0; i < 7; i++) {
            world.get(client.organization());
        }

        Answer<List<Cluster>> answer = world.answer(client.clusters());

        assertThat(answer.value()).hasSize(252);
        assertThat(answer.sentAt()).isEqualTo(SimulatedWorld.START);
        assertThat(answer.cloudTime()).isEqualTo(SimulatedWorld.START);
        assertThat(answer.receivedAt()).isAfter(SimulatedWorld.START);
    }

    @Test
    void aReadIsRepeatedUntilItSucceeds() {
        fault("GET_CLUSTER", 1, Fault.of(FaultKind.RESET_BEFORE_EFFECT));
        fault("GET_CLUSTER", 2, Fault.of(FaultKind.REQUEST_TIMEOUT));
        fault("GET_CLUSTER", 3, Fault.of(FaultKind.BAD_GATEWAY));
        fault("GET_CLUSTER", 4, Fault.of(FaultKind.TRUNCATED_BODY));

        assertThat(world.get(client.cluster(active)).id()).isEqualTo(active);
        assertThat(received("GET_CLUSTER")).isEqualTo(5);
    }

    @Test
    void aReadGivesUpAfterFiveAttempts() {
        always("GET_CLUSTER", Fault.of(FaultKind.UNAVAILABLE));

        assertThat(world.failure(client.cluster(active))).isInstanceOf(CloudException.ServerError.class);
        assertThat(received("GET_CLUSTER")).isEqualTo(5);
    }

    @Test
    void a500IsNotRepeatedBecauseTheServerDidNotSayNotNow() {
        always("GET_CLUSTER", Fault.of(FaultKind.INTERNAL_ERROR));

        assertThat(world.failure(client.cluster(active))).isInstanceOf(CloudException.ServerError.class);
        assertThat(received("GET_CLUSTER")).isEqualTo(1);
    }

    @Test
    void pausesBetweenAttemptsGrow() {
        RetryPolicy policy = RetryPolicy.DEFAULT;

        assertThat(longestPauseAfter(policy, 1)).isEqualTo(Duration.ofMillis(500));
        assertThat(longestPauseAfter(policy, 2)).isEqualTo(Duration.ofSeconds(1));
        assertThat(longestPauseAfter(policy, 4)).isEqualTo(Duration.ofSeconds(4));
        assertThat(longestPauseAfter(policy, 40)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aServersRetryAfterInSecondsIsWaitedFor() {
        fault("GET_CLUSTER", 1, Fault.of(FaultKind.TOO_MANY_REQUESTS).withRetryAfter("17"));

        world.get(client.cluster(active));

        assertThat(sinceStart()).isBetween(Duration.ofSeconds(17), Duration.ofSeconds(18));
    }

    @Test
    void aServersRetryAfterAsADateCountsFromTheServersClock() {
        fault("GET_CLUSTER", 1, Fault.of(FaultKind.UNAVAILABLE).withRetryAfter("Sun, 01 Mar 2026 03:00:20 GMT"));

        world.get(client.cluster(active));

        assertThat(sinceStart()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(21));
    }

    @Test
    void aRetryAfterSlowsEverybodyWithThisKey() {
        fault("GET_CLUSTER", 1, Fault.of(FaultKind.TOO_MANY_REQUESTS).withRetryAfter("17"));
        CompletableFuture<?> refused = client.cluster(active);
        world.time.advance(Duration.ofMillis(1));
        assertThat(received("GET_CLUSTER")).isEqualTo(1);

        CompletableFuture<Answer<Organization>> other = client.organization();
        world.get(other);

        assertThat(sinceStart()).isGreaterThanOrEqualTo(Duration.ofSeconds(17));
        world.runUntil(refused::isDone);
    }

    @Test
    void aRetryAfterBeyondReasonEndsTheReadAtOnceAndIsTold() {
        fault("GET_CLUSTER", 1, Fault.of(FaultKind.TOO_MANY_REQUESTS).withRetryAfter("86400"));

        Throwable failure = world.failure(client.cluster(active));

        assertThat(failure)
                .isInstanceOfSatisfying(CloudException.RateLimited.class, limited -> assertThat(limited.retryAfter())
                        .contains(Duration.ofDays(1)));
        assertThat(sinceStart()).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aServerThatNeverAnswersIsGivenUpAtTheDeadline() {
        always("GET_CLUSTER", Fault.of(FaultKind.NO_ANSWER));

        assertThat(world.failure(client.cluster(active))).isInstanceOf(CloudException.Unreachable.class);
        assertThat(sinceStart()).isEqualTo(RetryPolicy.DEFAULT.deadline());
    }

    @Test
    void aWriteWithoutAnswerIsOfUnknownFateAfterOneAttempt() {
        always("CREATE_STREAM", Fault.of(FaultKind.NO_ANSWER));

        assertThat(world.failure(client.createStream(world.reverse()))).isInstanceOf(CloudException.FateUnknown.class);
        assertThat(sinceStart()).isEqualTo(RetryPolicy.DEFAULT.attemptLimit());
        assertThat(received("CREATE_STREAM")).isEqualTo(1);
    }

    @Test
    void cancelingAReadTakesItOffTheWireAndOutOfTheQueue() {
        always("GET_CLUSTER", Fault.of(FaultKind.NO_ANSWER));
        CompletableFuture<?> read = client.cluster(active);
        world.runUntil(() -> received("GET_CLUSTER") == 1);

        read.cancel(true);
        world.time.advance(Duration.ofHours(1));

        assertThat(received("GET_CLUSTER")).isEqualTo(1);
        assertThat(world.time.nextDue()).isEmpty();
    }

    @Test
    void cancelingAListStopsBetweenPages() {
        for (int i = 0; i < 1000; i++) {
            world.scene.cloud().addCluster(ClusterSpec.of("cluster-" + i, "us-west-2"));
        }
        CompletableFuture<?> list = client.clusters();
        world.runUntil(() -> received("LIST_CLUSTERS") == 6);

        list.cancel(true);
        world.time.advance(Duration.ofHours(1));

        assertThat(received("LIST_CLUSTERS")).isEqualTo(6);
        assertThat(world.time.nextDue()).isEmpty();
    }

    @Test
    void refusalsNameStatusCodeMessageOperationAndResource() {
        Throwable failure = world.failure(client.stream("00000000-0000-0000-0000-000000000000"));

        assertThat(failure).isInstanceOfSatisfying(CloudException.NotFound.class, notFound -> {
            assertThat(notFound.httpStatus()).hasValue(404);
            assertThat(notFound.code()).hasValue(5);
            assertThat(notFound.serverMessage()).isPresent();
            assertThat(notFound.operation()).isEqualTo(Operation.GET_STREAM);
            assertThat(notFound.resource()).isEqualTo("00000000-0000-0000-0000-000000000000");
            assertThat(notFound)
                    .hasMessageContainingAll(
                            "Cannot read the replication stream 00000000-0000-0000-0000-000000000000",
                            "HTTP 404, code 5",
                            "Nothing was changed.",
                            "Check the id");
        });
    }

    @Test
    void aKeyThatIsNotAcceptedIsUnauthorized() {
        world.scene.cloud().revokeKey(world.scene.key());

        assertThat(world.failure(client.organization())).isInstanceOf(CloudException.Unauthorized.class);
    }

    @Test
    void aKeyThatMayOnlyReadIsForbiddenToWrite() {
        world.scene.cloud().revokeKey(world.scene.key());
        world.scene
                .cloud()
                .addKey(world.scene.key(), Map.of(original, Role.CLUSTER_DEVELOPER, active, Role.CLUSTER_DEVELOPER));

        assertThat(world.failure(client.createStream(world.reverse()))).isInstanceOf(CloudException.Forbidden.class);
    }

    @Test
    void whatTheServerRefusesIsRefusedInItsWords() {
        ReplicationStream starting = world.get(client.createStream(world.reverse()));

        Throwable failure = world.failure(client.updateStream(starting.id(), StreamUpdate.failOver()));

        assertThat(failure)
                .isInstanceOf(CloudException.Refused.class)
                .hasMessageContaining("only one that is REPLICATING can fail over");
    }

    @Test
    void everyRequestTellsTheApiVersionAndWhoAsks() {
        List<Transport.Request> sent = new ArrayList<>();
        Transport simulated = new SimulatedTransport(world.endpoint, world.time);
        CloudClient observed = CloudClient.builder(
                        ApiUrl.of("https://cloud.example/behind/a/prefix"),
                        () -> ApiKey.of(world.scene.key()),
                        request -> {
                            sent.add(request);
                            return simulated.send(request);
                        },
                        world.time)
                .clock(world.time)
                .build();

        observed.createStream(world.reverse());

        assertThat(sent).singleElement().satisfies(request -> {
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.uri())
                    .hasToString("https://cloud.example/behind/a/prefix/api/v1/physical-replication-streams");
            assertThat(request.headers())
                    .containsEntry("Cc-Version", "2024-09-16")
                    .containsEntry("Authorization", "Bearer " + world.scene.key())
                    .containsEntry("Content-Type", "application/json");
            assertThat(request.headers().get("User-Agent")).matches("cockroachdb-failback/\\d+\\.\\d+\\.\\d+.*");
        });
    }

    @Test
    void aMissingKeySendsNothing() {
        CloudClient keyless = CloudClient.builder(
                        ApiUrl.COCKROACH_LABS,
                        () -> ApiKey.of(" "),
                        new SimulatedTransport(world.endpoint, world.time),
                        world.time)
                .clock(world.time)
                .build();

        assertThat(world.failure(keyless.createStream(world.reverse())))
                .isInstanceOf(CloudException.KeyMissing.class)
                .hasMessageContaining("The API key is empty.")
                .hasMessageContaining("Nothing was sent.");
        assertThat(world.endpoint.log()).isEmpty();
    }

    @Test
    void aNewKeyHoldsForTheVeryNextRequest() {
        String[] key = {"CCDB1_wrong"};
        CloudClient rotating = CloudClient.builder(
                        ApiUrl.COCKROACH_LABS,
                        () -> ApiKey.of(key[0]),
                        new SimulatedTransport(world.endpoint, world.time),
                        world.time)
                .clock(world.time)
                .build();
        assertThat(world.failure(rotating.organization())).isInstanceOf(CloudException.Unauthorized.class);

        key[0] = world.scene.key();

        assertThat(world.get(rotating.organization())).isNotNull();
    }

    @Test
    void anIdThatWouldChangeThePathOrIsAKeyIsNotSentAndNotShown() {
        assertThatThrownBy(() -> client.cluster("../organization"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not the id of a cluster")
                .hasMessageContaining("Nothing was sent");
        assertThatThrownBy(() -> client.stream(world.scene.key()))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain(world.scene.key());
        assertThat(world.endpoint.log()).isEmpty();
    }

    @Test
    void aStreamFromAClusterToItselfIsAMistakeNotARequest() {
        assertThatThrownBy(() -> NewStream.from(active).erasing(active))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("source and target are both " + active);
    }

    @Test
    void theSkewOfOurClockShows() {
        Answer<Organization> answer = world.answer(client.organization());
        Answer<Organization> ahead =
                new Answer<>(answer.value(), answer.cloudTime().plusSeconds(30), answer.sentAt(), answer.receivedAt());

        assertThat(answer.skew().orElseThrow().abs()).isLessThanOrEqualTo(Duration.ofMillis(500));
        assertThat(ahead.skew().orElseThrow()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(31));
    }

    @Test
    void anAnswerThatTookLongProvesLittleAboutTheClocks() {
        Instant sent = Instant.parse("2026-03-10T12:00:00Z");
        Answer<String> slow = new Answer<>("", sent.plusSeconds(20), sent, sent.plusSeconds(20));
        assertThat(slow.leastSkew()).contains(Duration.ZERO);

        Answer<String> ahead = new Answer<>("", sent.plusSeconds(30), sent, sent.plusSeconds(20));
        assertThat(ahead.leastSkew()).contains(Duration.ofSeconds(10));
        Answer<String> behind = new Answer<>("", sent.minusSeconds(10), sent, sent.plusSeconds(20));
        assertThat(behind.leastSkew()).contains(Duration.ofSeconds(-9)); // the date has whole seconds
    }

    @Test
    void anAnswerAboutSomethingElseIsNotOne() {
        String other = "{\"id\":\"other\",\"status\":\"COMPLETED\",\"primary_cluster_id\":\"a\","
                + "\"standby_cluster_id\":\"b\",\"created_at\":\"2026-01-01T00:00:00Z\"}";

        assertThat(world.failure(scripted(List.of(other)).stream("s")))
                .isInstanceOf(CloudException.UnreadableAnswer.class)
                .hasMessageContaining("is not about stream s");
        assertThat(world.failure(scripted(List.of(other)).createStream(world.reverse())))
                .isInstanceOf(CloudException.FateUnknown.class);
        assertThat(world.failure(scripted(List.of(other)).updateStream("s", StreamUpdate.failOver())))
                .isInstanceOf(CloudException.FateUnknown.class);
    }

    @Test
    void aFieldThatIsThereTwiceMakesAnAnswerUnreadable() {
        String twice = "{\"id\":\"s\",\"status\":\"COMPLETED\",\"status\":\"STARTING\",\"primary_cluster_id\":\"a\","
                + "\"standby_cluster_id\":\"b\",\"created_at\":\"2026-01-01T00:00:00Z\"}";

        assertThat(world.failure(scripted(List.of(twice)).stream("s")))
                .isInstanceOf(CloudException.UnreadableAnswer.class);
    }

    @Test
    void aLagOfZeroBesideAnOldTimeIsNotCaughtUp() {
        ReplicationStream stream = new ReplicationStream(
                "s",
                "REPLICATING",
                "a",
                "b",
                SimulatedWorld.START,
                SimulatedWorld.START.plusSeconds(10),
                0,
                null,
                null,
                null,
                null);

        assertThat(stream.lag(SimulatedWorld.START.plusSeconds(3600))).contains(Duration.ofSeconds(3590));
        assertThat(stream.lag(null)).contains(Duration.ZERO);
    }

    @Test
    void aRefusalThatDoesNotExcludeAnEffectLeavesTheFateOfAWriteUnknown() {
        for (int status : List.of(408, 499)) {
            assertThat(world.failure(answering(status, "{}").createStream(world.reverse())))
                    .as("HTTP %s", status)
                    .isInstanceOf(CloudException.FateUnknown.class);
        }
        for (int code : List.of(1, 2, 4, 13, 14, 15)) {
            assertThat(world.failure(answering(400, "{\"code\":" + code + "}").createStream(world.reverse())))
                    .as("code %s", code)
                    .isInstanceOf(CloudException.FateUnknown.class);
        }
        assertThat(world.failure(answering(409, "{\"code\":6}").createStream(world.reverse())))
                .isInstanceOf(CloudException.Refused.class);
        assertThat(world.failure(answering(499, "{}").organization())).isInstanceOf(CloudException.ServerError.class);
    }

    @Test
    void aReadThatNeverGotItsTurnSaysSo() {
        world.client.budget().pause(Duration.ofHours(1));

        assertThat(world.failure(client.organization()))
                .isInstanceOf(CloudException.Unreachable.class)
                .hasMessageContaining("it was not sent within 120.0 s");
        assertThat(world.endpoint.log()).isEmpty();
    }

    @Test
    void aListWithoutEndEndsAfterAThousandPages() {
        int[] page = {0};
        CloudClient endless = served(() -> new Transport.Response(
                200,
                Map.of(),
                ("{\"clusters\":[],\"pagination\":{\"next_page\":\"" + ++page[0] + "\"}}")
                        .getBytes(StandardCharsets.UTF_8),
                null));

        assertThat(world.failure(endless.clusters()))
                .isInstanceOf(CloudException.UnreadableAnswer.class)
                .hasMessageContaining("goes on after 1000 pages");
    }

    @Test
    void aListThatNamesTheSamePageAgainEndsInsteadOfGoingRoundForEver() {
        List<String> pages = List.of(
                "{\"clusters\":[],\"pagination\":{\"next_page\":\"b\"}}",
                "{\"clusters\":[],\"pagination\":{\"next_page\":\"c\"}}",
                "{\"clusters\":[],\"pagination\":{\"next_page\":\"b\"}}");

        assertThat(world.failure(scripted(pages).clusters()))
                .isInstanceOf(CloudException.UnreadableAnswer.class)
                .hasMessageContaining("names a next page that it named before");
    }

    @Test
    void anObjectWithoutTheListIsNotAnEmptyList() {
        assertThat(world.failure(scripted(List.of("{}")).streams(StreamFilter.live())))
                .isInstanceOf(CloudException.UnreadableAnswer.class)
                .hasMessageContaining(
                        "has nothing in the field \"physical_replication_streams\" of the list, not a list");
    }

    @Test
    void unknownFieldsAndWordsPassThrough() {
        String stream = "{\"id\":\"s\",\"status\":\"HIBERNATING\",\"primary_cluster_id\":\"a\","
                + "\"standby_cluster_id\":\"b\",\"created_at\":\"2026-01-01T00:00:00.123456Z\",\"mood\":{\"x\":[1]}}";

        ReplicationStream read = world.get(scripted(List.of(stream)).stream("s"));

        assertThat(read.status()).isEqualTo(StreamStatus.UNRECOGNIZED);
        assertThat(read.statusName()).isEqualTo("HIBERNATING");
        assertThat(read.createdAt()).isEqualTo("2026-01-01T00:00:00.123456Z");
    }

    @Test
    void aZeroReplicatedTimeIsNotOne() {
        for (CloudSettings.ScanReplicatedTime shown : CloudSettings.ScanReplicatedTime.values()) {
            SimulatedWorld scanning =
                    new SimulatedWorld(CloudSettings.defaults().withScanReplicatedTime(shown));
            ReplicationStream created = scanning.get(scanning.client.createStream(scanning.reverse()));
            scanning.time.advance(Duration.ofMinutes(6));

            ReplicationStream stream = scanning.get(scanning.client.stream(created.id()));

            assertThat(stream.status()).isEqualTo(StreamStatus.REPLICATING);
            assertThat(stream.caughtUpTo()).as("shown as %s", shown).isEmpty();
        }
    }

    private ReplicationStream caughtUpStream() {
        ReplicationStream created = world.get(client.createStream(world.reverse()));
        world.time.advance(Duration.ofMinutes(15));
        return world.get(client.stream(created.id()));
    }

    /** A client of a server that gives these answers, one after the other. */
    private CloudClient scripted(List<String> bodies) {
        int[] next = {0};
        return served(() ->
                new Transport.Response(200, Map.of(), bodies.get(next[0]++).getBytes(StandardCharsets.UTF_8), null));
    }

    /** A client of a server that always answers so. */
    private CloudClient answering(int status, String body) {
        return served(() -> new Transport.Response(status, Map.of(), body.getBytes(StandardCharsets.UTF_8), null));
    }

    private CloudClient served(Supplier<Transport.Response> server) {
        Transport transport = request -> new Transport.Exchange() {
            private final CompletableFuture<Transport.Response> response =
                    CompletableFuture.completedFuture(server.get());

            @Override
            public CompletableFuture<Transport.Response> response() {
                return response;
            }

            @Override
            public void abandon() {}

            @Override
            public boolean maybeSent() {
                return true;
            }
        };
        return CloudClient.builder(ApiUrl.COCKROACH_LABS, () -> ApiKey.of(world.scene.key()), transport, world.time)
                .clock(world.time)
                .build();
    }

    private static Duration longestPauseAfter(RetryPolicy policy, int attempts) {
        return policy.pauseAfter(attempts, new Random() {
            private static final long serialVersionUID = 1L;

            @Override
            public long nextLong(long bound) {
                return bound - 1;
            }
        });
    }

    private Duration sinceStart() {
        return Duration.between(SimulatedWorld.START, world.time.instant());
    }

    private void fault(String operation, int occurrence, Fault fault) {
        world.faults.on(io.jenkins.plugins.cockroachdb.simulator.Operation.valueOf(operation), occurrence, fault);
    }

    private void always(String operation, Fault fault) {
        world.faults.always(io.jenkins.plugins.cockroachdb.simulator.Operation.valueOf(operation), fault);
    }

    private long received(String operation) {
        return world.endpoint.log().stream()
                .map(ReceivedRequest::operation)
                .filter(received -> received != null && received.name().equals(operation))
                .count();
    }
}
