package io.jenkins.plugins.cockroachdb.proxy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A proxy that is nothing but where it leads, for rehearsals and drills: whoever plays its clients asks it. */
public final class SimulatedProxy implements Proxy {

    private final String name;
    private final Consumer<Traffic> onMove;
    private Traffic traffic;

    /**
     * @param traffic where it leads at first
     * @param onMove told where it leads after each verb, before that holds; what it throws keeps the proxy as it is
     */
    public SimulatedProxy(String name, Traffic traffic, Consumer<Traffic> onMove) {
        this.name = name;
        this.traffic = traffic;
        this.onMove = onMove;
    }

    @Override
    public String name() {
        return name;
    }

    /** Where it leads. */
    public synchronized Traffic traffic() {
        return traffic;
    }

    @Override
    public synchronized CompletableFuture<ProxyStatus> status(Duration limit) {
        return CompletableFuture.completedFuture(new ProxyStatus(
                name,
                traffic,
                traffic == Traffic.ON_ACTIVE ? 1 : 0,
                traffic == Traffic.ON_ORIGINAL_PRIMARY ? 1 : 0,
                ""));
    }

    @Override
    public CompletableFuture<ProxyStatus> fence(Duration drain, Duration limit) {
        return become(Traffic.FENCED, limit);
    }

    @Override
    public CompletableFuture<ProxyStatus> unfence(Duration limit) {
        return become(Traffic.ON_ACTIVE, limit);
    }

    @Override
    public CompletableFuture<ProxyStatus> release(Duration limit) {
        return become(Traffic.ON_ORIGINAL_PRIMARY, limit);
    }

    private synchronized CompletableFuture<ProxyStatus> become(Traffic wanted, Duration limit) {
        if (traffic != wanted) {
            onMove.accept(wanted);
            traffic = wanted;
        }
        return status(limit);
    }
}
