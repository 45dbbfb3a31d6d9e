package io.jenkins.plugins.cockroachdb.disasters;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * HAProxy 2.6 as its Runtime API shows it, with one backend: what its commands do to servers and sessions, and what they answer.
 * {@link HaProxyAgreesTest} compares it with the real one.
 */
final class HaProxyModel {

    /** What a server takes, in the bits of srv_admin_state. */
    private static final int MAINT = 1;

    private static final int DISABLED_IN_FILE = 4;
    private static final int DRAIN = 8;

    private static final class Server {
        private final boolean disabledInFile;
        private int state;
        private final Set<Integer> sessions = new TreeSet<>();

        Server(boolean disabledInFile) {
            this.disabledInFile = disabledInFile;
            start();
        }

        void start() {
            state = disabledInFile ? MAINT : 0;
            sessions.clear();
        }
    }

    private final String backend;
    private final Map<String, Server> servers = new LinkedHashMap<>();
    private int connections;

    /** @param disabled which servers the configuration file disables, by name, in its order */
    HaProxyModel(String backend, Map<String, Boolean> disabled) {
        this.backend = backend;
        disabled.forEach((name, isDisabled) -> servers.put(name, new Server(isDisabled)));
    }

    // ---- Clients

    /** The servers that a new client can reach; if there are several, the proxy chooses. */
    List<String> open() {
        return servers.keySet().stream().filter(this::isOpen).toList();
    }

    /** A client connects, and gets to one of the servers that are open. */
    int connect(String server) {
        servers.get(server).sessions.add(++connections);
        return connections;
    }

    void disconnect(int session) {
        servers.values().forEach(server -> server.sessions.remove(session));
    }

    boolean isServed(int session) {
        return servers.values().stream().anyMatch(server -> server.sessions.contains(session));
    }

    /** Whether new clients get to a server. */
    boolean isOpen(String server) {
        return servers.get(server).state == 0;
    }

    boolean hasSessions(String server) {
        return !servers.get(server).sessions.isEmpty();
    }

    /**
     * It starts anew: sessions are gone, and the configuration file counts, and what the states say beyond it.
     *
     * @param states the server-state-file; empty when it has none
     */
    void restart(Optional<String> states) {
        servers.values().forEach(Server::start);
        states.ifPresent(table -> table.lines()
                .map(line -> line.split(" "))
                .filter(row -> row.length > 3 && row[1].equals(backend))
                .forEach(row -> servers.get(row[3]).state = Integer.parseInt(row[6]) & (MAINT | DRAIN)));
    }

    // ---- The Runtime API

    /** The reply, without the empty line that ends it. */
    String ask(String command) {
        String[] words = command.split(" ");
        return switch (words[0] + " " + (words.length > 1 ? words[1] : "")) {
            case "set server" -> setServer(words);
            case "enable server" -> admin(words[2], 0);
            case "disable server" -> admin(words[2], MAINT);
            case "shutdown sessions" -> cut(words[3]);
            case "show servers" -> words.length > 3 && !words[3].equals(backend) ? "Can't find backend.\n" : states();
            case "show stat" -> statistics();
            case "show cli" -> "admin\n";
            case "show info" -> "Name: HAProxy\nNbproc: 1\n";
            case "show env" -> "Variable not found\n";
            default -> "Unknown command: \"" + words[0] + "\".";
        };
    }

    private String setServer(String[] words) {
        Optional<String> refused = refusal(words.length > 2 ? words[2] : "");
        if (refused.isPresent()) {
            return refused.get();
        }
        return switch (words[4]) {
            case "ready" -> admin(words[2], 0);
            case "drain" -> admin(words[2], DRAIN);
            case "maint" -> admin(words[2], MAINT);
            default -> "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n";
        };
    }

    /** Sessions stay where they are, whatever becomes of their server. */
    private String admin(String path, int state) {
        Optional<String> refused = refusal(path);
        if (refused.isEmpty()) {
            server(path).state = state;
        }
        return refused.orElse("");
    }

    private String cut(String path) {
        Optional<String> refused = refusal(path);
        if (refused.isEmpty()) {
            server(path).sessions.clear();
        }
        return refused.orElse("");
    }

    private Optional<String> refusal(String path) {
        String[] names = path.split("/");
        if (names.length != 2) {
            return Optional.of("Require 'backend/server'.\n");
        }
        if (!names[0].equals(backend)) {
            return Optional.of("No such backend.\n");
        }
        return servers.containsKey(names[1]) ? Optional.empty() : Optional.of("No such server.\n");
    }

    private Server server(String path) {
        return servers.get(path.split("/")[1]);
    }

    /** Without the columns that nobody here reads. */
    private String states() {
        StringBuilder table = new StringBuilder(
                "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_agent_state\n");
        int id = 1;
        for (Map.Entry<String, Server> each : servers.entrySet()) {
            Server server = each.getValue();
            table.append("3 ")
                    .append(backend)
                    .append(' ')
                    .append(id++)
                    .append(' ')
                    .append(each.getKey());
            table.append(" 192.0.2.1 ").append(server.state == MAINT ? 0 : 2).append(' ');
            table.append(server.state + (server.disabledInFile ? DISABLED_IN_FILE : 0))
                    .append(" 1 0\n");
        }
        return table.toString();
    }

    private String statistics() {
        StringBuilder table = new StringBuilder("# pxname,svname,scur,qcur\n");
        servers.forEach((name, server) -> table.append(backend)
                .append(',')
                .append(name)
                .append(',')
                .append(server.sessions.size())
                .append(",0\n"));
        return table.toString();
    }

    /** Only these columns of a table, in this order, so that a model need not know the others. */
    static String columns(String table, List<String> names) {
        List<String> rows = new ArrayList<>();
        List<String> header = List.of();
        String separator = table.startsWith("1\n") ? " " : ",";
        for (String line : table.lines()
                .filter(line -> !line.isBlank() && !line.equals("1"))
                .toList()) {
            List<String> fields = List.of(line.replaceFirst("^# ", "").split(separator, -1));
            if (line.startsWith("# ")) {
                header = fields;
            } else {
                List<String> known = header;
                rows.add(names.stream()
                        .map(name -> fields.get(known.indexOf(name)))
                        .toList()
                        .toString());
            }
        }
        return rows.toString();
    }
}
