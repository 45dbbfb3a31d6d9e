package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Goal;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The protection of the cluster that serves. To the runbook this is the first part of a failback with the roles exchanged: the
 * same proofs, the same gate.
 */
@Command(
        name = "setup",
        description = {
            "Creates a new forward stream, from the original primary to the other cluster, which erases the other cluster,"
                    + " and waits for it to catch up.",
            "Before anything is erased, the name of the cluster has to be typed."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  failback setup",
            "  failback setup --no-monitor",
            "  failback setup --primary ID --standby ID --max-wait 3600"
        })
final class SetupCommand extends DrivingCommand {

    @Option(
            names = "--primary",
            paramLabel = "ID",
            description = "The cluster that serves and keeps its data. Default: PRIMARY_CLUSTER_ID.")
    private String primary;

    @Option(
            names = {"--secondary", "--standby"},
            paramLabel = "ID",
            description = "The cluster to be erased and to become the standby. Default: STANDBY_CLUSTER_ID.")
    private String standby;

    @Option(
            names = "--max-wait",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long the first copy and the lag may take, once the stream is REPLICATING. Default: 300.")
    private int maxWait;

    @Option(names = "--no-monitor", description = "Ends once the stream is created.")
    private boolean noMonitor;

    @Mixin
    private GateOptions gates;

    @Mixin
    private CreationOptions creation;

    @Mixin
    private CatchUpOptions catchUp;

    SetupCommand(Shell shell) {
        super(shell);
    }

    @Override
    Settings settings(Variables variables) {
        Variables named = variables.with("PRIMARY_CLUSTER_ID", primary).with("STANDBY_CLUSTER_ID", standby);
        return Settings.of(shell(), named, connection()).withRolesExchanged();
    }

    @Override
    io.jenkins.plugins.cockroachdb.failback.Settings wanted(Variables variables) {
        var settings = io.jenkins.plugins.cockroachdb.failback.Settings.DEFAULT.toBuilder()
                .goal(noMonitor ? Goal.STREAM_CREATED : Goal.STREAM_CAUGHT_UP)
                .catchUpLimit(Duration.ofSeconds(Numbers.positive("--max-wait", maxWait)));
        gates.apply(settings);
        creation.apply(settings);
        return catchUp.apply(settings).build();
    }

    /** It moves no traffic. */
    @Override
    List<ProxyDescription> proxies(Variables variables) {
        return List.of();
    }

    /** It names the stream that failovers use: the one that is to be made. */
    @Override
    boolean usesTheNamedStream() {
        return false;
    }

    @Override
    List<String> afterwards() {
        return noMonitor ? List.of("To follow it: " + shell().program() + " status") : List.of();
    }
}
