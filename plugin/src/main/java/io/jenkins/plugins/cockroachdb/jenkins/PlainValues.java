package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.model.User;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.TimeoutStepExecution;
import org.jenkinsci.plugins.workflow.support.steps.input.Rejection;

/**
 * What a pipeline gives, as values that may be kept with a build: text, whole numbers, flags, and lists and maps of these. An exception
 * becomes a map that says what it was.
 */
final class PlainValues {

    private PlainValues() {}

    /** The same as plain values; null for null. */
    static Object of(Object value) {
        if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            return value;
        }
        if (value instanceof Throwable caught) {
            return error(caught);
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            list.forEach(each -> copy.add(of(each)));
            return copy;
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((key, each) -> copy.put(String.valueOf(key), of(each)));
            return copy;
        }
        return value.toString();
    }

    /**
     * The outcome's word under {@code kind}, who it was under {@code by}, and a message. Without a kind when it came from elsewhere, so that
     * nobody can tell what it means.
     */
    private static Map<String, Object> error(Throwable caught) {
        Map<String, Object> error = new LinkedHashMap<>();
        if (caught instanceof FlowInterruptedException interruption) {
            if (interruption.getCauses().isEmpty()) { // as when a script stops the build: whoever it was wants the end
                error.put("kind", "aborted");
                error.put("by", "");
            }
            for (CauseOfInterruption cause : interruption.getCauses()) {
                if (cause instanceof StepFailureCause failure) {
                    error.put("kind", failure.getKind());
                } else if (cause instanceof Rejection rejection) {
                    error.put("kind", "refused");
                    User user = rejection.getUser();
                    error.put("by", user == null ? "" : user.getId());
                } else if (cause instanceof TimeoutStepExecution.ExceededTimeout) {
                    error.put("kind", "timedOut");
                } else if (cause instanceof CauseOfInterruption.UserInterruption person) {
                    error.put("kind", "aborted");
                    error.put("by", person.getUserId());
                }
            }
            error.put(
                    "message",
                    interruption.getCauses().stream()
                            .map(CauseOfInterruption::getShortDescription)
                            .filter(Objects::nonNull)
                            .collect(Collectors.joining(" ")));
        } else {
            error.put("message", caught.getMessage() == null ? caught.toString() : caught.getMessage());
        }
        return error;
    }
}
