package io.jenkins.plugins.cockroachdb.proxy;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/**
 * What a proxy needs from whoever uses it.
 *
 * @param variables the value of an environment variable that a description names as the place of a password; asked anew at each login
 * @param io runs what blocks, one task for each verb, none longer than its limit and 5 seconds; with fewer threads than proxies, some
 *     wait for others
 * @param timer ends what takes too long; nothing blocks on it
 */
public record ProxyEnvironment(
        Function<String, Optional<String>> variables, Executor io, ScheduledExecutorService timer) {

    public ProxyEnvironment {
        Objects.requireNonNull(variables, "variables");
        Objects.requireNonNull(io, "io");
        Objects.requireNonNull(timer, "timer");
    }
}
