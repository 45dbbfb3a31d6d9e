package io.jenkins.plugins.cockroachdb.cloud;

/** Errors of the cloud for tests that have no cloud. */
public final class CloudFailures {

    private CloudFailures() {}

    /** A read that ended in 503. */
    public static CloudException serverError() {
        return new CloudException.ServerError(new CloudException.Details(
                Operation.LIST_STREAMS,
                "",
                503,
                null,
                null,
                null,
                "HTTP 503: the list of streams could not be read.",
                "Nothing was changed.",
                "Run again."));
    }
}
