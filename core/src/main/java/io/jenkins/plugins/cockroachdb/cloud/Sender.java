package io.jenkins.plugins.cockroachdb.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.cockroachdb.Version;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Sends one request until it has a definite end: within its deadline and the key's budget, a read up to a few times, a
 * write once. Every future that it returns ends, whatever server and network do.
 */
record Sender(
        ApiUrl url,
        Supplier<ApiKey> keys,
        Transport transport,
        RequestBudget budget,
        RetryPolicy policy,
        InstantSource clock,
        ScheduledExecutorService timer,
        RandomGenerator random) {

    /** The version of the API that this client was written for. */
    static final String API_VERSION = "2024-09-16";

    private static final String USER_AGENT =
            "cockroachdb-failback/" + Version.text() + " (Java " + System.getProperty("java.version") + ")";

    /** Answers that say "not now": worth another try, of a read. */
    private static final Set<Integer> NOT_NOW = Set.of(408, 429, 502, 503, 504);

    /**
     * @param resource what the operation is about, for errors; empty for none
     * @param target path and query
     * @param body null for none
     * @param reading makes a value of the answer, or throws {@link Json.Unexpected}
     */
    <T> CompletableFuture<Answer<T>> send(
            Operation operation,
            String resource,
            String method,
            String target,
            byte[] body,
            RequestBudget.Urgency urgency,
            Function<JsonNode, T> reading) {
        Sending<T> sending = new Sending<>(operation, resource, method, target, body, urgency, reading);
        sending.start();
        return sending.result;
    }

    private final class Sending<T> {
        private final Operation operation;
        private final String resource;
        private final String method;
        private final String target;
        private final byte[] body;
        private final RequestBudget.Urgency urgency;
        private final Function<JsonNode, T> reading;

        private final CompletableFuture<Answer<T>> result = new CompletableFuture<>();
        private ScheduledFuture<?> deadline;

        // Guarded by this. What is pending now: the turn in the budget, the pause before it, or the exchange.
        private RequestBudget.Turn turn;
        private Future<?> pause;
        private Transport.Exchange exchange;
        private Future<?> attemptLimit;
        private int attempts;
        private CloudException lastFailure;

        Sending(
                Operation operation,
                String resource,
                String method,
                String target,
                byte[] body,
                RequestBudget.Urgency urgency,
                Function<JsonNode, T> reading) {
            this.operation = operation;
            this.resource = resource;
            this.method = method;
            this.target = target;
            this.body = body;
            this.urgency = urgency;
            this.reading = reading;
        }

        void start() {
            deadline = schedule(this::outOfTime, policy.deadline());
            result.whenComplete((answer, failure) -> cleanUp());
            queue();
        }

        private void queue() {
            RequestBudget.Turn queued = budget.whenAllowed(urgency, this::transmit);
            synchronized (this) {
                turn = queued;
            }
            if (result.isDone()) {
                cleanUp();
            }
        }

        private void transmit() {
            if (result.isDone()) {
                return;
            }
            ApiKey key;
            try {
                key = keys.get();
                if (key == null) {
                    throw new IllegalArgumentException("None was found.");
                }
            } catch (RuntimeException e) {
                result.completeExceptionally(failures(null).keyMissing(e));
                return;
            }
            Instant sentAt = clock.instant();
            Transport.Exchange sent =
                    transport.send(new Transport.Request(method, url.resolve(target), headers(key), body));
            synchronized (this) {
                attempts++;
                exchange = sent;
                attemptLimit = schedule(() -> attemptOutOfTime(sent, key), policy.attemptLimit());
            }
            sent.response().whenComplete((response, failure) -> {
                if (isCurrent(sent)) {
                    conclude(key, sentAt, sent, response, failure);
                }
            });
            if (result.isDone()) {
                cleanUp();
            }
        }

        /** True once for the exchange under way: it is over now, and what else comes of it is of no interest. */
        private synchronized boolean isCurrent(Transport.Exchange sent) {
            if (exchange != sent) {
                return false;
            }
            exchange = null;
            attemptLimit.cancel(false);
            return true;
        }

        private void conclude(
                ApiKey key, Instant sentAt, Transport.Exchange sent, Transport.Response response, Throwable failure) {
            try {
                if (response == null) {
                    unanswered(key, ioException(failure), sent.maybeSent());
                } else {
                    answered(key, response, sentAt);
                }
            } catch (RuntimeException bug) {
                // A future's callback would swallow it, and whoever waits would wait for ever.
                result.completeExceptionally(bug);
            }
        }

        private void answered(ApiKey key, Transport.Response response, Instant sentAt) {
            Failures failures = failures(key);
            int status = response.status();
            if (status >= 200 && status < 300) {
                if (response.bodyFlaw() != null) {
                    retryOrFail(failures.unreadable(response, response.bodyFlaw()), !isTooLarge(response));
                    return;
                }
                try {
                    T value = reading.apply(Json.parse(response.body()));
                    Instant cloudTime = Failures.httpDate(response.headers().get("Date"));
                    result.complete(new Answer<>(value, cloudTime, sentAt, clock.instant()));
                } catch (Json.Unexpected e) {
                    result.completeExceptionally(failures.unreadable(response, e.getMessage()));
                }
                return;
            }
            if (status == 429 || response.headers().containsKey("Retry-After")) {
                Duration asked = Failures.retryAfter(response, clock.instant());
                Duration bounded = asked == null ? policy.firstPause() : asked;
                budget.pause(bounded.compareTo(policy.longestRetryAfter()) > 0 ? policy.longestRetryAfter() : bounded);
            }
            retryOrFail(failures.answered(response), NOT_NOW.contains(status));
        }

        private static boolean isTooLarge(Transport.Response response) {
            return response.body().length >= Transport.LARGEST_BODY;
        }

        private void unanswered(ApiKey key, IOException cause, boolean maybeSent) {
            retryOrFail(failures(key).unanswered(cause, maybeSent), true);
        }

        private void attemptOutOfTime(Transport.Exchange sent, ApiKey key) {
            if (isCurrent(sent)) {
                sent.abandon();
                unanswered(key, new IOException("none within " + seconds(policy.attemptLimit())), sent.maybeSent());
            }
        }

        private void outOfTime() {
            Transport.Exchange sent;
            CloudException last;
            synchronized (this) {
                sent = exchange;
                last = lastFailure;
            }
            if (sent != null && !isCurrent(sent)) {
                return; // it ended this very moment and decides by itself
            }
            if (sent != null) {
                sent.abandon();
            }
            boolean maybeSent = sent != null && sent.maybeSent();
            result.completeExceptionally(
                    last != null && !maybeSent
                            ? last
                            : failures(null)
                                    .unanswered(
                                            new IOException("none within " + seconds(policy.deadline())), maybeSent));
        }

        private void retryOrFail(CloudException failure, boolean worthIt) {
            Duration wait = null;
            synchronized (this) {
                lastFailure = failure;
                if (worthIt && !operation.isWrite() && attempts < policy.attempts()) {
                    Duration ours = policy.pauseAfter(attempts, random);
                    Duration asked = failure.retryAfter().orElse(Duration.ZERO);
                    wait = asked.compareTo(ours) > 0 ? asked : ours;
                }
            }
            boolean inTime = wait != null
                    && wait.compareTo(policy.longestRetryAfter()) <= 0
                    && wait.toNanos() < deadline.getDelay(TimeUnit.NANOSECONDS);
            if (!inTime) {
                result.completeExceptionally(failure);
                return;
            }
            Future<?> scheduled = schedule(this::queue, wait);
            synchronized (this) {
                pause = scheduled;
            }
            if (result.isDone()) {
                cleanUp();
            }
        }

        /** After the end, whoever brought it about: nothing of ours stays pending. */
        private void cleanUp() {
            deadline.cancel(false);
            synchronized (this) {
                if (turn != null) {
                    turn.giveUp();
                }
                if (pause != null) {
                    pause.cancel(false);
                }
                if (exchange != null) {
                    attemptLimit.cancel(false);
                    exchange.abandon();
                    exchange = null;
                }
            }
        }

        private Map<String, String> headers(ApiKey key) {
            Map<String, String> headers = new HashMap<>();
            headers.put("Authorization", key.authorization());
            headers.put("Cc-Version", API_VERSION);
            headers.put("User-Agent", USER_AGENT);
            headers.put("Accept", "application/json");
            if (body != null) {
                headers.put("Content-Type", "application/json");
            }
            return headers;
        }

        private Failures failures(ApiKey key) {
            return new Failures(operation, resource, key, url.base().getHost(), clock.instant());
        }
    }

    private ScheduledFuture<?> schedule(Runnable task, Duration delay) {
        return timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static IOException ioException(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof IOException io ? io : new IOException(String.valueOf(cause));
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }
}
