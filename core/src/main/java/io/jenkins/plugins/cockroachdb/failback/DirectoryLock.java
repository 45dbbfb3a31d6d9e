package io.jenkins.plugins.cockroachdb.failback;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets one driver at a time work on the records of a directory: one in this process, and one process on this machine. The
 * system takes the lock back when the process dies.
 */
final class DirectoryLock implements AutoCloseable {

    /**
     * What this process holds. It is asked before the file is opened: closing any channel of a file takes away every lock that
     * the process has on it (POSIX, and {@link FileLock}).
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel channel;

    private DirectoryLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /**
     * @throws RecordFile.HeldException if another driver holds it
     * @throws IOException if it cannot be tried
     */
    static DirectoryLock of(Path directory) throws IOException {
        Path real = directory.toRealPath();
        if (!HELD.add(real)) {
            throw new RecordFile.HeldException(directory);
        }
        FileChannel channel = null;
        FileLock lock = null;
        try {
            channel = FileChannel.open(real.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock = channel.tryLock();
        } finally {
            if (lock == null) {
                HELD.remove(real);
                if (channel != null) {
                    channel.close();
                }
            }
        }
        if (lock == null) {
            throw new RecordFile.HeldException(directory);
        }
        return new DirectoryLock(real, channel);
    }

    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            channel.close();
            HELD.remove(directory);
        }
    }
}
