package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.disasters.PgBouncerModel.Destination;
import io.jenkins.plugins.cockroachdb.proxy.ModelledProxies;
import io.jenkins.plugins.cockroachdb.proxy.ModelledProxies.ConsoleReply;
import io.jenkins.plugins.cockroachdb.proxy.PasswordPlace;
import io.jenkins.plugins.cockroachdb.proxy.PgAddress;
import io.jenkins.plugins.cockroachdb.proxy.PgBouncerDescription;
import io.jenkins.plugins.cockroachdb.proxy.PgTls;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** PgBouncer, as its model has it, under the product's own work. A client is always within a transaction. */
final class PgBouncerEdge extends Edge implements Edge.Model<ConsoleReply> {

    private static final Map<Destination, PgAddress> ADDRESSES = Map.of(
            Destination.ACTIVE, new PgAddress("192.0.2.1", 26257),
            Destination.ORIGINAL_PRIMARY, new PgAddress("192.0.2.2", 26257),
            Destination.NOBODY, PgBouncerDescription.NOBODY);

    private final PgBouncerModel model;
    private final List<CompletableFuture<ConsoleReply>> pausing = new ArrayList<>();

    PgBouncerEdge(int number, boolean toActive, boolean toOriginal, Duration longestSession, World world) {
        super(number, Kind.PGBOUNCER, longestSession, world);
        Destination first =
                toActive ? Destination.ACTIVE : toOriginal ? Destination.ORIGINAL_PRIMARY : Destination.NOBODY;
        model = new PgBouncerModel(first, ADDRESSES);
        edit(first);
        newClients();
    }

    // ---- The file that it includes

    private Path file(Path directory) {
        return directory.resolve(name + ".ini");
    }

    private void edit(Destination to) {
        PgAddress address = ADDRESSES.get(to);
        Scratch.write(
                file(world.proxyFiles()),
                "[databases]\napp = host=" + address.host() + " port=" + address.port() + " password="
                        + world.proxyPassword + "\n");
    }

    private void readFile() {
        String text = Scratch.read(file(world.proxyFiles()));
        ADDRESSES.forEach((destination, address) -> {
            if (text.contains("host=" + address.host() + " ")) {
                model.edit(destination);
            }
        });
    }

    // ---- Clients

    private static Destination destination(Cluster cluster) {
        return cluster == Cluster.ACTIVE ? Destination.ACTIVE : Destination.ORIGINAL_PRIMARY;
    }

    @Override
    boolean letsTo(Cluster cluster) {
        return model.whoAnswers().equals(Optional.of(destination(cluster)));
    }

    @Override
    boolean holds(Cluster cluster) {
        return model.isInTransaction(destination(cluster));
    }

    @Override
    void newClients() {
        model.whoAnswers().filter(who -> !model.isInTransaction(who)).ifPresent(who -> model.begin());
        paused();
    }

    @Override
    void leave(Cluster cluster) {
        model.end(destination(cluster));
        paused();
    }

    /** Whoever paused it hears of it when the last transaction has ended. */
    private void paused() {
        if (!model.hasTransactions()) {
            pausing.forEach(answer -> answer.complete(answer("PAUSE")));
            pausing.clear();
        }
    }

    // ---- Administrators

    @Override
    void start(boolean badly) {
        if (badly) {
            edit(Destination.ACTIVE);
        }
        readFile();
        pausing.clear();
        model.restart();
    }

    @Override
    void sendToActive() {
        edit(Destination.ACTIVE);
        readFile();
        model.tell("RELOAD");
        model.tell("RESUME app");
        leave(Cluster.ORIGINAL_PRIMARY);
    }

    @Override
    Proxy of(Life driver) {
        PgBouncerDescription description = new PgBouncerDescription(
                name,
                Optional.empty(),
                List.of(new PgAddress("/run/pgbouncer", 6432)),
                file(world.proxyFilesOf(driver)),
                "app",
                ADDRESSES.get(Destination.ACTIVE),
                ADDRESSES.get(Destination.ORIGINAL_PRIMARY),
                "pgbouncer",
                new PasswordPlace("PGBOUNCER_PASSWORD", Optional.empty()),
                PgTls.disabled(),
                Duration.ofMinutes(2));
        return ModelledProxies.pgBouncer(description, world.environmentOf(driver), () -> line(driver, this));
    }

    @Override
    public CompletionStage<ConsoleReply> obey(String command, Order order) {
        if (command.startsWith("SHOW")) {
            return done(new ConsoleReply(model.show(command), "SHOW", null));
        }
        if (command.startsWith("SET") || command.startsWith("(")) {
            return done(answer("SET"));
        }
        world.trace.line(name, () -> "obeys " + order.by().name + ": " + command);
        return change(Optional.of(order), () -> {
            readFile();
            String tag = model.tell(command.replace("\"", ""));
            if (tag.equals("PAUSE") && model.hasTransactions()) {
                CompletableFuture<ConsoleReply> answer = new CompletableFuture<>();
                pausing.add(answer);
                return answer;
            }
            return done(answer(tag));
        });
    }

    private static ConsoleReply answer(String tag) {
        return tag.equals("refused")
                ? new ConsoleReply(List.of(), "", "database app is not paused")
                : new ConsoleReply(List.of(), tag, null);
    }

    @Override
    public ConsoleReply refusal() {
        return new ConsoleReply(List.of(), "", "admin access needed");
    }
}
