package io.jenkins.plugins.cockroachdb.failback.step;

/** A step was given a wrong parameter. Nothing was sent. The message names the parameter and what is allowed. */
public final class WrongParameterException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** @param problem a sentence that names the parameter and what is allowed */
    WrongParameterException(String step, String problem) {
        super(step + ": " + problem + " Nothing was sent.");
    }
}
