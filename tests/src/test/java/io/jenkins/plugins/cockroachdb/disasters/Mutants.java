package io.jenkins.plugins.cockroachdb.disasters;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * Breaks the code on purpose, in a copy of it, to see that the disasters find out. Each mutant is a patch in
 * {@code tests/mutants}, whose first line says what is broken.
 */
final class Mutants {

    private static final String SOURCES = "core/src/main/java";
    private static final String RESOURCES = "core/src/main/resources";

    /**
     * A mutant and what became of it.
     *
     * @param found what the disasters said; empty when they noticed nothing
     */
    record Hunted(String name, String words, Optional<String> found) {}

    private final Path repository;
    private final String classPath = Arrays.stream(
                    System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));

    Mutants(Path repository) {
        this.repository = repository;
    }

    List<Path> patches() {
        try (Stream<Path> patches = Files.list(repository.resolve("tests/mutants"))) {
            return patches.filter(patch -> patch.toString().endsWith(".patch"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Plays seeds against a mutant until one of them finds a violation. */
    Hunted hunt(Path patch, long seeds) {
        Path scratch = Scratch.directory();
        try {
            String name = patch.getFileName().toString().replace(".patch", "");
            Path classes = compiled(patch, scratch);
            List<String> output = output(
                    scratch,
                    System.getProperty("java.home") + "/bin/java",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1", // most are found before more would pay
                    "-cp",
                    classes + File.pathSeparator + classPath,
                    Disasters.class.getName(),
                    "--until-violated",
                    String.valueOf(seeds));
            return new Hunted(
                    name,
                    Files.readAllLines(patch).get(0),
                    output.stream().filter(line -> line.startsWith("seed ")).findFirst());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Scratch.delete(scratch);
        }
    }

    private Path compiled(Path patch, Path scratch) throws IOException {
        copy(repository.resolve(SOURCES), scratch.resolve(SOURCES));
        output(scratch, "patch", "-p1", "--batch", "-i", patch.toAbsolutePath().toString());
        Path classes = scratch.resolve("classes");
        if (Files.isDirectory(repository.resolve(RESOURCES))) {
            copy(repository.resolve(RESOURCES), classes);
        }
        Files.createDirectories(classes);
        List<String> arguments =
                new ArrayList<>(List.of("-nowarn", "-proc:none", "-d", classes.toString(), "-cp", classPath));
        try (Stream<Path> files = Files.walk(scratch.resolve(SOURCES))) {
            files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(arguments::add);
        }
        int result = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        if (result != 0) {
            throw new IOException("The patch " + patch + " makes code that does not compile.");
        }
        return classes;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.collect(Collectors.toList())) {
                Path target = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static List<String> output(Path directory, String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        try (Stream<String> output = process.inputReader().lines()) {
            List<String> lines = output.toList();
            if (process.waitFor() != 0) {
                throw new IOException(command[0] + " failed: " + lines);
            }
            return lines;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
