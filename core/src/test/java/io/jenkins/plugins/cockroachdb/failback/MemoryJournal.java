package io.jenkins.plugins.cockroachdb.failback;

import java.util.List;

/** A journal in memory that can crash its driver right before or right after an entry is kept. */
final class MemoryJournal implements Journal {

    /** The process is gone; what was kept is kept. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("crash", null, false, false);
        }
    }

    private FailbackRecord record;
    private int appendsLeft = Integer.MAX_VALUE;
    private boolean keepsTheLast;

    MemoryJournal(Entry.Began began) {
        record = FailbackRecord.of(List.of(began));
    }

    /** The next life with what was kept. */
    MemoryJournal(FailbackRecord kept) {
        record = kept;
    }

    /** Crashes at the given append, counted from 0: before it is kept, or after. */
    void crashAt(int append, boolean afterwards) {
        appendsLeft = append;
        keepsTheLast = afterwards;
    }

    @Override
    public FailbackRecord record() {
        return record;
    }

    @Override
    public void append(Entry entry) {
        if (appendsLeft == 0) {
            if (keepsTheLast) {
                record = record.with(entry);
                keepsTheLast = false;
            }
            throw new Crash();
        }
        appendsLeft--;
        record = record.with(entry);
    }
}
