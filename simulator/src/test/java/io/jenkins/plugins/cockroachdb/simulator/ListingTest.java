package io.jenkins.plugins.cockroachdb.simulator;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists: filters, order, pages. */
class ListingTest {

    private final Pair pair = new Pair();
    private final SimulatedCloud cloud = pair.cloud;
    private final Caller caller = pair.caller;
    private final String other = ClusterSpec.of("other", "eu-west-1").id();

    /** The completed forward stream of the scene, and one canceled, one live and one of other clusters after it. */
    private String forward;

    private String canceled;
    private String live;
    private String foreign;

    @BeforeEach
    void plantStreams() {
        cloud.addCluster(ClusterSpec.of("other", "eu-west-1"));
        forward = cloud.streamIds(pair.originalPrimary, pair.active).get(0);
        canceled = cloud.addStream(StreamSpec.canceled(pair.active, pair.originalPrimary, ago(20), ago(10)));
        live = cloud.addStream(StreamSpec.live(pair.active, pair.originalPrimary, ago(5)));
        foreign = cloud.addStream(StreamSpec.live(pair.active, other, ago(1)));
    }

    @Test
    void completedStreamsAreHiddenUnlessAskedFor() {
        assertThat(ids("")).containsExactly(canceled, live, foreign);
        assertThat(ids("show_completed=false")).containsExactly(canceled, live, foreign);
        assertThat(ids("show_completed=true")).containsExactly(forward, canceled, live, foreign);
    }

    @Test
    void filtersByPrimaryStandbyOrEither() {
        String all = "show_completed=true&";
        assertThat(ids(all + "primary_cluster_id=" + pair.originalPrimary)).containsExactly(forward);
        assertThat(ids(all + "standby_cluster_id=" + pair.originalPrimary)).containsExactly(canceled, live);
        assertThat(ids(all + "cluster_id=" + pair.originalPrimary)).containsExactly(forward, canceled, live);
        assertThat(ids("primary_cluster_id=" + pair.active + "&standby_cluster_id=" + other))
                .containsExactly(foreign);
        assertThat(ids("cluster_id=nowhere")).isEmpty();
    }

    @Test
    void theNewestComesFirstOnRequest() {
        assertThat(ids("pagination.sort_order=DESC")).containsExactly(foreign, live, canceled);
    }

    @Test
    void showsTheStateOfATimeInThePast() {
        assertThat(ids("pagination.as_of_time=" + ago(15))).containsExactly(canceled);
        JsonNode then =
                caller.get(Caller.STREAMS + "?pagination.as_of_time=" + ago(15)).ok();
        assertThat(then.at("/physical_replication_streams/0/status").asText()).isEqualTo("REPLICATING");
    }

    @Test
    void pagesFollowEachOtherWithoutGapOrRepetitionToAnEndWithoutAToken() {
        assertThat(pages(Caller.STREAMS + "?show_completed=true&pagination.limit=3", "physical_replication_streams"))
                .containsExactly(List.of(forward, canceled, live), List.of(foreign));
        assertThat(pages(Caller.STREAMS + "?show_completed=true&pagination.limit=2", "physical_replication_streams"))
                .containsExactly(List.of(forward, canceled), List.of(live, foreign));
        assertThat(pages(
                        Caller.STREAMS + "?pagination.limit=2&pagination.sort_order=DESC",
                        "physical_replication_streams"))
                .containsExactly(List.of(foreign, live), List.of(canceled));
    }

    @Test
    void aStreamCreatedBetweenTwoPagesNeitherHidesNorRepeatsAnother() {
        JsonNode first = caller.get(Caller.STREAMS + "?pagination.limit=2").ok();
        String added = cloud.addStream(StreamSpec.live(pair.active, other, ago(15)));

        String next = first.at("/pagination/next_page").asText();

        assertThat(added).isNotEqualTo(foreign);
        assertThat(ids("pagination.limit=2&pagination.page=" + next)).containsExactly(foreign);
    }

    @Test
    void aPageHasAHundredItemsByDefaultAndFiveHundredAtMost() {
        for (int i = 0; i < 600; i++) {
            cloud.addStream(StreamSpec.canceled(pair.active, other, ago(4), ago(3)));
        }
        assertThat(ids("")).hasSize(100);
        assertThat(ids("pagination.limit=1000")).hasSize(500);
        assertThat(pages(Caller.STREAMS + "?pagination.limit=500", "physical_replication_streams"))
                .map(List::size)
                .containsExactly(500, 103);
    }

    @Test
    void clustersAreSortedByNameUnlessAskedOtherwise() {
        cloud.changeCluster(other, cluster -> cluster.withState("DELETED"));
        String listed = Caller.CLUSTERS + "?pagination.limit=1";
        assertThat(pages(listed, "clusters")).containsExactly(List.of(pair.originalPrimary), List.of(pair.active));
        assertThat(pages(listed + "&show_inactive=true", "clusters"))
                .containsExactly(List.of(pair.originalPrimary), List.of(pair.active), List.of(other));
        assertThat(pages(listed + "&pagination.sort_order=DESC", "clusters"))
                .containsExactly(List.of(pair.active), List.of(pair.originalPrimary));
        assertThat(pages(listed + "&pagination.sort_by=CREATED_AT", "clusters")).hasSize(2);
    }

    @Test
    void nodesArePagedAndFilteredByRegion() {
        cloud.changeCluster(other, cluster -> cluster.withRegions("eu-west-1", "eu-central-1"));
        String nodes = Caller.CLUSTERS + "/" + other + "/nodes?pagination.limit=4";
        assertThat(caller.get(nodes).ok().path("nodes")).hasSize(4);
        assertThat(caller.get(nodes).ok().at("/nodes/0/region_name").asText()).isEqualTo("eu-central-1");
        assertThat(caller.get(nodes + "&region_name=eu-west-1").ok().path("nodes"))
                .hasSize(3);
    }

    @Test
    void thousandsOfStreamsAreListedPageByPage() {
        Instant created = Pair.START.minus(ofDays(300));
        for (int i = 0; i < 11_000; i++) {
            cloud.addStream(StreamSpec.completed(
                    pair.active, other, created.plus(ofMinutes(i)), created.plus(ofMinutes(i + 30))));
        }
        List<List<String>> pages = pages(
                Caller.STREAMS + "?show_completed=true&pagination.limit=500&cluster_id=" + other,
                "physical_replication_streams");
        assertThat(pages).hasSize(23);
        assertThat(pages.stream().flatMap(List::stream)).doesNotHaveDuplicates().hasSize(11_001);
    }

    private static Instant ago(int minutes) {
        return Pair.START.minus(ofMinutes(minutes));
    }

    private List<String> ids(String query) {
        return ids(caller.get(Caller.STREAMS + "?" + query).ok(), "physical_replication_streams");
    }

    private List<List<String>> pages(String target, String list) {
        List<List<String>> pages = new ArrayList<>();
        JsonNode page = caller.get(target).ok();
        pages.add(ids(page, list));
        while (page.path("pagination").has("next_page")) {
            page = caller.get(target + "&pagination.page="
                            + page.at("/pagination/next_page").asText())
                    .ok();
            pages.add(ids(page, list));
        }
        return pages;
    }

    private static List<String> ids(JsonNode page, String list) {
        return page.path(list).findValuesAsText("id");
    }
}
