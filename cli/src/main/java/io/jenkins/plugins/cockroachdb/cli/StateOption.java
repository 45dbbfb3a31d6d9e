package io.jenkins.plugins.cockroachdb.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where the records of a pair are. */
final class StateOption {

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description = "Where records are kept. Default: $XDG_STATE_HOME/cockroachdb-failback,"
                    + " or ~/.local/state/cockroachdb-failback.")
    private Path stateDir;

    /**
     * The directory of this pair's records alone, which need not be there.
     *
     * @throws UsageException if nothing tells where
     */
    Path directory(Shell shell, Variables variables, Settings settings) {
        String pair = settings.originalPrimaryId() + "_" + settings.activeId();
        if (!pair.matches("[A-Za-z0-9_-]{3,129}")) {
            throw new UsageException("PRIMARY_CLUSTER_ID or STANDBY_CLUSTER_ID is not the id of a cluster.");
        }
        return shell.directory().resolve(allRecords(variables)).resolve(pair);
    }

    private Path allRecords(Variables variables) {
        return Optional.ofNullable(stateDir)
                .or(() -> variables
                        .get("XDG_STATE_HOME")
                        .map(Path::of)
                        .or(() -> variables.get("HOME").map(home -> Path.of(home, ".local", "state")))
                        .map(state -> state.resolve("cockroachdb-failback")))
                .orElseThrow(() -> new UsageException(
                        "Neither XDG_STATE_HOME nor HOME is set: name a directory for the record with --state-dir."));
    }
}
