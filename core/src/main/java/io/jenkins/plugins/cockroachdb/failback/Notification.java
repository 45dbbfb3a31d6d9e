package io.jenkins.plugins.cockroachdb.failback;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cockroachdb.cloud.Redaction;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Tells somebody else how a run ended: an executable of the user's choice, called once, after the end. Whatever becomes of it, the
 * outcome and the exit code of the run stay what they are.
 *
 * <p>The executable, the <em>hook</em>, gets
 *
 * <ul>
 *   <li>one argument: the outcome's kind, such as {@code completed} or {@code inDoubt}; see {@link Outcome#kind()};
 *   <li>in its environment {@code FAILBACK_OUTCOME} (the kind), {@code FAILBACK_EXIT_CODE}, {@code FAILBACK_MESSAGE} (one line),
 *       {@code FAILBACK_ORIGINAL_PRIMARY} and {@code FAILBACK_ACTIVE} (names, or ids where the names are not known), {@code
 *       FAILBACK_RECORD} and {@code FAILBACK_REPORT} (absolute paths). What is not known is not set;
 *   <li>on its standard input the same as one JSON object in UTF-8: {@code outcome}, {@code exitCode} (a number), {@code message},
 *       {@code originalPrimary}, {@code active}, {@code record}, {@code report}. It need not read it;
 *   <li>the directory that the run was started in.
 * </ul>
 *
 * <p>Secrets are kept from it. Of the run's own environment it does not get any variable whose name holds one of PASSWORD, PASSWD,
 * PASSPHRASE, SECRET, TOKEN, API_KEY or PRIVATE_KEY, in whatever case, nor any whose value holds an API key of CockroachDB Cloud or
 * a URL with a password. A hook that needs a secret of its own has to read it from a file.
 *
 * <p>After {@link #LIMIT} it is killed with everything that it started. Of its output the first {@value #LONGEST_OUTPUT} bytes are
 * shown, with keys masked.
 */
public final class Notification {

    /** How long the hook may take. */
    public static final Duration LIMIT = Duration.ofSeconds(30);

    /** How many bytes of the hook's output are shown. */
    public static final int LONGEST_OUTPUT = 4096;

    /** How many characters of the message the hook gets: an environment has a limited size. */
    private static final int LONGEST_MESSAGE = 8000;

    /** How long the output of a hook is waited for that has ended itself but left something running. */
    private static final Duration LAST_OUTPUT = Duration.ofSeconds(1);

    private static final Pattern SECRET_NAME =
            Pattern.compile("PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_KEY|PRIVATE_KEY");
    private static final Pattern URL_WITH_PASSWORD = Pattern.compile("://[^/\\s@]*:[^/\\s@]+@");

    private static final List<String> OWN_NAMES = List.of(
            "FAILBACK_OUTCOME",
            "FAILBACK_EXIT_CODE",
            "FAILBACK_MESSAGE",
            "FAILBACK_ORIGINAL_PRIMARY",
            "FAILBACK_ACTIVE",
            "FAILBACK_RECORD",
            "FAILBACK_REPORT");

    private static final Executor DAEMONS = task -> {
        Thread thread = new Thread(task, "notification");
        thread.setDaemon(true);
        thread.start();
    };

    /** Starts a process. In production that is {@link ProcessBuilder#start}. */
    @FunctionalInterface
    public interface Launcher {
        /** @throws IOException if it cannot be started */
        Process start(ProcessBuilder process) throws IOException;
    }

    /**
     * How a run ended.
     *
     * @param message for a person; may be empty
     * @param originalPrimary the name of P, or its id; null when unknown
     * @param active the name of A, or its id; null when unknown
     * @param record where the record is; null when there is none
     * @param report where the report is; null when there is none
     */
    public record Event(
            Outcome outcome, String message, String originalPrimary, String active, Path record, Path report) {
        public Event {
            Objects.requireNonNull(outcome, "outcome");
            Objects.requireNonNull(message, "message");
        }
    }

    private final Path hook;
    private final Path directory;
    private final Map<String, String> environment;
    private final Launcher launcher;
    private final ScheduledExecutorService timer;

    /**
     * @param hook the executable; a relative path is relative to the directory, and never looked for elsewhere
     * @param directory the current directory
     * @param environment of the run; what is secret in it is left out
     * @param timer measures the limits
     */
    public Notification(
            Path hook,
            Path directory,
            Map<String, String> environment,
            Launcher launcher,
            ScheduledExecutorService timer) {
        this.directory = directory.toAbsolutePath();
        this.hook = this.directory.resolve(hook).normalize();
        this.environment = Map.copyOf(environment);
        this.launcher = launcher;
        this.timer = timer;
    }

    /** What is wrong with the hook, for a person; empty when it can be called. To be asked before a run does anything. */
    public Optional<String> check() {
        String what = "The notification hook " + hook;
        if (!Files.exists(hook)) {
            return Optional.of(what + " does not exist.");
        }
        if (!Files.isRegularFile(hook)) {
            return Optional.of(what + " is not a file.");
        }
        return Files.isExecutable(hook)
                ? Optional.empty()
                : Optional.of(what + " is not executable. Make it so, as with chmod +x.");
    }

    /**
     * Calls the hook, and blocks nobody.
     *
     * @return ends, never exceptionally, with lines for the user: what the hook printed, and what went wrong with it. Empty when it
     *     did its work in silence
     */
    public CompletableFuture<List<String>> send(Event event) {
        Map<String, String> data = data(event);
        Process process;
        try {
            process = launcher.start(process(event, data));
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.completedFuture(List.of("The notification hook " + hook
                    + " could not be started: " + Redaction.printable(String.valueOf(e.getMessage()))
                    + " Nobody was notified."));
        }
        CompletableFuture.runAsync(() -> write(json(event, data), process.getOutputStream()), DAEMONS);
        Output output = new Output();
        CompletableFuture<Void> read =
                CompletableFuture.runAsync(() -> output.readFrom(process.getInputStream()), DAEMONS);
        CompletableFuture<List<String>> told = new CompletableFuture<>();
        Future<?> tooLate = timer.schedule(
                () -> {
                    // What ends by being killed is told here, so this comes first.
                    told.complete(output.lines("The notification hook took longer than " + LIMIT.toSeconds()
                            + " s and was killed. It may have notified nobody."));
                    kill(process);
                },
                LIMIT.toNanos(),
                TimeUnit.NANOSECONDS);
        process.onExit().thenAccept(ended -> {
            String problem = ended.exitValue() == 0
                    ? null
                    : "The notification hook ended with exit code " + ended.exitValue()
                            + ". It may have notified nobody.";
            Future<?> enough = timer.schedule(
                    () -> told.complete(output.lines(problem)), LAST_OUTPUT.toNanos(), TimeUnit.NANOSECONDS);
            read.thenRun(() -> {
                told.complete(output.lines(problem));
                enough.cancel(false);
            });
        });
        return told.whenComplete((lines, failure) -> tooLate.cancel(false));
    }

    private ProcessBuilder process(Event event, Map<String, String> data) {
        ProcessBuilder process = new ProcessBuilder(
                        hook.toString(), event.outcome().kind())
                .directory(directory.toFile())
                .redirectErrorStream(true);
        process.environment().clear();
        environment.forEach((name, value) -> {
            if (!isSecret(name, value)) {
                process.environment().put(name, value);
            }
        });
        // One of an outer run would tell of that one.
        OWN_NAMES.forEach(process.environment()::remove);
        process.environment().put("FAILBACK_EXIT_CODE", "" + event.outcome().exitCode());
        data.forEach((name, value) -> process.environment().put("FAILBACK_" + upperCase(name), value));
        return process;
    }

    private static boolean isSecret(String name, String value) {
        return SECRET_NAME.matcher(name.toUpperCase(Locale.ROOT)).find()
                || !Redaction.maskKeys(value).equals(value)
                || URL_WITH_PASSWORD.matcher(value).find();
    }

    /** What is known, under its name in JSON. */
    private Map<String, String> data(Event event) {
        Map<String, String> data = new LinkedHashMap<>();
        data.put("outcome", event.outcome().kind());
        String message = Redaction.printable(event.message());
        data.put(
                "message",
                message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE) + "...");
        data.put("originalPrimary", event.originalPrimary());
        data.put("active", event.active());
        data.put("record", path(event.record()));
        data.put("report", path(event.report()));
        data.values().removeIf(Objects::isNull);
        data.replaceAll((name, value) -> Redaction.printable(value));
        return data;
    }

    private String path(Path path) {
        return path == null ? null : directory.resolve(path).toString();
    }

    private static String json(Event event, Map<String, String> data) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("exitCode", event.outcome().exitCode());
        data.forEach(json::put);
        return json + "\n";
    }

    /** {@code originalPrimary} is {@code ORIGINAL_PRIMARY}. */
    private static String upperCase(String camelCase) {
        return camelCase.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
    }

    private static void write(String json, OutputStream input) {
        try (input) {
            input.write(json.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The hook need not read it.
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** What the hook printed; read to its end, kept to its limit. */
    private static final class Output {
        private final byte[] kept = new byte[LONGEST_OUTPUT];
        private int length;
        private boolean more;

        void readFrom(InputStream stream) {
            byte[] buffer = new byte[LONGEST_OUTPUT];
            try (stream) {
                for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                    keep(buffer, read);
                }
            } catch (IOException e) {
                // It was killed; what it printed before is there.
            }
        }

        private synchronized void keep(byte[] buffer, int read) {
            int kept = Math.min(read, LONGEST_OUTPUT - length);
            System.arraycopy(buffer, 0, this.kept, length, kept);
            length += kept;
            more |= kept < read;
        }

        /** @param problem null when there is none */
        synchronized List<String> lines(String problem) {
            List<String> lines = new ArrayList<>();
            String text = new String(kept, 0, length, StandardCharsets.UTF_8);
            Redaction.maskKeys(text)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .forEach(line -> lines.add("The notification hook says: " + Redaction.printable(line)));
            if (more) {
                lines.add("The notification hook said more, which is not shown.");
            }
            if (problem != null) {
                lines.add(problem);
            }
            return lines;
        }
    }
}
