package io.jenkins.plugins.cockroachdb.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The server-state-file, which makes a restarted HAProxy do what the one before it did. HAProxy only reads it: whoever changes
 * states saves them.
 */
final class HaProxyStateFile {

    /** HAProxy reads it as whoever it is started as, and there is no secret in it. */
    private static final String PERMISSIONS = "rw-r--r--";

    private static final Duration WAIT = Duration.ofMillis(2);

    /** Who of this process writes which file. */
    private static final Map<Path, ReentrantLock> TURNS = new ConcurrentHashMap<>();

    private final Path path;

    HaProxyStateFile(Path path) {
        this.path = path;
    }

    /**
     * Whether a restart would bring back what somebody told HAProxy to do with each server. Weights and checks are left
     * out: they close nothing.
     *
     * @param states what HAProxy says now
     * @throws ProxyFailure if the file cannot be read; one that is not there, or holds something else, is not the same
     */
    boolean isCurrent(String states) throws ProxyFailure {
        String saved;
        try {
            saved = Files.readString(path);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new ProxyFailure(
                    "The state file " + path + " could not be read (" + ProxyFailure.words(e) + ").",
                    "Let this user read and replace it.");
        }
        return saved.startsWith("1\n") && told(saved).equals(told(states));
    }

    private static Map<String, Integer> told(String states) throws ProxyFailure {
        Map<String, Integer> told = new TreeMap<>();
        for (Map<String, String> row : HaProxyTable.serversState(states)) {
            told.put(
                    HaProxyTable.text(row, "be_name") + "/" + HaProxyTable.text(row, "srv_name"),
                    HaProxyTable.number(row, "srv_admin_state"));
        }
        return told;
    }

    /**
     * Makes the file say what HAProxy says. Backends of one HAProxy share the file, so here one saves for all that wait. Another
     * process may save at the same time, and what it read may be older than what we did: so everybody looks again until nothing has
     * changed since it was read.
     *
     * @throws ProxyFailure if that cannot be done
     */
    void save(HaProxyControl control, Deadline deadline) throws ProxyFailure {
        ReentrantLock turn = TURNS.computeIfAbsent(path.toAbsolutePath().normalize(), each -> new ReentrantLock());
        while (!turn.tryLock()) {
            if (!deadline.pause(WAIT)) {
                throw new ProxyFailure(
                        "The state file " + path + " was not free to be replaced.", "Look at the disk, and try again.");
            }
        }
        try {
            String states = control.everyState();
            while (!isCurrent(states)) {
                replace(states);
                states = control.everyState();
            }
        } finally {
            turn.unlock();
        }
    }

    private void replace(String states) throws ProxyFailure {
        try {
            Path real = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
            Path fresh = Files.createTempFile(
                    real.getParent(),
                    "." + real.getFileName(),
                    ".new",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try {
                write(fresh, states);
                Files.move(fresh, real, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(fresh);
            }
            try (FileChannel directory = FileChannel.open(real.getParent(), StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new ProxyFailure(
                    "The state file " + path + " could not be replaced (" + ProxyFailure.words(e) + ").",
                    "Run this as root or as the owner of its directory, or name another file and have HAProxy read it"
                            + " (server-state-file).");
        }
    }

    private static void write(Path fresh, String states) throws IOException {
        try (FileChannel file = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(states.getBytes(UTF_8));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(PERMISSIONS));
            file.force(true);
        }
    }
}
