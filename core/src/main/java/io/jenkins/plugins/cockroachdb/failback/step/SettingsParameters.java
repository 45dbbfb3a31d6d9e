package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.failback.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a failback may take and tolerate, as the parameters of a step name it. */
final class SettingsParameters {

    private static final Parameter<Duration> MAX_LAG = Parameter.seconds(
            "maxLagSeconds", 90, 0, "The largest lag with which the stream counts as caught up before the fence.");

    private static final Parameter<Duration> START_LIMIT =
            Parameter.minutes("startTimeoutMinutes", 60, "How long the stream may be STARTING.");

    private static final Parameter<Duration> CATCH_UP_LIMIT =
            Parameter.minutes("catchUpTimeoutMinutes", 24 * 60, "How long the first copy and the lag may take.");

    private static final Parameter<Duration> GATE_LIMIT =
            Parameter.minutes("gateTimeoutMinutes", 60, "How long a question stays open, and an approval holds.");

    static final Parameter<Duration> DRAIN = Parameter.seconds(
            "drainSeconds", 10, 0, "How long sessions may finish by themselves before a fence cuts them.");

    static final Parameter<Duration> PROXY_LIMIT = Parameter.seconds(
            "proxyTimeoutSeconds",
            30,
            1,
            "How long the fence, beyond the drain, or the release of one proxy may take.");

    private static final Parameter<Duration> FENCE_LIMIT = Parameter.seconds(
            "fenceTimeoutSeconds", 180, 1, "How long everything may take to be replicated once writes are stopped.");

    private static final Parameter<Duration> CUTOVER_LIMIT =
            Parameter.minutes("cutoverTimeoutMinutes", 30, "How long the cutover may take.");

    private static final Parameter<Duration> MAX_SKEW =
            Parameter.seconds("maxSkewSeconds", 5, 0, "The largest difference between the cloud's clock and ours.");

    private static final Parameter<Boolean> NO_WAIT = Parameter.flag(
            "noWait",
            "Whether to go on whatever the lag. STARTING, the first copy and the wait under the fence are never waived.");

    private static final Parameter<Boolean> ALLOW_UNPROVEN_ROLES = Parameter.flag(
            "allowUnprovenRoles",
            "Whether to go on although the newest failover did not lead to the active cluster. The record says so.");

    private static final Parameter<Boolean> RE_PROTECT = Parameter.flag(
            "reProtect",
            "Whether the cluster that was active becomes the standby of the original primary afterwards, which erases it.");

    private static final Parameter<Optional<Instant>> FAILOVER_AT = Parameter.instantOr(
            "latest", "failoverAt", "The moment to cut over to: writes after it are discarded. At most an hour ahead.");

    static final List<Parameter<?>> ALL = List.of(
            MAX_LAG,
            START_LIMIT,
            CATCH_UP_LIMIT,
            GATE_LIMIT,
            DRAIN,
            PROXY_LIMIT,
            FENCE_LIMIT,
            CUTOVER_LIMIT,
            MAX_SKEW,
            NO_WAIT,
            ALLOW_UNPROVEN_ROLES,
            RE_PROTECT,
            FAILOVER_AT);

    private SettingsParameters() {}

    static Settings settings(Arguments arguments) {
        return Settings.DEFAULT.toBuilder()
                .maxLag(arguments.get(MAX_LAG))
                .startLimit(arguments.get(START_LIMIT))
                .catchUpLimit(arguments.get(CATCH_UP_LIMIT))
                .gateLimit(arguments.get(GATE_LIMIT))
                .drain(arguments.get(DRAIN))
                .proxyLimit(arguments.get(PROXY_LIMIT))
                .fenceLimit(arguments.get(FENCE_LIMIT))
                .cutoverLimit(arguments.get(CUTOVER_LIMIT))
                .maxSkew(arguments.get(MAX_SKEW))
                .waiveLag(arguments.get(NO_WAIT))
                .allowUnprovenRoles(arguments.get(ALLOW_UNPROVEN_ROLES))
                .reProtect(arguments.get(RE_PROTECT))
                .failoverAt(arguments.get(FAILOVER_AT).orElse(null))
                .build();
    }
}
