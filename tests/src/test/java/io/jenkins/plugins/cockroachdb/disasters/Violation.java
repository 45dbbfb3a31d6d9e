package io.jenkins.plugins.cockroachdb.disasters;

/**
 * Something that must never happen did.
 *
 * @param invariant I1 to I7, as the documentation has them
 * @param words what happened
 */
record Violation(String invariant, String words) {
    @Override
    public String toString() {
        return invariant + ": " + words;
    }
}
