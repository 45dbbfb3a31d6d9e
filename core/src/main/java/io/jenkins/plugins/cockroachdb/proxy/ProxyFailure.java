package io.jenkins.plugins.cockroachdb.proxy;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/**
 * Something did not work between us and a proxy: what happened, and what to do about it. Whoever knows which proxy it was makes it a
 * {@link ProxyException}.
 */
final class ProxyFailure extends Exception {

    private static final long serialVersionUID = 1L;

    private final String whatHappened;
    private final String whatToDo;

    /**
     * @param whatHappened a sentence, without any password
     * @param whatToDo a sentence
     */
    ProxyFailure(String whatHappened, String whatToDo) {
        super(whatHappened + " " + whatToDo);
        this.whatHappened = Objects.requireNonNull(whatHappened);
        this.whatToDo = Objects.requireNonNull(whatToDo);
    }

    String whatHappened() {
        return whatHappened;
    }

    String whatToDo() {
        return whatToDo;
    }

    /** What an exception of the JDK says; some say it with their name alone, and those of a file with nothing but its path. */
    static String words(Throwable cause) {
        if (cause instanceof NoSuchFileException) {
            return "there is no " + cause.getMessage();
        }
        if (cause instanceof AccessDeniedException) {
            return "access to " + cause.getMessage() + " is denied";
        }
        String kind = cause.getClass().getSimpleName();
        return cause.getMessage() == null ? kind : kind + ": " + cause.getMessage();
    }
}
