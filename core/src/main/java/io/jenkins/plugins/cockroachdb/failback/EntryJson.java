package io.jenkins.plugins.cockroachdb.failback;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * An entry as a line of JSON: its type under {@code entry}, its components under their names. The components are read from the
 * records themselves, so an entry cannot be added without its JSON.
 */
public final class EntryJson {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private static final Map<String, Class<?>> TYPES = Arrays.stream(Entry.class.getPermittedSubclasses())
            .collect(Collectors.toMap(Class::getSimpleName, Function.identity()));

    /** Kept, because a class makes them anew whenever it is asked. */
    private static final ClassValue<RecordComponent[]> COMPONENTS = new ClassValue<>() {
        @Override
        protected RecordComponent[] computeValue(Class<?> record) {
            return record.getRecordComponents();
        }
    };

    private EntryJson() {}

    /** Without the line break. */
    static String write(Entry entry) {
        return tree(entry).toString();
    }

    /** The same as a tree, which is the caller's. */
    public static ObjectNode tree(Entry entry) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("entry", entry.getClass().getSimpleName());
        return write((Record) entry, json);
    }

    private static ObjectNode write(Record record, ObjectNode json) {
        for (RecordComponent component : COMPONENTS.get(record.getClass())) {
            Object value = valueOf(component, record);
            if (value instanceof Boolean flag) {
                json.put(component.getName(), flag);
            } else if (value instanceof Long number) {
                json.put(component.getName(), number);
            } else if (value instanceof List<?> records) {
                ArrayNode array = json.putArray(component.getName());
                records.forEach(each -> write((Record) each, array.addObject()));
            } else if (value != null) {
                json.put(component.getName(), value.toString());
            }
        }
        return json;
    }

    /** @throws IllegalArgumentException if the line is not an entry that this version knows */
    static Entry read(String line) {
        JsonNode json;
        try {
            json = MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON");
        }
        String name = json.path("entry").asText();
        Class<?> type = TYPES.get(name);
        if (type == null) {
            throw new IllegalArgumentException("an entry of an unknown kind, \"" + name + "\"");
        }
        return (Entry) read(type, json);
    }

    private static Object read(Class<?> record, JsonNode json) {
        RecordComponent[] components = COMPONENTS.get(record);
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = parsed(components[i], json.get(components[i].getName()));
        }
        try {
            return record.getDeclaredConstructor(types).newInstance(values);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException("an entry that cannot be", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("every record has its constructor", e);
        }
    }

    private static Object valueOf(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("every component has its accessor", e);
        }
    }

    private static Object parsed(RecordComponent component, JsonNode value) {
        Class<?> type = component.getType();
        if (type == boolean.class) {
            return value != null && value.booleanValue();
        }
        if (value == null || value.isNull()) {
            return null;
        }
        if (type == Long.class) {
            return value.longValue();
        }
        if (type == List.class) {
            Class<?> element = (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
            return StreamSupport.stream(value.spliterator(), false)
                    .map(each -> read(element, each))
                    .toList();
        }
        if (type == Instant.class) {
            return Instant.parse(value.textValue());
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .filter(constant -> constant.toString().equals(value.textValue()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("an unknown word, \"" + value.textValue() + "\""));
        }
        return value.textValue();
    }
}
