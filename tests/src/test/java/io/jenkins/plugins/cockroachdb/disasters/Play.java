package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.cloud.ApiKey;
import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.disasters.Twist.CrashPoint;
import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackDriver;
import io.jenkins.plugins.cockroachdb.failback.Goal;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.simulator.StreamStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Plays a schedule: starts drivers, lets them die and be started again, and at the end lets everything calm down, after which
 * the failback has to get home.
 */
final class Play {

    /**
     * What came of it.
     *
     * @param outcomes of every run that ended by itself, in order
     */
    record Result(
            Schedule schedule,
            List<Violation> violations,
            List<Outcome> outcomes,
            List<String> trace,
            Coverage coverage,
            Map<CrashPoint, Integer> points) {}

    private static final Duration RUN_LIMIT = Duration.ofHours(6);
    private static final Duration QUIET = Duration.ofMinutes(10);
    private static final int EVENT_LIMIT = 400_000;
    private static final int RERUNS = 3;
    private static final int CALM_RERUNS = 8;

    /** Where no run may get home: enough to see that none tries. */
    private static final int HOPELESS_RERUNS = 1;

    private final World world;
    private final Turns turns = new Turns(this::step);
    private final Path directory;
    private final List<Driver> alive = new ArrayList<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private final Map<Moment, Integer> moments = new EnumMap<>(Moment.class);
    private final Map<CrashPoint, Integer> points = new EnumMap<>(CrashPoint.class);
    private final Map<String, Integer> reruns = new HashMap<>();
    private int entries;
    private int lives;
    private int events;
    private int pendingStarts;
    private Settings settings;
    private Duration skew;
    private Outcome lastOutcome;
    private String lastRecord;

    private Play(Schedule schedule, boolean traced, Path directory) {
        this.directory = directory;
        world = new World(schedule, traced, directory);
        settings = world.settings;
        skew = schedule.one(Twist.Skew.class).map(Twist.Skew::ahead).orElse(Duration.ZERO);
    }

    /** Plays it without keeping a trace. */
    static Result of(Schedule schedule) {
        return of(schedule, false);
    }

    /** Plays it. */
    static Result of(Schedule schedule, boolean traced) {
        Path directory = Scratch.directory();
        try {
            return new Play(schedule, traced, directory).play();
        } finally {
            Scratch.delete(directory);
        }
    }

    private Result play() {
        world.trace.line("SCHEDULE", world.schedule::toString);
        for (Twist twist : world.schedule.twists()) {
            if (!(twist instanceof Twist.Event)) {
                world.coverage.reach(Expected.TWISTS, twist.getClass().getSimpleName());
            }
        }
        try {
            start("jenkins");
            runToTheEnd();
            if (violations().isEmpty()) {
                main();
            }
        } catch (RuntimeException | Error fault) {
            world.invariants.violated("I5", "the program failed: " + fault + " at " + fault.getStackTrace()[0]);
        } finally {
            List.copyOf(alive).forEach(Driver::close);
            turns.letOthersEnd();
        }
        return new Result(
                world.schedule, violations(), List.copyOf(outcomes), world.trace.lines(), world.coverage, points);
    }

    private void main() {
        if (world.schedule.twists().stream().allMatch(Play::changesNothing) && lastOutcome != Outcome.COMPLETED) {
            world.invariants.violated(
                    "I6", "the run ended as " + lastOutcome + ", and an undisturbed one ends as COMPLETED");
        }
        calmDown();
        int most = isHopeless() ? HOPELESS_RERUNS : CALM_RERUNS;
        for (int i = 0; i < most && violations().isEmpty() && !isHome() && !world.isErasedBesideCutover(); i++) {
            if (i > 1 && !isHopeless()) {
                world.mendByHand();
                settings = sane(settings);
            }
            pause(Duration.ofMinutes(1));
            start(i > 4 && lives > 1 ? "cli" : "jenkins");
            runToTheEnd();
        }
        if (violations().isEmpty() && !isHome() && !isHopeless()) {
            world.invariants.violated("I5", "nothing goes wrong any more, and no rerun gets home: " + outcomes);
        }
        scan();
    }

    /** What a rerun, or a little patience, makes good. */
    private static boolean changesNothing(Twist twist) {
        return twist instanceof Twist.Pace pace && pace.revert().compareTo(Duration.ofMinutes(20)) < 0
                || twist instanceof Twist.StaleReads
                || twist instanceof Twist.DelayedEffects
                || twist instanceof Twist.SecondStreamTaken
                || twist instanceof Twist.ScanShows
                || twist instanceof Twist.SmallPages
                || twist instanceof Twist.Crash
                || twist instanceof Twist.DiskFull
                || twist instanceof Twist.Skew skew && skew.ahead().abs().compareTo(Duration.ofMillis(4500)) < 0
                || twist instanceof Twist.LongSessions
                || twist instanceof Twist.Drain
                || twist instanceof Twist.WaiveLag
                || twist instanceof Twist.AllowUnprovenRoles
                || twist instanceof Twist.Proxies
                || twist instanceof Twist.Past past
                        && (past.history() == Twist.History.EARLIER_FAILBACK
                                || past.history() == Twist.History.REVERSE_LIVE
                                || past.history() == Twist.History.REVERSE_CANCELED
                                || past.history() == Twist.History.PLANNED_SWITCHOVER);
    }

    private List<Violation> violations() {
        return world.invariants.violations();
    }

    // ---- Drivers

    /** A driver's process, from its start to its end or death. */
    private final class Driver {
        private final String name;
        private final Life life;
        private RecordFile file;
        private FailbackDriver failback;
        private Duration restartedAfter = Duration.ZERO;
        private boolean diskFull;
        private Entry.Seen lastSeen;

        Driver(String name) {
            this.name = name;
            life = new Life(name + "#" + ++lives, world.time, turns, skew, this::diesAt, this::dies);
            world.born(life, name, settings);
            settings = lives == 1 ? world.laterSettings : settings;
        }

        private boolean diesAt(CrashPoint point) {
            int passed = points.merge(point, 1, Integer::sum);
            if (world.isCalm()) {
                return false;
            }
            for (Twist twist : world.schedule.twists()) {
                if (twist instanceof Twist.Crash crash && crash.point() == point && crash.occurrence() == passed) {
                    restartedAfter = crash.restartedAfter();
                    world.coverage.reach(Expected.CRASHES, point);
                    return true;
                }
            }
            return false;
        }

        void kill(Duration restarted) {
            restartedAfter = restarted;
            life.die();
        }

        private void dies() {
            world.trace.line(life.name, () -> "DIES");
            coverDeath();
            close();
            startLater(restartedAfter);
        }

        private void coverDeath() {
            if (file != null) {
                List<Entry> kept = file.record().entries();
                world.coverage.reach(Expected.CRASHED_AFTER, entryName(kept.get(kept.size() - 1)));
            }
        }

        void begin() {
            world.trace.line(life.name, () -> "starts");
            try {
                file = RecordFile.open(
                        directory.resolve(name), world.originalPrimaryId, world.activeId, "disasters", life);
            } catch (RecordFile.HeldException held) {
                world.trace.line(life.name, held::getMessage);
                world.coverage.reach("drivers", "refused, because another one holds the record");
                life.end();
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            alive.add(this);
            KeptRecord record = new KeptRecord(file, life, this::diskTakes, this::kept);
            ApiKey key = ApiKey.of(world.key);
            CloudClient client = CloudClient.builder(
                            ApiUrl.of("https://cloud.example"), () -> key, world.wire.endAt(life), life)
                    .clock(life)
                    .random(new Random(world.random.nextLong()))
                    .build();
            List<Proxy> proxies =
                    world.edges.stream().map(edge -> proxy(edge.of(life))).toList();
            failback = new FailbackDriver(
                    client,
                    new StreamWatcher(client, life, life),
                    proxies,
                    world.people.askedBy(life, name),
                    record,
                    world.settings(life),
                    life,
                    life,
                    this::acts);
            moment(Moment.BEGINNING);
            life.execute(() -> failback.run().whenComplete((finish, failure) -> {
                if (life.isAlive()) {
                    ended(finish, failure);
                }
            }));
        }

        /** What a proxy answers comes between two tasks of the process, and never to a dead one. */
        private Proxy proxy(Proxy real) {
            return (Proxy) java.lang.reflect.Proxy.newProxyInstance(
                    Proxy.class.getClassLoader(), new Class<?>[] {Proxy.class}, (self, method, arguments) -> {
                        Object result = method.invoke(real, arguments);
                        return result instanceof CompletableFuture<?> future ? life.hears(future) : result;
                    });
        }

        private boolean diskTakes(Entry entry) {
            int number = ++entries;
            world.schedule
                    .all(Twist.DiskFull.class)
                    .filter(full -> full.entry() == number && !world.isCalm())
                    .forEach(full -> {
                        diskFull = true;
                        restartedAfter = full.mendedAfter();
                        world.trace.line(life.name, () -> "cannot write its record any more");
                    });
            return !diskFull;
        }

        private void kept(Entry entry) {
            world.trace.line(life.name, () -> "| " + entry);
            world.coverage.reach("entries", entryName(entry));
            if (entry instanceof Entry.LossWindow) {
                world.reportLoss();
            }
            if (entry instanceof Entry.Seen seen) {
                world.looked(life);
                coverTransitions(seen);
            }
            if (entry instanceof Entry.Calling calling) {
                world.invariants.begins(life, calling);
            }
            Moment.of(entry).ifPresent(Play.this::moment);
        }

        private void coverTransitions(Entry.Seen seen) {
            if (lastSeen != null) {
                String before = lastSeen.status() == null ? "none" : lastSeen.status();
                String now = seen.status() == null ? "none" : seen.status();
                if (!before.equals(now)) {
                    world.coverage.reach(Expected.STREAM, before + " to " + now);
                }
                if (seen.traffic() != null && !seen.traffic().equals(lastSeen.traffic())) {
                    world.coverage.reach(Expected.TRAFFIC, lastSeen.traffic() + " to " + seen.traffic());
                }
            }
            lastSeen = seen;
        }

        private void acts(Action action) {
            world.coverage.reach("actions", action.getClass().getSimpleName());
            world.coverage.reach(Expected.CELLS, Cell.of(file.record(), world.settings(life), world.edges.isEmpty()));
            if (!(action instanceof Action.Look)) {
                world.trace.line(life.name, () -> "> " + action);
            }
        }

        private void ended(Action.Finish finish, Throwable failure) {
            life.end();
            close();
            if (failure != null) {
                Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                if (cause instanceof UncheckedIOException && diskFull) {
                    startLater(restartedAfter);
                    return;
                }
                world.invariants.violated("I5", "the run failed: " + cause);
                return;
            }
            world.trace.line(life.name, () -> "ENDS " + finish.outcome() + ": " + finish.message());
            world.coverage.reach(Expected.OUTCOMES, finish.outcome());
            outcomes.add(finish.outcome());
            lastOutcome = finish.outcome();
            lastRecord = name;
            world.invariants.shown("the end", finish.message());
            world.invariants.ended(life, file.record(), finish);
            boolean again = finish.outcome().leavesRecordOpen()
                    && !world.isCalm()
                    && reruns.merge(name, 1, Integer::sum) <= (isHopeless() ? HOPELESS_RERUNS : RERUNS);
            if (again) {
                startLater(Duration.ofSeconds(60));
            }
        }

        private void startLater(Duration later) {
            pendingStarts++;
            world.time.schedule(
                    () -> {
                        pendingStarts--;
                        start(name);
                    },
                    later.toNanos(),
                    TimeUnit.NANOSECONDS);
        }

        void close() {
            life.end();
            alive.remove(this);
            try {
                if (file != null) {
                    file.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String entryName(Entry entry) {
        String name = entry.getClass().getSimpleName();
        if (entry instanceof Entry.Calling calling) {
            return name + " " + calling.call();
        }
        return entry instanceof Entry.Called called ? name + " " + called.call() : name;
    }

    private void start(String name) {
        new Driver(name).begin();
    }

    // ---- Time

    private void moment(Moment moment) {
        int occurrence = moments.merge(moment, 1, Integer::sum);
        for (Twist twist : world.schedule.twists()) {
            if (twist instanceof Twist.Event event
                    && event.when().moment() == moment
                    && event.when().occurrence() == occurrence
                    && !world.isCalm()) {
                world.time.schedule(() -> happens(event), event.when().after().toNanos(), TimeUnit.NANOSECONDS);
            }
        }
    }

    private void happens(Twist.Event event) {
        world.happens(event, alive.stream().map(driver -> driver.life).toList());
        if (world.isCalm()) {
            return;
        }
        if (event instanceof Twist.ClockJump jump) {
            skew = skew.plus(jump.by());
        } else if (event instanceof Twist.Abort) {
            alive.stream().findFirst().ifPresent(driver -> driver.life.run(() -> driver.failback.abort("lead")));
        } else if (event instanceof Twist.Killed killed) {
            alive.stream().findFirst().ifPresent(driver -> driver.kill(killed.restartedAfter()));
        } else if (event instanceof Twist.SecondDriver second) {
            start(second.sameRecord() ? "jenkins" : "cli");
        }
    }

    private void runToTheEnd() {
        turns.play(() -> alive.isEmpty() && pendingStarts == 0 || world.invariants.areViolated());
    }

    private void step() {
        if (++events > EVENT_LIMIT) {
            world.invariants.violated("I5", "there is no end of it after " + EVENT_LIMIT + " events");
        }
        if (!world.time.runNext()) {
            world.invariants.violated("I5", "nothing happens any more, and a run has not ended");
        }
        world.invariants.afterAnEvent();
        Instant oldest = world.time.instant().minus(RUN_LIMIT);
        for (Driver driver : alive) {
            if (driver.life.born().isBefore(oldest)) {
                world.invariants.violated("I5", "a run has not ended after " + RUN_LIMIT.toHours() + " h");
            }
        }
    }

    private void calmDown() {
        world.trace.line("CALM", () -> "nothing goes wrong any more");
        world.calmDown();
        skew = Duration.ZERO;
        pause(QUIET);
        if (lastRecord != null) {
            world.invariants.quiet(lastRecord, lastOutcome);
        }
    }

    private void pause(Duration length) {
        Instant until = world.time.instant().plus(length);
        turns.play(() ->
                world.time.nextDue().filter(due -> !due.isAfter(until)).isEmpty() || world.invariants.areViolated());
        if (violations().isEmpty()) {
            world.time.advanceTo(until);
        }
    }

    /** The settings of somebody who has read why the last run did not get home. */
    private static Settings sane(Settings settings) {
        return Settings.DEFAULT.toBuilder()
                .allowUnprovenRoles(settings.allowUnprovenRoles())
                .goal(Goal.HOME)
                .build();
    }

    private boolean isHome() {
        return world.reverseStreams().stream()
                        .filter(stream -> !world.isOld(stream))
                        .anyMatch(stream -> world.cloud.status(stream) == StreamStatus.COMPLETED)
                && world.edges.stream().allMatch(edge -> edge.reachesOriginal() && !edge.reachesActive())
                && (lastOutcome == Outcome.COMPLETED || lastOutcome == Outcome.UNPROTECTED);
    }

    private boolean isHopeless() {
        return world.rolesCannotBeProven() && !world.schedule.has(Twist.History.HOME_ALREADY)
                || world.isErasedBesideCutover()
                || world.schedule.has(Twist.WeakKey.class)
                || world.schedule.has(Twist.History.IDS_EXCHANGED);
    }

    /** Nothing secret stands in a record. */
    private void scan() {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".jsonl")).toList()) {
                world.invariants.shown("the record", Files.readString(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
