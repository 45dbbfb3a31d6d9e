package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.ApiKey;
import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import io.jenkins.plugins.cockroachdb.cloud.CloudApi;
import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.Transport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * What a call would put on the wire, from the very client that would send it: its transport keeps the request and sends
 * nothing. So what is shown cannot differ from what would be sent.
 */
final class UnsentRequests implements Transport {

    /**
     * A request as a person may see it: without headers, which hold the key.
     *
     * @param path with query
     * @param body JSON
     */
    record Unsent(String method, String path, String body) {}

    private final CloudApi api;
    private Unsent last;

    /** @param timer of the client, which never waits for anything here */
    UnsentRequests(ScheduledExecutorService timer) {
        api = CloudClient.builder(ApiUrl.COCKROACH_LABS, () -> ApiKey.of("none"), this, timer)
                .build();
    }

    /** The request of a call that writes. */
    Unsent of(Consumer<CloudApi> call) {
        call.accept(api); // a write does not wait for its turn: it is here when the call returns
        return last;
    }

    @Override
    public Exchange send(Request request) {
        last = new Unsent(
                request.method(), request.uri().getRawPath(), new String(request.body(), StandardCharsets.UTF_8));
        return new Exchange() {
            @Override
            public CompletableFuture<Response> response() {
                return CompletableFuture.failedFuture(new IOException("not sent"));
            }

            @Override
            public void abandon() {}

            @Override
            public boolean maybeSent() {
                return false;
            }
        };
    }
}
