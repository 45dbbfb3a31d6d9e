package io.jenkins.plugins.cockroachdb.cli;

/** Arguments or settings are wrong, and nothing was done. The message is for a person and holds no secret. */
final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
