package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.Redaction;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A parameter of a step.
 *
 * @param <T> what the step makes of it
 */
public final class Parameter<T> {

    private static final String INSTANT = "an ISO 8601 instant such as 2026-03-01T03:00:00Z";

    /** What a pipeline gives. */
    public enum Type {
        /** Text; blank text is as none, because that is what an empty field of a form gives. */
        TEXT,
        /** A whole number. */
        INTEGER,
        /** True or false. */
        FLAG,
        /** A list of texts, or one text with a line for each. */
        TEXTS,
        /** A map. */
        MAP,
        /** A list of maps. */
        MAPS
    }

    private final String name;
    private final Type type;
    private final boolean required;
    private final Object defaultValue;
    private final String help;
    private final String allowed;
    private final Function<Object, Optional<T>> reading;

    /**
     * @param allowed what is allowed, to follow "must be"
     * @param reading empty for a value that is not allowed
     */
    private Parameter(
            String name,
            Type type,
            boolean required,
            Object defaultValue,
            String help,
            String allowed,
            Function<Object, Optional<T>> reading) {
        this.name = name;
        this.type = type;
        this.required = required;
        this.defaultValue = defaultValue;
        this.help = help;
        this.allowed = allowed;
        this.reading = reading;
    }

    /** Any text; required. */
    static Parameter<String> text(String name, String help) {
        return ofText(name, true, null, help, "a text", Optional::of);
    }

    /** The id of a cluster or stream; required. */
    static Parameter<String> id(String name, String help) {
        return ofText(name, true, null, help, "an id as the Cloud Console shows it", text -> Optional.of(text)
                .filter(CloudClient::isId));
    }

    /** A moment; none by default. */
    static Parameter<Instant> instant(String name, String help) {
        return ofText(name, false, null, help, INSTANT, Parameter::readInstant);
    }

    /** A moment, or a word that stands for no moment, which is the default. */
    static Parameter<Optional<Instant>> instantOr(String word, String name, String help) {
        return ofText(
                name,
                false,
                word,
                help,
                "'" + word + "' or " + INSTANT,
                text -> text.equals(word)
                        ? Optional.of(Optional.empty())
                        : readInstant(text).map(Optional::of));
    }

    /** One of some words. */
    static <E extends Enum<E>> Parameter<E> oneOf(List<E> words, E defaultWord, String name, String help) {
        return ofText(
                name,
                false,
                defaultWord.name(),
                help,
                "one of " + String.join(", ", words.stream().map(Enum::name).toList()),
                text -> words.stream().filter(word -> word.name().equals(text)).findFirst());
    }

    /** A number of seconds. */
    static Parameter<Duration> seconds(String name, int defaultSeconds, int least, String help) {
        return new Parameter<>(
                name,
                Type.INTEGER,
                false,
                defaultSeconds,
                help,
                "a whole number of seconds from " + least,
                value -> readInteger(value).filter(seconds -> seconds >= least).map(Duration::ofSeconds));
    }

    /** A number of minutes. */
    static Parameter<Duration> minutes(String name, int defaultMinutes, String help) {
        return new Parameter<>(
                name,
                Type.INTEGER,
                false,
                defaultMinutes,
                help,
                "a whole number of minutes from 1",
                value -> readInteger(value).filter(minutes -> minutes >= 1).map(Duration::ofMinutes));
    }

    /** One of some words, which has to be given. */
    static Parameter<String> word(List<String> words, String name, String help) {
        return ofText(name, true, null, help, "one of " + String.join(", ", words), text -> Optional.of(text)
                .filter(words::contains));
    }

    /** A list of texts, or one text with a line for each; an empty list by default. Blank ones do not count. */
    static <T> Parameter<List<T>> texts(String name, String help, Function<List<String>, List<T>> reading) {
        return new Parameter<>(name, Type.TEXTS, false, List.of(), help, "a list of texts", value -> {
            List<?> given = value instanceof CharSequence text
                    ? text.toString().lines().toList()
                    : value instanceof List<?> list ? list : List.of(value);
            return given.stream().allMatch(CharSequence.class::isInstance)
                    ? Optional.of(reading.apply(given.stream()
                            .map(text -> text.toString().strip())
                            .filter(text -> !text.isEmpty())
                            .toList()))
                    : Optional.empty();
        });
    }

    /** A number of seconds that limits something, or -1 for no limit, which is empty. */
    static Parameter<Optional<Duration>> secondsOrWaived(String name, int defaultSeconds, String help) {
        return new Parameter<>(
                name,
                Type.INTEGER,
                false,
                defaultSeconds,
                help,
                "a whole number of seconds from 0, or -1 to waive the limit",
                value -> readInteger(value)
                        .filter(seconds -> seconds >= -1)
                        .map(seconds -> seconds == -1 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds))));
    }

    /** Yes or no; no by default. */
    static Parameter<Boolean> flag(String name, String help) {
        return new Parameter<>(name, Type.FLAG, false, false, help, "true or false", value -> Optional.of(value)
                .filter(Boolean.class::isInstance)
                .map(Boolean.class::cast));
    }

    /** A map with names for keys; none by default. */
    static Parameter<Map<String, Object>> map(String name, String help, String allowed) {
        return new Parameter<>(name, Type.MAP, false, null, help, allowed, value -> {
            if (!(value instanceof Map<?, ?> map) || !map.keySet().stream().allMatch(String.class::isInstance)) {
                return Optional.empty();
            }
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((key, each) -> copy.put((String) key, each));
            return Optional.of(copy);
        });
    }

    /**
     * A list of maps; an empty one by default.
     *
     * @param element empty for a value that is not allowed in the list
     */
    static <T> Parameter<List<T>> maps(
            String name, String help, String allowed, Function<Object, Optional<T>> element) {
        return new Parameter<>(name, Type.MAPS, false, List.of(), help, allowed, value -> {
            if (!(value instanceof List<?> list)) {
                return Optional.empty();
            }
            List<Optional<T>> elements =
                    list.stream().<Optional<T>>map(element::apply).toList();
            return elements.stream().allMatch(Optional::isPresent)
                    ? Optional.of(elements.stream().map(Optional::orElseThrow).toList())
                    : Optional.empty();
        });
    }

    private static <T> Parameter<T> ofText(
            String name,
            boolean required,
            String defaultText,
            String help,
            String allowed,
            Function<String, Optional<T>> reading) {
        return new Parameter<>(
                name,
                Type.TEXT,
                required,
                defaultText,
                help,
                allowed,
                value -> value instanceof CharSequence text ? reading.apply(text.toString()) : Optional.empty());
    }

    /** The same, and it may be left out. */
    Parameter<T> optional() {
        return new Parameter<>(name, type, false, defaultValue, help, allowed, reading);
    }

    /** As it is written in a pipeline. */
    public String name() {
        return name;
    }

    /** What a pipeline gives. */
    public Type type() {
        return type;
    }

    /** Whether it must be given. */
    public boolean isRequired() {
        return required;
    }

    /** What holds when it is left out, as a pipeline would give it: text, number, flag or list; null for none. */
    public Object defaultValue() {
        return defaultValue;
    }

    /** One line for whoever writes a pipeline. */
    public String help() {
        return help;
    }

    /**
     * What the step makes of what was given; empty when nothing was, and there is no default.
     *
     * @param step for the message
     * @param given null when it was left out
     */
    Optional<T> read(String step, Object given) {
        boolean absent = given == null
                || (given instanceof CharSequence text && text.toString().isBlank());
        if (absent && required) {
            throw new WrongParameterException(step, "Parameter " + name + " is required, and must be " + allowed + ".");
        }
        Object value = absent ? defaultValue : given;
        if (value == null) {
            return Optional.empty();
        }
        Optional<T> read;
        try {
            read = reading.apply(value);
        } catch (IllegalArgumentException e) {
            throw new WrongParameterException(step, "Parameter " + name + ": " + e.getMessage());
        }
        if (read.isEmpty()) {
            String shown = type == Type.MAPS || type == Type.MAP
                    ? "not as it should be"
                    : Redaction.printable("\"" + value + "\"");
            throw new WrongParameterException(
                    step, "Parameter " + name + " is " + shown + ", and must be " + allowed + ".");
        }
        return read;
    }

    private static Optional<Instant> readInstant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Integer> readInteger(Object value) {
        if (value instanceof Integer || value instanceof Long) {
            long number = ((Number) value).longValue();
            return Optional.of(number).filter(n -> n == n.intValue()).map(Long::intValue);
        }
        return Optional.empty();
    }
}
