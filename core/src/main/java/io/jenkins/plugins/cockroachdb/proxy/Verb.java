package io.jenkins.plugins.cockroachdb.proxy;

/** What is done to the traffic of a proxy; see {@link Proxy}. */
public enum Verb {
    FENCE("fence"),
    UNFENCE("unfence"),
    RELEASE("release");

    private final String word;

    Verb(String word) {
        this.word = word;
    }

    /** As it stands in commands and messages. */
    public String word() {
        return word;
    }
}
