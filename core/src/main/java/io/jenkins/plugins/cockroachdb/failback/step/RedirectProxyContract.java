package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.PointOfNoReturn;
import io.jenkins.plugins.cockroachdb.proxy.ProxyDescription;
import io.jenkins.plugins.cockroachdb.proxy.ProxyErrand;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import io.jenkins.plugins.cockroachdb.proxy.Verb;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Looks at the proxies, or moves their traffic. Before clients may go to either cluster the stream is read, and what it forbids is
 * refused (R5). Every verb reads first what is so already, so that the step begins again after a crash.
 */
final class RedirectProxyContract extends StepContract {

    private static final String STATUS = "status";

    private static final Parameter<String> ACTION = Parameter.word(
            Stream.concat(Stream.of(STATUS), Stream.of(Verb.values()).map(Verb::word))
                    .toList(),
            "action",
            "status looks; fence stops clients, unfence sends them to the active cluster, release to the original primary.");

    private static final Parameter<List<ProxyDescription>> PROXIES = Parameter.texts(
            "proxies",
            "Every proxy that clients use, each described as for the command's --proxy.",
            ProxyErrand::parse);

    private static final Parameter<List<String>> ONLY = Parameter.texts(
            "only", "The names of the proxies that are meant; all if left out. The result has all.", names -> names);

    private static final Parameter<Boolean> AT_ONCE =
            Parameter.flag("atOnce", "Whether a fence gives nobody time to finish, and stays closed where it fails.");

    private static final Parameter<Boolean> EXAMINE = Parameter.flag(
            "examine", "Whether to tell also what could keep a fence from holding, and who answers clients.");

    private static final Parameter<String> ACTIVE_SQL_DNS = Parameter.text(
                    "activeSqlDns", "The active cluster's SQL DNS name, to tell who answers clients.")
            .optional();

    private static final Parameter<String> ORIGINAL_PRIMARY_SQL_DNS = Parameter.text(
                    "originalPrimarySqlDns", "The original primary's SQL DNS name, to tell who answers clients.")
            .optional();

    private static final Parameter<String> STREAM = StreamParameters.STREAM.optional();

    private static final PairParameters PAIR = PairParameters.OF_REVERSE_STREAM.optional();

    /** Taken for its host, who logs in with it where a proxy asks for a password. */
    private static final Parameter<String> PROXY_CREDENTIALS_ID = Parameter.text(
                    "proxyCredentialsId", "Id of the user name and password for PgBouncer's console.")
            .optional();

    RedirectProxyContract() {
        super(
                "redirectProxy",
                "Looks at the proxies between applications and clusters, or moves their traffic.",
                ACTION,
                PROXIES,
                ONLY,
                AT_ONCE,
                EXAMINE,
                ACTIVE_SQL_DNS,
                ORIGINAL_PRIMARY_SQL_DNS,
                SettingsParameters.DRAIN,
                SettingsParameters.PROXY_LIMIT,
                STREAM,
                PAIR.active(),
                PAIR.originalPrimary(),
                PROXY_CREDENTIALS_ID);
    }

    @Override
    void check(Arguments arguments) {
        List<String> names =
                arguments.get(PROXIES).stream().map(ProxyDescription::name).toList();
        if (names.isEmpty()) {
            throw wrong("Parameter proxies is required, and must have a description for every proxy.");
        }
        arguments.get(ONLY).stream()
                .filter(name -> !names.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw wrong(
                            "Parameter only names " + name + ", and the proxies are " + String.join(", ", names) + ".");
                });
        boolean pair = arguments.find(PAIR.active()).isPresent();
        if (pair != arguments.find(PAIR.originalPrimary()).isPresent()) {
            throw wrong("Parameters activeClusterId and originalPrimaryClusterId go together.");
        }
        boolean movesClients =
                verb(arguments).filter(verb -> verb != Verb.FENCE).isPresent();
        if (movesClients && !pair && arguments.find(STREAM).isEmpty()) {
            throw wrong("Before " + arguments.get(ACTION)
                    + " the stream has to be read. Give parameter streamId, or both activeClusterId and"
                    + " originalPrimaryClusterId.");
        }
        PAIR.check(this, arguments);
    }

    private static Optional<Verb> verb(Arguments arguments) {
        return Stream.of(Verb.values())
                .filter(verb -> verb.word().equals(arguments.get(ACTION)))
                .findFirst();
    }

    @Override
    CompletableFuture<Map<String, Object>> perform(Arguments arguments, StepRun run) {
        ProxyErrand errand = new ProxyErrand(
                verb(arguments),
                arguments.get(PROXIES),
                new HashSet<>(arguments.get(ONLY)),
                arguments.get(AT_ONCE),
                arguments.get(EXAMINE),
                arguments.find(ACTIVE_SQL_DNS).orElse(null),
                arguments.find(ORIGINAL_PRIMARY_SQL_DNS).orElse(null),
                arguments.get(SettingsParameters.DRAIN),
                arguments.get(SettingsParameters.PROXY_LIMIT));
        return objection(arguments, run, errand.verb()).thenCompose(objection -> {
            if (objection.isPresent()) {
                throw new StepFailedException(
                        Outcome.REFUSED,
                        "No " + arguments.get(ACTION) + ": " + objection.get() + ". Traffic was left as it is.");
            }
            Instant at = run.now();
            return run.atProxies(errand).thenApply(seen -> result(at, seen));
        });
    }

    /** Why clients may not be sent where the verb sends them. */
    private CompletableFuture<Optional<String>> objection(Arguments arguments, StepRun run, Optional<Verb> verb) {
        if (verb.isEmpty() || verb.get() == Verb.FENCE) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        if (arguments.find(PAIR.active()).isEmpty()) {
            return run.stream(arguments.get(STREAM))
                    .thenApply(answer -> objection(
                            verb.get(),
                            Optional.of(answer.value()),
                            "stream " + answer.value().id()));
        }
        return run.look(PAIR.observer(arguments, run)).thenApply(cloud -> {
            Optional<ReplicationStream> reverse = cloud.streams().reverseStream();
            return verb.get() == Verb.UNFENCE
                    ? PointOfNoReturn.passed(cloud)
                    : objection(
                            verb.get(),
                            reverse,
                            reverse.map(cloud.pair()::describe).orElse("the reverse stream"));
        });
    }

    private static Optional<String> objection(Verb verb, Optional<ReplicationStream> stream, String words) {
        boolean allowed = verb == Verb.UNFENCE
                ? stream.filter(PointOfNoReturn::isPassedBy).isEmpty()
                : stream.filter(seen -> seen.status() == StreamStatus.COMPLETED).isPresent();
        return allowed
                ? Optional.empty()
                : Optional.of(words + " is "
                        + stream.map(ReplicationStream::statusName).orElse("not there"));
    }

    private static Map<String, Object> result(Instant at, List<SeenProxy> seen) {
        List<Map<String, Object>> proxies = new ArrayList<>();
        seen.forEach(proxy -> proxies.add(proxy.toMap()));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("at", at.toString());
        result.put("proxies", proxies);
        return result;
    }

    @Override
    public String leftBehind(Arguments arguments, Progress progress) {
        return verb(arguments)
                .map(verb -> "Proxies may have been moved (" + verb.word()
                        + "): look with redirectProxy and action status, or with the command proxy status.")
                .orElse(NOTHING_LEFT);
    }
}
