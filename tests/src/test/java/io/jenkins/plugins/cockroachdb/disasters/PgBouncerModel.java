package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.proxy.PgAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * PgBouncer 1.18 with one database and transaction pooling, as its console shows it: where clients are sent, whether they wait, and
 * which connections to clusters are open. {@link PgBouncerAgreesTest} compares it with the real one.
 */
final class PgBouncerModel {

    /** Where the database's line leads. */
    enum Destination {
        ACTIVE,
        ORIGINAL_PRIMARY,
        NOBODY
    }

    private final Map<Destination, PgAddress> addresses;
    private Destination file;
    private Destination loaded;
    private boolean paused;
    private final List<Destination> inTransaction = new ArrayList<>();

    /** @param addresses what the database's line names for each destination */
    PgBouncerModel(Destination first, Map<Destination, PgAddress> addresses) {
        this.addresses = addresses;
        file = first;
        loaded = first;
    }

    /** Somebody edits the file that it includes. */
    void edit(Destination destination) {
        file = destination;
    }

    /** It starts anew: the file counts, nobody is paused, every connection is gone. */
    void restart() {
        loaded = file;
        paused = false;
        inTransaction.clear();
    }

    PgAddress address(Destination destination) {
        return addresses.get(destination);
    }

    Destination loaded() {
        return loaded;
    }

    boolean isPaused() {
        return paused;
    }

    /** Who answers a client now; empty when it waits. */
    Optional<Destination> whoAnswers() {
        return paused || loaded == Destination.NOBODY ? Optional.empty() : Optional.of(loaded);
    }

    /** Whether there may be a connection to a cluster that is still used for transactions, now or later. */
    boolean mayBeConnected(Destination cluster) {
        return inTransaction.contains(cluster) || cluster == loaded && !paused;
    }

    /** Whether a transaction runs at a cluster. */
    boolean isInTransaction(Destination cluster) {
        return inTransaction.contains(cluster);
    }

    boolean hasTransactions() {
        return !inTransaction.isEmpty();
    }

    /** A client begins a transaction; only when somebody answers it. */
    void begin() {
        inTransaction.add(loaded);
    }

    /** A client ends its transaction: the connection is kept only if it still leads where clients are sent. */
    void end(Destination cluster) {
        inTransaction.remove(cluster);
    }

    /** The rows of a SHOW, without the columns that nobody here reads, and without connections that no transaction uses. */
    List<Map<String, String>> show(String command) {
        return switch (command) {
            case "SHOW DATABASES" -> List.of(Map.of(
                    "name",
                    "app",
                    "host",
                    addresses.get(loaded).host(),
                    "port",
                    String.valueOf(addresses.get(loaded).port()),
                    "pool_mode",
                    "",
                    "paused",
                    paused ? "1" : "0",
                    "disabled",
                    "0"));
            case "SHOW SERVERS" -> inTransaction.stream()
                    .map(cluster -> Map.of(
                            "database",
                            "app",
                            "state",
                            "active",
                            "addr",
                            addresses.get(cluster).host(),
                            "port",
                            String.valueOf(addresses.get(cluster).port()),
                            "close_needed",
                            cluster == loaded ? "0" : "1"))
                    .toList();
            case "SHOW CONFIG" -> List.of(
                    Map.of("key", "pool_mode", "value", "transaction"), Map.of("key", "so_reuseport", "value", "0"));
            case "SHOW POOLS" -> List.of(Map.of("database", "app", "pool_mode", "transaction"));
            default -> throw new IllegalArgumentException(command);
        };
    }

    /** The command tag, or {@code refused}. */
    String tell(String command) {
        return switch (command) {
            case "PAUSE app" -> pause();
            case "RESUME app" -> resume();
            case "KILL app" -> kill();
            case "RELOAD" -> reload();
            default -> "refused";
        };
    }

    /** Holds back new transactions at once; it is answered when the last one that was open has ended. */
    private String pause() {
        paused = true;
        return "PAUSE";
    }

    private String resume() {
        if (!paused) {
            return "refused";
        }
        paused = false;
        return "RESUME";
    }

    private String kill() {
        paused = true;
        inTransaction.clear();
        return "KILL";
    }

    private String reload() {
        if (loaded != file) {
            loaded = file;
        }
        return "RELOAD";
    }
}
