package jenkins.model;

import java.io.Serializable;

/** Why something in Jenkins was interrupted. */
public abstract class CauseOfInterruption implements Serializable {

    private static final long serialVersionUID = 1L;

    public abstract String getShortDescription();

    /** A person did it. */
    public static final class UserInterruption extends CauseOfInterruption {

        private static final long serialVersionUID = 1L;

        private final String userId;

        public UserInterruption(String userId) {
            this.userId = userId;
        }

        public String getUserId() {
            return userId;
        }

        @Override
        public String getShortDescription() {
            return "Aborted by " + userId;
        }
    }
}
