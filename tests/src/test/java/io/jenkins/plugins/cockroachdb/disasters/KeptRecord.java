package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.disasters.Twist.CrashPoint;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Journal;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The real record file, under a process that can die before, while and after it writes an entry. */
final class KeptRecord implements Journal {

    private final RecordFile file;
    private final Life life;
    private final Predicate<Entry> diskTakes;
    private final Consumer<Entry> onEntry;

    /**
     * @param diskTakes whether the disk has room for it
     * @param onEntry shown each entry that is kept
     */
    KeptRecord(RecordFile file, Life life, Predicate<Entry> diskTakes, Consumer<Entry> onEntry) {
        this.file = file;
        this.life = life;
        this.diskTakes = diskTakes;
        this.onEntry = onEntry;
    }

    @Override
    public FailbackRecord record() {
        return file.record();
    }

    @Override
    public void append(Entry entry) {
        life.point(CrashPoint.BEFORE_ENTRY);
        if (!diskTakes.test(entry)) {
            throw new UncheckedIOException(new IOException("No space left on device"));
        }
        file.append(entry);
        try {
            life.point(CrashPoint.HALF_AN_ENTRY);
        } catch (Life.Dead dead) {
            cutInHalf();
            throw dead;
        }
        onEntry.accept(entry);
        life.point(CrashPoint.AFTER_ENTRY);
    }

    /** Half of the last line is what a process leaves that dies while it writes. */
    private void cutInHalf() {
        String all = Scratch.read(file.file());
        int begin = all.lastIndexOf('\n', all.length() - 2) + 1;
        Scratch.write(file.file(), all.substring(0, begin + (all.length() - begin) / 2));
    }
}
