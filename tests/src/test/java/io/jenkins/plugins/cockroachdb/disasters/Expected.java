package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What disasters have to reach, kind by kind: what is not reached is not tested. */
final class Expected {

    static final String CELLS = "cells of the decision table";
    static final String OUTCOMES = "outcomes";
    static final String STREAM = "transitions of the stream, as drivers saw it";
    static final String TRAFFIC = "transitions of traffic, as drivers saw it";
    static final String FAULTS = "faults of requests";
    static final String TWISTS = "twists";
    static final String GATES = "gates asked";
    static final String PEOPLE = "people at gates";
    static final String CRASHES = "crash points";
    static final String CRASHED_AFTER = "crashed after the entry";
    static final String HISTORIES = "histories";
    static final String PROXIES = "kinds of proxies";
    static final String PROXY_FAULTS = "what goes wrong with each kind";

    /** A run that finds clients on P ends before its stream can be canceled under it. */
    private static final Set<String> IMPOSSIBLE_CELLS = Set.of("1b, on P");

    /** Nobody here gives a program wrong arguments. */
    private static final Set<Outcome> IMPOSSIBLE_OUTCOMES = Set.of(Outcome.USAGE);

    private Expected() {}

    /** By kind. */
    static Map<String, List<String>> all() {
        Map<String, List<String>> all = new LinkedHashMap<>();
        all.put(
                CELLS,
                Cell.all().stream()
                        .filter(cell -> !IMPOSSIBLE_CELLS.contains(cell))
                        .toList());
        all.put(
                OUTCOMES,
                Arrays.stream(Outcome.values())
                        .filter(outcome -> !IMPOSSIBLE_OUTCOMES.contains(outcome))
                        .map(String::valueOf)
                        .toList());
        all.put(
                STREAM,
                List.of(
                        "none to STARTING",
                        "STARTING to REPLICATING",
                        "REPLICATING to FAILING_OVER",
                        "FAILING_OVER to COMPLETED",
                        "REPLICATING to COMPLETED",
                        "REPLICATING to CANCELED",
                        "REPLICATING to RESTING"));
        all.put(
                TRAFFIC,
                List.of(
                        "on A to fenced",
                        "fenced to on P",
                        "fenced to on A",
                        "on A to mixed",
                        "mixed to fenced",
                        "mixed to on A",
                        "fenced to mixed",
                        "fenced to unknown",
                        "unknown to fenced",
                        "on A to unknown",
                        "unknown to on A"));
        List<String> faults = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            faults.add(kind + " of a read");
            faults.add(kind + " of a write");
        }
        all.put(FAULTS, faults);
        all.put(TWISTS, leaves(Twist.class).map(Class::getSimpleName).sorted().toList());
        all.put(GATES, names(Gate.values()));
        List<String> people = new ArrayList<>();
        for (Gate gate : List.of(Gate.ERASE, Gate.CUT_OVER)) {
            for (Twist.Manner manner : Twist.Manner.values()) {
                people.add(gate + " " + manner);
            }
        }
        all.put(PEOPLE, people);
        all.put(CRASHES, names(Twist.CrashPoint.values()));
        all.put(PROXIES, names(Edge.Kind.values()));
        List<String> proxyFaults = new ArrayList<>();
        for (Edge.Kind kind : Edge.Kind.values()) {
            for (Edge.LinkFault fault : Edge.LinkFault.values()) {
                proxyFaults.add(kind + " " + fault);
            }
            for (String event : List.of("RESTART", "SPOILT_RESTART", "UNFENCED_BY_HAND", "SILENCE")) {
                proxyFaults.add(kind + " " + event);
            }
        }
        all.put(PROXY_FAULTS, proxyFaults);
        all.put(HISTORIES, names(Twist.History.values()));
        return all;
    }

    /** What a coverage lacks, in sentences. */
    static List<String> gaps(Coverage coverage) {
        List<String> gaps = new ArrayList<>();
        all().forEach((kind, expected) -> expected.stream()
                .filter(what -> !coverage.of(kind).containsKey(what))
                .forEach(what -> gaps.add(kind + ": " + what + " was never reached")));
        return gaps;
    }

    private static List<String> names(Object[] values) {
        return Arrays.stream(values).map(String::valueOf).toList();
    }

    private static Stream<Class<?>> leaves(Class<?> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses()).flatMap(Expected::leaves)
                : Stream.of(type);
    }
}
