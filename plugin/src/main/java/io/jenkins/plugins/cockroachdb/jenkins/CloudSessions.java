package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.Extension;
import hudson.ExtensionList;
import hudson.ProxyConfiguration;
import hudson.init.Terminator;
import hudson.util.Secret;
import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import io.jenkins.plugins.cockroachdb.cloud.OkHttpTransport;
import io.jenkins.plugins.cockroachdb.cloud.Transport;
import io.jenkins.plugins.okhttp.api.JenkinsOkHttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import jenkins.model.Jenkins;
import okhttp3.OkHttpClient;

/**
 * The sessions of this Jenkins, one for each cloud and key, with the few threads that all of them share: two for what steps do,
 * five for HTTP, whatever the number of builds.
 */
@Extension
public final class CloudSessions {

    private static final Logger LOGGER = Logger.getLogger(CloudSessions.class.getName());

    private static final int THREADS = 2;

    /** How long a session is kept that nobody uses: one step of a build follows the other, and a key's budget outlives them. */
    private static final Duration IDLE = Duration.ofMinutes(10);

    /**
     * A cloud.
     *
     * @param name as steps give it
     * @param url where the API is
     * @param simulated whether it is the one within this Jenkins
     */
    record Place(String name, ApiUrl url, boolean simulated) {

        /** Its address is never connected to. */
        static final Place SIMULATED = new Place(SimulatedPair.CLOUD, ApiUrl.of("http://localhost"), true);
    }

    private record Key(Place place, Secret secret) {}

    private final ScheduledThreadPoolExecutor timer = newTimer();

    // Guarded by this.
    private final Map<Key, CloudSession> sessions = new HashMap<>();
    private OkHttpTransport http;
    private ProxyConfiguration proxyOfHttp;
    private boolean closed;

    static CloudSessions get() {
        return ExtensionList.lookupSingleton(CloudSessions.class);
    }

    private static ScheduledThreadPoolExecutor newTimer() {
        AtomicInteger number = new AtomicInteger();
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(THREADS, task -> {
            Thread thread = new Thread(task, "cockroachdb-failback-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    /** Where steps begin, wait and go on. Nothing blocks there. */
    ScheduledExecutorService timer() {
        return timer;
    }

    /** Does it on the timer; not at all once Jenkins is shutting down: steps resume with the next one. */
    void execute(Runnable task) {
        try {
            timer.execute(task);
        } catch (RejectedExecutionException e) {
            LOGGER.log(Level.FINE, "Jenkins is shutting down", e);
        }
    }

    /** Whether Jenkins is shutting down: whatever fails from then on says nothing about a step. */
    synchronized boolean isClosed() {
        return closed;
    }

    /** A session, until it is given back with {@link #release}. */
    synchronized CloudSession acquire(Place place, Secret secret) {
        if (closed) {
            throw new IllegalStateException("Jenkins is shutting down.");
        }
        Instant now = Instant.now();
        sessions.values()
                .removeIf(session ->
                        session.users == 0 && session.idleSince.plus(IDLE).isBefore(now));
        CloudSession session = sessions.computeIfAbsent(new Key(place, secret), key -> {
            Transport transport =
                    place.simulated() ? SimulatedPair.get().transport(timer) : request -> http().send(request);
            return new CloudSession(place.url(), secret, transport, timer);
        });
        session.users++;
        return session;
    }

    /** Gives a session back. */
    synchronized void release(CloudSession session) {
        session.users--;
        session.idleSince = Instant.now();
    }

    /** With the proxy that Jenkins has now: whoever changes it does so for builds that are waiting too. */
    private synchronized OkHttpTransport http() {
        ProxyConfiguration proxy = Jenkins.get().getProxy();
        if (http == null || proxy != proxyOfHttp) {
            if (http != null) {
                http.close();
            }
            http = OkHttpTransport.basedOn(
                    JenkinsOkHttpClient.newClientBuilder(new OkHttpClient()).build());
            proxyOfHttp = proxy;
        }
        return http;
    }

    /** Ends what waits, so that nothing goes on behind a Jenkins that is down; builds resume with the next one. */
    @Terminator
    public static void close() {
        CloudSessions all =
                ExtensionList.lookup(CloudSessions.class).stream().findFirst().orElse(null);
        if (all != null) {
            all.shutDown();
        }
    }

    private void shutDown() {
        List<CloudSession> open;
        OkHttpTransport transport;
        synchronized (this) {
            closed = true;
            open = List.copyOf(sessions.values());
            transport = http;
        }
        BuildRecords.closeAll();
        open.forEach(CloudSession::close);
        timer.shutdownNow();
        if (transport != null) {
            transport.close();
        }
    }
}
