package io.jenkins.plugins.cockroachdb.failback;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.proxy.Verb;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A proxy in memory, on virtual time: A is open at first, P is closed. */
public final class MemoryProxy implements Proxy {

    private static final Duration WORK = Duration.ofMillis(20);

    private final String name;
    private final VirtualTime time;
    public boolean toActive = true;
    public boolean toOriginal;
    public boolean answers = true;

    public MemoryProxy(String name, VirtualTime time) {
        this.name = name;
        this.time = time;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public CompletableFuture<ProxyStatus> status(Duration limit) {
        return after(WORK, () -> {});
    }

    @Override
    public CompletableFuture<ProxyStatus> fence(Duration drain, Duration limit) {
        if (answers) {
            toOriginal = false;
        }
        return after(drain, () -> toActive = false);
    }

    @Override
    public CompletableFuture<ProxyStatus> unfence(Duration limit) {
        return after(WORK, () -> {
            toOriginal = false;
            toActive = true;
        });
    }

    @Override
    public CompletableFuture<ProxyStatus> release(Duration limit) {
        return after(WORK, () -> {
            toActive = false;
            toOriginal = true;
        });
    }

    @Override
    public List<String> commands(Verb verb) {
        return List.of(verb.word() + " in memory");
    }

    private CompletableFuture<ProxyStatus> after(Duration work, Runnable effect) {
        CompletableFuture<ProxyStatus> done = new CompletableFuture<>();
        time.schedule(
                () -> {
                    if (answers) {
                        effect.run();
                    }
                    done.complete(
                            answers
                                    ? new ProxyStatus(name, traffic(), 0, 0, "")
                                    : ProxyStatus.unknown(name, "it does not answer"));
                },
                work.toNanos(),
                TimeUnit.NANOSECONDS);
        return done;
    }

    private Traffic traffic() {
        if (toActive) {
            return toOriginal ? Traffic.MIXED : Traffic.ON_ACTIVE;
        }
        return toOriginal ? Traffic.ON_ORIGINAL_PRIMARY : Traffic.FENCED;
    }
}
