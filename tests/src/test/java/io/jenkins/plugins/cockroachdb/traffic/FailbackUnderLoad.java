package io.jenkins.plugins.cockroachdb.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Gatekeeper;
import io.jenkins.plugins.cockroachdb.failback.Journal;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Faults;
import io.jenkins.plugins.cockroachdb.simulator.HttpRequest;
import io.jenkins.plugins.cockroachdb.simulator.HttpResponse;
import io.jenkins.plugins.cockroachdb.simulator.ScaledTime;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.SimulatorServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A failback while clients write: a proxy and a pair that are real, a cloud that is simulated and does with the pair's data what
 * replication does. All timing is random, and the same for the same seed as far as the machine allows.
 */
final class FailbackUnderLoad implements AutoCloseable {

    /** How many times as fast as ours the time of cloud and driver runs. */
    private static final int SCALE = 20;

    private static final int INSERTS_BEHIND = 3;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final RealPair pair;
    final RealProxy proxy;
    final Ledger ledger;
    final Scene scene;
    final SimulatorServer server;
    final ScaledTime time = new ScaledTime(Instant.now(), SCALE);
    final Path directory;

    /** Something goes wrong where nobody waits for it. */
    private final CompletableFuture<Void> broken = new CompletableFuture<>();

    private final Random random;
    private final Writers writers;
    private Settings settings;
    private Path records; // of the last run, or the next

    /** Starts everything but the failback; clients write when this returns. */
    FailbackUnderLoad(RealPair pair, RealProxy.Starter starter, Path directory, long seed) throws Exception {
        this(pair, starter, directory, seed, cloud -> cloud);
    }

    /** The same, on another cloud than that of the seed. */
    FailbackUnderLoad(
            RealPair pair, RealProxy.Starter starter, Path directory, long seed, UnaryOperator<CloudSettings> cloud)
            throws Exception {
        this.pair = pair;
        this.directory = directory;
        records = directory.resolve("records");
        ledger = new Ledger(seed);
        random = new Random(seed);
        settings = DrivenFailback.settings(Duration.ofMillis(random.nextInt(300)));
        scene = SimulatedCloud.afterFailover(time, cloud.apply(pace()), random);
        scene.cloud().onCompleted(this::complete);
        server = SimulatorServer.start(new SimulatedEndpoint(scene.cloud(), new Faults()), 0);
        pair.begin();
        proxy = starter.start(directory.resolve("proxy"), pair);
        writers = new Writers(proxy, ledger, random);
        ledger.awaitEach(Writers.COUNT, 1, pair.active);
        ledger.awaitMore(random.nextInt(300));
    }

    private CloudSettings pace() {
        return CloudSettings.defaults()
                .withStarting(seconds(1, 5))
                .withInitialScan(seconds(1, 5))
                .withStride(seconds(2, 10))
                .withStrideTransit(seconds(0, 2))
                .withRevert(seconds(2, 15))
                .withRateLimitPerSecond(1000);
    }

    private Duration seconds(int least, int most) {
        return Duration.ofMillis(1000L * least + random.nextInt(1000 * (most - least)));
    }

    private void complete(String streamId) {
        try {
            Instant point = scene.cloud().cutoverPoint(streamId).orElseThrow();
            pair.complete(time.onSystemClock(point));
        } catch (SQLException | RuntimeException e) {
            broken.completeExceptionally(e);
        }
    }

    /** With other settings than those of the seed. */
    FailbackUnderLoad with(UnaryOperator<Settings.Builder> change) {
        settings = change.apply(settings.toBuilder()).build();
        return this;
    }

    /** Drives the failback to its end. */
    Action.Finish run() throws Exception {
        return run(Around.NOTHING);
    }

    /** The same, with something around its parts. */
    Action.Finish run(Around around) throws Exception {
        try {
            return driven().run(settings, new DrivenFailback.Around(around.proxy, around.journal, this::approve));
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("The run came to no end of its own; " + ledger, e);
        }
    }

    /** The same, by somebody who has no record of what was done before. */
    Action.Finish runWithoutRecord() throws Exception {
        records = directory.resolve("records elsewhere");
        return run();
    }

    /** The run itself, for another process. */
    DrivenFailback driven() {
        return new DrivenFailback(
                server.uri().toString(),
                scene.key(),
                scene.originalPrimaryId(),
                scene.activeId(),
                records,
                proxy.description(),
                proxy.environment(),
                time);
    }

    /** Whoever approves takes a while, in which clients write, unless somebody has fenced them already. */
    private CompletableFuture<Gatekeeper.Reply> approve(Gatekeeper.Question question) {
        Gatekeeper.Reply yes = Gatekeeper.Reply.approvedBy("test");
        boolean onActive = question.situation().sight().traffic().equals(Optional.of(Traffic.ON_ACTIVE));
        if (!onActive) {
            return CompletableFuture.completedFuture(yes);
        }
        return CompletableFuture.supplyAsync(() -> {
            ledger.awaitMore(random.nextInt(100));
            return yes;
        });
    }

    /** What a test puts around the parts of a run. */
    static final class Around {
        static final Around NOTHING = new Around(proxy -> proxy, journal -> journal);

        private final UnaryOperator<Proxy> proxy;
        private final UnaryOperator<Journal> journal;

        private Around(UnaryOperator<Proxy> proxy, UnaryOperator<Journal> journal) {
            this.proxy = proxy;
            this.journal = journal;
        }

        /** Another proxy in place of the real one. */
        static Around proxy(UnaryOperator<Proxy> proxy) {
            return new Around(proxy, journal -> journal);
        }

        /** Something is done right after an entry was recorded, before anything else happens. */
        static Around entries(Consumer<Entry> after) {
            return new Around(proxy -> proxy, journal -> new Journal() {
                @Override
                public FailbackRecord record() {
                    return journal.record();
                }

                @Override
                public void append(Entry entry) {
                    journal.append(entry);
                    after.accept(entry);
                }
            });
        }
    }

    /** The record that the last run left. */
    FailbackRecord record() throws IOException {
        return RecordFile.read(RecordFile.newest(records).orElseThrow());
    }

    /** Returns once the proxy is seen like this. */
    void awaitTraffic(Predicate<Traffic> wanted) throws Exception {
        driven().withProxy(proxy -> {
            long end = System.nanoTime() + PATIENCE.toNanos();
            Traffic traffic = proxy.status(PATIENCE).join().traffic();
            while (!wanted.test(traffic)) {
                assertThat(System.nanoTime()).as("traffic is " + traffic).isLessThan(end);
                traffic = proxy.status(PATIENCE).join().traffic();
            }
        });
    }

    /** Cuts over as somebody does who waits for nothing. */
    void cutOverAtOnce() {
        String stream = scene.cloud()
                .streamIds(scene.activeId(), scene.originalPrimaryId())
                .get(0);
        HttpResponse response = scene.cloud()
                .handle(new HttpRequest(
                        "PATCH",
                        "/api/v1/physical-replication-streams/" + stream,
                        Map.of("Authorization", "Bearer " + scene.key(), "Content-Type", "application/json"),
                        "{\"status\":\"FAILING_OVER\"}".getBytes(StandardCharsets.UTF_8)));
        assertThat(response.status()).as(response.text()).isEqualTo(200);
    }

    /** Every client writes to P now; then they end. */
    void endWriters() {
        ledger.awaitEach(Writers.COUNT, INSERTS_BEHIND, pair.originalPrimary);
        writers.close();
    }

    /** The acknowledged inserts that P does not have. */
    Set<Long> lost() throws SQLException {
        Set<Long> lost = new HashSet<>(ledger.acknowledged());
        lost.removeAll(pair.originalPrimary.commits().keySet());
        return lost;
    }

    /** The inserts that A acknowledged after it was proven for the last time that no client can write to it. */
    Set<Long> acknowledgedBehindTheFence() throws IOException, SQLException {
        List<Entry> entries = record().entries();
        Entry fenced = last(
                        entries,
                        entry -> entry instanceof Entry.Called called
                                && called.call() == Call.FENCE
                                && called.result() == Entry.Result.DONE)
                // Of a run that died in between there is only the proof of the next.
                .or(() -> last(entries, Entry.FenceProven.class::isInstance))
                .orElseThrow();
        return acknowledgedByActiveAfter(time.onSystemClock(fenced.at()));
    }

    private static Optional<Entry> last(List<Entry> entries, Predicate<Entry> which) {
        return entries.stream().filter(which).reduce((first, second) -> second);
    }

    /** @param instant by the system's clock */
    Set<Long> acknowledgedByActiveAfter(Instant instant) throws SQLException {
        Map<Long, Instant> commits = pair.active.commits();
        Set<Long> late = new HashSet<>(ledger.acknowledgedBy(pair.active));
        late.removeIf(id -> !commits.get(id).isAfter(instant));
        return late;
    }

    void assertHomeAndNothingLost(Action.Finish end) throws Exception {
        assertThat(end.outcome()).as("%s %s", end.message(), ledger).isEqualTo(Outcome.COMPLETED);
        endWriters();
        assertReplicated();
        assertThat(lost()).as("acknowledged, and not on P; %s", ledger).isEmpty();
        assertThat(acknowledgedBehindTheFence())
                .as("acknowledged by A behind the fence; %s", ledger)
                .isEmpty();
    }

    /** What the pair did at the end of the cutover is what replication does. */
    void assertReplicated() {
        assertThat(broken).as("what replication did").isNotCompletedExceptionally();
    }

    @Override
    public void close() throws IOException {
        server.close();
        proxy.close();
        writers.close();
    }
}
