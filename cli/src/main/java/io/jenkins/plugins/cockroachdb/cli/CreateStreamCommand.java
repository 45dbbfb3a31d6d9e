package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Goal;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The first part of a failback. */
@Command(
        name = "create-stream",
        description = {
            "Creates the reverse stream, which erases the original primary, or finds the one there is, and ends.",
            "Before anything is erased, the name of the cluster has to be typed. Follow the stream with status,"
                    + " and go on with initiate."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  failback create-stream", "  failback create-stream --yes"})
final class CreateStreamCommand extends DrivingCommand {

    @Mixin
    private GateOptions gates;

    @Mixin
    private CreationOptions creation;

    @Mixin
    private ProxyOptions proxies;

    CreateStreamCommand(Shell shell) {
        super(shell);
    }

    @Override
    io.jenkins.plugins.cockroachdb.failback.Settings wanted(Variables variables) {
        var settings = io.jenkins.plugins.cockroachdb.failback.Settings.DEFAULT.toBuilder()
                .goal(Goal.STREAM_CREATED);
        gates.apply(settings);
        proxies.apply(settings);
        return creation.apply(settings).build();
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
        return List.of(
                "To follow it: " + shell().program() + " status", "To go on: " + shell().program() + " initiate");
    }
}
