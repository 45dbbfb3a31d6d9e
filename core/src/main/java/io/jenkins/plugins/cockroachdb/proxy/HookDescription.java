package io.jenkins.plugins.cockroachdb.proxy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A proxy that nobody here knows, moved by an executable of the user: the <em>hook</em>. What it is called with and has to answer is
 * written in docs/hook.md.
 *
 * @param name the proxy's name, unique within a failback
 * @param agent the label of the Jenkins agents that have the executable; empty for wherever the failback runs
 * @param executable an absolute path
 * @param active where the active cluster (A) is, if the hook shall be told
 * @param originalPrimary where the original primary (P) is, if the hook shall be told
 * @param clients where applications connect to the proxy, if somebody shall look {@linkplain WhoAnswers who answers} there
 * @param passedOn names of environment variables that the hook gets beside the usual ones
 * @param parameters what else the hook gets in its environment; see {@link #variable}
 */
public record HookDescription(
        String name,
        Optional<String> agent,
        Path executable,
        Optional<PgAddress> active,
        Optional<PgAddress> originalPrimary,
        Optional<PgAddress> clients,
        List<String> passedOn,
        Map<String, String> parameters)
        implements ProxyDescription {

    private static final Pattern PARAMETER = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:,=@%+-]+");

    /** @throws IllegalArgumentException if a parameter makes no sense by itself or with another, or is a secret */
    public HookDescription {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(agent, "agent");
        Objects.requireNonNull(executable, "executable");
        Objects.requireNonNull(active, "active");
        Objects.requireNonNull(originalPrimary, "originalPrimary");
        Objects.requireNonNull(clients, "clients");
        passedOn = List.copyOf(passedOn);
        parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
        if (!executable.isAbsolute()) {
            throw new IllegalArgumentException("proxy " + name + " has the hook " + executable
                    + ", which is not an absolute path; a hook is never looked for, so say where it is");
        }
        if (active.isPresent() && originalPrimary.isPresent() && active.get().isSameAs(originalPrimary.get())) {
            throw new IllegalArgumentException("proxy " + name + " has " + active.get()
                    + " both for the active cluster and for the original primary");
        }
        for (String each : passedOn) {
            if (!VARIABLE.matcher(each).matches()) {
                throw new IllegalArgumentException(
                        "proxy " + name + " passes on \"" + each + "\", which is not the name of a variable");
            }
            if (HookSecrets.isSecretName(each)) {
                throw new IllegalArgumentException("proxy " + name + " passes on " + each
                        + ", which is a secret by its name; keep a secret of the hook in a file that the hook reads");
            }
        }
        Map<String, String> variables = new TreeMap<>();
        parameters.forEach((parameter, value) -> {
            if (!PARAMETER.matcher(parameter).matches()) {
                throw new IllegalArgumentException("proxy " + name + " has a parameter \"" + parameter
                        + "\": letters, digits and underscore name one, and a letter begins it");
            }
            // Such a text has been seen by many already, but need not be repeated here.
            if (HookSecrets.isSecretName(parameter) || HookSecrets.isSecretValue(value)) {
                throw new IllegalArgumentException("proxy " + name + " has a secret in its parameter " + parameter
                        + "; a description holds none: keep it in a file that the hook reads");
            }
            if (value.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException(
                        "proxy " + name + " has a control character in its parameter " + parameter);
            }
            String twin = variables.put(variable(parameter), parameter);
            if (twin != null) {
                throw new IllegalArgumentException("proxy " + name + " has the parameters " + twin + " and " + parameter
                        + ", which would both be " + variable(parameter));
            }
        });
    }

    /** From {@code hook:/EXECUTABLE?primary=HOST:PORT&standby=HOST:PORT&clients=HOST:PORT&env=NAME,NAME&...}. */
    static HookDescription of(DescriptionText text) {
        Path executable = Path.of(text.place());
        Path fileName = executable.getFileName();
        return new HookDescription(
                text.take("name").orElse(fileName == null ? "hook" : fileName.toString()),
                text.take("agent"),
                executable,
                text.takeCluster("standby"),
                text.takeCluster("primary"),
                text.takeClients(),
                text.take("env").map(names -> Arrays.asList(names.split(","))).orElse(List.of()),
                text.takeRest());
    }

    /** The environment variable that holds a parameter: {@code targetGroup} is {@code HOOK_TARGET_GROUP}. */
    static String variable(String parameter) {
        return "HOOK_" + parameter.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    }

    @Override
    public List<String> commands(Verb verb) {
        return List.of(command(verb.word()), command("status") + " (has to say " + HookAnswer.wanted(verb) + ")");
    }

    /** As a shell takes it; what is only known in the moment of the call is left out. */
    private String command(String word) {
        List<String> parts = new ArrayList<>();
        parameters.forEach((parameter, value) -> parts.add(variable(parameter) + "=" + quoted(value)));
        parts.add(quoted(executable.toString()));
        parts.add(word);
        return String.join(" ", parts);
    }

    private static String quoted(String text) {
        return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    @Override
    public Proxy connect(ProxyEnvironment environment) {
        return new BlockingProxy(this, environment, (around, deadline) -> new HookWork(this, around, deadline));
    }
}
