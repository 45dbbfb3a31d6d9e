package io.jenkins.plugins.cockroachdb.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A pipeline in another process, which goes on with what was saved here. Its steps are performed here. */
final class SecondJvm implements Program {

    private final ObjectOutputStream toProcess;
    private final ObjectInputStream fromProcess;
    private Point point;

    SecondJvm(byte[] saved, PipelineCode code) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SecondJvm.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        toProcess = new ObjectOutputStream(process.getOutputStream());
        toProcess.writeObject(code.pipeline());
        toProcess.writeObject(saved);
        toProcess.flush();
        fromProcess = new ObjectInputStream(process.getInputStream());
        point = (Point) answer();
    }

    /** The other process: it compiles the code anew, and does what it is told on its standard input. */
    public static void main(String[] arguments) throws Exception {
        ObjectInputStream in = new ObjectInputStream(System.in);
        PipelineCode code = PipelineCode.of((String) in.readObject());
        SuspendedProgram program = SuspendedProgram.load((byte[]) in.readObject(), code);
        ObjectOutputStream out = new ObjectOutputStream(System.out);
        out.writeObject(program.point());
        out.flush();
        while (!(program.point() instanceof Ended)) {
            Object told = in.readObject();
            if (told instanceof Outcome outcome) {
                program.go(outcome);
                out.writeObject(program.point());
            } else if (told instanceof String variable) {
                out.writeObject(program.variable(variable));
            } else {
                program.enter();
                out.writeObject(program.point());
            }
            out.flush();
        }
    }

    private Object tell(Object what) {
        try {
            toProcess.writeObject(what);
            toProcess.flush();
            return answer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Object answer() throws IOException {
        try {
            return fromProcess.readObject();
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public Point point() {
        return point;
    }

    @Override
    public void go(Outcome outcome) {
        point = (Point) tell(outcome);
    }

    @Override
    public void enter() {
        point = (Point) tell(null);
    }

    @Override
    public Object variable(String name) {
        return tell(name);
    }

    @Override
    public byte[] save() {
        throw new UnsupportedOperationException("it stays where it is");
    }
}
