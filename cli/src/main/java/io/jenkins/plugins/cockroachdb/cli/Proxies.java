package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import io.jenkins.plugins.cockroachdb.proxy.ProxyEnvironment;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** The named proxies for the time of one command, with the threads that talk to them. */
record Proxies(List<Proxy> all, ExecutorService threads) implements AutoCloseable {

    static Proxies open(
            List<ProxyDescription> descriptions, Shell shell, Variables variables, ScheduledExecutorService timer) {
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "proxy");
            thread.setDaemon(true);
            return thread;
        });
        ProxyEnvironment environment = new ProxyEnvironment(
                name -> {
                    variables.get(name).ifPresent(shell.console()::conceal);
                    return variables.get(name);
                },
                threads,
                timer);
        return new Proxies(
                descriptions.stream()
                        .map(description -> description.connect(environment))
                        .toList(),
                threads);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
