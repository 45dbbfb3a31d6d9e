package io.jenkins.plugins.cockroachdb.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** A plan for a program; the help of {@link PlanCommand} documents the fields. */
final class PlanJson {

    private PlanJson() {}

    static ObjectNode of(Plan plan) {
        ObjectNode json = PairJson.of(plan.prospect());
        json.set("reverseStream", plan.reverseStream().map(PairJson::stream).orElse(null));
        json.put("reverseStreamUse", plan.streamUse().name());
        json.put(
                "interruptedSince", plan.interruptedSince().map(String::valueOf).orElse(null));
        ArrayNode steps = json.putArray("steps");
        plan.steps().forEach(step -> add(step, plan, steps.addObject()));
        ObjectNode limits = json.putObject("limits");
        plan.limits().forEach((option, limit) -> limits.put(seconds(option), limit.toSeconds()));
        ArrayNode waived = json.putArray("waived");
        plan.waived().forEach(waived::add);
        json.put("lossWindow", plan.lossWindow());
        return json;
    }

    private static void add(PlanStep step, Plan plan, ObjectNode json) {
        json.put("kind", step.kind().name());
        json.put("words", step.words());
        if (step.kind() == PlanStep.Kind.GATE) {
            json.put("type", step.type());
            json.put("waived", plan.gatesWaived());
        }
        if (step.kind() == PlanStep.Kind.TRAFFIC) {
            ArrayNode commands = json.putArray("commands");
            step.commands().forEach(commands::add);
        }
        if (step.request() != null) {
            json.put("method", step.request().method());
            json.put("path", step.request().path());
            json.put("body", step.request().body());
        }
        if (step.atMost() != null) {
            json.put("atMostSeconds", step.atMost().toSeconds());
        }
    }

    /** {@code --max-lag} as {@code maxLagSeconds}. */
    private static String seconds(String option) {
        StringBuilder name = new StringBuilder();
        for (String word : option.substring(2).split("-")) {
            name.append(name.isEmpty() ? word : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return name + "Seconds";
    }
}
