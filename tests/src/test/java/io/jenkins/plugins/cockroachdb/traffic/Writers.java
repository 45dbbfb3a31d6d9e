package io.jenkins.plugins.cockroachdb.traffic;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Clients of the application, each with a connection of its own: they insert rows with unique ids, most in a statement by itself and
 * some in a transaction that takes a while, and connect again whenever that fails.
 */
final class Writers implements AutoCloseable {

    static final int COUNT = 16;

    private static final long IDS_EACH = 1_000_000_000L;
    private static final int LONGEST_PAUSE_MILLIS = 40;
    private static final int PAUSE_BEFORE_CONNECTING_AGAIN_MILLIS = 30;
    private static final int LONGEST_TRANSACTION_MILLIS = 80;
    private static final double LONG_ONES = 0.05;
    private static final long PATIENCE_SECONDS = 60;

    private final Ledger ledger;
    private final ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(COUNT);
    private final List<Writer> writers = new ArrayList<>();

    /** Starts them. */
    Writers(RealProxy proxy, Ledger ledger, Random random) {
        this.ledger = ledger;
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        threads.setRejectedExecutionHandler((next, ended) -> {}); // the next insert of a writer that was ended
        for (int number = 1; number <= COUNT; number++) {
            Writer writer = new Writer(number, proxy, new Random(random.nextLong()));
            writers.add(writer);
            threads.execute(writer);
        }
    }

    /** Ends them, each after the insert that it is at. */
    @Override
    public void close() {
        threads.shutdown();
        boolean ended = false;
        try {
            ended = threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writers.forEach(Writer::disconnect);
        if (!ended) {
            throw new AssertionError("A client still waits for its answer: " + ledger);
        }
    }

    private final class Writer implements Runnable {
        private final int number;
        private final RealProxy proxy;
        private final Random random;
        private long id;
        private volatile Connection connection;

        Writer(int number, RealProxy proxy, Random random) {
            this.number = number;
            this.proxy = proxy;
            this.random = random;
            this.id = number * IDS_EACH;
        }

        /** One insert, and in a while the next. */
        @Override
        public void run() {
            int pause = random.nextInt(LONGEST_PAUSE_MILLIS);
            insert();
            threads.schedule(
                    this, connection == null ? PAUSE_BEFORE_CONNECTING_AGAIN_MILLIS : pause, TimeUnit.MILLISECONDS);
        }

        private void insert() {
            boolean commitAsked = false;
            id++;
            try {
                if (connection == null) {
                    connection = proxy.connect();
                }
                String cluster;
                if (random.nextDouble() < LONG_ONES) {
                    connection.setAutoCommit(false);
                    cluster = insertRow();
                    takeAWhile();
                    commitAsked = true;
                    connection.commit();
                    connection.setAutoCommit(true);
                } else {
                    commitAsked = true;
                    cluster = insertRow();
                }
                ledger.acknowledged(number, id, cluster);
            } catch (SQLException e) {
                if (commitAsked) {
                    ledger.ambiguous(id, e);
                } else {
                    ledger.failed(e);
                }
                disconnect();
            }
        }

        /** @return the name of the cluster that did it */
        private String insertRow() throws SQLException {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO writes VALUES (?) RETURNING current_setting('cluster_name')")) {
                insert.setLong(1, id);
                try (ResultSet row = insert.executeQuery()) {
                    row.next();
                    return row.getString(1);
                }
            }
        }

        private void takeAWhile() throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_sleep(" + random.nextInt(LONGEST_TRANSACTION_MILLIS) / 1000.0 + ")");
            }
        }

        void disconnect() {
            try {
                if (connection != null) {
                    connection.close();
                }
            } catch (SQLException e) {
                // it was broken anyway
            }
            connection = null;
        }
    }
}
