package io.jenkins.plugins.cockroachdb.proxy;

import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.EchoServer;
import io.jenkins.plugins.cockroachdb.servers.RealHaProxy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** Two clusters and a real HAProxy before them, for tests. */
final class HaProxyRig implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(20);
    static final Duration NO_DRAIN = Duration.ZERO;

    /** The example, but without what makes it survive a restart, and with A open from the beginning. */
    static final UnaryOperator<String> FORGETFUL = example -> example.replaceAll("(?m)^ *(load-)?server-state.*\n", "")
            .replaceAll("(?m)^( *server standby .*) disabled$", "$1");

    final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    final ExecutorService io = Executors.newCachedThreadPool();
    final ProxyEnvironment environment = new ProxyEnvironment(name -> Optional.empty(), io, timer);
    final EchoServer active = EchoServer.start("A");
    final EchoServer original = EchoServer.start("P");
    final RealHaProxy haproxy;
    final Proxy proxy;

    private HaProxyRig(BiFunction<EchoServer, EchoServer, RealHaProxy> start, boolean stateFile) {
        this.haproxy = start.apply(active, original);
        this.proxy = proxy(stateFile ? "stateFile=" + haproxy.stateFile() : "");
    }

    /** With the example as it is, and clients on A. */
    static HaProxyRig start(Path directory) throws Exception {
        HaProxyRig rig = new HaProxyRig((active, original) -> RealHaProxy.start(directory, active, original), true);
        rig.proxy.unfence(LIMIT).get();
        return rig;
    }

    /** With a changed example. */
    static HaProxyRig start(Path directory, UnaryOperator<String> change) {
        return new HaProxyRig(
                (active, original) -> RealHaProxy.start(directory, active.port(), original.port(), change), false);
    }

    /** With a changed example, and no socket of the master process. */
    static HaProxyRig startWithoutMasterSocket(Path directory, UnaryOperator<String> change) {
        return new HaProxyRig(
                (active, original) -> RealHaProxy.startWithoutMasterSocket(directory, active, original, change), false);
    }

    HaProxyDescription description(String parameters) {
        return (HaProxyDescription)
                ProxyDescription.parse("haproxy:" + haproxy.socket() + (parameters.isEmpty() ? "" : "?" + parameters));
    }

    Proxy proxy(String parameters) {
        return description(parameters).connect(environment);
    }

    Traffic traffic() throws Exception {
        return proxy.status(LIMIT).get().traffic();
    }

    EchoClient client() throws IOException {
        return EchoClient.connect(haproxy.port());
    }

    /** Who answers a new client; empty when nobody does. */
    Optional<String> whoAnswers() throws IOException {
        return EchoClient.whoAnswers(haproxy.port());
    }

    /** Looks at the thing itself until it is so. */
    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("it did not come to be within " + LIMIT.toSeconds() + " s");
            }
        }
    }

    /** What a verb that had to fail said. */
    static ProxyException failure(Future<?> verb) throws InterruptedException {
        try {
            Object done = verb.get();
            throw new AssertionError("it was done: " + done);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ProxyException failure) {
                return failure;
            }
            throw new AssertionError(e.getCause());
        }
    }

    @Override
    public void close() throws IOException {
        haproxy.close();
        active.close();
        original.close();
        io.shutdownNow();
        timer.shutdownNow();
    }
}
