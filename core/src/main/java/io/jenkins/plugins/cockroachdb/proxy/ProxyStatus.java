package io.jenkins.plugins.cockroachdb.proxy;

import java.util.Objects;

/**
 * What was seen at one proxy.
 *
 * @param name the proxy's name, unique within a failback; never null
 * @param traffic never null
 * @param sessionsActive client sessions on A, or -1 when nobody could tell
 * @param sessionsOriginal client sessions on P, or -1 when nobody could tell
 * @param detail a sentence for a person: what was read, or why nothing could be; never null, may be empty
 */
public record ProxyStatus(String name, Traffic traffic, int sessionsActive, int sessionsOriginal, String detail) {

    public ProxyStatus {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(traffic, "traffic");
        Objects.requireNonNull(detail, "detail");
    }

    /** A proxy that could not be read, and why. */
    public static ProxyStatus unknown(String name, String reason) {
        return new ProxyStatus(name, Traffic.UNKNOWN, -1, -1, reason);
    }
}
