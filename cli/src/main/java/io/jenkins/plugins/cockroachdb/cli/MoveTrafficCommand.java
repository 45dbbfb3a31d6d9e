package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Observer;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.Pair;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.failback.Sight;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.proxy.Verb;
import io.jenkins.plugins.cockroachdb.report.CallsToCome;
import io.jenkins.plugins.cockroachdb.report.ProxyText;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import picocli.CommandLine.Mixin;

/**
 * Moves the traffic of every named proxy by hand. It holds the record of the pair meanwhile, so that no other run of this machine is
 * at work, reads the streams first and shows them, and writes down what it did.
 */
abstract class MoveTrafficCommand extends PairCommand {

    @Mixin
    private ProxyOptions options;

    MoveTrafficCommand(Shell shell) {
        super(shell);
    }

    /**
     * What is known before anything is moved.
     *
     * @param cloud what the cloud showed; empty when it could not be read
     * @param unread why it could not be read; empty when it could
     * @param proxies every named proxy
     */
    record Before(FailbackRecord record, Optional<Sight.Cloud> cloud, String unread, List<ProxyStatus> proxies) {

        Before {
            proxies = List.copyOf(proxies);
        }

        /** The name of the active cluster; its id when nobody knows the name. */
        String active() {
            return cloud.map(seen -> seen.pair().active().name())
                    .or(() -> record.names().map(Entry.Named::activeName))
                    .orElse(record.beginning().activeId());
        }

        /** The name of the original primary; its id when nobody knows the name. */
        String originalPrimary() {
            return cloud.map(seen -> seen.pair().originalPrimary().name())
                    .or(() -> record.names().map(Entry.Named::originalPrimaryName))
                    .orElse(record.beginning().originalPrimaryId());
        }
    }

    /**
     * What is asked before traffic is moved.
     *
     * @param typed the name that has to be typed
     * @param action what it is typed for, to follow "to"
     * @param waivable whether {@code --yes} answers
     */
    record Question(String typed, String action, boolean waivable, List<String> evidence) {}

    abstract Verb verb();

    /**
     * What has to be approved.
     *
     * @throws RefusedException if it must not be done at all
     */
    abstract Question question(Before before);

    /** Where clients are then. */
    abstract Traffic wanted();

    /** The calls, in order; each at every proxy that is not where it is wanted. */
    abstract List<Step> steps(io.jenkins.plugins.cockroachdb.failback.Settings settings);

    /**
     * One call at every proxy.
     *
     * @param wanted where clients are then; proxies that have them there, or at the end of the whole command, are left alone
     */
    record Step(Verb verb, Traffic wanted, Function<Proxy, CompletableFuture<ProxyStatus>> call) {}

    @Override
    final Conclusion run(Display display) throws IOException, InterruptedException {
        Variables variables = Variables.of(shell());
        Settings settings = Settings.of(shell(), variables, connection());
        var wanted = options.apply(io.jenkins.plugins.cockroachdb.failback.Settings.DEFAULT.toBuilder())
                .build();
        List<ProxyDescription> descriptions = options.required(shell(), variables);
        try (CloudSession session = CloudSession.open(settings, shell());
                Proxies proxies = Proxies.open(descriptions, shell(), variables, session.timer());
                RecordFile record = record(variables, settings)) {
            boolean begunBefore = record.record().entries().size() > 1;
            try {
                Conclusion conclusion = move(session, settings, wanted, proxies.all(), record, display);
                if (!begunBefore) {
                    end(record, conclusion.outcome(), conclusion.message());
                }
                return conclusion.recordedIn(record.file());
            } catch (RefusedException e) {
                if (!begunBefore) { // nothing is left open that nobody began
                    end(record, Outcome.REFUSED, e.getMessage());
                }
                throw e;
            }
        }
    }

    private void end(RecordFile record, Outcome outcome, String message) {
        record.append(new Entry.Ended(shell().clock().instant(), outcome, message));
    }

    private Conclusion move(
            CloudSession session,
            Settings settings,
            io.jenkins.plugins.cockroachdb.failback.Settings wanted,
            List<Proxy> proxies,
            RecordFile record,
            Display display)
            throws InterruptedException {
        Before before = before(session, settings, wanted, proxies, record.record());
        String by = approved(question(before), before, proxies, display);
        List<ProxyStatus> statuses = before.proxies();
        for (Step step : steps(wanted)) {
            statuses = perform(step, proxies, statuses, wanted.proxyLimit(), by, record, display);
            if (!areAll(statuses, step.wanted()) && !areAll(statuses, wanted())) {
                return Conclusion.of(failed(step, statuses), failure(step, statuses));
            }
        }
        return Conclusion.of(
                Outcome.COMPLETED,
                "Every proxy was seen: " + wanted().words() + ". A is " + before.active() + ", P is "
                        + before.originalPrimary() + ".");
    }

    private Before before(
            CloudSession session,
            Settings settings,
            io.jenkins.plugins.cockroachdb.failback.Settings wanted,
            List<Proxy> proxies,
            FailbackRecord record) {
        Sight sight = new Observer(
                        session.api(), settings.originalPrimaryId(), settings.activeId(), proxies, shell().clock())
                .look(wanted.proxyLimit())
                .join();
        return new Before(
                record,
                sight.cloud(),
                sight.failure().map(Throwable::getMessage).orElse(""),
                sight.proxies());
    }

    /** Who approved. */
    private String approved(Question question, Before before, List<Proxy> proxies, Display display)
            throws InterruptedException {
        List<String> evidence = new ArrayList<>();
        evidence.add(before.cloud()
                .map(MoveTrafficCommand::stream)
                .orElseGet(() -> "The stream's status is unknown. " + before.unread()));
        before.proxies().stream().map(ProxyText::of).forEach(evidence::add);
        evidence.addAll(question.evidence());
        for (Step step : steps(io.jenkins.plugins.cockroachdb.failback.Settings.DEFAULT)) {
            CallsToCome.commands(step.verb(), proxies.stream().map(Proxy::name).toList(), proxies)
                    .forEach(command -> evidence.add("To come: " + command));
        }
        display.show(new Event.Asked(
                shell().clock().instant(),
                verb().name(),
                "May this run " + question.action() + "?",
                question.typed(),
                evidence));
        if (isApproved() && question.waivable()) {
            return "--yes";
        }
        Terminal terminal = shell().terminal()
                .orElseThrow(() -> new RefusedException("There is no terminal to ask at. Nothing was done."
                        + (question.waivable()
                                ? " To approve in advance: " + typed() + " --yes"
                                : " This has to be approved at a terminal: --yes does not.")));
        display.awaitShown();
        if (!terminal.confirms(question.typed(), question.action())) {
            throw new RefusedException("It was not approved. Nothing was done.");
        }
        return shell().person();
    }

    private static String stream(Sight.Cloud cloud) {
        Pair pair = cloud.pair();
        return cloud.streams()
                .reverseStream()
                .map(stream -> "The reverse stream: " + pair.describe(stream) + " is " + stream.statusName() + ".")
                .orElse("There is no reverse stream from " + pair.active().name() + " to "
                        + pair.originalPrimary().name() + ".");
    }

    private List<ProxyStatus> perform(
            Step step,
            List<Proxy> proxies,
            List<ProxyStatus> seen,
            Duration limit,
            String by,
            RecordFile record,
            Display display) {
        List<CompletableFuture<ProxyStatus>> coming = new ArrayList<>();
        for (int i = 0; i < proxies.size(); i++) {
            Proxy proxy = proxies.get(i);
            Traffic traffic = seen.get(i).traffic();
            if (traffic == step.wanted() || traffic == wanted()) {
                coming.add(CompletableFuture.completedFuture(seen.get(i)));
                continue;
            }
            display.show(new Event.Doing(
                    shell().clock().instant(),
                    "Proxy " + proxy.name() + ": " + step.verb().word() + ".",
                    null));
            coming.add(step.call()
                    .apply(proxy)
                    .handle((status, failure) -> failure == null
                            ? CompletableFuture.completedFuture(status)
                            : seenAfter(failure, proxy, limit))
                    .thenCompose(status -> status)
                    .thenApply(status -> {
                        Entry moved = new Entry.MovedByHand(
                                shell().clock().instant(), step.verb().word(), proxy.name(), by, ProxyText.of(status));
                        record.append(moved);
                        display.show(new Event.Recorded(moved, ProxyText.of(status)));
                        return status;
                    }));
        }
        return coming.stream().map(CompletableFuture::join).toList();
    }

    /** What a verb that failed has left. */
    private static CompletableFuture<ProxyStatus> seenAfter(Throwable failure, Proxy proxy, Duration limit) {
        return proxy.status(limit)
                .thenApply(status -> new ProxyStatus(
                        status.name(),
                        status.traffic(),
                        status.sessionsActive(),
                        status.sessionsOriginal(),
                        words(failure) + (status.detail().isEmpty() ? "" : " Now: " + status.detail())));
    }

    private static String words(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return String.valueOf(cause.getMessage());
    }

    private static boolean areAll(List<ProxyStatus> statuses, Traffic traffic) {
        return statuses.stream().allMatch(status -> status.traffic() == traffic);
    }

    /** Traffic that is fenced somewhere and should not be is stranded: somebody has to act. */
    private Outcome failed(Step step, List<ProxyStatus> statuses) {
        boolean closed = statuses.stream().anyMatch(status -> status.traffic() == Traffic.FENCED);
        return closed && step.verb() != Verb.FENCE ? Outcome.STRANDED : Outcome.FAILED;
    }

    private static String failure(Step step, List<ProxyStatus> statuses) {
        StringBuilder words = new StringBuilder("Not every proxy could be brought to be ")
                .append(step.wanted().words())
                .append('.');
        statuses.stream().filter(status -> status.traffic() != step.wanted()).forEach(status -> words.append(' ')
                .append(ProxyText.of(status)));
        return words.append(" Run again once what is named above is mended.").toString();
    }
}
