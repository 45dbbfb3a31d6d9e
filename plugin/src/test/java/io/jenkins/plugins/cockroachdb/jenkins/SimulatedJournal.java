package io.jenkins.plugins.cockroachdb.jenkins;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** Reads what the simulated pair within a Jenkins has kept in its home. */
final class SimulatedJournal {

    private SimulatedJournal() {}

    /** What changed the pair, in order: {@code POST}, {@code PATCH}, or {@code TRAFFIC} for a move of the proxy. */
    static List<String> changes(File home) throws IOException {
        return Files.readAllLines(home.toPath().resolve("cockroachdb-failback-simulated.txt")).stream()
                .skip(1) // when it began
                .map(line -> line.split(" ")[1])
                .toList();
    }
}
