package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.PointOfNoReturn;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.proxy.Verb;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Sends traffic to the active cluster by hand, which after the cutover only a person may do (R5). */
@Command(
        name = "unfence",
        aliases = "failover",
        description = {
            "Sends the clients of the named proxies to the active cluster, and to nowhere else.",
            "Before that, the name of the active cluster has to be typed. Once a cutover may have begun, --yes does not"
                    + " waive this: what clients write there then is missing on the original primary."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  failback proxy unfence --proxy-file proxies.txt", "  failback proxy failover --proxy haproxy"})
final class UnfenceCommand extends MoveTrafficCommand {

    UnfenceCommand(Shell shell) {
        super(shell);
    }

    @Override
    Verb verb() {
        return Verb.UNFENCE;
    }

    @Override
    Question question(Before before) {
        String a = before.active();
        String p = before.originalPrimary();
        String action = "send clients to " + a;
        Optional<String> passed = passed(before);
        if (passed.isEmpty()) {
            return new Question(
                    a,
                    action,
                    true,
                    List.of("No cutover has begun. Stop every other run at this pair first, or it may fence again."));
        }
        return new Question(
                a,
                action,
                false,
                List.of(
                        passed.get(),
                        "What clients write to " + a + " from now on never reaches " + p
                                + ", and what they have written to " + p + " is missing on " + a + ".",
                        "Sessions on P, and what each proxy knows of earlier ones, are above: a proxy that was restarted"
                                + " has forgotten them.",
                        "Stop every other driver first: Jenkins builds, other terminals. This command keeps away only those"
                                + " that use the same directory of records."));
    }

    /** A sentence: why a cutover may have begun; empty when it has not. */
    private static Optional<String> passed(Before before) {
        if (before.cloud().isEmpty()) {
            return Optional.of("Nobody knows whether the cutover has begun.");
        }
        return PointOfNoReturn.passed(before.cloud().get(), before.record())
                .map(why -> "A cutover may have begun: " + why + ".")
                .or(() -> before.record().mayHaveHadEffect(Call.INITIATE_CUTOVER)
                        ? Optional.of("The cutover was asked for, and nobody knows what became of it.")
                        : Optional.empty());
    }

    @Override
    Traffic wanted() {
        return Traffic.ON_ACTIVE;
    }

    @Override
    List<Step> steps(Settings settings) {
        return List.of(new Step(Verb.UNFENCE, Traffic.ON_ACTIVE, proxy -> proxy.unfence(settings.proxyLimit())));
    }
}
