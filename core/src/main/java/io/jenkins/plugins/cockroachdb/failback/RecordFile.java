package io.jenkins.plugins.cockroachdb.failback;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The record of a failback as a file of JSON lines, each written and forced to disk before the next thing happens. It holds no
 * secret. A directory has one file for each failback, and a lock that lets one driver at a time go on.
 */
public final class RecordFile implements Journal, AutoCloseable {

    private static final String ENDING = ".jsonl";

    private final Path file;
    private final FileChannel channel;
    private final DirectoryLock lock;
    private FailbackRecord record;

    /** Why nothing can be appended any more; null while all went well. */
    private IOException broken;

    private RecordFile(Path file, FileChannel channel, DirectoryLock lock, FailbackRecord record) {
        this.file = file;
        this.channel = channel;
        this.lock = lock;
        this.record = record;
    }

    /** Somebody else holds the record. */
    public static final class HeldException extends IOException {
        private static final long serialVersionUID = 1L;

        HeldException(Path directory) {
            super("Another run is at work on this failback: its record in " + directory
                    + " is locked. Nothing was done. Look at that run, or stop it and run again.");
        }
    }

    /**
     * Opens the record of a pair: the newest one if it is open, which is then resumed, or a new one.
     *
     * @param directory of this pair alone; created if missing
     * @param driver what drives, such as {@code cli 0.1.0}
     * @throws HeldException if another driver holds it
     * @throws IOException with a message for a person if it cannot be read or written
     */
    public static RecordFile open(
            Path directory, String originalPrimaryId, String activeId, String driver, InstantSource clock)
            throws IOException {
        Files.createDirectories(directory);
        DirectoryLock lock = DirectoryLock.of(directory);
        try {
            Optional<Path> newest = newest(directory);
            if (newest.isPresent()) {
                Optional<RecordFile> open = resume(newest.get(), lock);
                if (open.isPresent()) {
                    Entry.Began beginning = open.get().record.beginning();
                    if (!beginning.originalPrimaryId().equals(originalPrimaryId)
                            || !beginning.activeId().equals(activeId)) {
                        open.get().channel.close();
                        throw new IOException("The record " + newest.get()
                                + " is of another pair of clusters, and that failback is not over. Nothing was done.");
                    }
                    open.get().append(new Entry.Resumed(clock.instant(), driver));
                    return open.get();
                }
            }
            Entry began = new Entry.Began(clock.instant(), originalPrimaryId, activeId, driver);
            Path file = directory.resolve(nameAfter(newest) + ENDING);
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            write(channel, began);
            forceDirectory(directory);
            return new RecordFile(file, channel, lock, FailbackRecord.of(List.of(began)));
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /**
     * Opens the record of a run that is under way, which this run has opened before: it is not resumed, and stays the same one even if
     * the failback has ended.
     *
     * @param directory as it was given to {@link #open}
     * @throws HeldException if another driver holds it
     * @throws IOException with a message for a person if there is none, or it cannot be read or written
     */
    public static RecordFile reopen(Path directory) throws IOException {
        Path file = newest(directory)
                .orElseThrow(() -> new IOException("There is no record in " + directory
                        + " any more, without which nothing goes on. Nothing was done. Run again to begin anew."));
        DirectoryLock lock = DirectoryLock.of(directory);
        try {
            return at(file, lock)
                    .orElseThrow(() -> new IOException("The record " + file
                            + " is empty, without which nothing goes on. Nothing was done. Run again to begin anew."));
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /**
     * Reads a record without holding it.
     *
     * @throws IOException with a message for a person if it is none
     */
    public static FailbackRecord read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        List<Entry> entries = entries(file, new String(bytes, 0, wholeLines(bytes), StandardCharsets.UTF_8));
        try {
            return FailbackRecord.of(entries);
        } catch (IllegalArgumentException e) {
            throw new IOException("The file " + file + " is not a record of one failback: " + e.getMessage() + ".");
        }
    }

    /**
     * What a run on this directory would go on from, read without holding it; empty when it would begin anew.
     *
     * @throws IOException with a message for a person if it cannot be read
     */
    public static Optional<FailbackRecord> resumable(Path directory) throws IOException {
        Optional<Path> newest = newest(directory);
        if (newest.isEmpty() || wholeLines(Files.readAllBytes(newest.get())) == 0) {
            return Optional.empty();
        }
        return Optional.of(read(newest.get())).filter(record -> record.end().isEmpty());
    }

    /** The file itself, for messages and reports. */
    public Path file() {
        return file;
    }

    @Override
    public synchronized FailbackRecord record() {
        return record;
    }

    @Override
    public synchronized void append(Entry entry) {
        if (broken == null) {
            try {
                write(channel, entry);
                record = record.with(entry);
                return;
            } catch (IOException e) {
                broken = e; // half a line may stand there now, and whatever followed it could not be read
            }
        }
        throw new UncheckedIOException("The record " + file + " cannot be written: " + broken.getMessage(), broken);
    }

    /** Lets others go on. */
    @Override
    public synchronized void close() throws IOException {
        channel.close();
        lock.close();
    }

    /** The record of the newest failback in the directory of a pair; empty when there is none. */
    public static Optional<Path> newest(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("\\d{6}\\" + ENDING))
                    .max((a, b) -> a.getFileName().compareTo(b.getFileName()));
        }
    }

    /** Names count up, because clocks may not. */
    private static String nameAfter(Optional<Path> newest) {
        int last = newest.map(file -> file.getFileName().toString().replace(ENDING, ""))
                .map(Integer::parseInt)
                .orElse(0);
        return String.format("%06d", last + 1);
    }

    /** The record if it is open. */
    private static Optional<RecordFile> resume(Path file, DirectoryLock lock) throws IOException {
        Optional<RecordFile> found = at(file, lock);
        if (found.isPresent() && found.get().record.end().isPresent()) {
            found.get().channel.close();
            return Optional.empty();
        }
        return found;
    }

    /** What is there. What a crash left of a line that was never acknowledged is cut off. */
    private static Optional<RecordFile> at(Path file, DirectoryLock lock) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int whole = wholeLines(bytes);
        if (whole == 0) {
            return Optional.empty(); // the crash came before the failback began
        }
        FailbackRecord record = FailbackRecord.of(entries(file, new String(bytes, 0, whole, StandardCharsets.UTF_8)));
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        channel.truncate(whole);
        channel.position(whole);
        return Optional.of(new RecordFile(file, channel, lock, record));
    }

    private static int wholeLines(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    private static List<Entry> entries(Path file, String text) throws IOException {
        List<Entry> entries = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            try {
                entries.add(EntryJson.read(line));
            } catch (IllegalArgumentException e) {
                throw new IOException("The record " + file + " cannot be read: line " + number + " is " + e.getMessage()
                        + ". Nothing was done. Use the version that wrote it, or move the file away to begin anew.");
            }
        }
        return entries;
    }

    private static void write(FileChannel channel, Entry entry) throws IOException {
        ByteBuffer line = ByteBuffer.wrap((EntryJson.write(entry) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            channel.write(line);
        }
        channel.force(true);
    }

    /** A new file is there after a crash only if its directory was forced too. */
    private static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
