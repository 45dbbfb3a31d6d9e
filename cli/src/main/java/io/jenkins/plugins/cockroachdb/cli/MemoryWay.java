package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A proxy within this process, for machines without a real one. */
final class MemoryWay implements RehearsedWay, Proxy {

    private final Scene scene;
    private final String because;
    private Traffic traffic = Traffic.ON_ACTIVE;

    /** @param because why it is no real one, to follow "because" */
    MemoryWay(Scene scene, String because) {
        this.scene = scene;
        this.because = because;
    }

    @Override
    public Proxy proxy() {
        return this;
    }

    @Override
    public String words() {
        return "a proxy in memory, because " + because;
    }

    @Override
    public synchronized boolean write(String value) {
        return switch (traffic) {
            case ON_ACTIVE -> scene.cloud().write(scene.activeId(), value);
            case ON_ORIGINAL_PRIMARY -> scene.cloud().write(scene.originalPrimaryId(), value);
            case FENCED, MIXED, UNKNOWN -> false;
        };
    }

    @Override
    public String name() {
        return "rehearsal";
    }

    @Override
    public synchronized CompletableFuture<ProxyStatus> status(Duration limit) {
        return CompletableFuture.completedFuture(new ProxyStatus(
                name(),
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
        traffic = wanted;
        return status(limit);
    }

    @Override
    public void close() {}
}
