package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.Version;
import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells what {@link FullCommand} would do with the same options. Reads everything, asks nobody, changes nothing. */
@Command(
        name = "plan",
        description = {
            "Tells what \"failback full\" would do with the same options: who is who and how that was proven, every check,"
                    + " every gate with the name to be typed, and every call with its body. Changes nothing and asks nobody.",
            "Exit code 0 when a failback could run now, 3 when not, 1 when the cloud cannot be read."
        },
        footerHeading = "%nFields of --output json:%n",
        footer = {
            "  canRun            whether a failback could run now",
            "  originalPrimary   id, name, state, operationStatus, upgradeStatus, version,",
            "                    provider, regions, sqlDns, health (HEALTHY, BUSY,",
            "                    UNHEALTHY), reason",
            "  active            the same of the active cluster",
            "  proxies           name, traffic (ON_ACTIVE, FENCED, ON_ORIGINAL_PRIMARY,",
            "                    MIXED, UNKNOWN), sessionsActive, sessionsOriginal, detail",
            "  checks            name, verdict (PASS, WARN, FAIL), reason, remedy",
            "  reverseStream     null, or id, status, primaryClusterId,",
            "                    standbyClusterId, createdAt, replicatedTime,",
            "                    replicationLagSeconds, retainedTime, failoverAt,",
            "                    activatedAt, canceledAt",
            "  reverseStreamUse  CREATE, ADOPT, GO_ON, NOTHING",
            "  interruptedSince  when the failback began that a run would go on from;",
            "                    or null",
            "  steps             kind (READ, GATE, CALL, TRAFFIC, WAIT, END), words;",
            "                    at a gate type (the name) and waived; with a call",
            "                    method, path, body (its text); with a move of traffic",
            "                    commands; atMostSeconds",
            "  limits            each in seconds, such as maxLagSeconds",
            "  waived            what the options waive",
            "  lossWindow        which writes may be lost",
            "",
            "Examples:",
            "  failback plan",
            "  failback plan --failover-at 2026-05-01T19:39:39Z --max-lag 60",
            "  failback plan --output json"
        })
final class PlanCommand extends LookingCommand {

    @Option(
            names = {"-y", "--yes"},
            description = "Shows which gates are approved in advance when \"failback full\" is given this option.")
    private boolean yes;

    @Mixin
    private StateOption state;

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

    PlanCommand(Shell shell) {
        super(shell);
    }

    @Override
    View look(Variables variables, Settings settings, CloudSession session)
            throws CloudException, InterruptedException {
        var wanted = wanted(variables);
        Path directory = state.directory(shell(), variables, settings);
        NamedStream.of(variables).ifPresent(named -> named.check(session, settings, shell()));
        FailbackRecord record = record(directory, settings);
        List<ProxyDescription> descriptions = proxies.descriptions(shell(), variables);
        try (Proxies named = Proxies.open(descriptions, shell(), variables, session.timer())) {
            Prospect prospect = Prospect.of(session.api(), record, wanted, named.all(), shell().clock());
            Plan plan = Plan.of(prospect, record, wanted, yes, new UnsentRequests(session.timer()), named.all());
            return new View(prospect.exitCode(), PlanText.of(plan), PlanJson.of(plan));
        }
    }

    private io.jenkins.plugins.cockroachdb.failback.Settings wanted(Variables variables) {
        var wanted = io.jenkins.plugins.cockroachdb.failback.Settings.DEFAULT.toBuilder();
        gates.apply(wanted);
        proxies.apply(wanted);
        creation.apply(wanted);
        catchUp.apply(wanted);
        return cutover.apply(wanted, variables).build();
    }

    /** What a run would go on from, as a run would open it. */
    private FailbackRecord record(Path directory, Settings settings) {
        Instant now = shell().clock().instant();
        String driver = "cli " + Version.text();
        try {
            Optional<FailbackRecord> open = RecordFile.resumable(directory);
            return open.map(record -> record.with(new Entry.Resumed(now, driver)))
                    .orElseGet(() -> FailbackRecord.of(
                            List.of(new Entry.Began(now, settings.originalPrimaryId(), settings.activeId(), driver))));
        } catch (IOException e) {
            throw new FailedException(e.getMessage());
        }
    }
}
