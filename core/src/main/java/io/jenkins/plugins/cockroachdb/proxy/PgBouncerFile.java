package io.jenkins.plugins.cockroachdb.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The file that pgbouncer.ini includes under {@code [databases]}. In the line of our database, host and port are changed; every other
 * byte stays. Whoever opens the file finds the old content or the new, also after a power cut.
 */
final class PgBouncerFile {

    /** With (?d), because bytes that are no ASCII are not ends of lines. */
    private static final Pattern LINE = Pattern.compile("(?md)^[ \\t]*\"?([\\w.-]+)\"?[ \\t]*=[ \\t]*(.*)$");

    private static final Pattern PAIR = Pattern.compile("\\G\\s*(\\w+)\\s*=\\s*('(?:[^']|'')*'|(?!')\\S*)(?=\\s|$)");
    private static final String DEFAULT_PORT = "5432";

    private final Path path;
    private final PgBouncerDescription description;

    PgBouncerFile(PgBouncerDescription description) {
        this.path = description.databasesFile();
        this.description = description;
    }

    /**
     * What the file was seen to hold.
     *
     * @param text everything; it may hold passwords, so it is never shown
     * @param address host and port in the line of our database
     * @param destination what they mean
     */
    record Content(String text, String address, PgBouncerSight.Destination destination) {}

    /**
     * Reads the file.
     *
     * @throws ProxyFailure if it cannot be read, or does not have one line for the database
     */
    Content read() throws ProxyFailure {
        String text = text();
        List<MatchResult> pairs = pairs(line(text).group(2));
        String host = value(pairs, "host", "");
        String port = value(pairs, "port", DEFAULT_PORT);
        return new Content(text, host + ":" + port, description.destination(host, port));
    }

    private String text() throws ProxyFailure {
        try {
            return Files.readString(path, ISO_8859_1);
        } catch (IOException e) {
            throw new ProxyFailure(
                    "The databases file " + path + " could not be read (" + ProxyFailure.words(e) + ").",
                    "Name the file that pgbouncer.ini includes, on the machine where this runs, and let us read it.");
        }
    }

    private MatchResult line(String text) throws ProxyFailure {
        List<MatchResult> lines = LINE.matcher(text)
                .results()
                .filter(line -> line.group(1).equals(description.database()))
                .toList();
        if (lines.size() != 1) {
            throw wrongLine("has " + lines.size() + " lines for " + description.database());
        }
        return lines.get(0);
    }

    private List<MatchResult> pairs(String pairs) throws ProxyFailure {
        List<MatchResult> all = PAIR.matcher(pairs).results().toList();
        int end = all.isEmpty() ? 0 : all.get(all.size() - 1).end();
        if (!pairs.substring(end).isBlank()) {
            throw wrongLine("has something else than KEY=VALUE in the line for " + description.database());
        }
        return all;
    }

    /** Null when there is none. */
    private MatchResult pair(List<MatchResult> pairs, String key) throws ProxyFailure {
        List<MatchResult> found =
                pairs.stream().filter(pair -> pair.group(1).equals(key)).toList();
        if (found.size() > 1) {
            throw wrongLine("names " + key + " twice in the line for " + description.database());
        }
        return found.isEmpty() ? null : found.get(0);
    }

    private String value(List<MatchResult> pairs, String key, String otherwise) throws ProxyFailure {
        MatchResult pair = pair(pairs, key);
        if (pair == null) {
            return otherwise;
        }
        String value = pair.group(2);
        return value.startsWith("'") ? value.substring(1, value.length() - 1).replace("''", "'") : value;
    }

    private String with(String pairs, String key, String value) throws ProxyFailure {
        MatchResult pair = pair(pairs(pairs), key);
        return pair == null
                ? key + "=" + value + " " + pairs
                : pairs.substring(0, pair.start(2)) + value + pairs.substring(pair.end(2));
    }

    private ProxyFailure wrongLine(String what) {
        return new ProxyFailure(
                "The databases file " + path + " " + what + ".",
                "It has to hold one line \"" + description.database()
                        + " = host=... port=...\" (a line for * is not enough), as in docs/examples/pgbouncer.");
    }

    /**
     * Puts a content on disk that leads to the address, beside the file and not yet in its place.
     *
     * @param before what was read
     * @throws ProxyFailure if that cannot be done, with the file as it was
     */
    Edit prepare(Content before, PgAddress to) throws ProxyFailure {
        MatchResult line = line(before.text());
        String pairs = with(with(line.group(2), "port", String.valueOf(to.port())), "host", to.host());
        return new Edit(
                before.text(),
                before.text().substring(0, line.start(2))
                        + pairs
                        + before.text().substring(line.end(2)));
    }

    /** A change that is ready and not yet done; closed undone, it leaves nothing behind. */
    final class Edit implements AutoCloseable {

        private final String before;
        private final String after;
        private final Path real;
        private final Path fresh;
        private boolean applied;

        private Edit(String before, String after) throws ProxyFailure {
            this.before = before;
            this.after = after;
            try {
                real = path.toRealPath();
                PosixFileAttributes old = Files.readAttributes(real, PosixFileAttributes.class);
                fresh = Files.createTempFile(real.getParent(), "." + real.getFileName(), ".new");
                try {
                    write(old);
                } catch (IOException e) {
                    Files.deleteIfExists(fresh);
                    throw e;
                }
            } catch (IOException e) {
                throw notWritten(e);
            }
        }

        private void write(PosixFileAttributes old) throws IOException {
            try (FileChannel file = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(after.getBytes(ISO_8859_1));
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                PosixFileAttributeView view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
                PosixFileAttributes own = view.readAttributes();
                // Only what differs: whoever may not give files away may still replace his own.
                if (!own.group().equals(old.group())) {
                    view.setGroup(old.group());
                }
                if (!own.owner().equals(old.owner())) {
                    view.setOwner(old.owner());
                }
                view.setPermissions(old.permissions());
                file.force(true);
            }
        }

        /**
         * Puts the new content in place of the old.
         *
         * @throws ProxyFailure if that cannot be done, or if somebody else changed the file since it was read
         */
        void apply() throws ProxyFailure {
            if (!text().equals(before)) {
                throw new ProxyFailure(
                        "The databases file " + path + " was changed by somebody else meanwhile.",
                        "Find out who edits it, and try again.");
            }
            try {
                Files.move(fresh, real, StandardCopyOption.ATOMIC_MOVE);
                applied = true;
                try (FileChannel directory = FileChannel.open(real.getParent(), StandardOpenOption.READ)) {
                    directory.force(true);
                }
            } catch (IOException e) {
                throw notWritten(e);
            }
        }

        /**
         * Puts the old content back, if the new one took its place.
         *
         * @throws ProxyFailure if that cannot be done, or if somebody else changed the file since
         */
        void undo() throws ProxyFailure {
            if (applied) {
                try (Edit back = new Edit(after, before)) {
                    back.apply();
                }
            }
        }

        @Override
        public void close() {
            try {
                Files.deleteIfExists(fresh);
            } catch (IOException ignored) {
                // a hidden file that nobody reads stays behind
            }
        }

        private ProxyFailure notWritten(IOException cause) {
            return new ProxyFailure(
                    "The databases file " + path + " could not be replaced (" + ProxyFailure.words(cause) + ").",
                    "Run this as the file's owner or as root, with the right to write in its directory.");
        }
    }
}
