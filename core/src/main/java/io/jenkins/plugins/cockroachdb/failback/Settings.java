package io.jenkins.plugins.cockroachdb.failback;

import java.time.Duration;
import java.time.Instant;

/**
 * What a failback may take and tolerate. Immutable; start with {@link #DEFAULT}.
 *
 * @param maxLag the largest lag before the fence; replicated_time moves every 30 s, so it cannot be much smaller
 * @param startLimit how long the stream may be STARTING
 * @param catchUpLimit how long the initial scan and the lag may take
 * @param gateLimit how long a gate stays open, and an approval holds
 * @param drain how long sessions may finish by themselves
 * @param proxyLimit how long the fence or release of one proxy may take
 * @param fenceLimit how long to wait under the fence for everything to be replicated
 * @param cutoverLimit how long the cutover may take, after {@code failoverAt} when that is ahead
 * @param maxSkew the largest difference of the clocks
 * @param waiveLag goes to gate 2 whatever the lag; waives neither STARTING nor the initial scan nor the wait under the fence
 * @param allowUnprovenRoles goes on when the last failover was not from P to A; waives nothing else
 * @param reProtect creates the forward stream after the way home, which erases A
 * @param failoverAt cuts over to this time; null for the latest
 */
public record Settings(
        Duration maxLag,
        Duration startLimit,
        Duration catchUpLimit,
        Duration gateLimit,
        Duration drain,
        Duration proxyLimit,
        Duration fenceLimit,
        Duration cutoverLimit,
        Duration maxSkew,
        boolean waiveLag,
        boolean allowUnprovenRoles,
        boolean reProtect,
        Instant failoverAt) {

    /** The defaults of the settings table. */
    public static final Settings DEFAULT = new Settings(
            Duration.ofSeconds(90),
            Duration.ofMinutes(60),
            Duration.ofHours(24),
            Duration.ofMinutes(60),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(180),
            Duration.ofMinutes(30),
            Duration.ofSeconds(5),
            false,
            false,
            false,
            null);

    public Settings withCutoverLimit(Duration cutoverLimit) {
        return new Settings(
                maxLag,
                startLimit,
                catchUpLimit,
                gateLimit,
                drain,
                proxyLimit,
                fenceLimit,
                cutoverLimit,
                maxSkew,
                waiveLag,
                allowUnprovenRoles,
                reProtect,
                failoverAt);
    }

    public Settings withWaiveLag(boolean waiveLag) {
        return new Settings(
                maxLag,
                startLimit,
                catchUpLimit,
                gateLimit,
                drain,
                proxyLimit,
                fenceLimit,
                cutoverLimit,
                maxSkew,
                waiveLag,
                allowUnprovenRoles,
                reProtect,
                failoverAt);
    }

    public Settings withReProtect(boolean reProtect) {
        return new Settings(
                maxLag,
                startLimit,
                catchUpLimit,
                gateLimit,
                drain,
                proxyLimit,
                fenceLimit,
                cutoverLimit,
                maxSkew,
                waiveLag,
                allowUnprovenRoles,
                reProtect,
                failoverAt);
    }

    public Settings withFailoverAt(Instant failoverAt) {
        return new Settings(
                maxLag,
                startLimit,
                catchUpLimit,
                gateLimit,
                drain,
                proxyLimit,
                fenceLimit,
                cutoverLimit,
                maxSkew,
                waiveLag,
                allowUnprovenRoles,
                reProtect,
                failoverAt);
    }
}
