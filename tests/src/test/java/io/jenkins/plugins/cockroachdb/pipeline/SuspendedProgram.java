package io.jenkins.plugins.cockroachdb.pipeline;

import com.cloudbees.groovy.cps.Continuable;
import com.cloudbees.groovy.cps.Continuation;
import com.cloudbees.groovy.cps.ObjectInputStreamWithLoader;
import com.cloudbees.groovy.cps.Outcome;
import com.cloudbees.groovy.cps.impl.CpsCallableInvocation;
import groovy.lang.Closure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A pipeline in this process, suspended: it can be saved, and loaded with other classes or by another process. */
final class SuspendedProgram implements Program, Serializable {

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("rawtypes") // the engine wants them so
    private static final List<Class> CATEGORIES = Stream.concat(
                    Continuable.categories.stream(), Stream.of(SavedIterators.class))
            .toList();

    private final LinkedHashMap<String, Object> variables;

    /** The pipeline, and within it the bodies of the steps that enclose what runs, the innermost last. */
    private final ArrayList<Continuable> running = new ArrayList<>();

    private Point point;
    private Closure<?> body;

    /**
     * What a script suspends itself with.
     *
     * @param body of the step; null for a step without
     */
    record Suspension(Step step, Closure<?> body) implements Serializable {}

    /** A pipeline that begins, with these variables, and goes to its first step. */
    SuspendedProgram(PipelineCode code, Map<String, Object> variables) {
        this.variables = new LinkedHashMap<>(variables);
        try {
            PipelineScript script = (PipelineScript) code.freshLoader()
                    .loadClass(PipelineCode.PIPELINE)
                    .getDeclaredConstructor()
                    .newInstance();
            script.share(this.variables);
            running.add(new Continuable(script));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
        go(new Outcome(null, null));
    }

    @Override
    public Point point() {
        return point;
    }

    @Override
    public Object variable(String name) {
        return variables.get(name);
    }

    @Override
    public void enter() {
        try {
            body.call();
            throw new AssertionError("a body was not transformed");
        } catch (CpsCallableInvocation invocation) {
            running.add(new Continuable(invocation.invoke(null, null, Continuation.HALT)));
        }
        go(new Outcome(null, null));
    }

    @Override
    public void go(Outcome outcome) {
        Continuable innermost = running.get(running.size() - 1);
        Outcome next = innermost.run0(outcome, CATEGORIES);
        if (innermost.isResumable()) {
            Suspension suspension = (Suspension) next.getNormal();
            body = suspension.body();
            point = new At(suspension.step());
            return;
        }
        running.remove(running.size() - 1);
        body = null;
        point = running.isEmpty() ? new Ended(next) : new BodyEnded(next);
    }

    @Override
    public byte[] save() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(this);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot be saved at " + point, e);
        }
        return bytes.toByteArray();
    }

    /** What was saved, with classes that nobody has used yet. */
    static SuspendedProgram load(byte[] saved, PipelineCode code) {
        try (ObjectInputStream in =
                new ObjectInputStreamWithLoader(new ByteArrayInputStream(saved), code.freshLoader())) {
            return (SuspendedProgram) in.readObject();
        } catch (IOException | ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
