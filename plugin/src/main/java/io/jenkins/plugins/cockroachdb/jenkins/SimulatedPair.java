package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.Extension;
import hudson.ExtensionList;
import hudson.util.Secret;
import io.jenkins.plugins.cockroachdb.cloud.Transport;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.SimulatedDescription;
import io.jenkins.plugins.cockroachdb.proxy.SimulatedProxy;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.ClusterSpec;
import io.jenkins.plugins.cockroachdb.simulator.HttpRequest;
import io.jenkins.plugins.cockroachdb.simulator.HttpResponse;
import io.jenkins.plugins.cockroachdb.simulator.Role;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedApplication;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedCloud;
import io.jenkins.plugins.cockroachdb.simulator.StreamSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import jenkins.model.Jenkins;

/**
 * A pair of clusters in a simulated cloud within this Jenkins, as a failover has left it: for a drill that needs no key and no
 * network.
 *
 * <p>What was written to it outlives a restart of Jenkins: every request that may change something is kept, and played again at
 * its own time, from which the simulator comes to the same state.
 */
@Extension
public final class SimulatedPair {

    /** The name of the simulated cloud. */
    static final String CLOUD = "simulated";

    static final String ACTIVE = "orders-west";
    static final String ORIGINAL_PRIMARY = "orders-east";
    private static final ClusterSpec WEST = ClusterSpec.of(ACTIVE, "us-west-2");
    private static final ClusterSpec EAST = ClusterSpec.of(ORIGINAL_PRIMARY, "us-east-1");
    static final String ACTIVE_ID = WEST.id();
    static final String ORIGINAL_PRIMARY_ID = EAST.id();

    /** In no file: it opens nothing but what is simulated here, and is another one after a restart. */
    private final Secret key = Secret.fromString(SimulatedCloud.randomKey(new SecureRandom()));

    private static final String TRAFFIC = "TRAFFIC";
    private static final String NOBODY = "-";
    private static final Duration WRITE_EVERY = Duration.ofMillis(200);

    /** How long the application goes on writing after the last look at its proxy. */
    private static final Duration WRITES_ON = Duration.ofMinutes(15);

    // Guarded by this.
    private SimulatedCloud cloud;
    private Instant replayed; // while the past is played again: the time of that request
    private String serves = ACTIVE_ID; // where the proxy leads; NOBODY while it is fenced
    private SimulatedApplication application;
    private Future<?> writing;
    private Instant lastLook;

    static SimulatedPair get() {
        return ExtensionList.lookupSingleton(SimulatedPair.class);
    }

    Secret key() {
        return key;
    }

    /** In place of a network. */
    Transport transport(ScheduledExecutorService timer) {
        return request -> {
            Wire wire = new Wire();
            // Even the fastest network answers later than it was asked, never within the call.
            timer.execute(() -> wire.carry(request));
            return wire;
        };
    }

    /** Begins anew: the failover has just happened. */
    synchronized void forget() {
        cloud = null;
        serves = ACTIVE_ID;
        stopWriting();
        application = null;
        try {
            Files.deleteIfExists(journal());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The proxy in front of the pair, in the roles of its description. From the first time on an application writes through it.
     *
     * @param timer where the application writes
     */
    synchronized Proxy proxy(SimulatedDescription description, ScheduledExecutorService timer) {
        lastLook = Instant.now();
        if (application == null) {
            application = new SimulatedApplication("order of " + lastLook, this::write, InstantSource.system());
        }
        if (writing == null) {
            writing = timer.scheduleAtFixedRate(this::write, 0, WRITE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        }
        return new SimulatedProxy(
                description.name(),
                traffic(description),
                moved -> lead(
                        switch (moved) {
                            case ON_ACTIVE -> description.active();
                            case ON_ORIGINAL_PRIMARY -> description.originalPrimary();
                            case FENCED, MIXED, UNKNOWN -> NOBODY;
                        }));
    }

    /**
     * What the application saw, which then ends: another begins with the next look at the proxy. Empty when it has not begun since
     * Jenkins was started, or when nobody serves.
     */
    Optional<SimulatedApplication.Tally> tally() {
        SimulatedApplication writer;
        SimulatedCloud seen;
        String where;
        synchronized (this) {
            if (application == null || serves.equals(NOBODY)) {
                return Optional.empty();
            }
            writer = application;
            application = null;
            stopWriting();
            seen = cloud();
            where = serves;
        }
        writer.write(); // at least one more after the way home
        return Optional.of(writer.tally(seen, where)); // not under this lock, which a write takes after the writer's
    }

    private void write() {
        SimulatedApplication writer;
        synchronized (this) {
            if (lastLook.plus(WRITES_ON).isBefore(Instant.now())) {
                stopWriting();
                return;
            }
            writer = application;
        }
        if (writer != null) {
            writer.write();
        }
    }

    private void stopWriting() {
        if (writing != null) {
            writing.cancel(false);
            writing = null;
        }
    }

    private synchronized boolean write(String value) {
        return !serves.equals(NOBODY) && cloud().write(serves, value);
    }

    private synchronized void lead(String where) {
        cloud(); // what is in the journal has been played by then
        try {
            append(String.join(" ", Instant.now().toString(), TRAFFIC, where));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        serves = where;
    }

    /** Where it leads, as a failback between two of the clusters sees it. */
    private Traffic traffic(SimulatedDescription description) {
        cloud(); // what is in the journal has been played by then
        if (serves.equals(NOBODY)) {
            return Traffic.FENCED;
        }
        if (serves.equals(description.active())) {
            return Traffic.ON_ACTIVE;
        }
        return serves.equals(description.originalPrimary()) ? Traffic.ON_ORIGINAL_PRIMARY : Traffic.UNKNOWN;
    }

    private static Path journal() {
        return Jenkins.get().getRootDir().toPath().resolve("cockroachdb-failback-simulated.txt");
    }

    private synchronized HttpResponse exchange(HttpRequest request) {
        try {
            cloud();
            if (!request.method().equals("GET")) {
                append(String.join(
                        " ",
                        Instant.now().toString(),
                        request.method(),
                        request.target(),
                        Base64.getEncoder().encodeToString(request.body())));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cloud.handle(request);
    }

    private SimulatedCloud cloud() {
        if (cloud == null) {
            try {
                cloud = restore();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return cloud;
    }

    private SimulatedCloud restore() throws IOException {
        if (!Files.exists(journal())) {
            append(Instant.now().toString());
        }
        List<String> lines = Files.readAllLines(journal());
        Instant begin = Instant.parse(lines.get(0));
        SimulatedCloud restored = new SimulatedCloud(
                () -> replayed == null ? Instant.now() : replayed,
                CloudSettings.defaults().fasterBy(CloudConfiguration.get().getSimulatedTimeScale()));
        replayed = begin;
        try {
            restored.addCluster(EAST);
            restored.addCluster(WEST);
            restored.addKey(key.getPlainText(), Role.CLUSTER_ADMIN);
            restored.addStream(StreamSpec.completed(
                    EAST.id(), WEST.id(), begin.minus(Duration.ofDays(21)), begin.minus(Duration.ofDays(2))));
            for (String line : lines.subList(1, lines.size())) {
                String[] words = line.split(" ", 4);
                replayed = Instant.parse(words[0]);
                if (words[1].equals(TRAFFIC)) {
                    serves = words[2];
                    continue;
                }
                restored.handle(new HttpRequest(
                        words[1],
                        words[2],
                        Map.of("Authorization", "Bearer " + key.getPlainText(), "Content-Type", "application/json"),
                        Base64.getDecoder().decode(words[3])));
            }
        } finally {
            replayed = null;
        }
        return restored;
    }

    private static void append(String line) throws IOException {
        Files.writeString(
                journal(),
                line + "\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND,
                StandardOpenOption.SYNC);
    }

    private final class Wire implements Transport.Exchange {

        private final CompletableFuture<Transport.Response> response = new CompletableFuture<>();
        private boolean sent;
        private boolean abandoned;

        void carry(Transport.Request request) {
            synchronized (this) {
                if (abandoned) {
                    return;
                }
                sent = true;
            }
            try {
                String query = request.uri().getRawQuery();
                HttpResponse answer = exchange(new HttpRequest(
                        request.method(),
                        request.uri().getRawPath() + (query == null ? "" : "?" + query),
                        request.headers(),
                        request.body() == null ? new byte[0] : request.body()));
                response.complete(new Transport.Response(answer.status(), answer.headers(), answer.body(), null));
            } catch (RuntimeException e) {
                response.completeExceptionally(new IOException("the simulated cloud failed: " + e.getMessage(), e));
            }
        }

        @Override
        public CompletableFuture<Transport.Response> response() {
            return response;
        }

        @Override
        public synchronized void abandon() {
            abandoned = true;
        }

        @Override
        public synchronized boolean maybeSent() {
            return sent;
        }
    }
}
