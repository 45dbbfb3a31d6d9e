package io.jenkins.plugins.cockroachdb.cloud;

import io.jenkins.plugins.cockroachdb.simulator.Delivery;
import io.jenkins.plugins.cockroachdb.simulator.HttpRequest;
import io.jenkins.plugins.cockroachdb.simulator.HttpResponse;
import io.jenkins.plugins.cockroachdb.simulator.SimulatedEndpoint;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The simulator's wire in process and on virtual time: the client's real code runs, and nothing else does. */
public final class SimulatedTransport implements Transport {

    private final SimulatedEndpoint endpoint;
    private final VirtualTime time;

    public SimulatedTransport(SimulatedEndpoint endpoint, VirtualTime time) {
        this.endpoint = endpoint;
        this.time = time;
    }

    @Override
    public Exchange send(Request request) {
        Wire wire = new Wire();
        // Even the fastest network answers later than it was asked, never within the call.
        time.execute(() -> wire.carry(request));
        return wire;
    }

    private final class Wire implements Exchange {
        private final CompletableFuture<Response> response = new CompletableFuture<>();
        private boolean sent;
        private boolean abandoned;

        void carry(Request request) {
            if (abandoned) {
                return;
            }
            sent = true;
            String query = request.uri().getRawQuery();
            Delivery delivery = endpoint.exchange(new HttpRequest(
                    request.method(),
                    request.uri().getRawPath() + (query == null ? "" : "?" + query),
                    request.headers(),
                    request.body() == null ? new byte[0] : request.body()));
            if (delivery instanceof Delivery.Answer answer) {
                after(answer.after(), () -> response.complete(whole(answer.response())));
            } else if (delivery instanceof Delivery.CutShort cut) {
                byte[] begun = Arrays.copyOf(cut.response().body(), cut.bytesSent());
                after(
                        cut.after(),
                        () -> response.complete(new Response(
                                cut.response().status(),
                                cut.response().headers(),
                                begun,
                                "broke off after " + begun.length + " bytes")));
            } else if (delivery instanceof Delivery.Reset reset) {
                after(reset.after(), () -> response.completeExceptionally(new SocketException("Connection reset")));
            } else if (delivery instanceof Delivery.Drip drip) {
                // One byte at a time: the whole answer takes as many intervals as it has bytes.
                after(
                        drip.interval().multipliedBy(drip.response().body().length),
                        () -> response.complete(whole(drip.response())));
            }
        }

        private void after(Duration delay, Runnable arrival) {
            time.schedule(arrival, delay.toNanos(), TimeUnit.NANOSECONDS);
        }

        private Response whole(HttpResponse answer) {
            if (answer.body().length > LARGEST_BODY) {
                byte[] begun = Arrays.copyOf(answer.body(), LARGEST_BODY);
                return new Response(answer.status(), answer.headers(), begun, "is larger than 4 MiB");
            }
            return new Response(answer.status(), answer.headers(), answer.body(), null);
        }

        @Override
        public CompletableFuture<Response> response() {
            return response;
        }

        @Override
        public void abandon() {
            abandoned = true;
            response.completeExceptionally(new IOException("abandoned"));
        }

        @Override
        public boolean maybeSent() {
            return sent;
        }
    }
}
