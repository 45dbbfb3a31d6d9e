package io.jenkins.plugins.cockroachdb.traffic;

import io.jenkins.plugins.cockroachdb.cloud.ApiKey;
import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.OkHttpTransport;
import io.jenkins.plugins.cockroachdb.cloud.StreamWatcher;
import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.FailbackDriver;
import io.jenkins.plugins.cockroachdb.failback.Gatekeeper;
import io.jenkins.plugins.cockroachdb.failback.Journal;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import io.jenkins.plugins.cockroachdb.proxy.ProxyEnvironment;
import io.jenkins.plugins.cockroachdb.simulator.ScaledTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * One run of a failback with every part as in production: client over HTTP, driver, record on disk, proxy. A test may put something
 * around the parts.
 *
 * @param url of the cloud
 * @param records where the records of this pair are
 * @param description of the proxy
 * @param variables the environment that its description speaks of
 * @param time of cloud and driver; the proxy has real time
 */
record DrivenFailback(
        String url,
        String key,
        String originalPrimaryId,
        String activeId,
        Path records,
        String description,
        Map<String, String> variables,
        ScaledTime time) {

    private static final long PATIENCE_SECONDS = 90;

    /** What a test puts around the parts of a run, and how it answers. */
    record Around(UnaryOperator<Proxy> proxy, UnaryOperator<Journal> journal, Gatekeeper gatekeeper) {}

    /** Something to do with the proxy. */
    interface ProxyUse {
        void with(Proxy proxy) throws Exception;
    }

    /** Drives it to its end. */
    Action.Finish run(Settings settings, Around around) throws Exception {
        AtomicReference<Action.Finish> end = new AtomicReference<>();
        withProxy(proxy -> end.set(run(settings, around, proxy)));
        return end.get();
    }

    private Action.Finish run(Settings settings, Around around, Proxy proxy) throws Exception {
        ScheduledExecutorService timer = time.timer();
        try (OkHttpTransport transport = OkHttpTransport.with(OkHttpTransport.Connection.DEFAULT);
                RecordFile record = RecordFile.open(records, originalPrimaryId, activeId, "test", time)) {
            CloudClient client = CloudClient.builder(ApiUrl.of(url), () -> ApiKey.of(key), transport, timer)
                    .clock(time)
                    .build();
            return new FailbackDriver(
                            client,
                            new StreamWatcher(client, time, timer),
                            List.of(around.proxy().apply(proxy)),
                            around.gatekeeper(),
                            around.journal().apply(record),
                            settings,
                            time,
                            timer,
                            action -> {})
                    .run()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } finally {
            timer.shutdownNow();
        }
    }

    /** The proxy by itself, in real time. */
    void withProxy(ProxyUse use) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        try {
            use.with(ProxyDescription.parse(description)
                    .connect(new ProxyEnvironment(name -> Optional.ofNullable(variables.get(name)), threads, timer)));
        } finally {
            timer.shutdownNow();
            threads.shutdownNow();
        }
    }

    /** Limits that a slow machine keeps in time that runs fast. */
    static Settings settings(Duration drain) {
        return Settings.DEFAULT.toBuilder()
                .drain(drain)
                .maxSkew(Duration.ofMinutes(1))
                .fenceLimit(Duration.ofMinutes(10))
                .build();
    }
}
