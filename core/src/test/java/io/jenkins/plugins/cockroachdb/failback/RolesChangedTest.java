package io.jenkins.plugins.cockroachdb.failback;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RolesChangedTest {

    private static final Instant NOON = Situations.NOON;

    private final List<Entry> entries = new ArrayList<>(
            List.of(new Entry.Began(NOON, "p", "a", "cli 1"), new Entry.Named(NOON, "orders-east", "orders-west")));

    private RolesChangedTest then(Entry entry) {
        entries.add(entry);
        return this;
    }

    private RolesChangedTest seen(String status, String traffic) {
        return then(new Entry.Seen(NOON, "s", status, null, null, traffic));
    }

    private FailbackRecord ended(Outcome outcome) {
        return then(new Entry.Ended(NOON, outcome, "That is all.")).record();
    }

    private FailbackRecord record() {
        return FailbackRecord.of(entries);
    }

    private static String all(FailbackRecord record) {
        return String.join("\n", RolesChanged.of(record).orElseThrow().lines());
    }

    private static Cluster cluster(String id, String name, String region) {
        return new Cluster(
                id,
                name,
                "CREATED",
                null,
                null,
                "v25.2.0",
                "ADVANCED",
                "AWS",
                null,
                List.of(new Cluster.Region(region, null)),
                name + ".example.com");
    }

    @Test
    void homeTellsEverythingThatNoCutoverMoves() {
        RolesChanged roles = RolesChanged.of(seen("COMPLETED", "on P").ended(Outcome.COMPLETED))
                .orElseThrow();

        assertThat(roles.items())
                .extracting(RolesChanged.Item::topic)
                .containsExactly(
                        "Who serves",
                        "The former active cluster",
                        "Protection",
                        "DNS and connection strings",
                        "Allowlists and private endpoints",
                        "Changefeeds",
                        "Backups and other schedules",
                        "Monitoring and alerts",
                        "Scheduled jobs",
                        "Settings of the next failback");
        assertThat(roles.lines().get(0))
                .isEqualTo("Who serves: orders-east serves clients. orders-west does not any more.");
        assertThat(roles.lines().get(1)).contains("orders-west is a separate cluster that still accepts writes");
        assertThat(roles.protection()).isEqualTo(RolesChanged.Protection.NONE);
    }

    @Test
    void whatWasReadOfTheClustersIsTold() {
        Pair pair = new Pair(cluster("p", "orders-east", "us-east-1"), cluster("a", "orders-west", "us-west-2"));
        List<String> lines = RolesChanged.of(seen("COMPLETED", "on P").ended(Outcome.COMPLETED), pair)
                .orElseThrow()
                .lines();

        assertThat(lines)
                .contains(
                        "Who serves: orders-east in us-east-1 serves clients. orders-west in us-west-2 does not any more.",
                        "DNS and connection strings: Whoever does not connect through a proxy has to be told: orders-east"
                                + " instead of orders-west, at orders-east.example.com instead of orders-west.example.com.");
    }

    @Test
    void whoSeesNoTrafficDoesNotClaimAny() {
        assertThat(all(seen("COMPLETED", null).ended(Outcome.COMPLETED)))
                .contains("Nobody saw all clients there")
                .doesNotContain("serves clients");
    }

    @Test
    void alreadyHomeIsTold() {
        assertThat(RolesChanged.of(seen("COMPLETED", "on P").ended(Outcome.COMPLETED)))
                .isPresent();
    }

    @Test
    void whereNoRoleChangedNothingIsTold() {
        assertThat(RolesChanged.of(seen("REPLICATING", "on A").record())).isEmpty();
        assertThat(RolesChanged.of(ended(Outcome.COMPLETED)))
                .as("a command that moves nothing")
                .isEmpty();
        for (Outcome outcome : List.of(Outcome.IN_DOUBT, Outcome.STRANDED, Outcome.REFUSED, Outcome.FAILED)) {
            List<Entry> other = new ArrayList<>(List.of(
                    new Entry.Began(NOON, "p", "a", "cli 1"),
                    new Entry.Seen(NOON, "s", "COMPLETED", null, null, "fenced"),
                    new Entry.Ended(NOON, outcome, "No.")));
            assertThat(RolesChanged.of(FailbackRecord.of(other)))
                    .as(outcome.kind())
                    .isEmpty();
        }
    }

    @Test
    void aStandbyThatHasCaughtUpTakesNoWrites() {
        String text = all(seen("COMPLETED", "on P")
                .then(new Entry.Calling(NOON, Call.CREATE_FORWARD_STREAM, "p -> a"))
                .then(new Entry.Called(NOON, Call.CREATE_FORWARD_STREAM, "p -> a", Entry.Result.DONE, ""))
                .ended(Outcome.COMPLETED));

        assertThat(text)
                .contains("orders-west is a standby of orders-east now")
                .contains("was seen to catch up")
                .doesNotContain("still accepts writes", "cancel them there", "pause it there");
    }

    @Test
    void aProtectionThatDidNotCatchUpIsNone() {
        assertThat(all(seen("COMPLETED", "on P")
                        .then(new Entry.Calling(NOON, Call.CREATE_FORWARD_STREAM, "p -> a"))
                        .ended(Outcome.UNPROTECTED)))
                .contains("was not seen to catch up")
                .contains("will be gone");
    }

    @Test
    void aRefusedProtectionIsNone() {
        assertThat(all(seen("COMPLETED", "on P")
                        .then(new Entry.Calling(NOON, Call.CREATE_FORWARD_STREAM, "p -> a"))
                        .then(new Entry.Called(NOON, Call.CREATE_FORWARD_STREAM, "p -> a", Entry.Result.REFUSED, ""))
                        .ended(Outcome.UNPROTECTED)))
                .contains("created no stream from orders-east to orders-west");
    }
}
