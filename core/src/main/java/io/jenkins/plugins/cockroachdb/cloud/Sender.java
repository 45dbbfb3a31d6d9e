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

        // Guarded by this. What is pending now: the turn in the budget, the pause before it, or the attempt.
        private RequestBudget.Turn turn;
        private Future<?> pause;
        private Attempt attempt;
        private int attempts;
        private boolean over;
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

        /**
         * One time that the request is handed to the transport. Whoever takes it out of {@link #attempt} decides how it
         * ended, and nobody else does.
         */
        private final class Attempt {
            private final ApiKey key;
            private final Instant sentAt = clock.instant();
            private Transport.Exchange exchange; // null until the transport has returned it
            private Future<?> limit;

            Attempt(ApiKey key) {
                this.key = key;
            }
        }

        void start() {
            deadline = schedule(this::outOfTime, policy.deadline());
            result.whenComplete((answer, failure) -> cleanUp());
            queue();
        }

        private void queue() {
            RequestBudget.Turn next = budget.turn(urgency, this::transmit);
            synchronized (this) {
                if (over) {
                    return;
                }
                turn = next;
            }
            next.await();
        }

        private void transmit() {
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
            Attempt mine = new Attempt(key);
            Transport.Request request = new Transport.Request(method, url.resolve(target), headers(key), body);
            // From here on a write counts as handed over. Whoever ends this call before finds that nothing was sent,
            // and
            // whoever ends it after has to ask the exchange: there is no moment between the two.
            synchronized (this) {
                if (over) {
                    return;
                }
                attempts++;
                mine.limit = schedule(() -> attemptOutOfTime(mine), policy.attemptLimit());
                attempt = mine;
            }
            Transport.Exchange exchange;
            try {
                exchange = transport.send(request);
            } catch (RuntimeException e) {
                conclude(mine, null, e);
                return;
            }
            boolean tooLate;
            synchronized (this) {
                mine.exchange = exchange;
                tooLate = attempt != mine;
            }
            if (tooLate) {
                exchange.abandon();
            }
            exchange.response().whenComplete((response, failure) -> conclude(mine, response, failure));
        }

        /** True for one caller only: the attempt is over, and that caller says how. */
        private synchronized boolean take(Attempt mine) {
            if (attempt != mine) {
                return false;
            }
            attempt = null;
            mine.limit.cancel(false);
            return true;
        }

        private void conclude(Attempt mine, Transport.Response response, Throwable failure) {
            if (!take(mine)) {
                return;
            }
            try {
                if (response == null) {
                    retryOrFail(failures(mine.key).unanswered(ioException(failure), maybeSent(mine)), true);
                } else {
                    answered(mine, response);
                }
            } catch (Throwable bug) {
                // A callback would swallow it, and whoever waits would wait for ever. The request was on its way.
                IOException reason = new IOException("the answer could not be processed: " + bug);
                Failures failures =
                        new Failures(operation, resource, mine.key, url.base().getHost(), mine.sentAt);
                result.completeExceptionally(failures.unanswered(reason, true));
            }
        }

        /** Whether a byte of the attempt may have reached the wire; while the transport has not returned, it may have. */
        private boolean maybeSent(Attempt mine) {
            Transport.Exchange exchange;
            synchronized (this) {
                exchange = mine.exchange;
            }
            return exchange == null || exchange.maybeSent();
        }

        private void answered(Attempt mine, Transport.Response response) {
            Failures failures = failures(mine.key);
            int status = response.status();
            if (status >= 200 && status < 300) {
                if (response.bodyFlaw() != null) {
                    retryOrFail(failures.unreadable(response, response.bodyFlaw()), !isTooLarge(response));
                    return;
                }
                try {
                    T value = reading.apply(Json.parse(response.body()));
                    Instant cloudTime = Failures.httpDate(response.headers().get("Date"));
                    result.complete(new Answer<>(value, cloudTime, mine.sentAt, clock.instant()));
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

        private void attemptOutOfTime(Attempt mine) {
            if (take(mine)) {
                abandon(mine);
                IOException reason = new IOException("none within " + seconds(policy.attemptLimit()));
                retryOrFail(failures(mine.key).unanswered(reason, maybeSent(mine)), true);
            }
        }

        private void outOfTime() {
            Attempt mine;
            CloudException last;
            boolean everSent;
            synchronized (this) {
                if (over || (operation.isWrite() && attempts > 0)) {
                    return; // a write that was handed over has its own limit, which knows what became of it
                }
                over = true;
                mine = attempt;
                attempt = null;
                last = lastFailure;
                everSent = attempts > 0;
            }
            if (mine != null) {
                abandon(mine);
            }
            if (last != null) {
                result.completeExceptionally(last);
            } else if (everSent) {
                IOException reason = new IOException("none within " + seconds(policy.deadline()));
                result.completeExceptionally(failures(null).unanswered(reason, true));
            } else {
                result.completeExceptionally(failures(null).neverSent(seconds(policy.deadline())));
            }
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
            synchronized (this) {
                if (!over) {
                    pause = schedule(this::queue, wait);
                }
            }
        }

        /** After the end, whoever brought it about: nothing of ours stays pending. */
        private void cleanUp() {
            deadline.cancel(false);
            Attempt mine;
            RequestBudget.Turn waiting;
            synchronized (this) {
                over = true;
                mine = attempt;
                attempt = null;
                waiting = turn;
                if (pause != null) {
                    pause.cancel(false);
                }
            }
            if (waiting != null) {
                waiting.giveUp();
            }
            if (mine != null) {
                abandon(mine);
            }
        }

        private void abandon(Attempt mine) {
            Transport.Exchange exchange;
            synchronized (this) {
                mine.limit.cancel(false);
                exchange = mine.exchange;
            }
            if (exchange != null) {
                exchange.abandon();
            }
        }

        private Map<String, String> headers(ApiKey key) {
            Map<String, String> headers = new HashMap<>();
            headers.put("Authorization", key.authorization());
            headers.put("Cc-Version", API_VERSION);
            headers.put("User-Agent", USER_AGENT);
            headers.put("Accept", "application/json");
            headers.put("Cache-Control", "no-cache"); // a proxy's old answer must not prove anything
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
        return cause instanceof IOException io ? io : new IOException("the request failed: " + cause);
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }
}
