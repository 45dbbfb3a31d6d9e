package io.jenkins.plugins.cockroachdb.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Moments in which a thread stands still while time runs out. Virtual time moves within the very call that stalls, so each
 * of these races happens every time. A write that was handed over must never be called definite without proof.
 */
class SenderRaceTest {

    private static final NewStream STREAM = NewStream.from("a").erasing("b");
    private static final byte[] CREATED = ("{\"id\":\"s\",\"status\":\"STARTING\",\"primary_cluster_id\":\"a\","
                    + "\"standby_cluster_id\":\"b\",\"created_at\":\"2026-01-01T00:00:00Z\"}")
            .getBytes(StandardCharsets.UTF_8);
    private static final Duration LONG = Duration.ofHours(1);

    private final VirtualTime time = new VirtualTime(SimulatedWorld.START);
    private final Held wire = new Held();
    private Supplier<ApiKey> keys = () -> ApiKey.of("CCDB1_x");

    @Test
    void whatTheKeySupplierHeldUpPastTheDeadlineIsNeverSent() {
        keys = () -> {
            time.advance(LONG);
            return ApiKey.of("CCDB1_x");
        };

        assertThat(failure(client().createStream(STREAM)))
                .isInstanceOf(CloudException.Unreachable.class)
                .hasMessageContaining("Nothing was sent");
        assertThat(wire.handedOver).isZero();
    }

    @Test
    void whatTheTransportHeldUpPastEveryLimitIsOfUnknownFate() {
        wire.whileSending = () -> time.advance(LONG);

        assertThat(failure(client().createStream(STREAM))).isInstanceOf(CloudException.FateUnknown.class);
        assertThat(wire.abandoned).as("as soon as the transport gave it back").isTrue();
    }

    @Test
    void whatTheTransportThrewIsOfUnknownFate() {
        wire.whileSending = () -> {
            throw new IllegalStateException("a bug in the transport");
        };

        assertThat(failure(client().createStream(STREAM))).isInstanceOf(CloudException.FateUnknown.class);
    }

    @Test
    void anAttemptOutOfTimeThatMayHaveBeenSentIsOfUnknownFate() {
        CompletableFuture<?> write = client().createStream(STREAM);
        wire.whileAbandoning = () -> time.advance(LONG); // the deadline comes while the attempt is being given up
        time.advance(RetryPolicy.DEFAULT.attemptLimit());

        assertThat(failure(write)).isInstanceOf(CloudException.FateUnknown.class);
        assertThat(wire.abandoned).isTrue();
    }

    @Test
    void anAttemptOutOfTimeThatWasProvablyNotSentIsDefinite() {
        CompletableFuture<?> write = client().createStream(STREAM);
        wire.maybeSent = false;
        time.advance(RetryPolicy.DEFAULT.attemptLimit());

        assertThat(failure(write)).isInstanceOf(CloudException.Unreachable.class);
    }

    @Test
    void anErrorWhileAnAnswerIsProcessedLeavesTheFateOfAWriteUnknown() {
        CloudClient client = CloudClient.builder(ApiUrl.COCKROACH_LABS, () -> keys.get(), wire, time)
                .clock(() -> {
                    if (wire.response.isDone()) {
                        throw new NoClassDefFoundError("a class that is missing when it is first needed");
                    }
                    return time.instant();
                })
                .build();
        CompletableFuture<?> write = client.createStream(STREAM);
        wire.response.complete(new Transport.Response(200, Map.of(), CREATED, null));

        assertThat(failure(write)).isInstanceOf(CloudException.FateUnknown.class);
    }

    @Test
    void whatArrivesWhileTheDeadlinePassesStillCounts() {
        CompletableFuture<Answer<ReplicationStream>> write = client().createStream(STREAM);
        wire.response.complete(new Transport.Response(200, Map.of(), CREATED, null));
        time.advance(LONG);

        assertThat(write).isCompleted();
    }

    @Test
    void aWriteThatFailedBeforeTheWireIsDefinite() {
        CompletableFuture<?> write = client().createStream(STREAM);
        wire.maybeSent = false;
        wire.response.completeExceptionally(new IOException("refused"));

        assertThat(failure(write)).isInstanceOf(CloudException.Unreachable.class);
    }

    @Test
    void aCanceledWriteIsTakenOffTheWire() {
        CompletableFuture<?> write = client().createStream(STREAM);

        write.cancel(true);

        assertThat(wire.abandoned).isTrue();
        assertThat(time.nextDue()).hasValueSatisfying(due -> assertThat(due)
                .as("only the budget's refill is left")
                .isBefore(SimulatedWorld.START.plusSeconds(1)));
    }

    private CloudClient client() {
        return CloudClient.builder(ApiUrl.COCKROACH_LABS, () -> keys.get(), wire, time)
                .clock(time)
                .build();
    }

    private Throwable failure(CompletableFuture<?> future) {
        time.advance(LONG);
        try {
            throw new AssertionError("did not fail: " + future.getNow(null));
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    /** A transport whose every step the test holds in its hand. */
    private static final class Held implements Transport, Transport.Exchange {
        private final CompletableFuture<Response> response = new CompletableFuture<>();
        private Runnable whileSending = () -> {};
        private Runnable whileAbandoning = () -> {};
        private boolean maybeSent = true;
        private boolean abandoned;
        private int handedOver;

        @Override
        public Exchange send(Request request) {
            handedOver++;
            whileSending.run();
            return this;
        }

        @Override
        public CompletableFuture<Response> response() {
            return response;
        }

        @Override
        public void abandon() {
            abandoned = true;
            whileAbandoning.run();
        }

        @Override
        public boolean maybeSent() {
            return maybeSent;
        }
    }
}
