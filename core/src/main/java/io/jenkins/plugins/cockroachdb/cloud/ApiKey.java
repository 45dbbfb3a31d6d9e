package io.jenkins.plugins.cockroachdb.cloud;

/**
 * A Cloud API key. Neither {@link #toString()} nor serialization shows it; only the client of this package can read it.
 */
public final class ApiKey {

    private final String secret;

    private ApiKey(String secret) {
        this.secret = secret;
    }

    /**
     * @param secret the key as the console showed it; white space around it is dropped
     * @throws IllegalArgumentException if it is missing, blank, or holds what no HTTP header can; the message does not
     *     show it
     */
    public static ApiKey of(String secret) {
        String key = secret == null ? "" : secret.strip();
        if (key.isEmpty()) {
            throw new IllegalArgumentException("The API key is empty.");
        }
        if (!key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "The API key holds a space, a line break or another character that no key has.");
        }
        return new ApiKey(key);
    }

    String authorization() {
        return "Bearer " + secret;
    }

    String maskIn(String text) {
        return text.replace(secret, Redaction.MASK);
    }

    @Override
    public String toString() {
        return "API key " + Redaction.MASK;
    }
}
