package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Settings;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The options of every command that waits for a stream to catch up. */
final class CatchUpOptions {

    @Option(
            names = "--max-lag",
            paramLabel = "SECONDS",
            defaultValue = "90",
            description = "The lag at which a stream has caught up; replicated_time moves every 30 s. Default: 90.")
    private int maxLag;

    @Option(
            names = "--start-timeout",
            paramLabel = "MINUTES",
            defaultValue = "60",
            description = "How long the stream may be STARTING. Default: 60.")
    private int startTimeout;

    /** @throws UsageException if a value makes no sense */
    Settings.Builder apply(Settings.Builder settings) {
        return settings.maxLag(Duration.ofSeconds(Numbers.positive("--max-lag", maxLag)))
                .startLimit(Duration.ofMinutes(Numbers.positive("--start-timeout", startTimeout)));
    }
}
