package io.jenkins.plugins.cockroachdb.pipeline;

import com.cloudbees.groovy.cps.CpsTransformer;
import groovy.lang.GroovyClassLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.codehaus.groovy.control.CompilationUnit;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.Phases;
import org.codehaus.groovy.control.customizers.ImportCustomizer;
import org.codehaus.groovy.tools.GroovyClass;
import org.jenkinsci.plugins.workflow.libs.Library;

/** A pipeline and the repository's own shared library, compiled as Jenkins compiles them. */
final class PipelineCode {

    /** The class of the pipeline itself. */
    static final String PIPELINE = "WorkflowScript";

    private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();

    private final String pipeline;
    private final Map<String, byte[]> classes = new HashMap<>();

    private PipelineCode(String pipeline) {
        this.pipeline = pipeline;
        CompilerConfiguration configuration = new CompilerConfiguration();
        configuration.setScriptBaseClass(PipelineScript.class.getName());
        configuration.addCompilationCustomizers(
                new ImportCustomizer().addImports(Library.class.getName()), new CpsTransformer());
        CompilationUnit unit = new CompilationUnit(
                configuration, null, new GroovyClassLoader(PipelineCode.class.getClassLoader(), configuration));
        unit.addSource(PIPELINE, pipeline);
        library().forEach(file -> unit.addSource(file.toFile()));
        unit.compile(Phases.CLASS_GENERATION);
        for (Object each : unit.getClasses()) {
            GroovyClass compiled = (GroovyClass) each;
            classes.put(compiled.getName(), compiled.getBytes());
        }
    }

    /** A pipeline that is written in the test. */
    static PipelineCode of(String pipeline) {
        return new PipelineCode(pipeline);
    }

    /** The Jenkinsfile of the repository. */
    static PipelineCode jenkinsfile() {
        return of(text(REPOSITORY.resolve("Jenkinsfile")));
    }

    String pipeline() {
        return pipeline;
    }

    /** The names of the library's global variables. */
    static List<String> variables() {
        return library().stream()
                .map(file -> file.getFileName().toString().replace(".groovy", ""))
                .toList();
    }

    private static List<Path> library() {
        try (Stream<Path> files = Files.list(REPOSITORY.resolve("vars"))) {
            return files.filter(file -> file.toString().endsWith(".groovy"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A class loader that has loaded nothing yet, as a Jenkins that has just started. */
    ClassLoader freshLoader() {
        return new ClassLoader(PipelineCode.class.getClassLoader()) {
            @Override
            protected Class<?> findClass(String name) throws ClassNotFoundException {
                byte[] bytes = classes.get(name);
                if (bytes == null) {
                    throw new ClassNotFoundException(name);
                }
                return defineClass(name, bytes, 0, bytes.length);
            }
        };
    }
}
