package io.jenkins.plugins.cockroachdb.proxy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What is to be done at all proxies of a failback, for whoever is where they can be reached: first the verb, then a look. It needs
 * nothing but the JDK and this package.
 *
 * @param verb what to do; empty to look alone
 * @param proxies every proxy
 * @param only the names of those that the verb is for; empty for all
 * @param atOnce whether a fence gives nobody time, see {@link Proxy#fenceAtOnce}
 * @param examine whether to look at more than the status, see {@link SeenProxy}
 * @param activeSqlDns A's {@code sql_dns} in the Cloud API, for {@link WhoAnswers}; null when unknown
 * @param originalPrimarySqlDns P's; null when unknown
 * @param drain how long sessions on A may finish by themselves
 * @param limit how long the verb may take at one proxy beyond the drain, and how long a look may take
 */
public record ProxyErrand(
        Optional<Verb> verb,
        List<ProxyDescription> proxies,
        Set<String> only,
        boolean atOnce,
        boolean examine,
        String activeSqlDns,
        String originalPrimarySqlDns,
        Duration drain,
        Duration limit) {

    /**
     * Who logs in where a password is asked for.
     *
     * @param user never null
     * @param password never null; kept out of every text
     */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return "Login[user=" + user + "]";
        }
    }

    public ProxyErrand {
        proxies = List.copyOf(proxies);
        only = Set.copyOf(only);
    }

    /**
     * Reads descriptions.
     *
     * @throws IllegalArgumentException with what is wrong, if one cannot be read, or two have the same name
     */
    public static List<ProxyDescription> parse(List<String> texts) {
        Set<String> names = new HashSet<>();
        List<ProxyDescription> descriptions = new ArrayList<>();
        for (String text : texts) {
            ProxyDescription description = ProxyDescription.parse(text);
            if (!names.add(description.name())) {
                throw new IllegalArgumentException(
                        "Two proxies are called " + description.name() + ". Give one of them another name with name=.");
            }
            descriptions.add(description);
        }
        return descriptions;
    }

    /** The same for some of the proxies. */
    public ProxyErrand where(Predicate<ProxyDescription> which) {
        return with(verb, proxies.stream().filter(which).toList());
    }

    /** The same without the verb. */
    public ProxyErrand lookingOnly() {
        return with(Optional.empty(), proxies);
    }

    private ProxyErrand with(Optional<Verb> otherVerb, List<ProxyDescription> others) {
        return new ProxyErrand(
                otherVerb, others, only, atOnce, examine, activeSqlDns, originalPrimarySqlDns, drain, limit);
    }

    /** How long the whole errand takes at most, if nobody waits for threads. */
    public Duration atMost() {
        Duration verbAtMost = verb.isEmpty() ? Duration.ZERO : drain.plus(limit).plus(ProxyWork.PUT_BACK);
        return verbAtMost.plus(limit.multipliedBy(examine ? 3 : 1)).plus(ProxyWork.PUT_BACK);
    }

    /** Every proxy as one that could not be asked. */
    public List<SeenProxy> unknown(String reason) {
        return proxies.stream()
                .map(proxy -> SeenProxy.of(ProxyStatus.unknown(proxy.name(), reason)))
                .toList();
    }

    /**
     * Does it where its descriptions lead; see {@link #at}.
     *
     * @param login who logs in at PgBouncer, in place of {@code user=} and the password's environment variable; empty to go by these
     */
    public CompletableFuture<List<SeenProxy>> run(ProxyEnvironment environment, Optional<Login> login) {
        ProxyEnvironment around = login.map(given -> with(environment, given)).orElse(environment);
        return at(description -> login.map(Login::user)
                .map(description::loginAs)
                .orElse(description)
                .connect(around));
    }

    /**
     * Does it, at all proxies in parallel, without blocking. A verb that failed is no exception: its reason stands before the detail of
     * what was seen afterwards. Ends exceptionally only for a defect. Canceling it cancels what a verb has begun, so that a fence is
     * put back.
     *
     * @param connection the proxy that a description stands for
     */
    public CompletableFuture<List<SeenProxy>> at(Function<ProxyDescription, Proxy> connection) {
        List<CompletableFuture<SeenProxy>> all = proxies.stream()
                .map(description -> visit(description, connection.apply(description)))
                .toList();
        CompletableFuture<List<SeenProxy>> end = CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                .thenApply(done -> all.stream().map(CompletableFuture::join).toList());
        return canceling(all, end);
    }

    /** The end, whose cancellation cancels these too. */
    private static <T> CompletableFuture<T> canceling(
            List<? extends CompletableFuture<?>> these, CompletableFuture<T> end) {
        end.whenComplete((result, failure) -> {
            if (end.isCancelled()) {
                these.forEach(each -> each.cancel(true));
            }
        });
        return end;
    }

    private ProxyEnvironment with(ProxyEnvironment environment, Login login) {
        Set<String> places = new HashSet<>();
        proxies.forEach(proxy -> proxy.loginAs(login.user()).passwordVariable().ifPresent(places::add));
        Function<String, Optional<String>> variables = environment.variables();
        return new ProxyEnvironment(
                name -> places.contains(name) ? Optional.of(login.password()) : variables.apply(name),
                environment.io(),
                environment.timer());
    }

    private CompletableFuture<SeenProxy> visit(ProxyDescription description, Proxy proxy) {
        boolean isMeant = verb.isPresent() && (only.isEmpty() || only.contains(proxy.name()));
        if (!isMeant) {
            return look(description, proxy, Optional.empty());
        }
        CompletableFuture<ProxyStatus> move = move(proxy);
        return canceling(
                List.of(move),
                move.handle((seen, failure) -> failure)
                        .thenCompose(failure -> failure == null
                                ? look(description, proxy, Optional.empty())
                                : look(description, proxy, Optional.of(words(failure)))));
    }

    private CompletableFuture<ProxyStatus> move(Proxy proxy) {
        return switch (verb.orElseThrow()) {
            case FENCE -> atOnce ? proxy.fenceAtOnce(limit) : proxy.fence(drain, limit);
            case UNFENCE -> proxy.unfence(limit);
            case RELEASE -> proxy.release(limit);
        };
    }

    private static String words(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof ProxyException) {
            return cause.getMessage();
        }
        throw new CompletionException(cause);
    }

    private CompletableFuture<SeenProxy> look(ProxyDescription description, Proxy proxy, Optional<String> before) {
        CompletableFuture<ProxyStatus> status = proxy.status(limit).thenApply(seen -> before.map(reason -> {
                    String detail = (reason + " " + seen.detail()).strip();
                    return new ProxyStatus(
                            seen.name(), seen.traffic(), seen.sessionsActive(), seen.sessionsOriginal(), detail);
                })
                .orElse(seen));
        return examine
                ? status.thenCompose(seen -> examined(description, proxy, seen))
                : status.thenApply(SeenProxy::of);
    }

    private CompletableFuture<SeenProxy> examined(ProxyDescription description, Proxy proxy, ProxyStatus status) {
        CompletableFuture<List<ProxyFinding>> findings = status.traffic() == Traffic.UNKNOWN
                ? CompletableFuture.completedFuture(List.of())
                : proxy.findings(limit)
                        .exceptionally(failure -> List.of(ProxyFinding.warning(
                                "It could not be examined. " + words(failure), "Look at it before you go on.")));
        return findings.thenCombine(
                proxy.whoAnswers(activeSqlDns, originalPrimarySqlDns, limit),
                (found, answers) -> new SeenProxy(status, true, found, answers, commands(description, proxy)));
    }

    /** As the proxy itself tells, or where it says nothing, as its description does. */
    private static Map<Verb, List<String>> commands(ProxyDescription description, Proxy proxy) {
        Map<Verb, List<String>> commands = new EnumMap<>(Verb.class);
        for (Verb each : Verb.values()) {
            List<String> own = proxy.commands(each);
            commands.put(each, own.isEmpty() ? description.commands(each) : own);
        }
        return commands;
    }
}
