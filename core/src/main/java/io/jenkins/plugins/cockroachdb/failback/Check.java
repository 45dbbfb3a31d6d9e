package io.jenkins.plugins.cockroachdb.failback;

import java.util.Objects;

/**
 * One thing that was looked at before anything is changed.
 *
 * @param name what was looked at, a few words; never null
 * @param verdict never null
 * @param reason a sentence: what was found; never null
 * @param remedy a sentence: what to do about it; empty when it passed
 */
public record Check(String name, Verdict verdict, String reason, String remedy) {

    /** What a check says about going on. */
    public enum Verdict {
        /** In order. */
        PASS,
        /** A person should know; it does not stop. */
        WARN,
        /** It stops. */
        FAIL
    }

    public Check {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(verdict, "verdict");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(remedy, "remedy");
    }

    static Check pass(String name, String reason) {
        return new Check(name, Verdict.PASS, reason, "");
    }

    static Check warn(String name, String reason, String remedy) {
        return new Check(name, Verdict.WARN, reason, remedy);
    }

    static Check fail(String name, String reason, String remedy) {
        return new Check(name, Verdict.FAIL, reason, remedy);
    }

    /** Whether it stops. */
    public boolean failed() {
        return verdict == Verdict.FAIL;
    }
}
