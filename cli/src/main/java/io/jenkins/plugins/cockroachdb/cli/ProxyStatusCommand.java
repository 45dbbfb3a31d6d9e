package io.jenkins.plugins.cockroachdb.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cockroachdb.failback.Futures;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import io.jenkins.plugins.cockroachdb.proxy.ProxyFinding;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.proxy.WhoAnswers;
import io.jenkins.plugins.cockroachdb.report.ProxyText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows every named proxy. Needs neither the cloud nor a key. */
@Command(
        name = "status",
        description = {
            "Shows where each proxy lets clients go, what speaks against a fence, and, for a proxy with clients=HOST:PORT, who"
                    + " answers there. Changes nothing, and needs neither the cloud nor a key; PRIMARY_SQL_DNS and"
                    + " STANDBY_SQL_DNS tell whose certificate it is.",
            "Exit code 0 when every proxy could be read, otherwise 1."
        },
        footerHeading = "%nFields of --output json:%n",
        footer = {
            "  proxies  name, traffic (ON_ACTIVE, FENCED, ON_ORIGINAL_PRIMARY, MIXED, UNKNOWN),",
            "           sessionsActive, sessionsOriginal (null when unknown), detail,",
            "           findings (prevents, what, whatToDo); with clients=HOST:PORT",
            "           whoAnswers (ACTIVE, ORIGINAL_PRIMARY, CANNOT_TELL), whoAnswersBecause",
            "",
            "Examples:",
            "  failback proxy status --proxy haproxy:/run/haproxy/admin.sock",
            "  failback proxy status --proxy-file proxies.txt --output json"
        })
final class ProxyStatusCommand implements Callable<Integer> {

    private final Shell shell;

    @Mixin
    private ProxyOptions options;

    @Mixin
    private OutputOption output;

    ProxyStatusCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Variables variables = options.named(Variables.of(shell));
        List<ProxyDescription> descriptions = options.required(shell, variables);
        Duration limit = options.apply(io.jenkins.plugins.cockroachdb.failback.Settings.DEFAULT.toBuilder())
                .build()
                .proxyLimit();
        ScheduledExecutorService timer = shell.timers().get();
        try (Proxies proxies = Proxies.open(descriptions, shell, variables, timer)) {
            List<Seen> seen = Futures.all(proxies.all(), proxy -> look(proxy, variables, limit))
                    .join();
            (output.isJson() ? List.of(json(seen).toString()) : text(seen)).forEach(shell.console()::out);
            shell.console().checkOut();
            boolean allRead = seen.stream().noneMatch(Seen::isUnknown);
            return (allRead ? Outcome.COMPLETED : Outcome.FAILED).exitCode();
        } finally {
            timer.shutdownNow();
        }
    }

    /** What there is to know of one proxy. */
    private record Seen(ProxyStatus status, List<ProxyFinding> findings, Optional<WhoAnswers> answers) {
        boolean isUnknown() {
            return status.traffic() == Traffic.UNKNOWN;
        }
    }

    private static CompletableFuture<Seen> look(Proxy proxy, Variables variables, Duration limit) {
        return proxy.status(limit).thenCompose(status -> (status.traffic() == Traffic.UNKNOWN
                        ? CompletableFuture.completedFuture(List.<ProxyFinding>of())
                        : findings(proxy, limit))
                .thenCombine(
                        proxy.whoAnswers(
                                variables.get("STANDBY_SQL_DNS").orElse(null),
                                variables.get("PRIMARY_SQL_DNS").orElse(null),
                                limit),
                        (findings, answers) -> new Seen(status, findings, answers)));
    }

    private static CompletableFuture<List<ProxyFinding>> findings(Proxy proxy, Duration limit) {
        return proxy.findings(limit)
                .exceptionally(failure -> List.of(new ProxyFinding(
                        false,
                        "It could not be examined.",
                        String.valueOf(Futures.cause(failure).getMessage()))));
    }

    private static List<String> text(List<Seen> proxies) {
        List<String> lines = new ArrayList<>();
        for (Seen proxy : proxies) {
            lines.add(ProxyText.of(proxy.status()));
            proxy.answers().ifPresent(answers -> lines.add("  " + answers.reason()));
            proxy.findings()
                    .forEach(finding -> lines.add((finding.prevents() ? "  FAIL  " : "  WARN  ") + finding.what() + " "
                            + finding.whatToDo()));
        }
        return lines;
    }

    private static ObjectNode json(List<Seen> seen) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode proxies = json.putArray("proxies");
        for (Seen each : seen) {
            ObjectNode proxy = PairJson.proxy(each.status());
            ArrayNode findings = proxy.putArray("findings");
            each.findings().forEach(finding -> findings.addObject()
                    .put("prevents", finding.prevents())
                    .put("what", finding.what())
                    .put("whatToDo", finding.whatToDo()));
            each.answers()
                    .ifPresent(answers ->
                            proxy.put("whoAnswers", answers.who().name()).put("whoAnswersBecause", answers.reason()));
            proxies.add(proxy);
        }
        return json;
    }
}
