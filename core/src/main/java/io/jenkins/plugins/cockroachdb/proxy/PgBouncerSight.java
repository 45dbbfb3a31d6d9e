package io.jenkins.plugins.cockroachdb.proxy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What one PgBouncer process was seen to do with the database.
 *
 * @param console whose answer it is
 * @param address what the process has read from its files, which may have changed since; what SHOW DATABASES names
 * @param destination what that address means
 * @param paused whether clients wait
 * @param disabled whether new clients are refused, by a DISABLE of somebody
 * @param toActive server connections to A
 * @param toOriginal server connections to P
 */
record PgBouncerSight(
        PgAddress console,
        String address,
        Destination destination,
        boolean paused,
        boolean disabled,
        int toActive,
        int toOriginal) {

    /** Where clients are sent. */
    enum Destination {
        ACTIVE("A"),
        ORIGINAL_PRIMARY("P"),
        NOBODY("nobody"),
        ELSEWHERE("neither A nor P");

        private final String words;

        Destination(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /**
     * @param database the row of SHOW DATABASES
     * @param servers the rows of SHOW SERVERS
     */
    static PgBouncerSight of(
            PgBouncerDescription description,
            PgAddress console,
            Map<String, String> database,
            List<Map<String, String>> servers) {
        String host = database.getOrDefault("host", "");
        String port = database.getOrDefault("port", "");
        Destination destination = description.destination(host, port);
        int toActive = 0;
        int toOriginal = 0;
        for (Map<String, String> server : servers) {
            switch (destination(description, destination, server)) {
                case ACTIVE -> toActive++;
                case ORIGINAL_PRIMARY -> toOriginal++;
                default -> {} // on its way to nobody
            }
        }
        return new PgBouncerSight(
                console,
                host + ":" + port,
                destination,
                !database.getOrDefault("paused", "").equals("0"),
                database.getOrDefault("disabled", "").equals("1"),
                toActive,
                toOriginal);
    }

    /**
     * Where a server connection leads. PgBouncer marks the ones from before its last change of address with close_needed; those are
     * known by their IP address, and taken for the ones that should not be there when nobody can tell.
     */
    private static Destination destination(
            PgBouncerDescription description, Destination current, Map<String, String> server) {
        if (server.getOrDefault("close_needed", "").equals("0") && current != Destination.ELSEWHERE) {
            return current;
        }
        boolean isActive = leadsTo(description.active(), server);
        if (isActive == leadsTo(description.originalPrimary(), server)) {
            isActive = current != Destination.ACTIVE;
        }
        return isActive ? Destination.ACTIVE : Destination.ORIGINAL_PRIMARY;
    }

    private static boolean leadsTo(PgAddress cluster, Map<String, String> server) {
        if (!server.getOrDefault("port", "").equals(String.valueOf(cluster.port()))) {
            return false;
        }
        if (cluster.isUnixSocket()) {
            return server.getOrDefault("addr", "").equals("unix");
        }
        try {
            return Arrays.stream(InetAddress.getAllByName(cluster.host()))
                    .anyMatch(each -> each.getHostAddress().equals(server.get("addr")));
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Whether no client's query can be anywhere: PgBouncer closes every server connection once a pause is complete. */
    boolean isClosed() {
        return paused && toActive == 0 && toOriginal == 0;
    }

    /** Whether a client can write to A, or may be about to. */
    boolean reachesActive() {
        return toActive > 0 || destination == Destination.ACTIVE && !paused;
    }

    /** Whether clients, and every connection that is left, are at the destination and nowhere else. */
    boolean isAt(Destination wanted) {
        return destination == wanted
                && (wanted == Destination.ACTIVE || toActive == 0)
                && (wanted == Destination.ORIGINAL_PRIMARY || toOriginal == 0);
    }

    /** @param file what the databases file names, which is where a restart sends clients */
    Traffic traffic(Destination file) {
        if (destination == Destination.ELSEWHERE || file == Destination.ELSEWHERE) {
            return Traffic.UNKNOWN;
        }
        // Paused, but not yet for nobody: a restart, or a RESUME, opens what looks like a fence.
        if (file != destination || !isAt(destination) || paused && destination != Destination.NOBODY) {
            return Traffic.MIXED;
        }
        return switch (destination) {
            case ACTIVE -> Traffic.ON_ACTIVE;
            case ORIGINAL_PRIMARY -> Traffic.ON_ORIGINAL_PRIMARY;
            default -> Traffic.FENCED;
        };
    }

    /** For a person. */
    String words() {
        return "the console at " + console + " sends clients to " + address + " (" + destination.words() + ")"
                + (paused ? ", paused" : "")
                + (disabled ? ", disabled for new clients" : "")
                + ", with " + toActive + " server connections to A and " + toOriginal + " to P";
    }
}
