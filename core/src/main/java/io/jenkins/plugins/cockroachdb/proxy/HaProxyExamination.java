package io.jenkins.plugins.cockroachdb.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What speaks against a fence of one backend. Nothing is changed. */
final class HaProxyExamination {

    private static final String REMEDY_FOR_STATE =
            "Set server-state-file in \"global\" and load-server-state-from-file global for the backend, as in"
                    + " docs/examples/haproxy, and name that file with stateFile=.";

    private final HaProxyDescription description;
    private final HaProxyControl control;
    private final List<ProxyFinding> findings = new ArrayList<>();

    HaProxyExamination(HaProxyDescription description, HaProxyControl control) {
        this.description = description;
        this.control = control;
    }

    /** @throws ProxyFailure if HAProxy cannot be read */
    List<ProxyFinding> findings() throws ProxyFailure {
        HaProxySight sight = control.look();
        control.obstacle(sight).ifPresent(obstacle -> obstacle(obstacle.whatHappened(), obstacle.whatToDo()));
        servers(sight);
        otherBackends(sight);
        if (description.socket().isRemote()) {
            warning(
                    "Whoever reaches " + description.socket() + " commands HAProxy: TCP has no authentication there.",
                    "Use the Unix socket on the proxy's machine (agent= in Jenkins), or a firewall.");
        }
        if (!sight.old().seen()) {
            warning(
                    "Sessions that a reload left with old workers outlive a fence unseen, because this user can open no socket"
                            + " of HAProxy's master process.",
                    "Start HAProxy with -W -S /run/haproxy-master.sock, as Debian's service does, and let this user open"
                            + " that socket, or name it with master=.");
        }
        restart();
        return List.copyOf(findings);
    }

    private void obstacle(String what, String whatToDo) {
        findings.add(ProxyFinding.obstacle(what, whatToDo));
    }

    private void warning(String what, String whatToDo) {
        findings.add(ProxyFinding.warning(what, whatToDo));
    }

    private void servers(HaProxySight sight) {
        for (HaProxyServer server : Stream.concat(sight.active().stream(), sight.originalPrimary().stream())
                .toList()) {
            String name = description.backend() + "/" + server.name();
            if (server.hasAgent()) {
                warning(
                        "The agent of " + name + " may open it in the middle of a fence.",
                        "Say \"disable agent " + name + "\", or leave agent-check out of haproxy.cfg.");
            }
            if (server.weight() == 0) {
                warning(
                        name + " has weight 0, so it gets no client when it is open.",
                        "Say \"set server " + name + " weight 100%\".");
            }
            if (server.isUnresolved()) {
                warning(
                        "The name of " + name + " was not resolved, so it gets no client when it is open.",
                        "Correct the name or the resolver, and reload HAProxy.");
            }
        }
    }

    private void otherBackends(HaProxySight sight) throws ProxyFailure {
        List<String> addresses = Stream.concat(sight.active().stream(), sight.originalPrimary().stream())
                .map(HaProxyServer::address)
                .toList();
        List<String> ways = new ArrayList<>();
        for (Map<String, String> state : HaProxyTable.serversState(control.everyState())) {
            HaProxyServer server = HaProxyServer.of(state, HaProxyServer.Sessions.NONE);
            String backend = HaProxyTable.text(state, "be_name");
            if (!backend.equals(description.backend()) && !server.isShut() && addresses.contains(server.address())) {
                ways.add(backend + "/" + server.name());
            }
        }
        if (!ways.isEmpty()) {
            warning(
                    "Clients reach the same clusters past this backend through " + String.join(", ", ways) + ".",
                    "Name each such backend as a proxy of its own (backend=), or put these servers in maintenance.");
        }
    }

    /** Whether what a fence does would survive a restart of HAProxy. */
    private void restart() throws ProxyFailure {
        Optional<HaProxyConfiguration> configuration = configuration();
        if (configuration.isPresent()) {
            configuration
                    .get()
                    .pastMaintenance()
                    .ifPresent(option -> obstacle(
                            "The backend " + description.backend() + " has \"" + option
                                    + "\", which sends clients to servers in maintenance, past every fence.",
                            "Remove it from haproxy.cfg and reload."));
        }
        if (description.stateFile().isEmpty()) {
            warning("A restart of HAProxy undoes a fence: nobody saves the states of the servers.", REMEDY_FOR_STATE);
            return;
        }
        Path file = description.stateFile().get();
        Path directory = file.toAbsolutePath().getParent();
        if (!Files.isWritable(directory)) {
            obstacle(
                    "The state file " + file + " cannot be replaced: this user may not write in " + directory + ".",
                    "Run this as a user who may, or move the file (server-state-file and stateFile=).");
        } else if (!new HaProxyStateFile(file).isCurrent(control.everyState())) {
            warning(
                    "The state file " + file + " does not say what HAProxy does now, so a restart would move clients.",
                    "Save \"show servers state\" there; the next fence does.");
        }
        if (configuration.isPresent()) {
            Optional<Path> read = configuration.get().stateFile(control::variable);
            if (read.isEmpty() || !isSame(read.get(), file)) {
                warning(
                        "HAProxy does not read " + file + " when it starts"
                                + read.map(other -> ", but " + other).orElse("") + ", so a restart undoes a fence.",
                        REMEDY_FOR_STATE);
            }
        }
    }

    private static boolean isSame(Path one, Path other) {
        try {
            return one.equals(other) || Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other);
        } catch (IOException e) {
            return false;
        }
    }

    /** What HAProxy read when it started; empty, with a warning, when that cannot be seen from here. */
    private Optional<HaProxyConfiguration> configuration() throws ProxyFailure {
        List<Path> files = configurationFiles();
        String why = files.isEmpty() ? "HAProxy does not say which files it reads" : "";
        if (!files.isEmpty()) {
            try {
                HaProxyConfiguration configuration = HaProxyConfiguration.read(files, description.backend());
                if (configuration.knowsBackend()) {
                    return Optional.of(configuration);
                }
                why = "it is not in " + files.stream().map(Path::toString).collect(Collectors.joining(", "));
            } catch (IOException e) {
                why = ProxyFailure.words(e);
            }
        }
        warning(
                "The configuration of the backend " + description.backend() + " cannot be seen from here (" + why
                        + "), and with it whether a restart undoes a fence.",
                "Name haproxy.cfg with config=, or check that it has server-state-file, load-server-state-from-file"
                        + " global, and no \"option persist\".");
        return Optional.empty();
    }

    private List<Path> configurationFiles() throws ProxyFailure {
        if (description.configuration().isPresent()) {
            return List.of(description.configuration().get());
        }
        Optional<String> files = control.variable("HAPROXY_CFGFILES");
        if (files.isEmpty()) {
            return List.of();
        }
        Path directory = Path.of(control.variable("PWD").orElse("/"));
        return Arrays.stream(files.get().split(";"))
                .filter(file -> !file.isEmpty())
                .map(directory::resolve)
                .toList();
    }
}
