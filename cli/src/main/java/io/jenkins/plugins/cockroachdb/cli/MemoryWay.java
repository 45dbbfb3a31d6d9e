package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.SimulatedProxy;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.simulator.Scene;

/** A proxy within this process, for machines without a real one. */
final class MemoryWay implements RehearsedWay {

    private final Scene scene;
    private final String because;
    private final SimulatedProxy proxy = new SimulatedProxy("rehearsal", Traffic.ON_ACTIVE, moved -> {});

    /** @param because why it is no real one, to follow "because" */
    MemoryWay(Scene scene, String because) {
        this.scene = scene;
        this.because = because;
    }

    @Override
    public Proxy proxy() {
        return proxy;
    }

    @Override
    public String words() {
        return "a proxy in memory, because " + because;
    }

    @Override
    public boolean write(String value) {
        return switch (proxy.traffic()) {
            case ON_ACTIVE -> scene.cloud().write(scene.activeId(), value);
            case ON_ORIGINAL_PRIMARY -> scene.cloud().write(scene.originalPrimaryId(), value);
            case FENCED, MIXED, UNKNOWN -> false;
        };
    }

    @Override
    public void close() {}
}
