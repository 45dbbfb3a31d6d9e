package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The clients of a rehearsal: one writer behind one proxy, which lets it to one simulated cluster or to none. */
final class RehearsedTraffic implements Proxy {

    private final Scene scene;
    private final List<String> acknowledged = new ArrayList<>();
    private Traffic traffic = Traffic.ON_ACTIVE;
    private int attempts;

    RehearsedTraffic(Scene scene) {
        this.scene = scene;
    }

    /** Tries to write once, wherever the proxy leads. */
    synchronized void write() {
        String value = "order " + ++attempts;
        boolean done =
                switch (traffic) {
                    case ON_ACTIVE -> scene.cloud().write(scene.activeId(), value);
                    case ON_ORIGINAL_PRIMARY -> scene.cloud().write(scene.originalPrimaryId(), value);
                    case FENCED, MIXED, UNKNOWN -> false;
                };
        if (done) {
            acknowledged.add(value);
        }
    }

    /** What became of the writes that were acknowledged. */
    synchronized Tally tally() {
        Set<String> home = new HashSet<>();
        scene.cloud().writes(scene.originalPrimaryId()).stream()
                .map(Write::value)
                .forEach(home::add);
        int arrived = (int) acknowledged.stream().filter(home::contains).count();
        return new Tally(attempts, acknowledged.size(), acknowledged.size() - arrived);
    }

    /**
     * Writes, counted.
     *
     * @param attempted how often the clients tried to write
     * @param acknowledged how many of these a cluster acknowledged; the others met a fence, and clients know that they failed
     * @param lost how many of the acknowledged are missing on the original primary
     */
    record Tally(int attempted, int acknowledged, int lost) {
        String words() {
            return "Of " + attempted + " writes, " + acknowledged + " were acknowledged, and " + lost
                    + " of these are missing on the original primary. The others met the fence, as their clients know.";
        }
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
}
