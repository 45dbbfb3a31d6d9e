package io.jenkins.plugins.cockroachdb.servers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A server from this machine's packages, run by a test on loopback. */
public final class LocalServer implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 30;

    /** Debian's packages make this user; servers that refuse to run as root run as it when a test does. */
    private static final String NOBODY_IN_PARTICULAR = "postgres";

    private final Process process;
    private final List<String> log = new ArrayList<>();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();

    private LocalServer(Process process, String readyLine) {
        this.process = process;
        Thread reader = new Thread(
                () -> read(readyLine), "log of " + process.info().command().orElse("a server"));
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a program and returns once it says that it is ready.
     *
     * @param directory its current directory
     * @param readyLine what a line of its output holds then
     * @throws IllegalStateException with its output if it ends before
     */
    public static LocalServer start(Path directory, String readyLine, List<String> command) {
        return start(directory, Map.of(), readyLine, command);
    }

    /**
     * Starts a program and returns once it says that it is ready.
     *
     * @param environment variables on top of our own
     */
    public static LocalServer start(
            Path directory, Map<String, String> environment, String readyLine, List<String> command) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
            builder.environment().putAll(environment);
            LocalServer server = new LocalServer(builder.start(), readyLine);
            server.ready.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(command + " did not become ready", e);
        }
    }

    /** The command as a user who is not root, for servers that refuse to be run by root. */
    public static List<String> notAsRoot(List<String> command) {
        if (!System.getProperty("user.name").equals("root")) {
            return command;
        }
        List<String> all = new ArrayList<>(List.of(
                "setpriv", "--reuid=" + NOBODY_IN_PARTICULAR, "--regid=" + NOBODY_IN_PARTICULAR, "--clear-groups"));
        all.addAll(command);
        return all;
    }

    /** Gives a directory and all that is in it to the user of {@link #notAsRoot}, and lets that user reach it. */
    public static void giveAway(Path directory) {
        if (!System.getProperty("user.name").equals("root")) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            var user = directory
                    .getFileSystem()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByName(NOBODY_IN_PARTICULAR);
            for (Path each : all.toList()) {
                Files.setOwner(each, user);
            }
            // A test's temporary directory lets nobody else in.
            Path everybodys = Path.of(System.getProperty("java.io.tmpdir"));
            for (Path above = directory.getParent();
                    above.startsWith(everybodys) && !above.equals(everybodys);
                    above = above.getParent()) {
                Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(above);
                if (permissions.add(PosixFilePermission.OTHERS_EXECUTE)) {
                    Files.setPosixFilePermissions(above, permissions);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where a program is: on the PATH, or where Debian puts servers. */
    public static Optional<Path> find(String program) {
        return Stream.concat(
                        Stream.of(System.getenv("PATH").split(":")),
                        Stream.of(
                                "/usr/sbin",
                                "/usr/local/sbin",
                                "/usr/lib/postgresql/15/bin",
                                "/usr/lib/postgresql/17/bin"))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** A port of the loopback interface that nobody uses now. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(String readyLine) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (log) {
                    log.add(line);
                    log.notifyAll();
                }
                if (line.contains(readyLine)) {
                    ready.complete(null);
                }
            }
        } catch (IOException e) {
            // the process was killed
        }
        ready.completeExceptionally(new IllegalStateException("it ended. Its output: " + log()));
    }

    /** What it has printed so far. */
    public List<String> log() {
        synchronized (log) {
            return List.copyOf(log);
        }
    }

    /**
     * Returns once it has said something as often as that.
     *
     * @param line what each of these lines holds
     */
    public void awaitLog(String line, int times) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        synchronized (log) {
            while (log.stream().filter(each -> each.contains(line)).count() < times) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    throw new IllegalStateException("it did not say \"" + line + "\" " + times + " times: " + log);
                }
                try {
                    log.wait(left);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    public long pid() {
        return process.pid();
    }

    /** Sends a signal, such as STOP, to it and to all that it started. */
    public void signal(String name) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name, String.valueOf(pid())));
        process.descendants().forEach(each -> command.add(String.valueOf(each.pid())));
        try {
            new ProcessBuilder(command).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Kills it as a power cut would, and returns once it is gone. */
    public void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        awaitEnd();
    }

    /** Asks it to end, and returns once it has. */
    @Override
    public void close() {
        process.destroy();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
