package io.jenkins.plugins.cockroachdb.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One page of a list.
 *
 * @param items what is on it
 * @param next the token of the page after it; empty on the last
 */
record Page<T>(List<T> items, Optional<String> next) {

    /**
     * Which page a request asks for.
     *
     * @param after the item after which the page begins; empty for the first page
     * @param limit how many items at most
     * @param descending whether the order is turned round
     */
    record Wanted(Optional<Key> after, int limit, boolean descending) {}

    /** Walks an ordered list from where the page begins to where it ends, and no further. */
    static <T> Page<T> of(NavigableMap<Key, T> list, Predicate<T> shown, Wanted wanted) {
        NavigableMap<Key, T> ordered = wanted.descending() ? list.descendingMap() : list;
        NavigableMap<Key, T> rest =
                wanted.after().map(after -> ordered.tailMap(after, false)).orElse(ordered);
        List<T> items = new ArrayList<>();
        Key last = null;
        for (Map.Entry<Key, T> entry : rest.entrySet()) {
            if (!shown.test(entry.getValue())) {
                continue;
            }
            if (items.size() == wanted.limit()) {
                return new Page<>(items, Optional.of(last.token()));
            }
            items.add(entry.getValue());
            last = entry.getKey();
        }
        return new Page<>(items, Optional.empty());
    }
}
