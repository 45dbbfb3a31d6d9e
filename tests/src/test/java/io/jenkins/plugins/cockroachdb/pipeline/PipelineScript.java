package io.jenkins.plugins.cockroachdb.pipeline;

import com.cloudbees.groovy.cps.Continuable;
import com.cloudbees.groovy.cps.SerializableScript;
import groovy.lang.Binding;
import groovy.lang.Closure;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codehaus.groovy.runtime.InvokerHelper;

/** What every script of a pipeline extends: whatever it calls that it does not have itself is a step, and suspends it. */
public abstract class PipelineScript extends SerializableScript {

    private static final long serialVersionUID = 1L;

    /** What describes properties of a job, and is no step. */
    private static final Set<String> DESCRIPTIONS = Set.of(
            "parameters",
            "string",
            "text",
            "booleanParam",
            "choice",
            "disableConcurrentBuilds",
            "durabilityHint",
            "buildDiscarder",
            "logRotator");

    private LinkedHashMap<String, Object> variables;

    /** Gives it the variables that all scripts of a pipeline share. */
    final void share(LinkedHashMap<String, Object> shared) {
        variables = shared;
        setBinding(new Binding(variables));
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        in.defaultReadObject();
        setBinding(new Binding(variables));
    }

    @Override
    public Object invokeMethod(String name, Object given) {
        Object[] arguments = InvokerHelper.asArray(given);
        if (PipelineCode.variables().contains(name)) {
            return InvokerHelper.getMetaClass(variable(name)).invokeMethod(variable(name), "call", arguments);
        }
        if (DESCRIPTIONS.contains(name)) {
            return List.of(name, arguments.length == 0 ? Map.of() : arguments[0]);
        }
        List<Object> rest = new ArrayList<>(Arrays.asList(arguments));
        Closure<?> body = !rest.isEmpty() && rest.get(rest.size() - 1) instanceof Closure<?> last ? last : null;
        if (body != null) {
            rest.remove(rest.size() - 1);
        }
        Step step = new Step(name, rest.isEmpty() ? null : rest.get(0), body != null);
        return Continuable.suspend(name, new SuspendedProgram.Suspension(step, body));
    }

    /** Groovy has one of its own, which comes before {@link #invokeMethod}. */
    public final Object sleep(long seconds) {
        return invokeMethod("sleep", seconds);
    }

    private Object variable(String name) {
        return variables.computeIfAbsent(name, missing -> {
            try {
                PipelineScript script = (PipelineScript) getClass()
                        .getClassLoader()
                        .loadClass(name)
                        .getDeclaredConstructor()
                        .newInstance();
                script.share(variables);
                return script;
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
        });
    }
}
