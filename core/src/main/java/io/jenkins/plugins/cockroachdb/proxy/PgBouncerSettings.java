package io.jenkins.plugins.cockroachdb.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** Sentences for a person, before a fence. */
    List<String> warnings(PgBouncerDescription description) {
        String at = "PgBouncer at " + console;
        List<String> warnings = new ArrayList<>();
        long patience = seconds("query_wait_timeout");
        if (patience > 0 && patience <= description.expectedPause().toSeconds()) {
            warnings.add(at + " drops clients that waited " + patience
                    + " s (query_wait_timeout), and they may have to wait "
                    + description.expectedPause().toSeconds() + " s. Raise it in pgbouncer.ini and RELOAD.");
        }
        if (poolModes.contains("session")) {
            warnings.add(at
                    + " pools sessions, so a pause waits for clients to leave: those that are still connected after the"
                    + " drain are cut. With pool_mode = transaction no client would see an error.");
        }
        if (isShared()) {
            warnings.add("A fence will be refused. " + shared().getMessage());
        }
        if (!isAdministrator(description.user())) {
            warnings.add("A fence will be refused: " + at + " does not name " + description.user()
                    + " in admin_users. Add it and RELOAD.");
        }
        if (!includes(description.databasesFile())) {
            warnings.add(
                    "A fence will be refused: " + at + " reads " + values.get("conffile") + ", which does not include "
                            + description.databasesFile() + ". Put \"%include " + description.databasesFile()
                            + "\" under [databases] and RELOAD.");
        }
        return warnings;
    }

    private long seconds(String name) {
        try {
            return (long) Double.parseDouble(values.getOrDefault(name, "0"));
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

    /** By the name alone, because paths may be relative, and true when the configuration cannot be read from here. */
    private boolean includes(Path databasesFile) {
        try {
            return INCLUDE.matcher(Files.readString(Path.of(values.getOrDefault("conffile", ""))))
                    .results()
                    .anyMatch(include -> Path.of(include.group(1)).getFileName().equals(databasesFile.getFileName()));
        } catch (IOException e) {
            return true;
        }
    }
}
