package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.CloudApi;
import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.OkHttpTransport;
import io.jenkins.plugins.cockroachdb.cloud.RetryPolicy;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** The Cloud API for the time of one command, with the threads and connections behind it. */
record CloudSession(CloudApi api, OkHttpTransport transport, ScheduledExecutorService timer) implements AutoCloseable {

    static CloudSession open(Settings settings, RetryPolicy retries) {
        OkHttpTransport transport = OkHttpTransport.with(settings.connection());
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "timer");
            thread.setDaemon(true);
            return thread;
        });
        CloudApi api = CloudClient.builder(settings.url(), settings::key, transport, timer)
                .policy(retries)
                .build();
        return new CloudSession(api, transport, timer);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        transport.close();
    }
}
