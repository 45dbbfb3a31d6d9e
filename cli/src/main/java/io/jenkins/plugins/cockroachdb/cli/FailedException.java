package io.jenkins.plugins.cockroachdb.cli;

/** The command could not do what it was asked to. The message is for a person and holds no secret. */
final class FailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    FailedException(String message) {
        super(message);
    }
}
