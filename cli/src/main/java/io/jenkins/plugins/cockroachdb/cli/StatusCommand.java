package io.jenkins.plugins.cockroachdb.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cockroachdb.Version;
import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.cloud.Cluster;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows both clusters, the streams, and whether a failback could run. Changes nothing. */
@Command(
        name = "status",
        description = {
            "Shows both clusters, the replication streams of the pair, the named proxies, and whether a failback could"
                    + " run now."
                    + " Changes nothing.",
            "Exit code 0 when a failback could run now, 3 when not, 1 when the cloud cannot be read."
        },
        footerHeading = "%nFields of --output json:%n",
        footer = {
            "  canRun, originalPrimary, active, proxies, checks",
            "           as for \"failback plan\"",
            "  streams  each as the reverseStream of \"failback plan\", the oldest first",
            "",
            "Examples:",
            "  failback status",
            "  failback status --output json",
            "  failback status --api-url http://127.0.0.1:8080"
        })
final class StatusCommand extends LookingCommand {

    @Mixin
    private ProxyOptions proxies;

    StatusCommand(Shell shell) {
        super(shell);
    }

    @Override
    View look(Variables variables, Settings settings, CloudSession session)
            throws CloudException, InterruptedException {
        InstantSource clock = shell().clock();
        FailbackRecord fresh = FailbackRecord.of(List.of(new Entry.Began(
                clock.instant(), settings.originalPrimaryId(), settings.activeId(), "cli " + Version.text())));
        var settled = proxies.apply(io.jenkins.plugins.cockroachdb.failback.Settings.DEFAULT.toBuilder())
                .build();
        try (Proxies named =
                Proxies.open(proxies.descriptions(shell(), variables), shell(), variables, session.timer())) {
            Prospect prospect = Prospect.of(session.api(), fresh, settled, named.all(), clock);
            return new View(prospect.exitCode(), text(prospect), json(prospect));
        }
    }

    private static List<String> text(Prospect prospect) {
        Cluster originalPrimary = prospect.cloud().pair().originalPrimary();
        Cluster active = prospect.cloud().pair().active();
        StatusText text = new StatusText(originalPrimary.id(), active.id());
        text.addOriginalPrimary(originalPrimary);
        text.addActive(active);
        text.addStreams(prospect.cloud().streams().all(), prospect.cloud().time());
        text.addProxies(prospect.proxies());
        text.addVerdict(prospect);
        return text.lines();
    }

    private static ObjectNode json(Prospect prospect) {
        ObjectNode json = PairJson.of(prospect);
        ArrayNode streams = json.putArray("streams");
        prospect.cloud().streams().all().forEach(stream -> streams.add(PairJson.stream(stream)));
        return json;
    }

    /** A cluster that cannot be read is no reason to hide the other one. */
    @Override
    List<String> rest(CloudException failure, Settings settings, CloudSession session) throws InterruptedException {
        StatusText text = new StatusText(settings.originalPrimaryId(), settings.activeId());
        if (failure instanceof CloudException.NotFound || failure instanceof CloudException.Forbidden) {
            CompletableFuture<Answer<Cluster>> originalPrimary = session.api().cluster(settings.originalPrimaryId());
            CompletableFuture<Answer<Cluster>> active = session.api().cluster(settings.activeId());
            read(originalPrimary).ifPresent(text::addOriginalPrimary);
            read(active).ifPresent(text::addActive);
        }
        return text.lines();
    }

    private static Optional<Cluster> read(CompletableFuture<Answer<Cluster>> answer) throws InterruptedException {
        try {
            return Optional.of(answer.get().value());
        } catch (ExecutionException e) {
            return Optional.empty(); // the failure that led here is told anyway
        }
    }
}
