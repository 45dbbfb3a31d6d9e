package io.jenkins.plugins.cockroachdb.pipeline;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyErrand;
import io.jenkins.plugins.cockroachdb.proxy.ProxyException;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import io.jenkins.plugins.cockroachdb.proxy.SimulatedDescription;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A proxy in memory and in virtual time, between clients and the two clusters of a pair. */
final class MemoryProxy {

    private static final Duration WORK = Duration.ofMillis(50);

    private final VirtualTime time;

    /** The ids of the clusters that clients reach. */
    private final Set<String> open = new HashSet<>();

    /** How often what was under way was given up. */
    private int givenUp;

    private boolean moved;
    private String refused = "";

    MemoryProxy(VirtualTime time, String openAtFirst) {
        this.time = time;
        open.add(openAtFirst);
    }

    boolean leadsTo(String clusterId) {
        return open.contains(clusterId);
    }

    /** Whether no verb has had an effect on it yet. */
    boolean wasNeverMoved() {
        return !moved;
    }

    /** From now on it refuses this verb. */
    void refuse(String verb) {
        refused = verb;
    }

    /** Lets clients reach this cluster alone. */
    void only(String clusterId) {
        open.clear();
        open.add(clusterId);
    }

    /** Whatever is under way at it has no effect any more. */
    void giveUp() {
        givenUp++;
    }

    /** Does an errand at this proxy, in the roles of its description. */
    CompletableFuture<List<SeenProxy>> run(ProxyErrand errand) {
        return errand.at(description -> between((SimulatedDescription) description));
    }

    private Proxy between(SimulatedDescription roles) {
        String name = roles.name();
        String activeId = roles.active();
        String originalPrimaryId = roles.originalPrimary();
        return new Proxy() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public CompletableFuture<ProxyStatus> status(Duration limit) {
                return work("status", WORK, () -> {});
            }

            @Override
            public CompletableFuture<ProxyStatus> fence(Duration drain, Duration limit) {
                if (!refused.equals("fence")) {
                    open.remove(originalPrimaryId);
                }
                return work("fence", drain.plus(WORK), open::clear);
            }

            @Override
            public CompletableFuture<ProxyStatus> unfence(Duration limit) {
                return work("unfence", WORK, () -> only(activeId));
            }

            @Override
            public CompletableFuture<ProxyStatus> release(Duration limit) {
                if (open.contains(activeId)) {
                    return CompletableFuture.failedFuture(
                            new ProxyException(name, "it is open to the active cluster.", "Fence it first."));
                }
                return work("release", WORK, () -> only(originalPrimaryId));
            }

            private CompletableFuture<ProxyStatus> work(String verb, Duration takes, Runnable effect) {
                CompletableFuture<ProxyStatus> done = new CompletableFuture<>();
                int before = givenUp;
                time.schedule(
                        () -> {
                            if (givenUp > before) {
                                return;
                            }
                            if (refused.equals(verb)) {
                                done.completeExceptionally(new ProxyException(
                                        name, "it did not do what it was told to: " + verb + ".", "Look at it."));
                                return;
                            }
                            effect.run();
                            moved |= !verb.equals("status");
                            done.complete(new ProxyStatus(
                                    name,
                                    traffic(),
                                    open.contains(activeId) ? 1 : 0,
                                    open.contains(originalPrimaryId) ? 1 : 0,
                                    ""));
                        },
                        takes.toMillis(),
                        TimeUnit.MILLISECONDS);
                return done;
            }

            private Traffic traffic() {
                boolean toActive = open.contains(activeId);
                boolean toOriginal = open.contains(originalPrimaryId);
                if (toActive) {
                    return toOriginal ? Traffic.MIXED : Traffic.ON_ACTIVE;
                }
                return toOriginal ? Traffic.ON_ORIGINAL_PRIMARY : Traffic.FENCED;
            }
        };
    }
}
