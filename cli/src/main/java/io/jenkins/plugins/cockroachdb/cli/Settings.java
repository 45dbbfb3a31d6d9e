package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.ApiKey;
import io.jenkins.plugins.cockroachdb.cloud.ApiUrl;
import io.jenkins.plugins.cockroachdb.cloud.OkHttpTransport.Connection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a command that talks to the cloud needs to know.
 *
 * @param originalPrimaryId the cluster that served before the failover
 * @param activeId the cluster that serves now
 */
record Settings(ApiUrl url, ApiKey key, String originalPrimaryId, String activeId, Connection connection) {

    private static final String KEY = "COCKROACH_API_SECRET_KEY";
    private static final String ORIGINAL_PRIMARY = "PRIMARY_CLUSTER_ID";
    private static final String ACTIVE = "STANDBY_CLUSTER_ID";
    private static final String URL = "COCKROACH_API_URL";
    private static final String TIMEOUT = "HEALTH_CHECK_TIMEOUT";
    private static final int LONGEST_TIMEOUT = 3600;

    /**
     * Reads and checks all settings. The console masks the key from then on.
     *
     * @throws UsageException if one is missing or wrong
     */
    static Settings of(Shell shell, ConnectionOptions options) {
        return of(shell, Variables.of(shell), options);
    }

    /**
     * The same, with variables that were read before.
     *
     * @throws UsageException if one is missing or wrong
     */
    static Settings of(Shell shell, Variables variables, ConnectionOptions options) {
        variables.get(KEY).ifPresent(shell.console()::conceal);
        List<String> missing = List.of(KEY, ORIGINAL_PRIMARY, ACTIVE).stream()
                .filter(name -> variables.get(name).isEmpty())
                .toList();
        if (!missing.isEmpty()) {
            throw new UsageException("Not set: " + String.join(", ", missing)
                    + ". Set what is missing in the environment or in a file .env in the current directory.");
        }
        String originalPrimaryId = variables.get(ORIGINAL_PRIMARY).orElseThrow();
        String activeId = variables.get(ACTIVE).orElseThrow();
        if (originalPrimaryId.equalsIgnoreCase(activeId)) {
            throw new UsageException(
                    ORIGINAL_PRIMARY + " and " + ACTIVE + " are the same cluster, " + activeId
                            + ". The first is the cluster that served before the failover, the second the one that serves now.");
        }
        ApiUrl url = Optional.ofNullable(options.apiUrl)
                .or(() -> variables.get(URL))
                .map(text -> checked(options.apiUrl == null ? URL : "--api-url", text, ApiUrl::of))
                .orElse(ApiUrl.COCKROACH_LABS);
        ApiKey key = checked(KEY, variables.get(KEY).orElseThrow(), ApiKey::of);
        return new Settings(url, key, originalPrimaryId, activeId, connection(shell, variables, url, options.caFile));
    }

    /** The same clusters, each as the other one: for a stream in the other direction. */
    Settings withRolesExchanged() {
        return new Settings(url, key, activeId, originalPrimaryId, connection);
    }

    private static Connection connection(Shell shell, Variables variables, ApiUrl url, Path caFile) {
        Connection connection = Connection.DEFAULT;
        Optional<Duration> limit = variables.get(TIMEOUT).map(Settings::timeout);
        if (limit.isPresent()) {
            connection = connection.withLimits(limit.get(), limit.get());
        }
        Optional<HttpProxy> proxy = HttpProxy.of(variables);
        if (proxy.isPresent()) {
            connection = connection.through(proxy.get().towards(url.base().getHost()));
        }
        return caFile == null
                ? connection
                : trusting(connection, shell.directory().resolve(caFile));
    }

    private static Duration timeout(String text) {
        if (text.matches("[0-9]{1,4}")) {
            int seconds = Integer.parseInt(text);
            if (seconds > 0 && seconds <= LONGEST_TIMEOUT) {
                return Duration.ofSeconds(seconds);
            }
        }
        throw new UsageException(
                TIMEOUT + " is \"" + text + "\", not a whole number of seconds from 1 to " + LONGEST_TIMEOUT + ".");
    }

    private static Connection trusting(Connection connection, Path caFile) {
        try {
            return connection.trusting(caFile);
        } catch (IOException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static <T> T checked(String name, String text, Function<String, T> reading) {
        try {
            return reading.apply(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(name + ": " + e.getMessage());
        }
    }
}
