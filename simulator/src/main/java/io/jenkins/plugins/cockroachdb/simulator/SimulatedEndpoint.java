package io.jenkins.plugins.cockroachdb.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The cloud at the end of a wire that has faults: every request is counted, meets the fault planned for it, and takes effect
 * or not. {@link SimulatorServer} carries out the deliveries over HTTP; a test in virtual time calls {@link #exchange} and
 * carries them out itself. Safe for use by several threads.
 */
public final class SimulatedEndpoint {

    private static final int LOG_LIMIT = 100_000;
    private static final int OVERSIZED = (4 << 20) + 1;
    private static final int UNENDING = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SimulatedCloud cloud;
    private final Faults faults;
    private final Deque<ReceivedRequest> log = new ArrayDeque<>();
    private final int[] received = new int[Operation.values().length];

    /**
     * Puts a cloud at the end of a wire.
     *
     * @param cloud what answers
     * @param faults what goes wrong; may be changed at any time
     */
    public SimulatedEndpoint(SimulatedCloud cloud, Faults faults) {
        this.cloud = Objects.requireNonNull(cloud, "cloud");
        this.faults = Objects.requireNonNull(faults, "faults");
    }

    /** Takes a request, lets it take effect if its fault allows that, and says what the wire does then. */
    public Delivery exchange(HttpRequest request) {
        Optional<Operation> operation = Route.of(request).map(Route::operation);
        Delivery delivery = operation
                .flatMap(faults::next)
                .map(fault -> faulty(fault, request))
                .orElseGet(() -> new Delivery.Answer(Duration.ZERO, cloud.handle(request)));
        record(new ReceivedRequest(
                cloud.now(), operation.orElse(null), request.method(), request.target(), status(delivery)));
        return delivery;
    }

    /** How many requests of a kind have arrived, whatever became of them, since the start or {@link #forget()}. */
    public int received(Operation operation) {
        synchronized (log) {
            return received[operation.ordinal()];
        }
    }

    /** The requests that have arrived since the start or {@link #forget()}, the last 100,000 at most, the oldest first. */
    public List<ReceivedRequest> log() {
        synchronized (log) {
            return List.copyOf(log);
        }
    }

    /** Empties the log and sets the counts to zero; the plan of faults stays. */
    public void forget() {
        synchronized (log) {
            log.clear();
            Arrays.fill(received, 0);
        }
    }

    private void record(ReceivedRequest request) {
        synchronized (log) {
            if (request.operation() != null) {
                received[request.operation().ordinal()]++;
            }
            if (log.size() == LOG_LIMIT) {
                log.removeFirst();
            }
            log.addLast(request);
        }
    }

    private static int status(Delivery delivery) {
        if (delivery instanceof Delivery.Answer answer) {
            return answer.response().status();
        }
        if (delivery instanceof Delivery.CutShort cutShort) {
            return cutShort.response().status();
        }
        if (delivery instanceof Delivery.Drip drip) {
            return drip.response().status();
        }
        return 0;
    }

    private Delivery faulty(Fault fault, HttpRequest request) {
        HttpResponse right = fault.kind().hasEffect() ? cloud.handle(request) : null;
        Responder responder = cloud.responder();
        Map<String, String> retryAfter =
                fault.retryAfter() == null ? Map.of() : Map.of("Retry-After", fault.retryAfter());
        return switch (fault.kind()) {
            case LATENCY -> answer(fault, right);
            case TOO_MANY_REQUESTS -> answer(fault, responder.error(429, 8, "too many requests", retryAfter));
            case REQUEST_TIMEOUT -> answer(fault, responder.error(408, 4, "request timed out", retryAfter));
            case INTERNAL_ERROR -> answer(
                    fault, responder.error(500, 13, "internal error for " + bearer(request), retryAfter));
            case BAD_GATEWAY -> answer(fault, responder.html(502, "502 Bad Gateway"));
            case UNAVAILABLE, UNAVAILABLE_RETRY_AT_ONCE -> answer(
                    fault, responder.error(503, 14, "unavailable", retryAfter));
            case GATEWAY_TIMEOUT_AFTER_EFFECT -> answer(
                    fault, responder.error(504, 4, "gateway timed out", retryAfter));
            case REDIRECT -> answer(fault, responder.redirect(request.target()));
            case RESET_BEFORE_EFFECT, RESET_AFTER_EFFECT -> new Delivery.Reset(fault.delay());
            case EMPTY_BODY -> answer(fault, right.withBody(new byte[0]));
            case TRUNCATED_BODY -> new Delivery.CutShort(fault.delay(), right, right.body().length / 2);
            case MALFORMED_BODY -> answer(fault, responder.html(right.status(), "cannot relay for " + bearer(request)));
            case WRONG_TYPES -> answer(fault, right.withBody(wrongTypes(right.body())));
            case OVERSIZED_BODY -> answer(fault, padded(right, OVERSIZED));
            case SLOW_DRIP -> new Delivery.Drip(padded(right, UNENDING), fault.delay());
            case NO_ANSWER -> new Delivery.Silence();
        };
    }

    private static Delivery answer(Fault fault, HttpResponse response) {
        return new Delivery.Answer(fault.delay(), response);
    }

    /** What careless servers put into their messages. */
    private static String bearer(HttpRequest request) {
        return "bearer " + request.bearer().orElse("none");
    }

    /** The same JSON after white space, which no parser minds. */
    private static HttpResponse padded(HttpResponse right, int spaces) {
        byte[] body = new byte[spaces + right.body().length];
        Arrays.fill(body, 0, spaces, (byte) ' ');
        System.arraycopy(right.body(), 0, body, spaces, right.body().length);
        return right.withBody(body);
    }

    private static byte[] wrongTypes(byte[] body) {
        try {
            ObjectNode json = (ObjectNode) JSON.readTree(body);
            json.fields().forEachRemaining(field -> {
                JsonNode wrong = field.getValue().isTextual() ? json.numberNode(7) : json.textNode("seven");
                field.setValue(wrong);
            });
            return json.toString().getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the cloud's own answers are JSON
        }
    }
}
