package io.jenkins.plugins.cockroachdb.cli;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that changes something: who approves, where it is recorded, how it is told. */
final class RunOptions {

    @Option(
            names = {"-y", "--yes"},
            description = "Approves every gate in advance.")
    boolean yes;

    @Option(
            names = "--output",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "What is told: text, or one JSON object on each line of standard output, the last of which is"
                    + " the outcome. Default: text.")
    Display.Output output;

    @Mixin
    private StateOption state;

    /**
     * The directory of this pair's records alone; only its owner can look into it.
     *
     * @throws UsageException if nothing tells where
     * @throws IOException with a message for a person if it cannot be made
     */
    Path directory(Shell shell, Variables variables, Settings settings) throws IOException {
        Path directory = state.directory(shell, variables, settings);
        try {
            return Files.createDirectories(directory, onlyForTheOwner());
        } catch (IOException e) {
            throw new IOException("The directory " + directory + " for the record cannot be made (" + e
                    + "). Nothing was done. Name another one with --state-dir.");
        }
    }

    private static FileAttribute<?>[] onlyForTheOwner() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }
}
