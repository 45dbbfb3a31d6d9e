package io.jenkins.plugins.cockroachdb.proxy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One backend of one HAProxy, moved by the states of its servers: maintenance for whoever gets no clients.
 *
 * @param name the proxy's name, unique within a failback
 * @param agent the label of the Jenkins agents that reach the socket; empty for wherever the failback runs
 * @param clients where applications connect; empty when nobody is to look who answers there
 * @param socket where the Runtime API listens, with level admin
 * @param backend the backend that clients are sent to
 * @param active the names of the servers that stand for the active cluster (A), never empty
 * @param originalPrimary the names of the servers that stand for the original primary (P), never empty
 * @param stateFile the server-state-file that HAProxy reads when it starts, as seen from here: saved after every change, so that
 *     it survives a restart
 * @param master the socket of HAProxy's master process, which knows the workers that a reload left; empty for the one that HAProxy
 *     names itself
 * @param configuration HAProxy's configuration file, as seen from here; empty for the one that HAProxy names itself. It is
 *     only read, and only to warn
 */
public record HaProxyDescription(
        String name,
        Optional<String> agent,
        Optional<PgAddress> clients,
        RuntimeAddress socket,
        String backend,
        List<String> active,
        List<String> originalPrimary,
        Optional<Path> stateFile,
        Optional<RuntimeAddress> master,
        Optional<Path> configuration)
        implements ProxyDescription {

    /** CockroachDB's. */
    private static final int CLIENTS_PORT = 26257;

    /** @throws IllegalArgumentException if a parameter makes no sense by itself or with another */
    public HaProxyDescription {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(agent, "agent");
        Objects.requireNonNull(clients, "clients");
        Objects.requireNonNull(socket, "socket");
        active = List.copyOf(active);
        originalPrimary = List.copyOf(originalPrimary);
        Objects.requireNonNull(stateFile, "stateFile");
        Objects.requireNonNull(master, "master");
        Objects.requireNonNull(configuration, "configuration");
        List<String> servers =
                Stream.concat(active.stream(), originalPrimary.stream()).toList();
        // What HAProxy's own parser takes for a name: nothing here can end a command, or begin another.
        Stream.concat(Stream.of(backend), servers.stream())
                .filter(each -> !each.matches("[A-Za-z0-9_.:-]+"))
                .findFirst()
                .ifPresent(each -> {
                    throw new IllegalArgumentException("proxy " + name + " cannot have \"" + each
                            + "\": letters, digits, underscore, dot, colon and hyphen name a backend or server");
                });
        if (active.isEmpty() || originalPrimary.isEmpty()) {
            throw new IllegalArgumentException("proxy " + name + " needs a server for each cluster");
        }
        if (servers.stream().distinct().count() < servers.size()) {
            throw new IllegalArgumentException("proxy " + name
                    + " names a server twice; the active cluster and the original primary have servers of their own");
        }
    }

    /** From {@code haproxy:SOCKET?backend=&primary=SERVER[,SERVER...]&standby=SERVER[,SERVER...]...}. */
    static HaProxyDescription of(DescriptionText text) {
        try {
            String backend = text.take("backend").orElse("cockroach_backend");
            return new HaProxyDescription(
                    text.take("name").orElse("haproxy-" + backend),
                    text.take("agent"),
                    text.take("clients").map(address -> PgAddress.of(address, CLIENTS_PORT)),
                    RuntimeAddress.of(text.place()),
                    backend,
                    names(text.take("standby").orElse("standby")),
                    names(text.take("primary").orElse("primary")),
                    text.take("stateFile").map(Path::of),
                    text.take("master").map(RuntimeAddress::of),
                    text.take("config").map(Path::of));
        } catch (IllegalArgumentException e) {
            throw text.wrong(e.getMessage());
        }
    }

    private static List<String> names(String list) {
        return Arrays.asList(list.split(",", -1));
    }

    @Override
    public List<String> commands(Verb verb) {
        List<String> commands = new ArrayList<>();
        switch (verb) {
            case FENCE -> {
                commands.addAll(setAll(originalPrimary, ServerState.MAINT));
                commands.addAll(setAll(active, ServerState.DRAIN));
                commands.addAll(setAll(active, ServerState.MAINT));
                commands.addAll(cutAll(active));
                commands.addAll(cutAll(originalPrimary));
            }
            case UNFENCE -> {
                commands.addAll(setAll(originalPrimary, ServerState.MAINT));
                commands.addAll(cutAll(originalPrimary));
                commands.addAll(setAll(active, ServerState.READY));
            }
            case RELEASE -> commands.addAll(setAll(originalPrimary, ServerState.READY));
        }
        stateFile.ifPresent(file -> commands.add("show servers state > " + file));
        return commands.stream().map(each -> "at " + socket + ": " + each).toList();
    }

    private List<String> setAll(List<String> servers, ServerState state) {
        return servers.stream().map(server -> set(server, state)).toList();
    }

    private List<String> cutAll(List<String> servers) {
        return servers.stream().map(this::cut).toList();
    }

    /** What somebody may tell HAProxy to do with a server. */
    enum ServerState {
        READY("ready"),
        DRAIN("drain"),
        MAINT("maint");

        private final String word;

        ServerState(String word) {
            this.word = word;
        }
    }

    /** The command that gives a server a state. */
    String set(String server, ServerState state) {
        return "set server " + backend + "/" + server + " state " + state.word;
    }

    /** The command that cuts the sessions of a server. */
    String cut(String server) {
        return "shutdown sessions server " + backend + "/" + server;
    }

    @Override
    public Proxy connect(ProxyEnvironment environment) {
        return connect(environment, RuntimeSocket::new);
    }

    /** With a Runtime API that is found somewhere else than in production. */
    Proxy connect(ProxyEnvironment environment, RuntimeApi.Network network) {
        return new BlockingProxy(
                this, environment, (around, deadline) -> new HaProxyWork(this, network, around.timer(), deadline));
    }
}
