package io.jenkins.plugins.cockroachdb.cli;

/** Checks numbers that people gave. */
final class Numbers {

    private Numbers() {}

    /** @throws UsageException if it is not positive */
    static int positive(String name, int value) {
        if (value <= 0) {
            throw new UsageException(name + " is " + value + ", not a whole number above 0.");
        }
        return value;
    }

    /** @throws UsageException if it is negative */
    static int notNegative(String name, int value) {
        if (value < 0) {
            throw new UsageException(name + " is " + value + ", not a whole number from 0.");
        }
        return value;
    }
}
