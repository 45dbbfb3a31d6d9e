package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.disasters.Twist.CrashPoint;
import io.jenkins.plugins.cockroachdb.proxy.ModelledProxies;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A proxy and the clients behind it: what they can reach, who had them reach it, and how it is told what to do. Subclasses know what
 * kind of proxy it is.
 *
 * <p>Whoever lets clients in has one at once, who stays until he is cut or, when nobody new is let in, for as long as his session lasts.
 */
abstract class Edge {

    /** Who stands behind a proxy. */
    enum Cluster {
        ACTIVE,
        ORIGINAL_PRIMARY
    }

    /** What kinds there are. */
    enum Kind {
        /** HAProxy that forgets at each restart what it was told. */
        HAPROXY,
        /** HAProxy that is told where its states are saved, and reads them when it starts. */
        HAPROXY_WITH_STATE_FILE,
        PGBOUNCER,
        /** A proxy of another kind, moved by a program of its owner. */
        HOOK
    }

    /**
     * What a driver told a proxy.
     *
     * @param by whose process
     * @param sent when
     */
    record Order(Life by, Instant sent) {}

    /** What goes wrong with a command. */
    enum LinkFault {
        ANSWER_LOST,
        LATE,
        REFUSED
    }

    /** What is planned to go wrong with a command that is still to come. */
    private static final class PlannedFault {
        private final LinkFault kind;
        private final Duration by;
        private int commandsBefore;

        PlannedFault(LinkFault kind, int command, Duration by) {
            this.kind = kind;
            this.commandsBefore = command - 1;
            this.by = by;
        }
    }

    final int number;
    final String name;
    private final Kind kind;
    final World world;
    private final Duration longestSession;
    private final List<PlannedFault> faults = new ArrayList<>();
    private final List<TalkingLine<?>> lines = new ArrayList<>();
    private boolean down;
    private int changes;
    private int restarts;
    private Instant silentUntil = Instant.MIN;
    private Instant upSince = Instant.MIN;
    private Instant changed = Instant.MIN;

    /** Whose fence closed A last, by the name of its record; null when it is open, or nobody's command closed it. */
    String closedBy;

    /** Since when clients can reach A because the proxy opened by itself; null when they cannot, or were let. */
    Instant openedItself;

    Edge(int number, Kind kind, Duration longestSession, World world) {
        this.number = number;
        this.kind = kind;
        this.name = "edge-" + (number + 1);
        this.longestSession = longestSession;
        this.world = world;
    }

    // ---- What a kind of proxy is

    /** Whether new clients get there. */
    abstract boolean letsTo(Cluster cluster);

    /** Whether somebody is still there. */
    abstract boolean holds(Cluster cluster);

    /** New clients come to whoever takes them. */
    abstract void newClients();

    /** The last client there leaves. */
    abstract void leave(Cluster cluster);

    /**
     * It starts with what is configured.
     *
     * @param badly whether somebody has spoilt that, so that it lets clients in where it should not
     */
    abstract void start(boolean badly);

    /** Somebody sends clients to A by hand, and nowhere else. */
    abstract void sendToActive();

    /** How a driver works on it. */
    abstract Proxy of(Life driver);

    // ---- What clients reach

    boolean reachesActive() {
        return reaches(Cluster.ACTIVE);
    }

    boolean reachesOriginal() {
        return reaches(Cluster.ORIGINAL_PRIMARY);
    }

    private boolean reaches(Cluster cluster) {
        return !down && (letsTo(cluster) || holds(cluster));
    }

    boolean isFenced() {
        return !reachesActive() && !reachesOriginal();
    }

    boolean isDown() {
        return down;
    }

    /** When what clients can reach changed. */
    Instant changed() {
        return changed;
    }

    /** Whether administrators could not reach it at some moment since then. */
    boolean wasSilentSince(Instant instant) {
        return down || silentUntil.isAfter(instant) || upSince.isAfter(instant);
    }

    /**
     * Something that may change what clients reach.
     *
     * @param by whose command it was; empty for what nobody commanded
     */
    final <T> T change(Optional<Order> by, Supplier<T> effect) {
        boolean reachedActive = reachesActive();
        boolean letToActive = letsTo(Cluster.ACTIVE);
        boolean letToOriginal = letsTo(Cluster.ORIGINAL_PRIMARY);
        List<Boolean> before = reach();
        world.invariants.closing(this);
        T answer = effect.get();
        if (!down) {
            newClients();
        }
        if (letsTo(Cluster.ACTIVE)) {
            closedBy = null;
        } else if (letToActive) {
            closedBy = by.map(order -> world.recordOf(order.by())).orElse(null);
        }
        if (!before.equals(reach())) {
            changed = world.time.instant();
            sessionsEnd(++changes);
        }
        if (!reachesActive()) {
            openedItself = null;
        } else if (!reachedActive) {
            openedItself = by.isPresent() ? null : world.time.instant();
            world.invariants.openedToActive(
                    this, by.map(Order::by), by.map(Order::sent).orElse(world.time.instant()));
        }
        if (by.isPresent() && letsTo(Cluster.ORIGINAL_PRIMARY) && !letToOriginal) {
            world.invariants.openedToOriginal();
        }
        return answer;
    }

    final void change(Optional<Order> by, Runnable effect) {
        change(by, () -> {
            effect.run();
            return null;
        });
    }

    private List<Boolean> reach() {
        return List.of(
                down,
                letsTo(Cluster.ACTIVE),
                holds(Cluster.ACTIVE),
                letsTo(Cluster.ORIGINAL_PRIMARY),
                holds(Cluster.ORIGINAL_PRIMARY));
    }

    /** Nobody who is left stays for ever. */
    private void sessionsEnd(int change) {
        boolean somebodyIsLeft = Stream.of(Cluster.values()).anyMatch(cluster -> holds(cluster) && !letsTo(cluster));
        if (somebodyIsLeft) {
            after(longestSession, () -> {
                if (changes == change) {
                    change(Optional.empty(), () -> Stream.of(Cluster.values())
                            .filter(cluster -> !letsTo(cluster))
                            .forEach(this::leave));
                }
            });
        }
    }

    // ---- What happens by itself

    /** It starts anew. */
    void restart(Duration length, boolean badly) {
        world.trace.line(name, () -> "goes down");
        change(Optional.empty(), () -> down = true);
        List.copyOf(lines).forEach(line -> line.breakOff("Connection reset"));
        int restart = ++restarts;
        after(length, () -> {
            if (restarts == restart) {
                upSince = world.time.instant();
                change(Optional.empty(), () -> {
                    down = false;
                    start(badly);
                });
                world.trace.line(name, () -> "is up again, and reaches " + words());
            }
        });
    }

    private String words() {
        return (reachesActive() ? "A " : "") + (reachesOriginal() ? "P" : "") + (isFenced() ? "nobody" : "");
    }

    /** Something goes wrong with it, for the report. */
    final void meets(Object what) {
        world.coverage.reach(Expected.PROXY_FAULTS, kind + " " + what);
    }

    void silence(Duration length) {
        silentUntil = world.time.instant().plus(length);
    }

    private boolean isSilent() {
        return world.time.instant().isBefore(silentUntil);
    }

    /** It answers from now on. */
    void answer() {
        silentUntil = isSilent() ? world.time.instant() : silentUntil;
    }

    // ---- The link

    void plan(LinkFault fault, int command, Duration by) {
        faults.add(new PlannedFault(fault, command, by));
    }

    void planNothing() {
        faults.clear();
    }

    private Optional<PlannedFault> nextFault() {
        PlannedFault hit = null;
        for (PlannedFault fault : faults) {
            if (fault.commandsBefore-- == 0) {
                hit = fault;
            }
        }
        faults.removeIf(fault -> fault.commandsBefore < 0);
        return Optional.ofNullable(hit);
    }

    /**
     * Sends a command.
     *
     * @param effect what it does, and what answers it when it is done
     * @param answer gets the answer, on the caller's life; never called when there is none
     * @param refused called instead when the proxy refuses
     * @param broken called instead when nobody is there
     */
    final <T> void command(
            Life caller,
            String words,
            Supplier<? extends CompletionStage<T>> effect,
            Consumer<T> answer,
            Runnable refused,
            Runnable broken) {
        caller.point(CrashPoint.COMMAND_SENT);
        Optional<PlannedFault> fault = nextFault();
        fault.ifPresent(hit -> {
            world.trace.line(name, () -> words + " of " + caller.name + " will meet " + hit.kind);
            meets(hit.kind);
        });
        Duration late = fault.filter(hit -> hit.kind == LinkFault.LATE)
                .map(hit -> hit.by)
                .orElse(Duration.ZERO);
        after(way().plus(late), () -> {
            if (isSilent()) {
                return;
            }
            if (down) {
                after(way(), () -> caller.run(broken));
                return;
            }
            if (fault.isPresent() && fault.get().kind == LinkFault.REFUSED) {
                after(way(), () -> caller.run(refused));
                return;
            }
            CompletionStage<T> result = effect.get();
            if (fault.isEmpty()) {
                result.thenAccept(value -> after(way(), () -> caller.run(() -> answer.accept(value))));
            }
        });
    }

    /** A line of the product's own work to this proxy. */
    final <T> ModelledProxies.Line<T> line(Life caller, Model<T> model) {
        return new TalkingLine<>(caller, model);
    }

    /** What answers on a line. */
    interface Model<T> {
        /** What a command does, and what answers it when it is done. */
        CompletionStage<T> obey(String command, Order order);

        /** The answer of a proxy that refuses. */
        T refusal();
    }

    private final class TalkingLine<T> implements ModelledProxies.Line<T> {
        private final Life caller;
        private final Model<T> model;
        private final Queue<T> heard = new ArrayDeque<>();
        private String broken;

        TalkingLine(Life caller, Model<T> model) {
            this.caller = caller;
            this.model = model;
            lines.add(this);
        }

        @Override
        public void say(String command) throws IOException {
            if (broken != null) {
                throw new IOException(broken);
            }
            Order order = new Order(caller, world.time.instant());
            command(
                    caller,
                    command,
                    () -> model.obey(command, order),
                    heard::add,
                    () -> heard.add(model.refusal()),
                    () -> breakOff("Connection refused"));
        }

        @Override
        public T hear() throws IOException {
            caller.await(() -> broken != null || !heard.isEmpty());
            if (heard.isEmpty()) {
                throw new IOException(broken);
            }
            return heard.remove();
        }

        void breakOff(String words) {
            broken = words;
            lines.remove(this);
        }

        @Override
        public void close() {
            breakOff("closed");
        }
    }

    /** How long word takes from here to there. */
    private Duration way() {
        return Duration.ofNanos(world.random.nextLong(200_000, 20_000_000));
    }

    final void after(Duration delay, Runnable task) {
        world.time.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    static <T> CompletionStage<T> done(T answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
