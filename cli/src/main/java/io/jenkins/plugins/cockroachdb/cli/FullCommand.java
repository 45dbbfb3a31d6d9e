package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Goal;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The whole failback, or the rest of one that was interrupted. */
@Command(
        name = "full",
        description = {
            "Fails back: creates the reverse stream or uses the one there is, waits for it, and cuts over.",
            "Before anything is erased or cut over, the name of the cluster has to be typed. Run again after any"
                    + " interruption: it goes on from its record."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  failback full --proxy 'haproxy:/run/haproxy/admin.sock?backend=cockroach_backend&primary=primary&standby=standby'",
            "  failback full --proxy-file proxies.txt",
            "  failback full --yes --max-lag 60",
            "  failback full --output json --yes"
        })
final class FullCommand extends DrivingCommand {

    @Mixin
    private GateOptions gates;

    @Mixin
    private CreationOptions creation;

    @Mixin
    private CatchUpOptions catchUp;

    @Mixin
    private CutoverOptions cutover;

    @Mixin
    private ProxyOptions proxies;

    FullCommand(Shell shell) {
        super(shell);
    }

    @Override
    io.jenkins.plugins.cockroachdb.failback.Settings wanted(Variables variables) {
        var settings = io.jenkins.plugins.cockroachdb.failback.Settings.DEFAULT.toBuilder()
                .goal(Goal.HOME);
        gates.apply(settings);
        proxies.apply(settings);
        creation.apply(settings);
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
