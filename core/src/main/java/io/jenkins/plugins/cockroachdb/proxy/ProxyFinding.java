package io.jenkins.plugins.cockroachdb.proxy;

import java.util.Objects;

/**
 * Something about a proxy that a person should know before a fence.
 *
 * @param prevents whether a fence would fail because of it; otherwise it costs sessions or does not survive a restart
 * @param what a sentence: what was found; never null
 * @param whatToDo a sentence: the remedy; never null
 */
public record ProxyFinding(boolean prevents, String what, String whatToDo) {

    public ProxyFinding {
        Objects.requireNonNull(what, "what");
        Objects.requireNonNull(whatToDo, "whatToDo");
    }

    /** Something that makes a fence fail. */
    static ProxyFinding obstacle(String what, String whatToDo) {
        return new ProxyFinding(true, what, whatToDo);
    }

    /** Something to know. */
    static ProxyFinding warning(String what, String whatToDo) {
        return new ProxyFinding(false, what, whatToDo);
    }
}
