package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Settings;
import picocli.CommandLine.Option;

/** The options of every command that may create a stream. */
final class CreationOptions {

    @Option(
            names = "--allow-unproven-roles",
            description = "Goes on although the streams of the clusters do not prove which of them serves. Recorded."
                    + " Everything else that protects data still holds.")
    private boolean allowUnprovenRoles;

    Settings.Builder apply(Settings.Builder settings) {
        return settings.allowUnprovenRoles(allowUnprovenRoles);
    }
}
