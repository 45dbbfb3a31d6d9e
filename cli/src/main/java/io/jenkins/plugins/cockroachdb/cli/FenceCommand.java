package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.proxy.Verb;
import java.util.List;
import picocli.CommandLine.Command;

/** Stops traffic by hand. */
@Command(
        name = "fence",
        description = {
            "Stops traffic: no client of the named proxies can write to the active cluster, and none reaches the original"
                    + " primary.",
            "Before that, the name of the active cluster has to be typed. To end it: proxy unfence, or proxy release."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  failback proxy fence --proxy-file proxies.txt", "  failback proxy fence --proxy haproxy --drain 0"
        })
final class FenceCommand extends MoveTrafficCommand {

    FenceCommand(Shell shell) {
        super(shell);
    }

    @Override
    Verb verb() {
        return Verb.FENCE;
    }

    @Override
    Question question(Before before) {
        return new Question(
                before.active(),
                "stop all traffic of " + before.active() + " and " + before.originalPrimary(),
                true,
                List.of("From then on applications can write nowhere, until traffic is released or un-fenced."));
    }

    @Override
    Traffic wanted() {
        return Traffic.FENCED;
    }

    @Override
    List<Step> steps(Settings settings) {
        return List.of(
                new Step(Verb.FENCE, Traffic.FENCED, proxy -> proxy.fence(settings.drain(), settings.proxyLimit())));
    }
}
