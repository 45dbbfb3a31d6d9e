package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.Redaction;
import java.io.IOException;
import java.util.Optional;

/** A person who can be asked. */
interface Terminal {

    /** How often a name may be mistyped. */
    int TRIES = 3;

    /**
     * Asks for a line, for as long as it takes.
     *
     * @return null at the end of input
     */
    String readLine(String prompt);

    /** Whether what the program tells about its progress is seen here too, so that it can be drawn over. */
    default boolean showsProgress() {
        return false;
    }

    /**
     * Has the name of a cluster typed. A name, not a {@code y}, because a hand types {@code y} before the head has read what it is
     * about.
     *
     * @param because what is approved that way
     */
    default boolean confirms(String clusterName, String because) {
        String prompt = "Type the name of the cluster, " + clusterName + ", to " + because + "; nothing refuses: ";
        for (int i = 0; i < TRIES; i++) {
            String typed = readLine(Redaction.printable(prompt));
            if (typed == null || typed.isBlank()) {
                return false;
            }
            if (typed.strip().equals(clusterName)) {
                return true;
            }
            prompt = "That is not the name. Type " + clusterName + ", or nothing to refuse: ";
        }
        return false;
    }

    /** The terminal of this process; empty when input or output is something else. */
    static Optional<Terminal> ofProcess() {
        return Optional.ofNullable(System.console()).map(console -> new Terminal() {
            @Override
            public String readLine(String prompt) {
                return console.readLine("%s", prompt);
            }

            /** Java does not tell where standard error goes; the shell does. */
            @Override
            public boolean showsProgress() {
                try {
                    return new ProcessBuilder("test", "-t", "2")
                                    .inheritIO()
                                    .start()
                                    .waitFor()
                            == 0;
                } catch (IOException e) {
                    return false;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
        });
    }
}
