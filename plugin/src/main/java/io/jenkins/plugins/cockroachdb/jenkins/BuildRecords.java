package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.model.Run;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.report.Measures;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The records of a pair in the builds of a job. Each build has its own; one that goes on with a failback which an earlier build has left
 * open begins with a copy of its record.
 */
final class BuildRecords {

    private static final Logger LOGGER = Logger.getLogger(BuildRecords.class.getName());

    /** How many builds are looked at for what there was before. */
    private static final int BUILDS = 100;

    /** What turns have opened; those that are closed fall out by themselves. */
    private static final Set<RecordFile> OPEN =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private final Run<?, ?> run;
    private final String originalPrimaryId;
    private final String activeId;

    BuildRecords(Run<?, ?> run, String originalPrimaryId, String activeId) {
        this.run = run;
        this.originalPrimaryId = originalPrimaryId;
        this.activeId = activeId;
    }

    /** The record that this build opened before. */
    RecordFile reopen() throws IOException {
        FailbackAction.addTo(run);
        return kept(RecordFile.reopen(directory()));
    }

    /**
     * The record to go on with, or a new one.
     *
     * @throws IOException with a message for a person, also if another build is at work on the failback
     */
    RecordFile open(String driver, InstantSource clock) throws IOException {
        if (newestOf(run).isEmpty()) {
            Optional<Found> before = newestBefore();
            if (before.isPresent() && before.get().record.end().isEmpty()) {
                takeOver(before.get());
            }
        }
        FailbackAction.addTo(run);
        return kept(RecordFile.open(directory(), originalPrimaryId, activeId, driver, clock));
    }

    private static RecordFile kept(RecordFile record) {
        OPEN.add(record);
        return record;
    }

    /** Lets the next Jenkins go on, which may be one in this process. Whatever is still at work cannot write any more. */
    static void closeAll() {
        synchronized (OPEN) {
            OPEN.forEach(BuildRecords::close);
        }
    }

    private static void close(RecordFile record) {
        try {
            record.close();
        } catch (IOException e) {
            LOGGER.log(Level.WARNING, "the record " + record.file() + " cannot be closed", e);
        }
    }

    /** How long clients could not write in the newest failback of the pair before this build; empty when nobody measured it. */
    Optional<Duration> lastWritePause() {
        Run<?, ?> build = run.getPreviousBuild();
        for (int looked = 0; build != null && looked < BUILDS; looked++, build = build.getPreviousBuild()) {
            try {
                for (Found found : recordsOf(build)) {
                    Duration pause = Measures.of(found.record).writePause();
                    if (pause != null) {
                        return Optional.of(pause);
                    }
                }
            } catch (IOException e) {
                LOGGER.log(Level.FINE, "the record of an earlier build cannot be read", e);
            }
        }
        return Optional.empty();
    }

    private record Found(Run<?, ?> build, Path file, FailbackRecord record) {}

    private void takeOver(Found before) throws IOException {
        if (before.build.isBuilding()) {
            throw new IOException("Build #" + before.build.getNumber() + " of this job is at work on this failback: its"
                    + " record is open. Nothing was done. Look at that build, or stop it and run again.");
        }
        Path directory = Files.createDirectories(directory());
        Path copy = directory.resolve("copy");
        Files.copy(before.file, copy, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(copy, directory.resolve(nameOfNext(directory)), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String nameOfNext(Path directory) throws IOException {
        int last = RecordFile.newest(directory)
                .map(file -> String.valueOf(file.getFileName()).replace(FailbackAction.RECORD, ""))
                .map(Integer::parseInt)
                .orElse(0);
        return String.format("%06d", last + 1) + FailbackAction.RECORD;
    }

    /** The newest record of the pair in the newest earlier build that has one. */
    private Optional<Found> newestBefore() throws IOException {
        Run<?, ?> build = run.getPreviousBuild();
        for (int looked = 0; build != null && looked < BUILDS; looked++, build = build.getPreviousBuild()) {
            Optional<Found> found = newestOf(build);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Found> newestOf(Run<?, ?> build) throws IOException {
        return recordsOf(build).stream().findFirst();
    }

    /** Those of the pair, the newest first. */
    private List<Found> recordsOf(Run<?, ?> build) throws IOException {
        List<Found> found = new ArrayList<>();
        for (Path file : FailbackAction.records(build)) {
            if (Files.size(file) == 0) {
                continue; // a crash came before the failback began
            }
            FailbackRecord record = RecordFile.read(file);
            Entry.Began began = record.beginning();
            if (began.originalPrimaryId().equals(originalPrimaryId)
                    && began.activeId().equals(activeId)) {
                found.add(new Found(build, file, record));
            }
        }
        Collections.reverse(found);
        return found;
    }

    private Path directory() {
        return FailbackAction.directory(run);
    }
}
