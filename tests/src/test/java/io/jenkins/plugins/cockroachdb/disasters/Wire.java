package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.cloud.SimulatedTransport;
import io.jenkins.plugins.cockroachdb.cloud.Transport;
import io.jenkins.plugins.cockroachdb.disasters.Twist.CrashPoint;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The network between drivers and the cloud. What was sent arrives, also when its sender has died or given up meanwhile. */
final class Wire {

    /** Hears of every request. */
    interface Witness {
        void sent(Life sender, Operation operation, Transport.Request request);

        /** An answer, or word that there is none, has reached the sender. */
        void answered(Life sender, Operation operation, Transport.Request request);

        void arrives(Life sender, Operation operation, Transport.Request request);
    }

    /** Lets requests meet what is planned for them. */
    interface Weather {

        /** How much later than usual this request arrives. */
        Duration delay(Operation operation, int occurrence);

        /** What goes wrong with every request now. */
        Optional<FaultKind> outage();

        void meets(Operation operation, FaultKind fault);

        /** The answer as it arrives. */
        Transport.Response changed(Operation operation, Transport.Response response);
    }

    private final SimulatedTransport cloud;
    private final VirtualTime time;
    private final SplittableRandom random;
    private final Trace trace;
    private final Witness witness;
    private final Weather weather;
    private final Map<Operation, Integer> occurrences = new HashMap<>();

    Wire(
            SimulatedTransport cloud,
            VirtualTime time,
            SplittableRandom random,
            Trace trace,
            Witness witness,
            Weather weather) {
        this.cloud = cloud;
        this.time = time;
        this.random = random;
        this.trace = trace;
        this.witness = witness;
        this.weather = weather;
    }

    /** The end of the wire at a driver. */
    Transport endAt(Life life) {
        return request -> new Exchange(life, request);
    }

    private final class Exchange implements Transport.Exchange {
        private final CompletableFuture<Transport.Response> response = new CompletableFuture<>();

        Exchange(Life sender, Transport.Request request) {
            sender.checkAlive();
            Operation operation = operation(request);
            int occurrence = occurrences.merge(operation, 1, Integer::sum);
            witness.sent(sender, operation, request);
            boolean write = operation == Operation.CREATE_STREAM || operation == Operation.UPDATE_STREAM;
            if (write) {
                trace.line(
                        sender.name,
                        () -> "sends " + operation + " " + new String(request.body(), StandardCharsets.UTF_8));
            }
            Duration late = weather.delay(operation, occurrence);
            after(way().plus(late), () -> {
                weather.outage().ifPresent(fault -> weather.meets(operation, fault));
                witness.arrives(sender, operation, request);
                cloud.send(request)
                        .response()
                        .whenComplete((answer, failure) -> after(
                                way(),
                                () -> sender.run(() -> {
                                    if (write) {
                                        trace.line(
                                                sender.name,
                                                () -> "gets "
                                                        + (failure == null
                                                                ? "HTTP " + answer.status()
                                                                : failure.getMessage())
                                                        + " for " + operation);
                                    }
                                    witness.answered(sender, operation, request);
                                    if (failure != null) {
                                        response.completeExceptionally(failure);
                                    } else {
                                        response.complete(weather.changed(operation, answer));
                                    }
                                })));
            });
            sender.point(write ? CrashPoint.WRITE_SENT : CrashPoint.READ_SENT);
        }

        @Override
        public CompletableFuture<Transport.Response> response() {
            return response;
        }

        @Override
        public void abandon() {
            response.completeExceptionally(new IOException("abandoned"));
        }

        @Override
        public boolean maybeSent() {
            return true;
        }
    }

    private static Operation operation(Transport.Request request) {
        String path = request.uri().getPath();
        boolean one = path.indexOf('/', "/api/v1/".length()) > 0;
        if (path.startsWith("/api/v1/physical-replication-streams")) {
            return switch (request.method()) {
                case "POST" -> Operation.CREATE_STREAM;
                case "PATCH" -> Operation.UPDATE_STREAM;
                default -> one ? Operation.GET_STREAM : Operation.LIST_STREAMS;
            };
        }
        if (path.endsWith("/nodes")) {
            return Operation.LIST_NODES;
        }
        if (path.endsWith("/disrupt")) {
            return Operation.GET_DISRUPTION;
        }
        if (path.endsWith("/organization")) {
            return Operation.GET_ORGANIZATION;
        }
        return one ? Operation.GET_CLUSTER : Operation.LIST_CLUSTERS;
    }

    private Duration way() {
        return Duration.ofNanos(random.nextLong(1_000_000, 80_000_000));
    }

    private void after(Duration delay, Runnable task) {
        time.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
}
