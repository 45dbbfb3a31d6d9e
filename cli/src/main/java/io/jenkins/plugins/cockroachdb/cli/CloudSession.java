package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.OkHttpTransport;
import java.util.concurrent.ScheduledExecutorService;

/** The Cloud API for the time of one command, with the threads and connections behind it. */
record CloudSession(CloudClient api, OkHttpTransport transport, ScheduledExecutorService timer)
        implements AutoCloseable {

    static CloudSession open(Settings settings, Shell shell) {
        OkHttpTransport transport = OkHttpTransport.with(settings.connection());
        ScheduledExecutorService timer = shell.timers().get();
        CloudClient api = CloudClient.builder(
                        settings.url(), settings::key, shell.transports().apply(transport), timer)
                .policy(shell.retries())
                .clock(shell.clock())
                .build();
        return new CloudSession(api, transport, timer);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        transport.close();
    }
}
