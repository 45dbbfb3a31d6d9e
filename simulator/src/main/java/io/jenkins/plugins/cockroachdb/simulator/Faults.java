package io.jenkins.plugins.cockroachdb.simulator;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A plan of what goes wrong, by operation and occurrence. Empty at first. Safe for use by several threads. */
public final class Faults {

    private final Map<Operation, Integer> seen = new EnumMap<>(Operation.class);
    private final Map<Operation, Map<Integer, Fault>> once = new EnumMap<>(Operation.class);
    private final Map<Operation, Fault> always = new EnumMap<>(Operation.class);

    /**
     * Plans a fault for one request; it goes before one planned for every request.
     *
     * @param operation of which kind the request is
     * @param occurrence which request from now on: 1 is the next
     * @throws IllegalArgumentException if the occurrence is not positive
     */
    public synchronized void on(Operation operation, int occurrence, Fault fault) {
        if (occurrence < 1) {
            throw new IllegalArgumentException("the next request is the first, not number " + occurrence);
        }
        once.computeIfAbsent(operation, o -> new HashMap<>()).put(seen.getOrDefault(operation, 0) + occurrence, fault);
    }

    /** Plans a fault for every request of a kind from now on. */
    public synchronized void always(Operation operation, Fault fault) {
        always.put(operation, fault);
    }

    /** Drops all plans. */
    public synchronized void clear() {
        once.clear();
        always.clear();
    }

    /** Counts one more request, and says what happens to it. */
    synchronized Optional<Fault> next(Operation operation) {
        int occurrence = seen.merge(operation, 1, Integer::sum);
        Fault planned = once.getOrDefault(operation, Map.of()).get(occurrence);
        return Optional.ofNullable(planned != null ? planned : always.get(operation));
    }
}
