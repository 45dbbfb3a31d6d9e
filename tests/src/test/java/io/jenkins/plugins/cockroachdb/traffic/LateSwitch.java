package io.jenkins.plugins.cockroachdb.traffic;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A proxy that is switched as if nothing had to be fenced: it says that it is, and clients go from A to P when they are released. */
final class LateSwitch implements Proxy {

    private static final Duration NO_DRAIN = Duration.ZERO;

    private final Proxy real;
    private volatile Traffic said = Traffic.ON_ACTIVE;

    LateSwitch(Proxy real) {
        this.real = real;
    }

    @Override
    public String name() {
        return real.name();
    }

    @Override
    public CompletableFuture<ProxyStatus> status(Duration limit) {
        return CompletableFuture.completedFuture(new ProxyStatus(name(), said, 0, 0, ""));
    }

    @Override
    public CompletableFuture<ProxyStatus> fence(Duration drain, Duration limit) {
        said = Traffic.FENCED;
        return status(limit);
    }

    @Override
    public CompletableFuture<ProxyStatus> unfence(Duration limit) {
        said = Traffic.ON_ACTIVE;
        return status(limit);
    }

    @Override
    public CompletableFuture<ProxyStatus> release(Duration limit) {
        return real.fence(NO_DRAIN, limit)
                .thenCompose(fenced -> real.release(limit))
                .whenComplete((released, failure) -> said = Traffic.ON_ORIGINAL_PRIMARY);
    }
}
