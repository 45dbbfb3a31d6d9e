package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A proxy of another kind, which forgets at each restart what it was told. {@link HookProgram} is its owner's program. */
final class HookEdge extends Edge {

    /** What a server does with clients. */
    enum Server {
        /** It takes new sessions. */
        READY,
        /** It takes no new sessions, and lets those that there are end. */
        DRAIN,
        /** It takes none; those that there are stay. */
        CLOSED
    }

    private final Map<Cluster, Server> servers = new EnumMap<>(Cluster.class);
    private final Set<Cluster> clients = EnumSet.noneOf(Cluster.class);

    HookEdge(int number, boolean toActive, boolean toOriginal, Duration longestSession, World world) {
        super(number, Kind.HOOK, longestSession, world);
        open(toActive, toOriginal);
        newClients();
    }

    private void open(boolean toActive, boolean toOriginal) {
        set(Cluster.ACTIVE, toActive ? Server.READY : Server.CLOSED);
        set(Cluster.ORIGINAL_PRIMARY, toOriginal ? Server.READY : Server.CLOSED);
    }

    @Override
    boolean letsTo(Cluster cluster) {
        return servers.get(cluster) == Server.READY;
    }

    @Override
    boolean holds(Cluster cluster) {
        return clients.contains(cluster);
    }

    @Override
    void newClients() {
        Stream.of(Cluster.values()).filter(this::letsTo).forEach(clients::add);
    }

    @Override
    void leave(Cluster cluster) {
        clients.remove(cluster);
    }

    @Override
    void start(boolean badly) {
        open(true, badly);
        clients.clear();
    }

    @Override
    void sendToActive() {
        open(true, false);
        leave(Cluster.ORIGINAL_PRIMARY);
    }

    @Override
    Proxy of(Life driver) {
        return new HookProgram(this, driver);
    }

    /** A driver's command to one of the servers. */
    Runnable order(Life driver, Runnable effect) {
        Order order = new Order(driver, world.time.instant());
        return () -> change(Optional.of(order), effect);
    }

    void set(Cluster cluster, Server state) {
        servers.put(cluster, state);
    }

    Traffic traffic() {
        boolean activeLeft = isLeft(Cluster.ACTIVE);
        if (!isLeft(Cluster.ORIGINAL_PRIMARY)) {
            return activeLeft ? Traffic.ON_ORIGINAL_PRIMARY : Traffic.MIXED;
        }
        if (activeLeft) {
            return Traffic.FENCED;
        }
        return letsTo(Cluster.ACTIVE) ? Traffic.ON_ACTIVE : Traffic.MIXED; // on their way out
    }

    private boolean isLeft(Cluster cluster) {
        return servers.get(cluster) == Server.CLOSED && !holds(cluster);
    }
}
