package io.jenkins.plugins.cockroachdb.proxy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A proxy as somebody else has seen it, for whoever decides where the proxy itself cannot be reached. It answers with what was seen,
 * and moves nothing. As a map it is plain values, to cross processes.
 *
 * @param seen where clients could go; never null
 * @param isExamined whether more than that was looked at
 * @param findings what to know before a fence; empty unless examined
 * @param answers who answered where clients connect; empty unless that was asked and known
 * @param commands what each verb does, command by command; empty unless examined
 */
public record SeenProxy(
        ProxyStatus seen,
        boolean isExamined,
        List<ProxyFinding> findings,
        Optional<WhoAnswers> answers,
        Map<Verb, List<String>> commands)
        implements Proxy {

    public SeenProxy {
        Objects.requireNonNull(seen, "seen");
        Objects.requireNonNull(answers, "answers");
        findings = List.copyOf(findings);
        commands = Map.copyOf(commands);
    }

    /** One of which only the status was read. */
    public static SeenProxy of(ProxyStatus status) {
        return new SeenProxy(status, false, List.of(), Optional.empty(), Map.of());
    }

    @Override
    public String name() {
        return seen.name();
    }

    @Override
    public CompletableFuture<ProxyStatus> status(Duration limit) {
        return CompletableFuture.completedFuture(seen);
    }

    @Override
    public CompletableFuture<List<ProxyFinding>> findings(Duration limit) {
        return CompletableFuture.completedFuture(findings);
    }

    @Override
    public CompletableFuture<Optional<WhoAnswers>> whoAnswers(
            String activeSqlDns, String originalPrimarySqlDns, Duration limit) {
        return CompletableFuture.completedFuture(answers);
    }

    @Override
    public List<String> commands(Verb verb) {
        return commands.getOrDefault(verb, List.of());
    }

    /** @throws UnsupportedOperationException always */
    @Override
    public CompletableFuture<ProxyStatus> fence(Duration drain, Duration limit) {
        throw isOnlySeen();
    }

    /** @throws UnsupportedOperationException always */
    @Override
    public CompletableFuture<ProxyStatus> unfence(Duration limit) {
        throw isOnlySeen();
    }

    /** @throws UnsupportedOperationException always */
    @Override
    public CompletableFuture<ProxyStatus> release(Duration limit) {
        throw isOnlySeen();
    }

    private UnsupportedOperationException isOnlySeen() {
        return new UnsupportedOperationException(
                "proxy " + name() + " was seen by somebody else and cannot be moved here");
    }

    /** As plain values: text, whole numbers, flags, and lists and maps of these. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", seen.name());
        map.put("traffic", seen.traffic().words());
        map.put("sessionsActive", seen.sessionsActive());
        map.put("sessionsOriginal", seen.sessionsOriginal());
        map.put("detail", seen.detail());
        if (isExamined) {
            List<Map<String, Object>> each = new ArrayList<>();
            for (ProxyFinding finding : findings) {
                Map<String, Object> found = new LinkedHashMap<>();
                found.put("prevents", finding.prevents());
                found.put("what", finding.what());
                found.put("whatToDo", finding.whatToDo());
                each.add(found);
            }
            map.put("findings", each);
            answers.ifPresent(answer -> {
                map.put("whoAnswers", answer.who().name());
                map.put("whoAnswersReason", answer.reason());
            });
            Map<String, Object> told = new LinkedHashMap<>();
            for (Verb verb : Verb.values()) {
                told.put(verb.word(), new ArrayList<>(commands(verb)));
            }
            map.put("commands", told);
        }
        return map;
    }

    /** What {@link #toMap} made; empty if it is anything else. */
    public static Optional<SeenProxy> ofMap(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return Optional.empty();
        }
        Optional<Traffic> traffic = oneOf(Traffic.values(), Traffic::words, map.get("traffic"));
        boolean complete = traffic.isPresent()
                && map.get("name") instanceof String
                && map.get("sessionsActive") instanceof Integer
                && map.get("sessionsOriginal") instanceof Integer
                && map.get("detail") instanceof String;
        if (!complete) {
            return Optional.empty();
        }
        ProxyStatus status = new ProxyStatus(
                (String) map.get("name"),
                traffic.get(),
                (Integer) map.get("sessionsActive"),
                (Integer) map.get("sessionsOriginal"),
                (String) map.get("detail"));
        return map.get("findings") instanceof List<?> findings
                ? Optional.of(new SeenProxy(status, true, findings(findings), answers(map), commands(map)))
                : Optional.of(of(status));
    }

    private static List<ProxyFinding> findings(List<?> findings) {
        return findings.stream()
                .filter(Map.class::isInstance)
                .map(each -> (Map<?, ?>) each)
                .map(each -> new ProxyFinding(
                        Boolean.TRUE.equals(each.get("prevents")),
                        String.valueOf(each.get("what")),
                        String.valueOf(each.get("whatToDo"))))
                .toList();
    }

    private static Optional<WhoAnswers> answers(Map<?, ?> map) {
        return oneOf(WhoAnswers.Who.values(), Enum::name, map.get("whoAnswers"))
                .map(who -> new WhoAnswers(who, String.valueOf(map.get("whoAnswersReason"))));
    }

    private static Map<Verb, List<String>> commands(Map<?, ?> map) {
        Map<Verb, List<String>> commands = new LinkedHashMap<>();
        if (map.get("commands") instanceof Map<?, ?> told) {
            for (Verb verb : Verb.values()) {
                if (told.get(verb.word()) instanceof List<?> each) {
                    commands.put(verb, each.stream().map(String::valueOf).toList());
                }
            }
        }
        return commands;
    }

    private static <E> Optional<E> oneOf(E[] values, Function<E, String> word, Object wanted) {
        return Stream.of(values).filter(each -> word.apply(each).equals(wanted)).findFirst();
    }
}
