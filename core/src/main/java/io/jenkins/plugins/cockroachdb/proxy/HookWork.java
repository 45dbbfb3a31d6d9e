package io.jenkins.plugins.cockroachdb.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One verb at work at a hook. What counts is what the hook's status says after the verb, not how the verb ended: an executable that
 * fails may have done its work, and one that succeeds may not.
 *
 * <p>A fence that fails, runs out of time or is canceled is undone by an unfence, if clients were on A. The other verbs only go
 * forward: repeat them.
 */
final class HookWork implements ProxyWork {

    /** What a look after a verb has beyond the verb's own time, which the verb may have used up. */
    private static final Duration LAST_LOOK = Duration.ofMillis(1500);

    /** What undoing a fence has beyond the verb's own time; together with the last look less than {@link #PUT_BACK}. */
    private static final Duration UNDOING = Duration.ofMillis(2500);

    /** What programs need to run as the same user elsewhere would run them; all else has to be named. */
    private static final List<String> USUAL_VARIABLES =
            List.of("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR");

    private final HookDescription description;
    private final ProxyEnvironment environment;
    private final Deadline deadline;

    HookWork(HookDescription description, ProxyEnvironment environment, Deadline deadline) {
        this.description = description;
        this.environment = environment;
        this.deadline = deadline;
    }

    @Override
    public ProxyStatus status() throws ProxyFailure {
        return look(deadline);
    }

    @Override
    public ProxyStatus fence(Duration drain) throws ProxyFailure {
        // What cannot be read cannot be proven: then clients are better left alone.
        ProxyStatus before = status();
        if (before.traffic() == Traffic.FENCED) {
            return before;
        }
        HookCall call = call(Verb.FENCE.word(), drain, deadline);
        try {
            return seenAfter(call, Verb.FENCE, Traffic.FENCED);
        } catch (ProxyFailure e) {
            throw before.traffic() == Traffic.ON_ACTIVE
                    ? new ProxyFailure(e.whatHappened() + putBack(), e.whatToDo())
                    : e;
        }
    }

    @Override
    public ProxyStatus fenceAtOnce() throws ProxyFailure {
        return move(Verb.FENCE, Traffic.FENCED);
    }

    @Override
    public ProxyStatus unfence() throws ProxyFailure {
        return move(Verb.UNFENCE, Traffic.ON_ACTIVE);
    }

    @Override
    public ProxyStatus release() throws ProxyFailure {
        return move(Verb.RELEASE, Traffic.ON_ORIGINAL_PRIMARY);
    }

    @Override
    public List<ProxyFinding> findings() throws ProxyFailure {
        status(); // a hook that has no status has no fence either
        return List.of();
    }

    private ProxyStatus move(Verb verb, Traffic wanted) throws ProxyFailure {
        return seenAfter(call(verb.word(), Duration.ZERO, deadline), verb, wanted);
    }

    /** What is seen after a verb, if it is what was wanted. */
    private ProxyStatus seenAfter(HookCall call, Verb verb, Traffic wanted) throws ProxyFailure {
        String end = end(verb.word(), call, deadline);
        ProxyStatus seen;
        try (Deadline time = timeLeftAnd(LAST_LOOK)) {
            seen = look(time);
        } catch (ProxyFailure e) {
            throw new ProxyFailure(
                    end + " Where clients are now is not known: " + e.whatHappened(),
                    "Look where they are, and see to it that both " + verb.word() + " and status work. "
                            + e.whatToDo());
        }
        if (seen.traffic() != wanted) {
            throw new ProxyFailure(
                    end + " Its status after that has clients " + seen.traffic().words() + " rather than "
                            + wanted.words() + sessions(seen)
                            + (seen.detail().isEmpty() ? "." : ": " + seen.detail()),
                    "Find out what " + description.executable() + " did, and repeat the " + verb.word()
                            + ", or move clients by hand.");
        }
        return call.exitCode() == 0
                ? seen
                : new ProxyStatus(
                        seen.name(),
                        seen.traffic(),
                        seen.sessionsActive(),
                        seen.sessionsOriginal(),
                        (seen.detail() + " " + end).strip());
    }

    private static String sessions(ProxyStatus seen) {
        return " (sessions on A: " + (seen.sessionsActive() < 0 ? "unknown" : seen.sessionsActive()) + ", on P: "
                + (seen.sessionsOriginal() < 0 ? "unknown" : seen.sessionsOriginal()) + ")";
    }

    /** @return a sentence about how that went */
    private String putBack() {
        try (Deadline time = timeLeftAnd(UNDOING)) {
            HookCall call = call(Verb.UNFENCE.word(), Duration.ZERO, time);
            ProxyStatus seen = look(time);
            return seen.traffic() == Traffic.ON_ACTIVE
                    ? " Clients were put back on A."
                    : " It was not put back, so clients may be stopped: " + end(Verb.UNFENCE.word(), call, time)
                            + " Clients are " + seen.traffic().words() + sessions(seen) + ".";
        } catch (ProxyFailure e) {
            return " Whether it was put back is not known, so clients may be stopped: " + e.whatHappened();
        }
    }

    private Deadline timeLeftAnd(Duration more) {
        return new Deadline(environment.timer(), deadline.left().plus(more));
    }

    private ProxyStatus look(Deadline limit) throws ProxyFailure {
        HookCall call = call("status", Duration.ZERO, limit);
        if (call.exitCode() != 0) {
            throw new ProxyFailure(
                    end("status", call, limit),
                    "Have status end with 0 and answer traffic=unknown with a detail where it cannot tell.");
        }
        if (call.more()) {
            throw new ProxyFailure(
                    command("status") + " answers more than " + HookCall.LONGEST_OUTPUT + " bytes.",
                    "Have it print what docs/hook.md says and nothing else.");
        }
        return HookAnswer.read(description.name(), command("status"), call.output());
    }

    private String command(String word) {
        return description.executable() + " " + word;
    }

    /** How a call ended, with what it said about it. */
    private String end(String word, HookCall call, Deadline limit) {
        String said = HookSecrets.printable(call.errors().isBlank() ? call.output() : call.errors());
        boolean killed = call.exitCode() != 0 && limit.isOver();
        return command(word)
                + (killed
                        ? " took too long and was killed with everything that it had started"
                        : " ended with exit code " + call.exitCode())
                + (call.exitCode() == 0 || said.isEmpty() ? "." : ": " + said);
    }

    private HookCall call(String word, Duration drain, Deadline limit) throws ProxyFailure {
        requireExecutable();
        ProcessBuilder process = new ProcessBuilder(description.executable().toString(), word);
        process.environment().clear();
        process.environment().putAll(passedOn());
        description.parameters().forEach((parameter, value) -> process.environment()
                .put(HookDescription.variable(parameter), value));
        process.environment().put("FAILBACK_VERB", word);
        process.environment().put("FAILBACK_PROXY", description.name());
        process.environment()
                .put("FAILBACK_DRAIN_SECONDS", seconds(drain.plusSeconds(1).minusNanos(1)));
        process.environment().put("FAILBACK_LIMIT_SECONDS", seconds(limit.left()));
        putAddress(process.environment(), "FAILBACK_ACTIVE", description.active());
        putAddress(process.environment(), "FAILBACK_ORIGINAL_PRIMARY", description.originalPrimary());
        try {
            return HookCall.make(process, environment.timer(), limit);
        } catch (IOException e) {
            if (limit.isOver()) {
                throw new ProxyFailure(
                        command(word) + " was not called, because there was no time left.", "Give it more time.");
            }
            throw new ProxyFailure(
                    description.executable() + " could not be started (" + ProxyFailure.words(e) + ").",
                    "Check that it is a program for this machine, or that its first line names an interpreter that exists,"
                            + " as #!/bin/sh does.");
        }
    }

    private void requireExecutable() throws ProxyFailure {
        Path executable = description.executable();
        if (!Files.exists(executable)) {
            throw new ProxyFailure(
                    "The hook " + executable + " does not exist.",
                    "Put it there, on the machine where this proxy's verbs run, or correct the proxy's description.");
        }
        if (!Files.isRegularFile(executable)) {
            throw new ProxyFailure("The hook " + executable + " is not a file.", "Correct the proxy's description.");
        }
        if (!Files.isExecutable(executable)) {
            throw new ProxyFailure(
                    "The hook " + executable + " is not executable for this user.", "Make it so, as with chmod +x.");
        }
    }

    /** Of our own environment no more than is named: nobody can list every name that a secret may have. */
    private Map<String, String> passedOn() throws ProxyFailure {
        Map<String, String> passedOn = new HashMap<>();
        for (String name : USUAL_VARIABLES) {
            environment
                    .variables()
                    .apply(name)
                    .filter(value -> !HookSecrets.isSecretValue(value))
                    .ifPresent(value -> passedOn.put(name, value));
        }
        for (String name : description.passedOn()) {
            Optional<String> value = environment.variables().apply(name);
            if (value.isPresent() && HookSecrets.isSecretValue(value.get())) {
                throw new ProxyFailure(
                        "The variable " + name + ", which the hook shall get, holds an API key or a password.",
                        "Keep a secret of the hook in a file that the hook reads.");
            }
            value.ifPresent(text -> passedOn.put(name, text));
        }
        return passedOn;
    }

    private static void putAddress(Map<String, String> variables, String name, Optional<PgAddress> address) {
        address.ifPresent(place -> {
            variables.put(name + "_HOST", place.host());
            variables.put(name + "_PORT", String.valueOf(place.port()));
        });
    }

    private static String seconds(Duration duration) {
        return String.valueOf(duration.toSeconds());
    }

    @Override
    public void close() {
        // every call has ended
    }
}
