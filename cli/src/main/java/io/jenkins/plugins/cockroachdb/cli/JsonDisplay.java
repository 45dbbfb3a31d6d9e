package io.jenkins.plugins.cockroachdb.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cockroachdb.failback.EntryJson;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;

/**
 * For programs: one JSON object on each line of standard output. Its fields are in docs/json-output.md.
 */
final class JsonDisplay implements Display {

    private final Console console;
    private final InstantSource clock;

    JsonDisplay(Console console, InstantSource clock) {
        this.console = console;
        this.clock = clock;
    }

    @Override
    public synchronized void show(Event event) {
        console.out(json(event).toString());
    }

    @Override
    public synchronized void conclude(Conclusion conclusion) {
        ObjectNode json = named("Outcome", clock.instant());
        json.put("code", conclusion.outcome().exitCode());
        json.put("kind", conclusion.outcome().kind());
        json.put("message", conclusion.message());
        conclusion.advice().forEach(json.putArray("advice")::add);
        put(json, "recordFile", conclusion.recordFile());
        put(json, "reportFile", conclusion.reportFile());
        console.out(json.toString());
    }

    private static ObjectNode json(Event event) {
        if (event instanceof Event.Recorded recorded) {
            ObjectNode entry = EntryJson.tree(recorded.entry());
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.set("event", entry.remove("entry"));
            json.setAll(entry);
            if (!recorded.words().isEmpty()) {
                json.put("text", recorded.words());
            }
            return json;
        }
        ObjectNode json = named(event.getClass().getSimpleName(), event.at());
        if (event instanceof Event.Doing doing) {
            json.put("text", doing.words());
            if (doing.deadline() != null) {
                json.put("deadline", doing.deadline().toString());
            }
        } else if (event instanceof Event.StillDoing still) {
            json.put("text", still.words());
        } else if (event instanceof Event.Asked asked) {
            json.put("gate", asked.gate());
            json.put("text", asked.question());
            json.put("clusterName", asked.clusterName());
            asked.evidence().forEach(json.putArray("evidence")::add);
        }
        return json;
    }

    private static ObjectNode named(String event, Instant at) {
        return JsonNodeFactory.instance.objectNode().put("event", event).put("at", at.toString());
    }

    private static void put(ObjectNode json, String name, Path file) {
        json.put(name, file == null ? null : file.toString());
    }
}
