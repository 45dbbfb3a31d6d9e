package io.jenkins.plugins.cockroachdb.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import io.jenkins.plugins.cockroachdb.proxy.ProxyFinding;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows every named proxy. Needs neither the cloud nor a key. */
@Command(
        name = "status",
        description = {
            "Shows where each proxy lets clients go, and what speaks against a fence. Changes nothing, and needs neither the"
                    + " cloud nor a key.",
            "Exit code 0 when every proxy could be read, otherwise 1."
        },
        footerHeading = "%nFields of --output json:%n",
        footer = {
            "  proxies  name, traffic (ON_ACTIVE, FENCED, ON_ORIGINAL_PRIMARY, MIXED, UNKNOWN),",
            "           sessionsActive, sessionsOriginal (null when unknown), detail,",
            "           findings (prevents, what, whatToDo)",
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
        Variables variables = Variables.of(shell);
        List<ProxyDescription> descriptions = options.required(shell, variables);
        Duration limit = options.apply(io.jenkins.plugins.cockroachdb.failback.Settings.DEFAULT.toBuilder())
                .build()
                .proxyLimit();
        ScheduledExecutorService timer = shell.timers().get();
        try (Proxies proxies = Proxies.open(descriptions, shell, variables, timer)) {
            Map<ProxyStatus, List<ProxyFinding>> seen = new LinkedHashMap<>();
            List<CompletableFuture<ProxyStatus>> statuses =
                    proxies.all().stream().map(proxy -> proxy.status(limit)).toList();
            for (int i = 0; i < statuses.size(); i++) {
                ProxyStatus status = statuses.get(i).join();
                seen.put(
                        status,
                        status.traffic() == Traffic.UNKNOWN
                                ? List.of()
                                : findings(proxies.all().get(i), limit));
            }
            lines(seen).forEach(shell.console()::out);
            shell.console().checkOut();
            boolean allRead = seen.keySet().stream().noneMatch(status -> status.traffic() == Traffic.UNKNOWN);
            return (allRead ? Outcome.COMPLETED : Outcome.FAILED).exitCode();
        } finally {
            timer.shutdownNow();
        }
    }

    private static List<ProxyFinding> findings(Proxy proxy, Duration limit) {
        try {
            return proxy.findings(limit).join();
        } catch (CompletionException e) {
            return List.of(new ProxyFinding(
                    false, "It could not be examined.", e.getCause().getMessage()));
        }
    }

    private List<String> lines(Map<ProxyStatus, List<ProxyFinding>> seen) {
        return output.isJson() ? List.of(json(seen).toString()) : text(seen);
    }

    private static List<String> text(Map<ProxyStatus, List<ProxyFinding>> seen) {
        List<String> lines = new ArrayList<>();
        seen.forEach((status, findings) -> {
            lines.add(ProxyText.of(status));
            findings.forEach(finding -> lines.add(
                    (finding.prevents() ? "  FAIL  " : "  WARN  ") + finding.what() + " " + finding.whatToDo()));
        });
        return lines;
    }

    private static ObjectNode json(Map<ProxyStatus, List<ProxyFinding>> seen) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode proxies = json.putArray("proxies");
        seen.forEach((status, findings) -> {
            ObjectNode proxy = PairJson.proxy(status);
            ArrayNode found = proxy.putArray("findings");
            findings.forEach(finding -> found.addObject()
                    .put("prevents", finding.prevents())
                    .put("what", finding.what())
                    .put("whatToDo", finding.whatToDo()));
            proxies.add(proxy);
        });
        return json;
    }
}
