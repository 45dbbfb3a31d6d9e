package io.jenkins.plugins.cockroachdb.failback.step;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a step was given, each parameter found to be allowed. */
public final class Arguments {

    private final Map<Parameter<?>, Object> values = new HashMap<>();

    /** @throws WrongParameterException if a parameter is unknown, missing or not allowed */
    Arguments(String step, List<Parameter<?>> parameters, Map<String, ?> given) {
        List<String> names = parameters.stream().map(Parameter::name).toList();
        given.keySet().stream()
                .filter(name -> !names.contains(name))
                .findFirst()
                .ifPresent(unknown -> {
                    throw new WrongParameterException(
                            step,
                            "There is no parameter " + unknown + "; there are "
                                    + names.stream().collect(Collectors.joining(", ")) + ".");
                });
        parameters.forEach(parameter ->
                parameter.read(step, given.get(parameter.name())).ifPresent(value -> values.put(parameter, value)));
    }

    /** The value; empty when none was given and there is no default. */
    @SuppressWarnings("unchecked") // what was put under a parameter is what it read
    <T> Optional<T> find(Parameter<T> parameter) {
        return (Optional<T>) Optional.ofNullable(values.get(parameter));
    }

    /** The value of a parameter that is required or has a default. */
    <T> T get(Parameter<T> parameter) {
        return find(parameter).orElseThrow();
    }
}
