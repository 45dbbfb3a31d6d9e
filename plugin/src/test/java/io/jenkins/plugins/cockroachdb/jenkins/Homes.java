package io.jenkins.plugins.cockroachdb.jenkins;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/** Searches what a Jenkins has left on disk. */
final class Homes {

    private Homes() {}

    /** The files below a JENKINS_HOME that hold one of the words in clear, those of programs left out. */
    static List<String> filesThatHold(File home, String... words) {
        List<String> found = new ArrayList<>();
        try {
            Files.walkFileTree(home.toPath(), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    boolean program = directory.getParent().equals(home.toPath())
                            && List.of("plugins", "war")
                                    .contains(directory.getFileName().toString());
                    return program ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (!attributes.isRegularFile()) {
                        return FileVisitResult.CONTINUE;
                    }
                    String content;
                    try {
                        content = Files.readString(file, StandardCharsets.ISO_8859_1);
                    } catch (NoSuchFileException e) {
                        return visitFileFailed(file, e);
                    }
                    for (String word : words) {
                        if (content.contains(word)) {
                            found.add(home.toPath().relativize(file) + " holds " + word);
                        }
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE; // gone meanwhile
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }
}
