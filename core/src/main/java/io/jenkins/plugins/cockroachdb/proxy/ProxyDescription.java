package io.jenkins.plugins.cockroachdb.proxy;

import java.util.List;
import java.util.Optional;

/**
 * Which proxy it is, how to reach it and what it calls the two clusters. It holds no secret, and has a text form that {@link #parse}
 * reads: {@code KIND:PLACE?PARAMETER=VALUE&...}.
 */
public interface ProxyDescription {

    /** The proxy's name in messages, gates and the record; unique within a failback. */
    String name();

    /** The label of the Jenkins agents on which it can be reached; empty for wherever the failback runs. */
    Optional<String> agent();

    /**
     * Where applications connect to this proxy, for whoever wants to know {@linkplain WhoAnswers who answers} there; empty where
     * nobody said.
     */
    default Optional<PgAddress> clients() {
        return Optional.empty();
    }

    /** The same for another user, where the proxy asks for one. */
    default ProxyDescription loginAs(String user) {
        return this;
    }

    /** The environment variable in which a password is looked for; empty when none is needed, or it is elsewhere. */
    default Optional<String> passwordVariable() {
        return Optional.empty();
    }

    /** What a verb does, command by command, for the person who approves it: as literal as it can be said beforehand. */
    List<String> commands(Verb verb);

    /** The proxy itself. Nothing is reached for before the first verb. */
    Proxy connect(ProxyEnvironment environment);

    /**
     * Reads a description.
     *
     * @param text such as {@code haproxy:/run/haproxy/admin.sock?backend=cockroach_backend&primary=primary&standby=standby}
     * @throws IllegalArgumentException with what is wrong and an example of what is right
     */
    static ProxyDescription parse(String text) {
        DescriptionText description = DescriptionText.of(text);
        ProxyDescription read =
                switch (description.kind()) {
                    case "haproxy" -> HaProxyDescription.of(description);
                    case "hook" -> HookDescription.of(description);
                    case "pgbouncer" -> PgBouncerDescription.of(description);
                    case "simulated" -> SimulatedDescription.of(description);
                    default -> throw description.wrong("its kind is \"" + description.kind() + "\"");
                };
        description.requireAllTaken();
        return read;
    }
}
