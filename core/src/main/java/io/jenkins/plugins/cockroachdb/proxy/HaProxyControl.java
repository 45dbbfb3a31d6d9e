package io.jenkins.plugins.cockroachdb.proxy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** One HAProxy at the end of its Runtime API: what it says of our backend, and what it is told. Every call blocks. */
final class HaProxyControl {

    private static final String SERVERS = "4";
    private static final String EACH = "-1";

    private final HaProxyDescription description;
    private final RuntimeApi.Network network;
    private final Deadline deadline;
    private final RuntimeApi api;
    private Optional<HaProxyOldWorkers> oldWorkers; // null as long as nobody asked

    HaProxyControl(HaProxyDescription description, RuntimeApi.Network network, Deadline deadline) {
        this.description = description;
        this.network = network;
        this.deadline = deadline;
        this.api = network.at(description.socket(), deadline);
    }

    /**
     * What it does with the backend now. Sessions are counted after the states were read, so that what both show together
     * as closed and empty was closed when it was empty.
     *
     * @throws ProxyFailure if it cannot be read, or knows no such backend or server
     */
    HaProxySight look() throws ProxyFailure {
        List<Map<String, String>> states = states(description.backend());
        Map<String, HaProxyServer.Sessions> sessions = sessions(states);
        List<HaProxyServer> servers = new ArrayList<>();
        for (Map<String, String> state : states) {
            servers.add(
                    HaProxyServer.of(state, sessions.getOrDefault(state.get("srv_name"), HaProxyServer.Sessions.NONE)));
        }
        return new HaProxySight(
                named(description.active(), servers),
                named(description.originalPrimary(), servers),
                servers.stream()
                        .filter(server -> !description.active().contains(server.name())
                                && !description.originalPrimary().contains(server.name()))
                        .toList(),
                lookAtOldWorkers());
    }

    /** Rows of {@code show servers state} for a backend. */
    private List<Map<String, String>> states(String backend) throws ProxyFailure {
        String command = "show servers state " + backend;
        String reply = api.ask(command);
        if (!reply.startsWith("1\n")) {
            throw refused(command, reply);
        }
        return HaProxyTable.serversState(reply);
    }

    private Map<String, HaProxyServer.Sessions> sessions(List<Map<String, String>> states) throws ProxyFailure {
        Map<String, HaProxyServer.Sessions> sessions = new HashMap<>();
        if (!states.isEmpty()) {
            // By number: only newer versions know the backend by its name here.
            String command = String.join(" ", "show stat", HaProxyTable.text(states.get(0), "be_id"), SERVERS, EACH);
            for (Map<String, String> row : HaProxyTable.statistics(api.ask(command))) {
                if (HaProxyTable.text(row, "pxname").equals(description.backend())) {
                    // Whoever waits in a server's own queue gets through to it although it is in maintenance.
                    sessions.put(
                            HaProxyTable.text(row, "svname"),
                            new HaProxyServer.Sessions(
                                    HaProxyTable.number(row, "scur") + HaProxyTable.number(row, "qcur"),
                                    row.getOrDefault("lastsess", "")));
                }
            }
        }
        for (Map<String, String> state : states) {
            if (!sessions.containsKey(HaProxyTable.text(state, "srv_name"))) {
                throw new ProxyFailure(
                        "HAProxy at " + description.socket() + " does not count the sessions of "
                                + description.backend() + "/" + state.get("srv_name") + ".",
                        "Check that this is HAProxy, 1.8 or newer.");
            }
        }
        return sessions;
    }

    private List<HaProxyServer> named(List<String> names, List<HaProxyServer> servers) throws ProxyFailure {
        List<HaProxyServer> found = new ArrayList<>();
        for (String name : names) {
            found.add(servers.stream()
                    .filter(server -> server.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new ProxyFailure(
                            "HAProxy at " + description.socket() + " has no server " + description.backend() + "/"
                                    + name + ".",
                            "Name servers of this backend with primary= and standby=: it has "
                                    + servers.stream().map(HaProxyServer::name).collect(Collectors.joining(", "))
                                    + ".")));
        }
        return found;
    }

    private HaProxyOldWorkers.Sight lookAtOldWorkers() throws ProxyFailure {
        if (oldWorkers == null) {
            oldWorkers = master().map(
                            address -> new HaProxyOldWorkers(description, network.at(address, deadline), deadline));
        }
        return oldWorkers.isPresent() ? oldWorkers.get().look() : HaProxyOldWorkers.Sight.NOTHING;
    }

    /** The one that was named, or that HAProxy names and this user may open: that one has to answer. */
    private Optional<RuntimeAddress> master() throws ProxyFailure {
        if (description.master().isPresent()) {
            RuntimeAddress master = description.master().get();
            if (master.isUnixSocket() && !Files.exists(Path.of(master.host()))) {
                throw new ProxyFailure(
                        "There is no master socket " + master + ".",
                        "Name the socket that HAProxy was started with (-S) as master=.");
            }
            return description.master();
        }
        return variable("HAPROXY_MASTER_CLI")
                .map(all -> all.split(";")[0])
                .filter(first -> first.startsWith("unix@/"))
                .map(RuntimeAddress::of)
                .filter(address -> Files.isWritable(Path.of(address.host())));
    }

    /** An environment variable of HAProxy; empty also where the socket's level does not let us ask. */
    Optional<String> variable(String name) throws ProxyFailure {
        String line = api.ask("show env " + name).strip();
        return line.startsWith(name + "=") ? Optional.of(line.substring(name.length() + 1)) : Optional.empty();
    }

    /**
     * The states of all servers of all backends, as a server-state-file has them.
     *
     * @throws ProxyFailure if they cannot be read
     */
    String everyState() throws ProxyFailure {
        String command = "show servers state";
        String reply = api.ask(command);
        if (!reply.startsWith("1\n")) {
            throw refused(command, reply);
        }
        return reply;
    }

    /** @throws ProxyFailure if HAProxy does not obey silently, which is how it says yes */
    void tell(String command) throws ProxyFailure {
        String reply = api.ask(command);
        if (!reply.isBlank()) {
            throw refused(command, reply);
        }
    }

    /** Cuts what old workers hold, as far as they were seen. */
    void cut(List<HaProxyOldWorkers.Session> sessions) throws ProxyFailure {
        if (!sessions.isEmpty()) {
            oldWorkers.orElseThrow().cut(sessions);
        }
    }

    /** What would make a fence fail, or prove nothing. */
    Optional<ProxyFailure> obstacle(HaProxySight sight) throws ProxyFailure {
        String level = api.ask("show cli level").strip(); // an older HAProxy does not know this, and refuses later
        if (level.equals("user") || level.equals("operator")) {
            return Optional.of(new ProxyFailure(
                    "The socket " + description.socket() + " has the level " + level
                            + ", which may not change anything.",
                    giveLevelAdmin()));
        }
        String processes = info().getOrDefault("Nbproc", "1");
        if (!processes.equals("1")) {
            return Optional.of(new ProxyFailure(
                    "HAProxy at " + description.socket() + " is one of " + processes
                            + " processes, and what one does says nothing of the others.",
                    "Use nbthread instead of nbproc in haproxy.cfg."));
        }
        if (!sight.strangers().isEmpty()) {
            return Optional.of(new ProxyFailure(
                    "HAProxy at " + description.socket() + " may send clients to "
                            + sight.strangers().stream()
                                    .map(server -> description.backend() + "/" + server.name())
                                    .collect(Collectors.joining(", "))
                            + ", which is said to be neither the active cluster's nor the original primary's.",
                    "Name every server of the backend with primary= or standby=, or put it in maintenance."));
        }
        return Optional.empty();
    }

    /** {@code show info}, by name. */
    private Map<String, String> info() throws ProxyFailure {
        return api.ask("show info")
                .lines()
                .map(line -> line.split(": ", 2))
                .filter(pair -> pair.length == 2)
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (a, b) -> a));
    }

    private String giveLevelAdmin() {
        return "Give it level admin in haproxy.cfg (stats socket " + description.socket()
                + " level admin) and reload, or name the socket that has it.";
    }

    private ProxyFailure refused(String command, String reply) {
        String answer = reply.strip().lines().findFirst().orElse("");
        return new ProxyFailure(
                "HAProxy at " + description.socket() + " answered \"" + command + "\" with \"" + answer + "\".",
                remedy(answer));
    }

    private String remedy(String answer) {
        if (answer.startsWith("Permission denied")) {
            return giveLevelAdmin();
        }
        if (answer.startsWith("No such backend") || answer.startsWith("Can't find backend")) {
            return "Name a backend of haproxy.cfg with backend=; \"show backend\" lists them.";
        }
        if (answer.startsWith("No such server") || answer.startsWith("Require 'backend/server'")) {
            return "Name servers of the backend " + description.backend() + " with primary= and standby=.";
        }
        if (answer.startsWith("Unknown command")) {
            return "Check that this is the stats socket of HAProxy, 1.8 or newer.";
        }
        return "Look at HAProxy's log, and at the status of this proxy.";
    }
}
