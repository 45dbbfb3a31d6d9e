package io.jenkins.plugins.cockroachdb.simulator;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** Header maps: names in any case, one value each. */
final class Headers {

    private Headers() {}

    /** An unmodifiable copy whose keys ignore case. */
    static Map<String, String> copyOf(Map<String, String> headers) {
        Map<String, String> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        copy.putAll(headers);
        return Collections.unmodifiableMap(copy);
    }
}
