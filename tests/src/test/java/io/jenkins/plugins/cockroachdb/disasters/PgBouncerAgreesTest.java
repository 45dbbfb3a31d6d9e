package io.jenkins.plugins.cockroachdb.disasters;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.disasters.PgBouncerModel.Destination;
import io.jenkins.plugins.cockroachdb.proxy.PgAddress;
import io.jenkins.plugins.cockroachdb.proxy.PgBouncerDescription;
import io.jenkins.plugins.cockroachdb.proxy.RealConsole;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.servers.RealPgBouncer;
import io.jenkins.plugins.cockroachdb.servers.RealPostgres;
import io.jenkins.plugins.cockroachdb.servers.ServerCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model of PgBouncer against PgBouncer: the same random commands to both, and after each of them the same to be seen. */
@NeedsPrograms({"pgbouncer", "postgres", "initdb"})
class PgBouncerAgreesTest {

    /** As many as the build has time for; {@code -Ddisasters.sequences=500} for all that is promised. */
    private static final int SEQUENCES = Integer.getInteger("disasters.sequences", 30);

    private static final int COMMANDS = 22;
    private static final int SEQUENCES_FOR_EACH_RESTART = 10;
    private static final int CLIENTS = 3;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<String> said = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final Map<Destination, Integer> ports = new HashMap<>();

    private PgBouncerModel model;
    private RealPgBouncer real;
    private RealConsole console;
    private Random random;

    /** A client of the application: idle, in a transaction at a cluster, or waiting for one to answer. */
    private final class Client {
        private final Connection connection;
        private Destination at;
        private Future<String> waiting;

        Client() throws SQLException {
            connection = real.connect();
        }

        String ask() throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT name FROM who")) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    @Test
    void theSameCommandsLeadToTheSame(@TempDir Path directory) throws Exception {
        long seed = Long.getLong("disasters.seed", System.nanoTime());
        System.out.println("PgBouncer and its model: -Ddisasters.seed=" + seed + ", " + SEQUENCES + " sequences");
        random = new Random(seed);
        ServerCertificate certificate = ServerCertificate.of("localhost", "127.0.0.1");
        try (RealPostgres active = RealPostgres.start(directory.resolve("active"), certificate, Map.of());
                RealPostgres original = RealPostgres.start(directory.resolve("original"), certificate, Map.of())) {
            active.execute("CREATE TABLE who (name text)", "INSERT INTO who VALUES ('ACTIVE')");
            original.execute("CREATE TABLE who (name text)", "INSERT INTO who VALUES ('ORIGINAL_PRIMARY')");
            ports.put(Destination.ACTIVE, active.port());
            ports.put(Destination.ORIGINAL_PRIMARY, original.port());
            model = new PgBouncerModel(
                    Destination.ACTIVE,
                    Map.of(
                            Destination.ACTIVE, new PgAddress("localhost", active.port()),
                            Destination.ORIGINAL_PRIMARY, new PgAddress("localhost", original.port()),
                            Destination.NOBODY, PgBouncerDescription.NOBODY));
            real = RealPgBouncer.start(directory.resolve("pgbouncer"), certificate, active.port(), Map.of());
            console = console();
            for (int i = 0; i < SEQUENCES; i++) {
                sequence(i % SEQUENCES_FOR_EACH_RESTART == SEQUENCES_FOR_EACH_RESTART - 1);
            }
        } finally {
            if (real != null) {
                console.close();
                real.close();
            }
            threads.shutdownNow();
            timer.shutdownNow();
        }
    }

    private RealConsole console() throws Exception {
        return new RealConsole(
                real.socketDirectory(), real.port(), RealPgBouncer.ADMIN, RealPgBouncer.ADMIN_PASSWORD, timer);
    }

    private void sequence(boolean restart) throws Exception {
        said.clear();
        int restartAt = restart ? random.nextInt(COMMANDS) : -1;
        for (int j = 0; j < COMMANDS; j++) {
            if (j == restartAt) {
                restart();
            } else {
                step();
            }
            compare();
        }
        for (Client client : List.copyOf(clients)) {
            leave(client);
        }
        if (model.isPaused()) {
            tell("RESUME app");
        }
        edit(Destination.ACTIVE);
        tell("RELOAD");
        compare();
    }

    private void restart() throws Exception {
        said.add("(restart)");
        console.close();
        real.restart();
        model.restart();
        console = console();
        for (Client client : List.copyOf(clients)) {
            drop(client);
        }
    }

    private void step() throws Exception {
        switch (random.nextInt(9)) {
            case 0, 1 -> edit(Destination.values()[random.nextInt(3)]);
            case 2, 3 -> tell("RELOAD");
            case 4 -> pause();
            case 5 -> tell("RESUME app");
            case 6 -> query();
            case 7 -> endOrBegin();
            default -> {
                switch (random.nextInt(3)) {
                    case 0 -> kill();
                    case 1 -> tell("PAUSE nosuch");
                    default -> tell("SELECT 1");
                }
            }
        }
    }

    private String line(Destination destination) {
        PgAddress address = model.address(destination);
        return "host=" + address.host() + " port=" + address.port();
    }

    private void edit(Destination destination) throws IOException {
        said.add("(the file leads to " + destination + ")");
        Path file = real.databasesFile();
        String text = Files.readString(file).replaceAll("(?m)^app = .*$", "app = " + line(destination) + " dbname=app");
        Path next = Files.writeString(file.resolveSibling("next.ini"), text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        model.edit(destination);
    }

    private void tell(String command) {
        said.add(command);
        String answer = console.tell(command);
        assertThat(answer.startsWith("refused") ? "refused" : answer)
                .as("%s: %s", said, answer)
                .isEqualTo(model.tell(command));
    }

    /** It is answered only when the last transaction that was open has ended. */
    private void pause() throws Exception {
        if (!model.hasTransactions() || model.isPaused()) {
            tell("PAUSE app");
            return;
        }
        said.add("PAUSE app");
        console.ask("PAUSE app");
        String expected = model.tell("PAUSE app");
        for (Client client : clients) {
            if (client.at != null) {
                end(client);
            }
        }
        assertThat(console.answer("PAUSE app")).as("%s", said).isEqualTo(expected);
    }

    private void kill() throws Exception {
        tell("KILL app");
        for (Client client : List.copyOf(clients)) {
            drop(client);
        }
    }

    /** A client asks, and waits if nobody answers. */
    private void query() throws Exception {
        Client client = idleClient();
        if (client == null) {
            return;
        }
        said.add("(a client asks)");
        Optional<Destination> who = model.whoAnswers();
        if (who.isPresent()) {
            model.begin();
            assertThat(client.ask()).as("%s", said).isEqualTo(who.get().name());
            model.end(who.get());
        } else {
            client.waiting = threads.submit(client::ask);
        }
    }

    private void endOrBegin() throws Exception {
        for (Client client : clients) {
            if (client.at != null) {
                end(client);
                return;
            }
        }
        Client client = idleClient();
        if (client == null || model.whoAnswers().isEmpty()) {
            return;
        }
        said.add("(a client begins a transaction)");
        client.connection.setAutoCommit(false);
        client.at = model.whoAnswers().get();
        assertThat(client.ask()).as("%s", said).isEqualTo(client.at.name());
        model.begin();
    }

    private void end(Client client) throws SQLException {
        said.add("(a client ends its transaction)");
        client.connection.commit();
        client.connection.setAutoCommit(true);
        model.end(client.at);
        client.at = null;
    }

    /** One that is neither in a transaction nor waiting; null when all are, or none can log in now. */
    private Client idleClient() throws SQLException {
        for (Client client : clients) {
            if (client.at == null && client.waiting == null) {
                return client;
            }
        }
        if (clients.size() == CLIENTS || model.whoAnswers().isEmpty()) {
            return null; // a new client would wait within its login
        }
        Client client = new Client();
        clients.add(client);
        return client;
    }

    /** PgBouncer has ended its connection. */
    private void drop(Client client) throws Exception {
        clients.remove(client);
        if (client.waiting != null) {
            assertThat(failure(client.waiting)).as("%s", said).isInstanceOf(SQLException.class);
        }
        client.connection.close();
    }

    private static Throwable failure(Future<String> waiting) throws Exception {
        try {
            return new AssertionError("was answered: " + waiting.get(60, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    private void leave(Client client) throws Exception {
        clients.remove(client);
        if (client.at != null) {
            end(client);
        }
        if (client.waiting != null) {
            client.connection.abort(Runnable::run);
        } else {
            client.connection.close();
        }
    }

    private void compare() throws Exception {
        // Whoever waited is answered by whoever answers now, and never by anybody else.
        for (Client client : List.copyOf(clients)) {
            if (client.waiting != null) {
                Optional<Destination> who = model.whoAnswers();
                if (who.isPresent()) {
                    assertThat(client.waiting.get(60, TimeUnit.SECONDS))
                            .as("%s", said)
                            .isEqualTo(who.get().name());
                    client.waiting = null;
                    model.begin();
                    model.end(who.get());
                } else if (client.waiting.isDone() && model.loaded() == Destination.NOBODY) {
                    drop(client); // it may also be told that nobody is there
                } else {
                    assertThat(client.waiting.isDone()).as("%s", said).isFalse();
                }
            }
        }
        Map<String, String> shown = console.database("app").orElseThrow();
        model.show("SHOW DATABASES").get(0).forEach((column, value) -> assertThat(shown.get(column))
                .as("%s: %s", column, said)
                .isEqualTo(value));
        for (Destination cluster : List.of(Destination.ACTIVE, Destination.ORIGINAL_PRIMARY)) {
            long connections = console.rows("SHOW SERVERS").stream()
                    .filter(server -> server.get("database").equals("app"))
                    .filter(server -> server.get("port").equals(String.valueOf(ports.get(cluster))))
                    .filter(server -> server.get("close_needed").equals("0")
                            || server.get("state").equals("active"))
                    .count();
            if (!model.mayBeConnected(cluster)) {
                assertThat(connections)
                        .as("connections to %s: %s", cluster, said)
                        .isZero();
            } else if (model.isInTransaction(cluster)) {
                assertThat(connections)
                        .as("connections to %s: %s", cluster, said)
                        .isPositive();
            }
        }
    }
}
