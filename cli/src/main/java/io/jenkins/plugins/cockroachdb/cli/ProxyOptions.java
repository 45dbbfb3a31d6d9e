package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** The options of every command that looks at proxies or moves their traffic. */
final class ProxyOptions {

    private static final String FILE = "FAILBACK_PROXY_FILE";

    @Option(
            names = "--proxy",
            paramLabel = "PROXY",
            description = "A proxy that clients use, such as haproxy:/run/haproxy/admin.sock?backend=cockroach_backend"
                    + "&primary=primary&standby=standby; see docs/proxies.md. May be given several times: name them all. Just"
                    + " haproxy or pgbouncer is the one that the Python CLI knows.")
    private List<String> proxies = List.of();

    @Option(
            names = "--proxy-file",
            paramLabel = "FILE",
            description = "A file with a proxy on each line; before FAILBACK_PROXY_FILE.")
    private Path proxyFile;

    @Option(
            names = "--primary-dns",
            paramLabel = "NAME",
            description = "The SQL DNS name of the original primary; before PRIMARY_SQL_DNS.")
    private String primaryDns;

    @Option(
            names = "--standby-dns",
            paramLabel = "NAME",
            description = "The SQL DNS name of the active cluster; before STANDBY_SQL_DNS.")
    private String standbyDns;

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long sessions may finish by themselves before they are cut. Default: 10.")
    private int drain;

    @Option(
            names = "--proxy-timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long the fence, beyond the drain, or the release of one proxy may take. Default: 30.")
    private int proxyTimeout;

    /** @throws UsageException if a value makes no sense */
    Settings.Builder apply(Settings.Builder settings) {
        return settings.drain(Duration.ofSeconds(Numbers.notNegative("--drain", drain)))
                .proxyLimit(Duration.ofSeconds(Numbers.positive("--proxy-timeout", proxyTimeout)));
    }

    /**
     * Every proxy that is named, in order; empty when none is.
     *
     * @throws UsageException if a description or the file cannot be understood
     */
    List<ProxyDescription> descriptions(Shell shell, Variables variables) {
        Variables named = named(variables);
        List<String> texts = new ArrayList<>(proxies);
        Optional.ofNullable(proxyFile)
                .or(() -> proxies.isEmpty() ? variables.get(FILE).map(Path::of) : Optional.empty())
                .map(shell.directory()::resolve)
                .ifPresent(file -> texts.addAll(lines(file)));
        List<ProxyDescription> descriptions = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String text : texts) {
            ProxyDescription description = description(text, named);
            if (!names.add(description.name())) {
                throw new UsageException("Two proxies are called " + description.name()
                        + ". Give each a name of its own, with &name=... at its end.");
            }
            descriptions.add(description);
        }
        return List.copyOf(descriptions);
    }

    /**
     * The same, for a command that does nothing without proxies.
     *
     * @throws UsageException also if none is named
     */
    List<ProxyDescription> required(Shell shell, Variables variables) {
        List<ProxyDescription> descriptions = descriptions(shell, variables);
        if (descriptions.isEmpty()) {
            throw new UsageException(
                    "No proxy is named. Name every proxy that clients use with --proxy, --proxy-file or " + FILE
                            + ", such as --proxy haproxy:/run/haproxy/admin.sock");
        }
        return descriptions;
    }

    /** With what the options say of the clusters' SQL DNS names. */
    Variables named(Variables variables) {
        return variables.with("PRIMARY_SQL_DNS", primaryDns).with("STANDBY_SQL_DNS", standbyDns);
    }

    private static ProxyDescription description(String text, Variables variables) {
        try {
            return ProxyDescription.parse(PythonCliProxy.named(text, variables).orElse(text));
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UsageException("The file " + file + " with proxies cannot be read (" + e + ").");
        }
    }
}
