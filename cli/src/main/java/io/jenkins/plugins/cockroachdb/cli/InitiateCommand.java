package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Goal;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The second part of a failback. */
@Command(
        name = "initiate",
        description = {
            "Waits for the reverse stream there is to catch up, and cuts over. Never creates one, and so erases nothing.",
            "Before it cuts over, the name of the cluster has to be typed. Run again after any interruption: it goes on"
                    + " from its record."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  failback initiate", "  failback initiate --failover-at 2026-05-01T19:39:39Z"})
final class InitiateCommand extends DrivingCommand {

    @Mixin
    private GateOptions gates;

    @Mixin
    private CatchUpOptions catchUp;

    @Mixin
    private CutoverOptions cutover;

    @Mixin
    private ProxyOptions proxies;

    InitiateCommand(Shell shell) {
        super(shell);
    }

    @Override
    io.jenkins.plugins.cockroachdb.failback.Settings wanted(Variables variables) {
        var settings = io.jenkins.plugins.cockroachdb.failback.Settings.DEFAULT.toBuilder()
                .goal(Goal.HOME_WITH_THE_STREAM_THERE_IS);
        gates.apply(settings);
        proxies.apply(settings);
        catchUp.apply(settings);
        return cutover.apply(settings, variables).build();
    }

    @Override
    List<ProxyDescription> proxies(Variables variables) {
        return proxies.descriptions(shell(), variables);
    }

    @Override
    boolean usesTheNamedStream() {
        return true;
    }

    @Override
    List<String> afterwards() {
        return List.of();
    }
}
