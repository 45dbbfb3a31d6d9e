package io.jenkins.plugins.cockroachdb.failback;

import java.util.List;

/** Where the record of a failback is kept. One driver holds it at a time. */
public interface Journal {

    /** What was recorded so far. */
    FailbackRecord record();

    /**
     * Adds an entry. When this returns, the entry survives a crash of process and machine.
     *
     * @throws java.io.UncheckedIOException if it cannot be kept; then nothing more may be done in the cloud
     */
    void append(Entry entry);

    /** One that is kept nowhere, for whoever only plays a failback. */
    static Journal inMemory(Entry.Began beginning) {
        return new Journal() {

            private FailbackRecord record = FailbackRecord.of(List.of(beginning));

            @Override
            public FailbackRecord record() {
                return record;
            }

            @Override
            public void append(Entry entry) {
                record = record.with(entry);
            }
        };
    }
}
