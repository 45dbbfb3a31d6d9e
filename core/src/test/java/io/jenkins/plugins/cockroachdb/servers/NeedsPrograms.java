package io.jenkins.plugins.cockroachdb.servers;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skips tests, and says so, where a program is not installed: Debian's packages haproxy, socat, pgbouncer and postgresql have them all. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsPrograms.Condition.class)
public @interface NeedsPrograms {

    /** Such as haproxy, pgbouncer, postgres. */
    String[] value();

    /** Judges where a test may run. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            List<String> missing = AnnotationSupport.findAnnotation(context.getElement(), NeedsPrograms.class).stream()
                    .flatMap(needs -> Stream.of(needs.value()))
                    .filter(program -> LocalServer.find(program).isEmpty())
                    .toList();
            return missing.isEmpty()
                    ? ConditionEvaluationResult.enabled("every program is installed")
                    : ConditionEvaluationResult.disabled("not installed: " + String.join(", ", missing)
                            + " (Debian's packages: haproxy, socat, pgbouncer, postgresql)");
        }
    }
}
