package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.proxy.HaProxyDescription;
import io.jenkins.plugins.cockroachdb.proxy.ModelledProxies;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.RuntimeAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** HAProxy, as its model has it, under the product's own work. Configured to let clients to A and not to P. */
final class HaProxyEdge extends Edge implements Edge.Model<String> {

    private static final String BACKEND = "app";
    private static final String ACTIVE = "standby";
    private static final String ORIGINAL = "primary";

    private final boolean savesStates;
    private final HaProxyModel model;
    private final Map<String, Integer> clients = new LinkedHashMap<>();

    /** @param savesStates whether it has a server-state-file */
    HaProxyEdge(
            int number,
            boolean savesStates,
            boolean toActive,
            boolean toOriginal,
            Duration longestSession,
            World world) {
        super(number, savesStates ? Kind.HAPROXY_WITH_STATE_FILE : Kind.HAPROXY, longestSession, world);
        this.savesStates = savesStates;
        Map<String, Boolean> disabled = new LinkedHashMap<>();
        disabled.put(ORIGINAL, true);
        disabled.put(ACTIVE, false);
        model = new HaProxyModel(BACKEND, disabled);
        set(ACTIVE, toActive);
        set(ORIGINAL, toOriginal);
        if (savesStates) {
            Scratch.write(stateFile(world.proxyFiles()), model.ask("show servers state"));
        }
        newClients();
    }

    private void set(String server, boolean open) {
        model.ask("set server " + BACKEND + "/" + server + " state " + (open ? "ready" : "maint"));
    }

    private Path stateFile(Path directory) {
        return directory.resolve(name + ".state");
    }

    private static String server(Cluster cluster) {
        return cluster == Cluster.ACTIVE ? ACTIVE : ORIGINAL;
    }

    @Override
    boolean letsTo(Cluster cluster) {
        return model.isOpen(server(cluster));
    }

    @Override
    boolean holds(Cluster cluster) {
        return model.hasSessions(server(cluster));
    }

    @Override
    void newClients() {
        for (String server : List.of(ACTIVE, ORIGINAL)) {
            if (model.isOpen(server) && !model.hasSessions(server)) {
                clients.put(server, model.connect(server));
            }
        }
    }

    @Override
    void leave(Cluster cluster) {
        if (clients.containsKey(server(cluster))) {
            model.disconnect(clients.get(server(cluster)));
        }
    }

    @Override
    void start(boolean badly) {
        model.restart(
                savesStates && !badly ? Optional.of(Scratch.read(stateFile(world.proxyFiles()))) : Optional.empty());
        if (badly) {
            set(ORIGINAL, true);
        }
    }

    @Override
    void sendToActive() {
        set(ORIGINAL, false);
        model.ask("shutdown sessions server " + BACKEND + "/" + ORIGINAL);
        set(ACTIVE, true);
    }

    @Override
    Proxy of(Life driver) {
        HaProxyDescription description = new HaProxyDescription(
                name,
                Optional.empty(),
                Optional.empty(),
                new RuntimeAddress("/run/haproxy/admin.sock", 0),
                BACKEND,
                List.of(ACTIVE),
                List.of(ORIGINAL),
                savesStates ? Optional.of(stateFile(world.proxyFilesOf(driver))) : Optional.empty(),
                Optional.empty(),
                Optional.empty());
        return ModelledProxies.haProxy(description, world.environmentOf(driver), () -> line(driver, this));
    }

    @Override
    public CompletionStage<String> obey(String command, Order order) {
        if (command.startsWith("show")) {
            return done(model.ask(command));
        }
        world.trace.line(name, () -> "obeys " + order.by().name + ": " + command);
        return done(change(Optional.of(order), () -> model.ask(command)));
    }

    @Override
    public String refusal() {
        return "Permission denied\n";
    }
}
