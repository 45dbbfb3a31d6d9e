package io.jenkins.plugins.cockroachdb.failback;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * What a failback may take and tolerate. Immutable; start with {@link #DEFAULT} and {@link #toBuilder}.
 *
 * @param goal how far the run goes
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
        Goal goal,
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
    public static final Settings DEFAULT = new Builder().build();

    public Settings {
        Objects.requireNonNull(goal, "goal");
    }

    /** To change some of them. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Collects settings; see the components of {@link Settings} for what they mean. */
    public static final class Builder {
        private Goal goal = Goal.HOME;
        private Duration maxLag = Duration.ofSeconds(90);
        private Duration startLimit = Duration.ofMinutes(60);
        private Duration catchUpLimit = Duration.ofHours(24);
        private Duration gateLimit = Duration.ofMinutes(60);
        private Duration drain = Duration.ofSeconds(10);
        private Duration proxyLimit = Duration.ofSeconds(30);
        private Duration fenceLimit = Duration.ofSeconds(180);
        private Duration cutoverLimit = Duration.ofMinutes(30);
        private Duration maxSkew = Duration.ofSeconds(5);
        private boolean waiveLag;
        private boolean allowUnprovenRoles;
        private boolean reProtect;
        private Instant failoverAt;

        private Builder() {}

        private Builder(Settings settings) {
            goal = settings.goal;
            maxLag = settings.maxLag;
            startLimit = settings.startLimit;
            catchUpLimit = settings.catchUpLimit;
            gateLimit = settings.gateLimit;
            drain = settings.drain;
            proxyLimit = settings.proxyLimit;
            fenceLimit = settings.fenceLimit;
            cutoverLimit = settings.cutoverLimit;
            maxSkew = settings.maxSkew;
            waiveLag = settings.waiveLag;
            allowUnprovenRoles = settings.allowUnprovenRoles;
            reProtect = settings.reProtect;
            failoverAt = settings.failoverAt;
        }

        public Builder goal(Goal goal) {
            this.goal = goal;
            return this;
        }

        public Builder maxLag(Duration maxLag) {
            this.maxLag = maxLag;
            return this;
        }

        public Builder startLimit(Duration startLimit) {
            this.startLimit = startLimit;
            return this;
        }

        public Builder catchUpLimit(Duration catchUpLimit) {
            this.catchUpLimit = catchUpLimit;
            return this;
        }

        public Builder gateLimit(Duration gateLimit) {
            this.gateLimit = gateLimit;
            return this;
        }

        public Builder drain(Duration drain) {
            this.drain = drain;
            return this;
        }

        public Builder proxyLimit(Duration proxyLimit) {
            this.proxyLimit = proxyLimit;
            return this;
        }

        public Builder fenceLimit(Duration fenceLimit) {
            this.fenceLimit = fenceLimit;
            return this;
        }

        public Builder cutoverLimit(Duration cutoverLimit) {
            this.cutoverLimit = cutoverLimit;
            return this;
        }

        public Builder maxSkew(Duration maxSkew) {
            this.maxSkew = maxSkew;
            return this;
        }

        public Builder waiveLag(boolean waiveLag) {
            this.waiveLag = waiveLag;
            return this;
        }

        public Builder allowUnprovenRoles(boolean allowUnprovenRoles) {
            this.allowUnprovenRoles = allowUnprovenRoles;
            return this;
        }

        public Builder reProtect(boolean reProtect) {
            this.reProtect = reProtect;
            return this;
        }

        /** @param failoverAt null for the latest */
        public Builder failoverAt(Instant failoverAt) {
            this.failoverAt = failoverAt;
            return this;
        }

        public Settings build() {
            return new Settings(
                    goal,
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
}
