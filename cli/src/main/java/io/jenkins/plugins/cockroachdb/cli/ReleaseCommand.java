package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.failback.Sight;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.proxy.Verb;
import java.util.List;
import picocli.CommandLine.Command;

/** Sends traffic home by hand, once the cutover is completed. */
@Command(
        name = "release",
        aliases = "restore",
        description = {
            "Sends the clients of the named proxies to the original primary, and to nowhere else. Clients that are still on"
                    + " the other cluster are fenced first. Refused unless the cutover is completed.",
            "Before that, the name of the original primary has to be typed."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  failback proxy release --proxy-file proxies.txt", "  failback proxy restore --proxy haproxy --yes"
        })
final class ReleaseCommand extends MoveTrafficCommand {

    ReleaseCommand(Shell shell) {
        super(shell);
    }

    @Override
    Verb verb() {
        return Verb.RELEASE;
    }

    @Override
    Question question(Before before) {
        String a = before.active();
        String p = before.originalPrimary();
        Sight.Cloud cloud = before.cloud()
                .orElseThrow(() -> new RefusedException("Nobody knows whether the cutover is completed. "
                        + before.unread() + " Traffic was left where it was."));
        ReplicationStream stream = cloud.streams()
                .reverseStream()
                .orElseThrow(() -> new RefusedException("There is no reverse stream from " + a + " to " + p + ", so "
                        + p + " has no copy of what was written to " + a + ". Traffic was left where it was."));
        if (stream.status() != StreamStatus.COMPLETED) {
            throw new RefusedException(
                    "The cutover is not completed: " + cloud.pair().describe(stream) + " is "
                            + stream.statusName() + ". Traffic was left where it was. To go on with the failback: "
                            + shell().program() + " full");
        }
        return new Question(
                p,
                "send clients to " + p,
                true,
                List.of("What was written to " + a + " after the cutover is missing on " + p + "."));
    }

    @Override
    Traffic wanted() {
        return Traffic.ON_ORIGINAL_PRIMARY;
    }

    @Override
    List<Step> steps(Settings settings) {
        return List.of(
                new Step(Verb.FENCE, Traffic.FENCED, proxy -> proxy.fence(settings.drain(), settings.proxyLimit())),
                new Step(Verb.RELEASE, Traffic.ON_ORIGINAL_PRIMARY, proxy -> proxy.release(settings.proxyLimit())));
    }
}
