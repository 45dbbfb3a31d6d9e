package io.jenkins.plugins.cockroachdb.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * Turns what went wrong with one request into the error that a person can act on.
 *
 * <p>The line between a definite "no" and an unknown fate is drawn here, once. A write had no effect when nothing of it was
 * sent, or when it was answered with a 4xx that says so. Those that do not are 408, 499 (the gateway's word for a request
 * that was canceled on its way) and any with a gRPC code that leaves it open. A redirect is no such proof: 303, and in practice
 * 302, is what a server may answer <em>after</em> it acted. Nor is any 5xx: a gateway answers so while the server behind it
 * goes on.
 *
 * @param resource what the operation is about, to follow its words; empty for none
 * @param key the key in use, to be masked; null when there is none
 * @param host where the request goes
 * @param now our clock
 */
record Failures(Operation operation, String resource, ApiKey key, String host, Instant now) {

    /** The API's documentation of its health; the first place to look when it fails. */
    private static final String STATUS_PAGE = "https://status.cockroachlabs.cloud";

    /** gRPC codes that do not exclude an effect: CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
    private static final Set<Integer> OPEN_CODES = Set.of(1, 2, 4, 13, 14, 15);

    private static boolean excludesEffect(int status, Integer code) {
        boolean saysNo = status >= 400 && status < 500 && status != 408 && status != 499;
        return saysNo && (code == null || !OPEN_CODES.contains(code));
    }

    /** A request that never got its turn before its time was up. */
    CloudException neverSent(String limit) {
        return new CloudException.Unreachable(details(
                cannot() + "it was not sent within " + limit
                        + ", because other requests with this API key came first or the"
                        + " server had asked for a pause.",
                "Nothing was sent, so nothing was changed.",
                "Try again in a while; if it lasts, find out what else uses this key."));
    }

    CloudException keyMissing(RuntimeException cause) {
        return new CloudException.KeyMissing(details(
                cannot() + "there is no usable API key: "
                        + sentence(Redaction.line(String.valueOf(cause.getMessage()), null)),
                "Nothing was sent.",
                "Provide the key of a service account that may see both clusters."));
    }

    /** An answer that is not a success, after all the retries it gets. */
    CloudException answered(Transport.Response response) {
        int status = response.status();
        String said = saying(response);
        boolean refused = excludesEffect(status, Said.in(response).code());
        if (operation.isWrite() && !refused) {
            return fateUnknown(response, "the answer was" + said);
        }
        String holds = "Nothing was changed.";
        if (status == 401) {
            return new CloudException.Unauthorized(details(
                    response,
                    cannot() + "the CockroachDB Cloud API does not accept the API key" + said,
                    holds,
                    "Check that the key is complete and was not revoked; service accounts and their keys are under"
                            + " Access Management in the Cloud Console."));
        }
        if (status == 403) {
            return new CloudException.Forbidden(details(
                    response,
                    cannot() + "the API key's roles do not allow it" + said,
                    holds,
                    operation == Operation.GET_DISRUPTION
                            ? "This endpoint has limited access; ask Cockroach Labs Support to enable it, or do without it."
                            : "Give its service account the role Cluster Admin on both clusters."));
        }
        if (status == 404) {
            return new CloudException.NotFound(details(
                    response,
                    cannot() + "there is no such thing, or this API key may not see it" + said,
                    holds,
                    "Check the id, and that the key belongs to the organization that owns it."));
        }
        if (status == 429) {
            return new CloudException.RateLimited(details(
                    response,
                    cannot() + "too many requests were sent with this API key" + said,
                    holds,
                    "Wait and try again; all programs of one user share 10 requests per second."));
        }
        if (refused) {
            return new CloudException.Refused(details(
                    response,
                    cannot() + "the CockroachDB Cloud API refused it" + said,
                    holds,
                    operation == Operation.UPDATE_STREAM
                            ? "Read the stream: only one that is REPLICATING can fail over or be canceled."
                            : "Mend what the server names, then try again."));
        }
        if (status >= 400) {
            return new CloudException.ServerError(details(
                    response,
                    cannot() + "the CockroachDB Cloud API failed" + said,
                    holds,
                    "Try again in a while; if it lasts, look at " + STATUS_PAGE + "."));
        }
        return unreadable(
                response, "is HTTP " + status + " (a redirect is not followed, because the API key would follow)");
    }

    /** A success whose body cannot be used; {@code flaw} follows "the answer". */
    CloudException unreadable(Transport.Response response, String flaw) {
        if (operation.isWrite()) {
            return fateUnknown(response, "the answer " + flaw);
        }
        return new CloudException.UnreadableAnswer(
                details(
                        response,
                        cannot() + sentence("the answer from " + host + " " + Redaction.line(flaw, key)),
                        "Nothing was changed.",
                        "Check that the API URL leads to the CockroachDB Cloud API and not to the page of a proxy or firewall."));
    }

    /** No answer at all. */
    CloudException unanswered(IOException cause, boolean maybeSent) {
        String reason = reason(cause);
        if (operation.isWrite() && maybeSent) {
            return fateUnknown(null, "no answer came: " + reason);
        }
        return new CloudException.Unreachable(details(
                cannot() + "no answer from " + host + ": " + sentence(reason),
                operation.isWrite() ? "Nothing was sent, so nothing was changed." : "Nothing was changed.",
                "Check the network, the proxy settings and the API URL; if they are right, look at " + STATUS_PAGE
                        + "."));
    }

    private CloudException fateUnknown(Transport.Response response, String reason) {
        boolean creates = operation == Operation.CREATE_STREAM;
        return new CloudException.FateUnknown(details(
                response,
                "It is unknown whether the request to " + subject() + " took effect: "
                        + sentence(Redaction.line(reason, key)),
                "It was sent once and is not repeated. If it took effect, "
                        + (creates
                                ? "the stream exists and its standby is being erased."
                                : "the stream has changed its status and a cutover may be running."),
                creates
                        ? "List the streams of both clusters before anything else; create no other until it is clear."
                        : "Read the stream before anything else, and leave traffic fenced until its status is clear."));
    }

    /** How long the server asks to wait, null when it does not say; a date counts from the server's own clock. */
    static Duration retryAfter(Transport.Response response, Instant now) {
        String value = response.headers().get("Retry-After");
        if (value == null) {
            return null;
        }
        if (value.strip().matches("\\d+")) {
            String seconds = value.strip();
            return seconds.length() > 9 ? Duration.ofDays(365) : Duration.ofSeconds(Long.parseLong(seconds));
        }
        Instant until = httpDate(value);
        if (until == null) {
            return null;
        }
        Instant serverNow = httpDate(response.headers().get("Date"));
        Duration wait = Duration.between(serverNow == null ? now : serverNow, until);
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    /** An HTTP date; null when it is missing or unreadable. */
    static Instant httpDate(String value) {
        try {
            return value == null
                    ? null
                    : ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    private String cannot() {
        return "Cannot " + subject() + ": ";
    }

    private String subject() {
        return resource.isEmpty() ? operation.words() : operation.words() + " " + Redaction.line(resource, key);
    }

    /** The cause in words: many exceptions of the network say it only in their type. */
    private String reason(IOException cause) {
        String message = Redaction.line(String.valueOf(cause.getMessage()), key);
        if (cause instanceof UnknownHostException) {
            return "the name cannot be resolved";
        }
        if (cause instanceof SocketTimeoutException) {
            return "it did not answer in time (" + message + ")";
        }
        if (cause instanceof ConnectException) {
            return "it cannot be connected to (" + message + ")";
        }
        if (cause instanceof SSLException) {
            return "no trusted TLS connection (" + message + ")";
        }
        return message;
    }

    /** Status, code and message of an answer, as the end of a sentence. */
    private String saying(Transport.Response response) {
        Said said = Said.in(response);
        String code = said.code() == null ? "" : ", code " + said.code();
        String message = said.message() == null ? "" : ": \"" + Redaction.line(said.message(), key) + "\"";
        return " (HTTP " + response.status() + code + ")" + message + ".";
    }

    private CloudException.Details details(String happened, String holds, String toDo) {
        return details(null, happened, holds, toDo);
    }

    private CloudException.Details details(Transport.Response response, String happened, String holds, String toDo) {
        Said said = response == null ? new Said(null, null) : Said.in(response);
        return new CloudException.Details(
                operation,
                Redaction.line(resource, key),
                response == null ? 0 : response.status(),
                said.code(),
                said.message() == null ? null : Redaction.line(said.message(), key),
                response == null ? null : retryAfter(response, now),
                happened,
                holds,
                toDo);
    }

    private static String sentence(String text) {
        return text.endsWith(".") ? text : text + ".";
    }

    /**
     * What an error's body says: {@code {code, message, details[]}} by the book, but it may be missing, or a page of a
     * proxy, of which the text itself is shown.
     */
    private record Said(Integer code, String message) {

        static Said in(Transport.Response response) {
            try {
                JsonNode body = Json.parse(response.body());
                if (body.isObject()) {
                    return new Said(
                            body.path("code").isInt() ? body.path("code").intValue() : null,
                            body.path("message").isTextual()
                                    ? body.path("message").textValue()
                                    : null);
                }
            } catch (Json.Unexpected e) {
                // Not the documented form; the text itself is all that there is.
            }
            String text = new String(response.body(), StandardCharsets.UTF_8);
            return new Said(null, text.isBlank() ? null : text);
        }
    }
}
