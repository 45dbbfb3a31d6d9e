package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Settings;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The options of every command that asks at gates after an examination. */
final class GateOptions {

    @Option(
            names = "--gate-timeout",
            paramLabel = "MINUTES",
            defaultValue = "60",
            description = "How long a gate stays open, and an approval holds. Default: 60.")
    private int gateTimeout;

    @Option(
            names = "--max-skew",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "The largest difference between the clock here and the cloud's. Default: 5.")
    private int maxSkew;

    /** @throws UsageException if a value makes no sense */
    Settings.Builder apply(Settings.Builder settings) {
        return settings.gateLimit(Duration.ofMinutes(Numbers.positive("--gate-timeout", gateTimeout)))
                .maxSkew(Duration.ofSeconds(Numbers.positive("--max-skew", maxSkew)));
    }
}
