package io.jenkins.plugins.cockroachdb.disasters;

import java.util.Map;
import java.util.TreeMap;

/** What was reached, kind by kind, and how often. */
final class Coverage {

    private final Map<String, Map<String, Long>> reached = new TreeMap<>();

    void reach(String kind, Object what) {
        reached.computeIfAbsent(kind, k -> new TreeMap<>()).merge(String.valueOf(what), 1L, Long::sum);
    }

    void add(Coverage other) {
        other.reached.forEach((kind, counts) -> counts.forEach((what, count) ->
                reached.computeIfAbsent(kind, k -> new TreeMap<>()).merge(what, count, Long::sum)));
    }

    Map<String, Long> of(String kind) {
        return reached.getOrDefault(kind, Map.of());
    }
}
