package io.jenkins.plugins.cockroachdb.cli;

/** The command does not do what it was asked to, and nothing was done. The message is for a person and holds no secret. */
final class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        super(message);
    }
}
