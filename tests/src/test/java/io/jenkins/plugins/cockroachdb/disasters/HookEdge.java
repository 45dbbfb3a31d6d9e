package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.util.Optional;

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

    private Server active;
    private Server original;
    private boolean clientOnActive;
    private boolean clientOnOriginal;

    HookEdge(int number, boolean toActive, boolean toOriginal, Duration longestSession, World world) {
        super(number, Kind.HOOK, longestSession, world);
        active = toActive ? Server.READY : Server.CLOSED;
        original = toOriginal ? Server.READY : Server.CLOSED;
        newClients();
    }

    @Override
    boolean letsToActive() {
        return active == Server.READY;
    }

    @Override
    boolean letsToOriginal() {
        return original == Server.READY;
    }

    @Override
    boolean holdsActive() {
        return clientOnActive;
    }

    @Override
    boolean holdsOriginal() {
        return clientOnOriginal;
    }

    @Override
    void newClients() {
        clientOnActive |= letsToActive();
        clientOnOriginal |= letsToOriginal();
    }

    @Override
    void leaveActive() {
        clientOnActive = false;
    }

    @Override
    void leaveOriginal() {
        clientOnOriginal = false;
    }

    @Override
    void start(boolean badly) {
        active = Server.READY;
        original = badly ? Server.READY : Server.CLOSED;
        clientOnActive = false;
        clientOnOriginal = false;
    }

    @Override
    void sendToActive() {
        original = Server.CLOSED;
        clientOnOriginal = false;
        active = Server.READY;
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

    void setActive(Server state) {
        active = state;
    }

    void setOriginal(Server state) {
        original = state;
    }

    Traffic traffic() {
        boolean originalClosed = original == Server.CLOSED && !clientOnOriginal;
        boolean activeClosed = active == Server.CLOSED && !clientOnActive;
        if (originalClosed) {
            return activeClosed
                    ? Traffic.FENCED
                    : active == Server.READY ? Traffic.ON_ACTIVE : Traffic.MIXED; // on their way out
        }
        return activeClosed ? Traffic.ON_ORIGINAL_PRIMARY : Traffic.MIXED;
    }
}
