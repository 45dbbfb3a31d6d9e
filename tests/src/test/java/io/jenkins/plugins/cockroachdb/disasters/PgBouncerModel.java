package io.jenkins.plugins.cockroachdb.disasters;

import java.util.ArrayList;
import java.util.List;
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

    private Destination file;
    private Destination loaded;
    private boolean paused;
    private final List<Destination> inTransaction = new ArrayList<>();

    PgBouncerModel(Destination first) {
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
