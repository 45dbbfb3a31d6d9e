package io.jenkins.plugins.cockroachdb.pipeline;

import io.jenkins.plugins.cockroachdb.cloud.OkHttpTransport;
import io.jenkins.plugins.cockroachdb.cloud.Transport;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** HTTP over a real connection, in virtual time: time stands still while the server answers. */
final class Wire implements Transport, AutoCloseable {

    private static final Duration THERE_AND_BACK = Duration.ofMillis(20);

    private final OkHttpTransport http = OkHttpTransport.with(OkHttpTransport.Connection.DEFAULT);
    private final VirtualTime time;

    Wire(VirtualTime time) {
        this.time = time;
    }

    @Override
    public Exchange send(Request request) {
        OneExchange exchange = new OneExchange();
        time.execute(() -> exchange.carry(request));
        return exchange;
    }

    @Override
    public void close() {
        http.close();
    }

    private final class OneExchange implements Exchange {
        private final CompletableFuture<Response> response = new CompletableFuture<>();
        private Exchange real;
        private boolean abandoned;

        void carry(Request request) {
            if (abandoned) {
                return;
            }
            real = http.send(request);
            CompletableFuture<Response> answer = real.response();
            try {
                answer.join();
            } catch (CompletionException e) {
                // it is told below, when it is time
            }
            time.schedule(
                    () -> answer.whenComplete((value, failure) -> {
                        if (failure == null) {
                            response.complete(value);
                        } else {
                            response.completeExceptionally(failure);
                        }
                    }),
                    THERE_AND_BACK.toMillis(),
                    TimeUnit.MILLISECONDS);
        }

        @Override
        public CompletableFuture<Response> response() {
            return response;
        }

        @Override
        public void abandon() {
            abandoned = true;
        }

        @Override
        public boolean maybeSent() {
            return real != null && real.maybeSent();
        }
    }
}
