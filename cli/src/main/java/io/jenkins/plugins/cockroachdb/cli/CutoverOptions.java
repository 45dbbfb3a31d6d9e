package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Settings;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import picocli.CommandLine.Option;

/** The options of every command that cuts over. */
final class CutoverOptions {

    private static final String LATEST = "latest";

    @Option(
            names = "--no-wait",
            description = "Does not wait for the lag to come within its limit. Everything else is waited for.")
    private boolean noWait;

    @Option(
            names = "--failover-at",
            paramLabel = "TIME",
            description =
                    "Cuts over to this time, such as 2026-05-01T19:39:39Z, or to the latest; what was written after"
                            + " it is discarded. Before FAILOVER_TO_LATEST=false with FAILOVER_AT_TIMESTAMP. Default: latest.")
    private String failoverAt;

    @Option(
            names = "--re-protect",
            description =
                    "Creates the forward stream at the end, which erases the cluster that was active. It has a gate of"
                            + " its own, which --yes approves only where this is given.")
    private boolean reProtect;

    @Option(
            names = "--catch-up-timeout",
            paramLabel = "HOURS",
            defaultValue = "24",
            description = "How long the first copy and the lag may take. Default: 24.")
    private int catchUpTimeout;

    @Option(
            names = "--fence-timeout",
            paramLabel = "SECONDS",
            defaultValue = "180",
            description = "How long everything may take to be replicated once writes are stopped. Default: 180.")
    private int fenceTimeout;

    @Option(
            names = "--cutover-timeout",
            paramLabel = "MINUTES",
            defaultValue = "30",
            description = "How long the cutover may take, after --failover-at when that is ahead. Default: 30.")
    private int cutoverTimeout;

    /** @throws UsageException if a value makes no sense */
    Settings.Builder apply(Settings.Builder settings, Variables variables) {
        return settings.waiveLag(noWait)
                .failoverAt(cutoverTime(variables))
                .reProtect(reProtect)
                .catchUpLimit(Duration.ofHours(Numbers.positive("--catch-up-timeout", catchUpTimeout)))
                .fenceLimit(Duration.ofSeconds(Numbers.positive("--fence-timeout", fenceTimeout)))
                .cutoverLimit(Duration.ofMinutes(Numbers.positive("--cutover-timeout", cutoverTimeout)));
    }

    /** Null for the latest. */
    private Instant cutoverTime(Variables variables) {
        if (failoverAt != null) {
            return failoverAt.equals(LATEST) ? null : time("--failover-at", failoverAt);
        }
        String toLatest = variables.get("FAILOVER_TO_LATEST").orElse("true");
        if (toLatest.equalsIgnoreCase("true")) {
            return null;
        }
        if (!toLatest.equalsIgnoreCase("false")) {
            throw new UsageException("FAILOVER_TO_LATEST is \"" + toLatest + "\", neither true nor false.");
        }
        String name = "FAILOVER_AT_TIMESTAMP";
        return time(
                name,
                variables
                        .get(name)
                        .orElseThrow(() -> new UsageException("FAILOVER_TO_LATEST is false, and " + name
                                + " is not set: there is no time to cut over to.")));
    }

    private static Instant time(String name, String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new UsageException(name + " is \"" + text + "\", not a time such as 2026-05-01T19:39:39Z.");
        }
    }
}
