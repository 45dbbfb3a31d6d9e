package hudson;

import java.io.IOException;

/** What Jenkins ends a step with when it was used wrongly, and what {@code error} throws. */
public final class AbortException extends IOException {

    private static final long serialVersionUID = 1L;

    public AbortException(String message) {
        super(message);
    }
}
