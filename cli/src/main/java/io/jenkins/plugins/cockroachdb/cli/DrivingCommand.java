package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Notification;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.failback.RolesChanged;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;

/** A command that drives a failback, wholly or in part. */
abstract class DrivingCommand extends PairCommand {

    @Mixin
    private NotifyOptions notify;

    DrivingCommand(Shell shell) {
        super(shell);
    }

    /** Which clusters, and how to reach them. */
    Settings settings(Variables variables) {
        return Settings.of(shell(), variables, connection());
    }

    /** What is wanted. */
    abstract io.jenkins.plugins.cockroachdb.failback.Settings wanted(Variables variables);

    /**
     * Every proxy that clients use; empty when traffic is left to the user.
     *
     * @throws UsageException if one cannot be understood
     */
    abstract List<ProxyDescription> proxies(Variables variables);

    /** Whether {@code PCR_STREAM_ID} names the stream of this command. */
    abstract boolean usesTheNamedStream();

    /** What to do after the command is done, a sentence each. */
    abstract List<String> afterwards();

    @Override
    final Conclusion run(Display display) throws IOException {
        Variables variables = Variables.of(shell());
        Settings settings = settings(variables);
        var wanted = wanted(variables);
        List<ProxyDescription> descriptions = proxies(variables);
        try (CloudSession session = CloudSession.open(settings, shell());
                Proxies proxies = Proxies.open(descriptions, shell(), variables, session.timer())) {
            Optional<Notification> notification = notify.notification(shell(), variables, session.timer());
            if (usesTheNamedStream()) {
                NamedStream.of(variables).ifPresent(named -> named.check(session, settings, shell()));
            }
            try (RecordFile record = record(variables, settings)) {
                Approver approver = new Approver(
                        shell(), display, isApproved(), record.file().getParent(), typed(), proxies.all());
                return new FailbackRun(shell(), session, title(), proxies.all(), approver, record, wanted, display)
                        .toTheEnd(finish -> {
                            List<String> advice = new ArrayList<>(advice(finish.outcome()));
                            advice.addAll(rolesChanged(record.record(), session, settings));
                            Optional<Path> report = report(record, advice);
                            notification.ifPresent(
                                    hook -> advice.addAll(notified(hook, finish, record, report.orElse(null))));
                            return new Conclusion(
                                    finish.outcome(), finish.message(), advice, record.file(), report.orElse(null));
                        });
            }
        }
    }

    /** What to change by hand because another cluster serves now; empty when none does. */
    private List<String> rolesChanged(FailbackRecord record, CloudSession session, Settings settings) {
        return RolesChanged.of(record)
                .map(known -> {
                    try { // what the clusters' addresses are is worth two requests, and nothing more
                        return RolesChanged.of(
                                        record,
                                        Clouds.look(session, settings, shell()).pair())
                                .orElse(known);
                    } catch (FailedException e) {
                        return known;
                    }
                })
                .map(RolesChanged::lines)
                .orElse(List.of());
    }

    /** Where the report is; what went wrong with it is advice. */
    private static Optional<Path> report(RecordFile file, List<String> advice) {
        ReportFiles files = ReportFiles.beside(file.file());
        try {
            files.write(file.record(), "");
            return Optional.of(files.report());
        } catch (IOException e) {
            advice.add("The report could not be written (" + e + "). The record has everything.");
            return Optional.empty();
        }
    }

    private static List<String> notified(Notification hook, Action.Finish finish, RecordFile file, Path report) {
        Entry.Began began = file.record().beginning();
        Optional<Entry.Named> names = file.record().names();
        return hook.send(new Notification.Event(
                        finish.outcome(),
                        finish.message(),
                        names.map(Entry.Named::originalPrimaryName).orElse(began.originalPrimaryId()),
                        names.map(Entry.Named::activeName).orElse(began.activeId()),
                        file.file(),
                        report))
                .join();
    }

    private List<String> advice(Outcome outcome) {
        return switch (outcome) {
            case COMPLETED -> afterwards();
            case TIMED_OUT, IN_DOUBT, STRANDED, ABORTED -> List.of("To go on: " + typed());
            case FAILED, USAGE, REFUSED, UNPROTECTED -> List.of();
        };
    }
}
