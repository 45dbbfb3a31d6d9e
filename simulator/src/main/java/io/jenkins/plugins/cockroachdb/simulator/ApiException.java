package io.jenkins.plugins.cockroachdb.simulator;

/** A request that the API refuses: an HTTP status, and the gRPC code and message of its body. */
final class ApiException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int status;
    private final int code;

    private ApiException(int status, int code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
    }

    /** 400: the request itself is wrong, whatever the state. */
    static ApiException invalid(String message) {
        return new ApiException(400, 3, message);
    }

    /** 400: the request could be right in another state. */
    static ApiException precondition(String message) {
        return new ApiException(400, 9, message);
    }

    /** 401: no key, or one that the cloud does not know. */
    static ApiException unauthenticated() {
        return new ApiException(401, 16, "the request has no valid API key");
    }

    /** 403: the key's roles do not suffice. */
    static ApiException forbidden(String message) {
        return new ApiException(403, 7, message);
    }

    /** 404: no such thing. */
    static ApiException notFound(String message) {
        return new ApiException(404, 5, message);
    }

    /** 429: too many requests of one key. */
    static ApiException exhausted(String message) {
        return new ApiException(429, 8, message);
    }

    int status() {
        return status;
    }

    int code() {
        return code;
    }
}
