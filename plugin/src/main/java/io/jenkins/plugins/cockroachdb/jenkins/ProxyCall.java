package io.jenkins.plugins.cockroachdb.jenkins;

import io.jenkins.plugins.cockroachdb.proxy.ProxyEnvironment;
import io.jenkins.plugins.cockroachdb.proxy.ProxyErrand;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import io.jenkins.plugins.cockroachdb.proxy.Verb;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jenkins.security.MasterToSlaveCallable;

/**
 * An errand on its way to an agent, and back. There it needs the JDK and core's {@code proxy} package, and nothing else. It is sent and
 * never kept: it holds a password.
 */
final class ProxyCall extends MasterToSlaveCallable<List<Map<String, Object>>, ExecutionException> {

    private static final long serialVersionUID = 1L;

    private final ArrayList<String> proxies;
    private final String verb;
    private final ArrayList<String> only;
    private final boolean atOnce;
    private final boolean examine;
    private final String activeSqlDns;
    private final String originalPrimarySqlDns;
    private final long drainMillis;
    private final long limitMillis;
    private final String user;
    private final String password;

    /**
     * @param texts the descriptions of the errand's proxies
     * @param login empty to go by the descriptions alone
     */
    ProxyCall(List<String> texts, ProxyErrand errand, Optional<ProxyErrand.Login> login) {
        proxies = new ArrayList<>(texts);
        verb = errand.verb().map(Verb::word).orElse(null);
        only = new ArrayList<>(errand.only());
        atOnce = errand.atOnce();
        examine = errand.examine();
        activeSqlDns = errand.activeSqlDns();
        originalPrimarySqlDns = errand.originalPrimarySqlDns();
        drainMillis = errand.drain().toMillis();
        limitMillis = errand.limit().toMillis();
        user = login.map(ProxyErrand.Login::user).orElse(null);
        password = login.map(ProxyErrand.Login::password).orElse(null);
    }

    @Override
    public List<Map<String, Object>> call() throws ExecutionException {
        ProxyErrand errand = new ProxyErrand(
                Stream.of(Verb.values())
                        .filter(each -> each.word().equals(verb))
                        .findFirst(),
                ProxyErrand.parse(proxies),
                Set.copyOf(only),
                atOnce,
                examine,
                activeSqlDns,
                originalPrimarySqlDns,
                Duration.ofMillis(drainMillis),
                Duration.ofMillis(limitMillis));
        ThreadFactory daemons = task -> {
            Thread thread = new Thread(task, "cockroachdb-failback-proxy");
            thread.setDaemon(true);
            return thread;
        };
        ExecutorService io = Executors.newCachedThreadPool(daemons);
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, daemons);
        // What is being put back when it was interrupted needs both; they end by themselves.
        timer.setKeepAliveTime(1, TimeUnit.MINUTES);
        timer.allowCoreThreadTimeOut(true);
        CompletableFuture<List<SeenProxy>> done = errand.run(
                new ProxyEnvironment(variable -> Optional.ofNullable(System.getenv(variable)), io, timer),
                user == null ? Optional.empty() : Optional.of(new ProxyErrand.Login(user, password)));
        try {
            List<Map<String, Object>> seen = new ArrayList<>();
            done.get().forEach(proxy -> seen.add(proxy.toMap()));
            return seen;
        } catch (InterruptedException e) {
            done.cancel(true); // what a fence has begun is put back
            Thread.currentThread().interrupt();
            throw new ExecutionException("interrupted", e);
        }
    }
}
