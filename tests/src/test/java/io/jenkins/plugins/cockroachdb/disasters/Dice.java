package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.disasters.Twist.CrashPoint;
import io.jenkins.plugins.cockroachdb.disasters.Twist.When;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Goal;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings.ScanReplicatedTime;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Makes disasters from a seed. */
final class Dice {

    private final SplittableRandom random;
    private int proxies = 1;

    Dice(long seed) {
        random = new SplittableRandom(seed);
    }

    List<Twist> twists() {
        List<Twist> twists = new ArrayList<>();
        world(twists);
        wishes(twists);
        int events = random.nextInt(10) == 0 ? 0 : 1 + Math.min(random.nextInt(5), random.nextInt(5));
        for (int i = 0; i < events; i++) {
            twists.add(event());
        }
        return twists;
    }

    private void world(List<Twist> twists) {
        sometimes(twists, 85, this::pace);
        sometimes(twists, 15, () -> new Twist.StaleReads(seconds(1, 8)));
        sometimes(twists, 15, () -> new Twist.DelayedEffects(seconds(1, 8)));
        sometimes(twists, 25, Twist.SecondStreamTaken::new);
        sometimes(twists, 25, () -> new Twist.ScanShows(one(ScanReplicatedTime.values())));
        sometimes(twists, 8, () -> new Twist.SmallPages(1 + random.nextInt(3)));
        sometimes(twists, 25, () -> new Twist.Past(one(Twist.History.values())));
        sometimes(twists, 2, Twist.WeakKey::new);
        sometimes(twists, 15, () -> new Twist.Skew(Duration.ofMillis(random.nextLong(-4500, 4501))));
        sometimes(twists, 1, () -> new Twist.Skew(Duration.ofSeconds(random.nextBoolean() ? 30 : -30)));
        sometimes(twists, 80, this::proxies);
        sometimes(twists, 4, () -> new Twist.SentAtFirst(proxy(), random.nextBoolean(), random.nextBoolean()));
        sometimes(twists, 15, () -> new Twist.LongSessions(seconds(1, 60)));
    }

    private Twist pace() {
        return new Twist.Pace(
                seconds(1, 60),
                seconds(1, random.nextInt(8) == 0 ? 300 : 40),
                seconds(1, 30),
                Duration.ofMillis(random.nextLong(5000)),
                seconds(1, random.nextInt(8) == 0 ? 600 : 60));
    }

    private Twist proxies() {
        proxies = random.nextInt(6) > 0 ? 1 : one(0, 2, 2, 3);
        return new Twist.Proxies(
                Stream.generate(() -> one(Edge.Kind.values())).limit(proxies).toList());
    }

    private void wishes(List<Twist> twists) {
        List<Twist> later = new ArrayList<>();
        wish(twists);
        wish(later);
        later.forEach(wish -> sometimes(twists, 25, () -> new Twist.Later(wish)));
    }

    private void wish(List<Twist> twists) {
        sometimes(twists, 6, () -> new Twist.MaxLag(seconds(2, 60)));
        sometimes(twists, 3, () -> new Twist.StartLimit(seconds(5, 60)));
        sometimes(twists, 6, () -> new Twist.FenceLimit(seconds(5, 60)));
        sometimes(twists, 5, () -> new Twist.CutoverLimit(seconds(20, 300)));
        sometimes(twists, 10, () -> new Twist.Drain(seconds(0, 30)));
        sometimes(twists, 10, Twist.WaiveLag::new);
        sometimes(twists, 12, Twist.AllowUnprovenRoles::new);
        sometimes(twists, 20, Twist.ReProtect::new);
        sometimes(
                twists,
                4,
                () -> new Twist.FailoverAt(
                        random.nextBoolean()
                                ? seconds(-30, 600)
                                : seconds(25, 60))); // the second can often be gone back to
        sometimes(twists, 4, () -> new Twist.Aim(one(Goal.values())));
    }

    private Twist event() {
        return switch (random.nextInt(27)) {
            case 0, 1, 2, 3, 4, 5 -> crash();
            case 6, 7, 8, 9 -> requestFault();
            case 10, 11 -> outage();
            case 12 -> lateRequest();
            case 13 -> cloudEvent();
            case 14, 15 -> restart();
            case 16, 17 -> new Twist.Silence(when(), proxy(), random.nextBoolean() ? seconds(1, 20) : seconds(20, 600));
            case 18 -> new Twist.AnswerLost(verb(), proxy(), command());
            case 19 -> new Twist.LateCommand(verb(), proxy(), command(), seconds(1, 120));
            case 20 -> new Twist.CommandRefused(verb(), proxy(), command());
            case 21, 22 -> new Twist.Person(one(Gate.values()), 1 + random.nextInt(2), one(Twist.Manner.values()));
            case 23 -> new Twist.Abort(when());
            case 24 -> new Twist.SecondDriver(when(), random.nextInt(3) == 0);
            case 25 -> oddity();
            case 26 -> new Twist.UnfencedByHand(random.nextBoolean() ? soon(verb()) : when(), proxy());
            default -> throw new IllegalStateException();
        };
    }

    private Twist crash() {
        if (random.nextInt(12) == 0) {
            return new Twist.DiskFull(1 + random.nextInt(60), pause());
        }
        if (random.nextInt(4) == 0) {
            return new Twist.Killed(when(), pause());
        }
        CrashPoint point = one(CrashPoint.values());
        int most =
                switch (point) {
                    case TASK -> random.nextBoolean() ? 150 : 2500;
                    case BEFORE_ENTRY, HALF_AN_ENTRY, AFTER_ENTRY -> 45;
                    case READ_SENT -> 60;
                    case WRITE_SENT -> 3;
                    case COMMAND_SENT -> 100;
                };
        return new Twist.Crash(point, 1 + random.nextInt(most), pause());
    }

    private Duration pause() {
        return switch (random.nextInt(4)) {
            case 0 -> seconds(0, 5);
            case 1 -> seconds(5, 60);
            case 2 -> seconds(60, 600);
            default -> seconds(600, 4500);
        };
    }

    private Twist requestFault() {
        Operation operation =
                switch (random.nextInt(3)) {
                    case 0 -> Operation.UPDATE_STREAM;
                    case 1 -> Operation.CREATE_STREAM;
                    default -> one(Operation.values());
                };
        boolean write = operation == Operation.UPDATE_STREAM || operation == Operation.CREATE_STREAM;
        return new Twist.RequestFault(operation, 1 + random.nextInt(write ? 2 : 8), one(FaultKind.values()));
    }

    private Twist lateRequest() {
        Operation operation = random.nextInt(3) > 0 ? Operation.UPDATE_STREAM : one(Operation.values());
        return new Twist.LateRequest(
                operation, 1 + random.nextInt(2), random.nextBoolean() ? seconds(1, 60) : seconds(60, 120));
    }

    private Twist outage() {
        FaultKind kind = one(
                FaultKind.UNAVAILABLE,
                FaultKind.RESET_BEFORE_EFFECT,
                FaultKind.RESET_AFTER_EFFECT,
                FaultKind.NO_ANSWER,
                FaultKind.INTERNAL_ERROR,
                FaultKind.TOO_MANY_REQUESTS,
                FaultKind.BAD_GATEWAY,
                FaultKind.GATEWAY_TIMEOUT_AFTER_EFFECT);
        return new Twist.Outage(when(), random.nextInt(4) == 0 ? seconds(120, 2400) : seconds(1, 120), kind);
    }

    private Twist cloudEvent() {
        return switch (random.nextInt(6)) {
            case 0, 1 -> new Twist.Canceled(when());
            case 2 -> new Twist.HeartbeatLost(when());
            case 3 -> new Twist.CutOverByHand(when());
            case 4 -> new Twist.CreatedByHand(when());
            default -> new Twist.Locked(when(), random.nextBoolean(), seconds(5, 300));
        };
    }

    private Twist oddity() {
        return switch (random.nextInt(3)) {
            case 0 -> new Twist.ClockJump(when(), Duration.ofMillis(random.nextLong(-120_000, 120_001)));
            case 1 -> new Twist.Dateless(when(), seconds(1, 300));
            default -> new Twist.UnknownStatus(when(), seconds(1, 900));
        };
    }

    /** One in three while a cutover is under way, when it does most harm. */
    private Twist restart() {
        When when = random.nextInt(3) == 0
                ? new When(one(Moment.PROVEN, Moment.PATCHED, Moment.CUTTING_OVER), 1, after())
                : when();
        return new Twist.Restart(when, proxy(), seconds(0, 30), random.nextInt(3) == 0);
    }

    private When when() {
        int occurrence = random.nextInt(4) == 0 ? 2 : 1;
        return new When(one(Moment.values()), occurrence, after());
    }

    /** Most commands go to proxies around a fence, an un-fence or a release. */
    private When verb() {
        Moment moment = one(Moment.FENCING, Moment.FENCING, Moment.UNFENCING, Moment.RELEASING, Moment.PROVEN);
        return new When(moment, random.nextInt(4) == 0 ? 2 : 1, Duration.ZERO);
    }

    /** While the first commands are under way. */
    private When soon(When when) {
        return new When(when.moment(), when.occurrence(), Duration.ofMillis(random.nextLong(400)));
    }

    private int command() {
        return 1 + random.nextInt(random.nextBoolean() ? 8 : 40);
    }

    private Duration after() {
        return switch (random.nextInt(3)) {
            case 0 -> Duration.ZERO;
            case 1 -> Duration.ofMillis(random.nextLong(2000));
            default -> Duration.ofMillis(random.nextLong(60_000));
        };
    }

    private int proxy() {
        return random.nextInt(Math.max(1, proxies));
    }

    private Duration seconds(long from, long to) {
        return Duration.ofMillis(random.nextLong(from * 1000, to * 1000 + 1));
    }

    @SafeVarargs
    private <T> T one(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private void sometimes(List<Twist> twists, int percent, Supplier<Twist> twist) {
        if (random.nextInt(100) < percent) {
            twists.add(twist.get());
        }
    }
}
