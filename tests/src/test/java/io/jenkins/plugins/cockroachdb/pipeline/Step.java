package io.jenkins.plugins.cockroachdb.pipeline;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** A step that a pipeline has come to. */
final class Step implements Serializable {

    private static final long serialVersionUID = 1L;

    final String name;
    private final Object given;
    final boolean hasBody;

    /**
     * @param given a map of parameters, or the only parameter; null for none
     */
    Step(String name, Object given, boolean hasBody) {
        this.name = name;
        this.given = given;
        this.hasBody = hasBody;
    }

    /** The parameters by their names. */
    Map<String, Object> parameters() {
        Map<String, Object> parameters = new LinkedHashMap<>();
        if (given instanceof Map<?, ?> map) {
            map.forEach((name, value) -> parameters.put(Objects.toString(name), value));
        } else if (given != null) {
            throw new AssertionError(name + " is given " + given);
        }
        return parameters;
    }

    /** The same, each value changed. */
    Map<String, Object> parametersWith(UnaryOperator<Object> change) {
        Map<String, Object> changed = parameters();
        changed.replaceAll((name, value) -> change.apply(value));
        return changed;
    }

    Object parameter(String parameter) {
        return parameters().get(parameter);
    }

    /** The only parameter, which needs no name; null for none. */
    Object only() {
        return given;
    }

    /** The same, as text. */
    String text() {
        return Objects.toString(given, "");
    }

    @Override
    public String toString() {
        return name + " " + given;
    }
}
