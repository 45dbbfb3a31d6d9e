package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who serves after a failback, and what people have to change by hand because of it: everything around the two clusters that no
 * cutover moves. What it says of jobs and schedules is CockroachDB's documented behaviour ("Fail Over from a Primary Cluster to a
 * Standby Cluster", job management).
 *
 * @param home the original primary P, which serves now
 * @param former the cluster that was active, A
 * @param trafficSeen whether all traffic was seen on P at the end; without proxies nobody saw it
 * @param protection whether A stands by for P again
 */
public record RolesChanged(Side home, Side former, boolean trafficSeen, Protection protection) {

    /**
     * A cluster, as far as it is known.
     *
     * @param name its id where the name is not known
     * @param regions empty when unknown
     * @param sqlDns where SQL clients connect to; null when unknown
     */
    public record Side(String name, List<String> regions, String sqlDns) {
        public Side {
            regions = List.copyOf(regions);
        }

        static Side of(Cluster cluster) {
            return new Side(
                    cluster.name(),
                    cluster.regions().stream().map(Cluster.Region::name).toList(),
                    cluster.sqlDns());
        }

        private String where() {
            return regions.isEmpty() ? name : name + " in " + String.join(", ", regions);
        }
    }

    /** What the record knows of the forward stream, which makes A a standby of P. */
    public enum Protection {
        /** This failback created it, and saw it catch up. */
        PRESENT,
        /** This failback asked for it, and did not see it catch up. */
        STARTED,
        /** This failback did not ask for it. */
        NONE
    }

    /**
     * One thing to look after.
     *
     * @param topic a few words
     * @param words a sentence or more: how things are, and what to do
     */
    public record Item(String topic, String words) {
        /** As one line. */
        public String line() {
            return topic + ": " + words;
        }
    }

    /** From the record alone, which knows the clusters' names; empty unless it ended with other roles than before. */
    public static Optional<RolesChanged> of(FailbackRecord record) {
        Entry.Began began = record.beginning();
        Optional<Entry.Named> names = record.names();
        return of(
                record,
                new Side(
                        names.map(Entry.Named::originalPrimaryName).orElse(began.originalPrimaryId()), List.of(), null),
                new Side(names.map(Entry.Named::activeName).orElse(began.activeId()), List.of(), null));
    }

    /** From the record, with what was read of the clusters; empty unless it ended with other roles than before. */
    public static Optional<RolesChanged> of(FailbackRecord record, Pair pair) {
        return of(record, Side.of(pair.originalPrimary()), Side.of(pair.active()));
    }

    private static Optional<RolesChanged> of(FailbackRecord record, Side home, Side former) {
        Optional<Outcome> outcome = record.end().map(Entry.Ended::outcome);
        boolean cutOver = record.entries().stream()
                .anyMatch(entry -> entry instanceof Entry.Seen seen
                        && StreamStatus.COMPLETED.name().equals(seen.status()));
        // A command that moves nothing ends as completed too: it takes a completed cutover to change roles.
        if (!cutOver || outcome.filter(RolesChanged::isHome).isEmpty()) {
            return Optional.empty();
        }
        boolean trafficSeen = record.lastSeen()
                .filter(seen -> Traffic.ON_ORIGINAL_PRIMARY.words().equals(seen.traffic()))
                .isPresent();
        return Optional.of(new RolesChanged(home, former, trafficSeen, protection(record, outcome.get())));
    }

    private static boolean isHome(Outcome outcome) {
        return outcome == Outcome.COMPLETED || outcome == Outcome.UNPROTECTED;
    }

    private static Protection protection(FailbackRecord record, Outcome outcome) {
        if (!record.mayHaveHadEffect(Call.CREATE_FORWARD_STREAM)) {
            return Protection.NONE;
        }
        return outcome == Outcome.COMPLETED ? Protection.PRESENT : Protection.STARTED;
    }

    /** What to tell, the most urgent first. */
    public List<Item> items() {
        List<Item> items = new ArrayList<>();
        items.add(new Item("Who serves", whoServes()));
        items.add(new Item("The former active cluster", formerActive()));
        items.add(new Item("Protection", protectionWords()));
        items.add(new Item("DNS and connection strings", connections()));
        items.add(new Item(
                "Allowlists and private endpoints",
                "IP allowlists and private endpoints belong to a cluster and are not replicated. Make sure that those of "
                        + home.name() + " let in everything that reached " + former.name()
                        + ". Users and privileges came along, as they were on " + former.name() + "."));
        items.add(new Item(
                "Changefeeds",
                "Those that ran on " + former.name() + " have failed on " + home.name()
                        + " at the cutover, so that no two clusters feed one sink. Create them again on " + home.name()
                        + stillOn("they may still run: cancel them")));
        items.add(new Item(
                "Backups and other schedules",
                "Backup and changefeed schedules are paused on " + home.name()
                        + " by the cutover; only backup schedules made in v23.1 or before, and changefeed schedules made in"
                        + " v24.1 or before, are not. Before one is resumed there, no other cluster may write to the same"
                        + " collection or sink" + stillOn("they may still run: pause them")
                        + " See that the backups managed by CockroachDB Cloud run on "
                        + home.name() + " too."));
        items.add(new Item(
                "Monitoring and alerts",
                "Point dashboards, metrics export, log export, alerts and on-call notes at " + home.name()
                        + "; alerts on " + former.name() + " and on the finished stream mean something else now."));
        items.add(new Item(
                "Scheduled jobs",
                "Reports, imports, migrations and scripts that name " + former.name() + " still go there: "
                        + (protection == Protection.NONE
                                ? "what they write is missing on "
                                : "they fail until they use ")
                        + home.name() + "."));
        items.add(new Item(
                "Settings of the next failback",
                "PRIMARY_CLUSTER_ID stays " + home.name() + " and STANDBY_CLUSTER_ID stays " + former.name()
                        + ": after another failover to " + former.name()
                        + " they are right as they are. To move there on purpose, exchange them. Unset PCR_STREAM_ID: its stream is"
                        + " finished."));
        return List.copyOf(items);
    }

    private String whoServes() {
        return trafficSeen
                ? home.where() + " serves clients. " + former.where() + " does not any more."
                : home.where()
                        + " is a cluster of its own and can serve. Nobody saw all clients there: make sure that every"
                        + " one has left " + former.where() + ".";
    }

    private String formerActive() {
        return switch (protection) {
            case NONE -> "Unless somebody has made it a standby since, " + former.name()
                    + " is a separate cluster that still accepts writes from whoever connects to it."
                    + " They are missing on " + home.name() + ". Keep clients, jobs and people away from it.";
            case STARTED -> former.name()
                    + " may be on its way to being a standby, which erases it. Until then it accepts writes,"
                    + " which are missing on " + home.name() + " and will be gone.";
            case PRESENT -> former.name() + " is a standby of " + home.name()
                    + " now: it was erased, and takes neither reads nor writes.";
        };
    }

    private String protectionWords() {
        return switch (protection) {
            case NONE -> "This failback created no stream from " + home.name() + " to " + former.name()
                    + ". Unless there is another, nothing protects " + home.name()
                    + " against the next disaster. Re-protection erases " + former.name()
                    + ": first make sure that it holds nothing that is still needed.";
            case STARTED -> "A stream from " + home.name() + " to " + former.name()
                    + " was asked for and was not seen to catch up. Look at it until it has: before that, a failover can lose"
                    + " everything.";
            case PRESENT -> former.name() + " is fed by a stream from " + home.name() + ", which was seen to catch up.";
        };
    }

    private String connections() {
        String change = "Whoever does not connect through a proxy has to be told: " + home.name() + " instead of "
                + former.name();
        return home.sqlDns() == null || former.sqlDns() == null
                ? change + "."
                : change + ", at " + home.sqlDns() + " instead of " + former.sqlDns() + ".";
    }

    /** What ran on A runs on there while A is a cluster of its own. */
    private String stillOn(String whatToDo) {
        return protection == Protection.PRESENT ? "." : "; on " + former.name() + " " + whatToDo + " there.";
    }

    /** The items, each as one line. */
    public List<String> lines() {
        return items().stream().map(Item::line).toList();
    }
}
