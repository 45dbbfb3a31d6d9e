package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.disasters.Twist.CrashPoint;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A proxy and the clients behind it. Two servers stand behind each: A, and P. A server takes new sessions while it is ready; a
 * session stays until it ends by itself or is cut, whatever becomes of its server. It is told what to do over a link that can be
 * silent, lose answers, and be late.
 */
final class Edge {

    /** What a server does with clients. */
    enum Server {
        /** It takes new sessions. */
        READY,
        /** It takes no new sessions, and lets those that there are end. */
        DRAIN,
        /** It takes none; those that there are stay. */
        CLOSED
    }

    /** Hears of what changes for clients. */
    interface Witness {

        /** Before anything closes: the last moment for a write. */
        void closing(Edge edge);

        /**
         * Clients may reach A again.
         *
         * @param by whose command it was; empty when the proxy did it by itself
         */
        void openedToActive(Edge edge, Optional<Life> by, Instant sent);

        /** A driver lets clients go to P. */
        void openedToOriginal();
    }

    final int number;
    final String name;
    private final VirtualTime time;
    private final SplittableRandom random;
    private final Trace trace;
    private final Witness witness;
    private final Duration longestSession;
    private final List<PlannedFault> faults = new ArrayList<>();

    private Server active;
    private Server original;
    private boolean sessionsOnActive;
    private boolean sessionsOnOriginal;
    private int generation;
    private Instant silentUntil = Instant.MIN;
    private Instant downUntil = Instant.MIN;
    private Instant changed = Instant.MIN;

    /** Whose fence closed A last, by the name of its record; null when it is open, or nobody's command closed it. */
    String closedBy;

    /** Since when clients can reach A because the proxy opened by itself; null when they cannot, or were let. */
    Instant openedItself;

    Edge(
            int number,
            boolean toActive,
            boolean toOriginal,
            Duration longestSession,
            VirtualTime time,
            SplittableRandom random,
            Trace trace,
            Witness witness) {
        this.number = number;
        this.name = "edge-" + (number + 1);
        this.longestSession = longestSession;
        this.time = time;
        this.random = random;
        this.trace = trace;
        this.witness = witness;
        active = toActive ? Server.READY : Server.CLOSED;
        original = toOriginal ? Server.READY : Server.CLOSED;
        sessionsOnActive = toActive;
        sessionsOnOriginal = toOriginal;
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

    enum LinkFault {
        ANSWER_LOST,
        LATE,
        REFUSED
    }

    // ---- Clients

    boolean reachesActive() {
        return !isDown() && (active == Server.READY || sessionsOnActive);
    }

    boolean reachesOriginal() {
        return !isDown() && (original == Server.READY || sessionsOnOriginal);
    }

    boolean isFenced() {
        return !reachesActive() && !reachesOriginal();
    }

    boolean isDown() {
        return time.instant().isBefore(downUntil);
    }

    boolean isSilent() {
        return time.instant().isBefore(silentUntil) || isDown();
    }

    /** When what clients can reach was last told to change, or changed by itself. */
    Instant changed() {
        return changed;
    }

    /** Whether administrators could not reach it at some moment since then. */
    boolean wasSilentSince(Instant instant) {
        return silentUntil.isAfter(instant) || downUntil.isAfter(instant);
    }

    Server active() {
        return active;
    }

    Server original() {
        return original;
    }

    int sessionsOnActive() {
        return active == Server.READY || sessionsOnActive ? 1 : 0;
    }

    int sessionsOnOriginal() {
        return original == Server.READY || sessionsOnOriginal ? 1 : 0;
    }

    // ---- What administrators do, and what happens by itself

    /** A driver's command to let clients to A. */
    Runnable openingActive(Life driver) {
        Instant sent = time.instant();
        return () -> openActive(Optional.of(driver), sent);
    }

    /** A driver's command to let clients to P. */
    void openOriginalByDriver() {
        openOriginal();
        witness.openedToOriginal();
    }

    /** By itself, or by hand. */
    void openActive() {
        openActive(Optional.empty(), time.instant());
    }

    private void openActive(Optional<Life> by, Instant sent) {
        changed = time.instant();
        generation++;
        boolean wasReachable = reachesActive();
        active = Server.READY;
        sessionsOnActive = true;
        closedBy = null;
        if (!wasReachable) {
            openedItself = by.isPresent() ? null : time.instant();
            witness.openedToActive(this, by, sent);
        }
    }

    void drainActive() {
        changed = time.instant();
        active = Server.DRAIN;
        int drained = ++generation;
        time.schedule(
                () -> {
                    if (generation == drained && active != Server.READY && sessionsOnActive) {
                        witness.closing(this);
                        sessionsOnActive = false;
                        trace.line(name, () -> "the last session on A ended");
                    }
                },
                longestSession.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    void closeActive(String by) {
        changed = time.instant();
        witness.closing(this);
        active = Server.CLOSED;
        closedBy = by;
        if (!reachesActive()) {
            openedItself = null;
        }
    }

    void cutActive() {
        changed = time.instant();
        witness.closing(this);
        sessionsOnActive = active == Server.READY;
        if (!reachesActive()) {
            openedItself = null;
        }
    }

    void openOriginal() {
        changed = time.instant();
        original = Server.READY;
        sessionsOnOriginal = true;
    }

    void closeOriginal() {
        changed = time.instant();
        original = Server.CLOSED;
    }

    void cutOriginal() {
        changed = time.instant();
        sessionsOnOriginal = original == Server.READY;
    }

    /** Starts anew with its configuration. */
    void restart(Duration down, boolean toOriginal) {
        changed = time.instant();
        trace.line(name, () -> "goes down");
        witness.closing(this);
        generation++;
        active = Server.CLOSED;
        original = Server.CLOSED;
        sessionsOnActive = false;
        sessionsOnOriginal = false;
        downUntil = time.instant().plus(down);
        time.schedule(
                () -> {
                    trace.line(name, () -> "is up again, open to A" + (toOriginal ? " and P" : ""));
                    closeOriginal();
                    if (toOriginal) {
                        openOriginal();
                    }
                    openActive();
                },
                down.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    void silence(Duration length) {
        silentUntil = time.instant().plus(length);
    }

    void answer() {
        silentUntil = isSilent() ? time.instant() : silentUntil;
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
     * @param effect what it does, and its answer
     * @param answer gets the answer, on the caller's life; never called when there is none
     * @param refused called instead when the proxy refuses
     */
    <T> void command(Life caller, String words, Supplier<T> effect, Consumer<T> answer, Runnable refused) {
        caller.point(CrashPoint.COMMAND_SENT);
        Optional<PlannedFault> fault = nextFault();
        fault.ifPresent(hit -> trace.line(name, () -> words + " of " + caller.name + " will meet " + hit.kind));
        Duration late = fault.filter(hit -> hit.kind == LinkFault.LATE)
                .map(hit -> hit.by)
                .orElse(Duration.ZERO);
        after(way().plus(late), () -> {
            if (isSilent()) {
                return;
            }
            if (fault.isPresent() && fault.get().kind == LinkFault.REFUSED) {
                after(way(), () -> caller.run(refused));
                return;
            }
            T result = effect.get();
            if (fault.isEmpty()) {
                after(way(), () -> caller.run(() -> answer.accept(result)));
            }
        });
    }

    private Duration way() {
        return Duration.ofNanos(random.nextLong(200_000, 20_000_000));
    }

    private void after(Duration delay, Runnable task) {
        time.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
}
