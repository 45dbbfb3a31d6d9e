package io.jenkins.plugins.cockroachdb.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * How one PgBouncer process is set up, and what of that matters to a fence.
 *
 * @param console whose settings these are
 * @param values SHOW CONFIG
 * @param poolModes of the database's pools: session, transaction, statement
 */
record PgBouncerSettings(PgAddress console, Map<String, String> values, Set<String> poolModes) {

    private static final Pattern INCLUDE = Pattern.compile("(?m)^[ \\t]*%include[ \\t]+(\\S.*?)[ \\t]*$");

    /** How deep PgBouncer follows files that include files. */
    private static final int DEEPEST_INCLUDE = 10;

    /** What drops a client that waits: the last holds for those that log in while others wait. */
    private static final List<String> PATIENCE = List.of("query_wait_timeout", "query_timeout", "client_login_timeout");

    /**
     * Whether several processes may share the console's port: then each connection reaches any of them, and a PAUSE on one and a look
     * at another prove nothing.
     */
    boolean isShared() {
        return "1".equals(values.get("so_reuseport")) && !console.isUnixSocket();
    }

    /** Why a shared port is refused. */
    ProxyFailure shared() {
        return new ProxyFailure(
                "The console at " + console + " may be any of several processes, because so_reuseport is on.",
                "Name the Unix socket of each process as a console: unix_socket_dir differs from process to process.");
    }

    /** What of this speaks against a fence. */
    List<ProxyFinding> findings(PgBouncerDescription description) {
        String at = "PgBouncer at " + console;
        List<ProxyFinding> findings = new ArrayList<>();
        if (isShared()) {
            findings.add(ProxyFinding.obstacle(shared().whatHappened(), shared().whatToDo()));
        }
        if (!isAdministrator(description.user())) {
            findings.add(ProxyFinding.obstacle(
                    at + " does not name " + description.user() + " in admin_users.", "Add it and RELOAD."));
        }
        if (!includes(description.databasesFile())) {
            findings.add(ProxyFinding.obstacle(
                    at + " reads " + values.get("conffile") + ", which does not include " + description.databasesFile()
                            + ".",
                    "Put \"%include " + description.databasesFile() + "\" under [databases] and RELOAD."));
        }
        for (String setting : PATIENCE) {
            double patience = seconds(setting);
            if (patience > 0 && patience <= description.expectedPause().toSeconds()) {
                findings.add(ProxyFinding.warning(
                        at + " drops clients that have waited " + values.get(setting) + " s (" + setting
                                + "), and they may have to wait "
                                + description.expectedPause().toSeconds() + " s.",
                        "Raise it in pgbouncer.ini and RELOAD."));
            }
        }
        if (poolModes.contains("session")) {
            findings.add(ProxyFinding.warning(
                    at + " pools sessions: a pause waits for clients to leave, and those that are still connected after"
                            + " the drain are cut.",
                    "With pool_mode = transaction no client would see an error."));
        }
        return findings;
    }

    private double seconds(String name) {
        try {
            return Double.parseDouble(values.getOrDefault(name, "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** The user pgbouncer needs no entry: PgBouncer lets in whoever runs it, over its Unix socket. */
    private boolean isAdministrator(String user) {
        return "any".equals(values.get("auth_type"))
                || user.equals("pgbouncer") && console.isUnixSocket()
                || Arrays.asList(values.getOrDefault("admin_users", "").split("[\\s,]+"))
                        .contains(user);
    }

    private boolean includes(Path databasesFile) {
        return includes(Path.of(values.getOrDefault("conffile", "")), databasesFile, DEEPEST_INCLUDE);
    }

    /** By name alone, because paths may be relative; true where a file cannot be read from here. */
    private static boolean includes(Path file, Path wanted, int depth) {
        if (depth == 0 || file.getFileName().equals(wanted.getFileName())) {
            return depth > 0;
        }
        try {
            return INCLUDE.matcher(Files.readString(file))
                    .results()
                    .map((MatchResult include) -> file.resolveSibling(include.group(1)))
                    .anyMatch(included -> includes(included, wanted, depth - 1));
        } catch (IOException e) {
            return true;
        }
    }
}
