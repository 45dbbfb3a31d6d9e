package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Futures;
import io.jenkins.plugins.cockroachdb.failback.MemoryProxy;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.proxy.ProxyErrand;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** What the shared library does, in Java and on virtual time: asks for the next action, does it, and says what came of it. */
final class PlayedPipeline extends SteppedWorld {

    static final String PROXY = "hook:/bin/true?name=edge";

    final Path directory;
    final MemoryProxy proxy = new MemoryProxy("edge", time);
    final List<String> acknowledged = new ArrayList<>();
    final List<Map<String, Object>> told = new ArrayList<>();
    final Map<String, Object> settings = new LinkedHashMap<>();
    boolean proxied = true;
    String driver = "a pipeline";

    /** How a gate is answered, or an error in its place. */
    Function<Map<String, Object>, Map<String, Object>> people =
            question -> answer(Map.of("approved", true, "by", "lead"));

    /** Called before each action; what it gives takes the place of what came of it. */
    Function<Map<String, Object>, Optional<Map<String, Object>>> before = next -> Optional.empty();

    private int writes;
    private Map<String, Object> seen;

    PlayedPipeline(Path directory) {
        this.directory = directory;
        time.scheduleAtFixedRate(
                () -> {
                    String value = "write " + writes++;
                    boolean onActive = proxy.toActive && cloud.write(active, value);
                    boolean onOriginal = proxy.toOriginal && cloud.write(original, value);
                    if (onActive || onOriginal) {
                        acknowledged.add(value);
                    }
                },
                0,
                500,
                TimeUnit.MILLISECONDS);
    }

    static Map<String, Object> answer(Map<String, Object> result) {
        return Map.of("result", result);
    }

    static Map<String, Object> error(Outcome kind, String by, String message) {
        return Map.of("error", Map.of("kind", kind.kind(), "by", by, "message", message));
    }

    /** Runs to the end. */
    Map<String, Object> run() {
        Map<String, Object> last = null;
        for (int i = 0; i < 10_000; i++) {
            Map<String, Object> next = next(last);
            if (next.get("action").equals("finish")) {
                return next;
            }
            last = with(done(next), "turn", next.get("turn"));
        }
        throw new AssertionError("it does not end: " + told.subList(told.size() - 5, told.size()));
    }

    /** One turn. */
    Map<String, Object> next(Map<String, Object> last) {
        if (proxied && seen == null) {
            seen = status();
        }
        Map<String, Object> given = new LinkedHashMap<>(pair());
        given.putAll(settings);
        if (proxied) {
            given.put("proxies", seen.get("proxies"));
            given.put("proxiesSeenAt", seen.get("at"));
        }
        if (last != null) {
            given.put("last", last);
        }
        seen = null;
        Map<String, Object> next = call(FailbackSteps.NEXT, given);
        told.add(next);
        return next;
    }

    /** A look at the proxies. */
    Map<String, Object> status() {
        return traffic(Map.of("action", "status"));
    }

    /** One turn with an earlier look. */
    Map<String, Object> nextWith(Map<String, Object> earlier) {
        seen = earlier;
        return next(null);
    }

    /** Does what an action "examine" asks for. */
    void examineNext(Map<String, Object> next) {
        seen = traffic(with(parameters(next), "action", "status"));
    }

    private Map<String, Object> done(Map<String, Object> next) {
        Optional<Map<String, Object>> instead = before.apply(next);
        if (instead.isPresent()) {
            return instead.get();
        }
        try {
            return switch ((String) next.get("action")) {
                case "examine" -> {
                    seen = traffic(with(parameters(next), "action", "status"));
                    yield Map.of();
                }
                case "ask" -> people.apply(next);
                case "look" -> {
                    time.advance(Duration.ofSeconds((Integer) next.get("seconds")));
                    yield Map.of();
                }
                case "createStream" -> answer(call(CloudSteps.CREATE_REVERSE_STREAM, parameters(next)));
                case "createForwardStream" -> answer(call(CloudSteps.CREATE_FORWARD_STREAM, parameters(next)));
                case "await" -> answer(call(CloudSteps.AWAIT_STREAM_STATUS, parameters(next)));
                case "fence", "unfence", "release" -> {
                    seen = traffic(with(parameters(next), "action", next.get("action")));
                    yield answer(seen);
                }
                case "initiate" -> initiate(next);
                default -> throw new AssertionError("unknown action " + next);
            };
        } catch (StepFailedException e) {
            return error(e.outcome(), "", e.getMessage());
        }
    }

    private Map<String, Object> initiate(Map<String, Object> next) {
        if (!proxied) {
            return answer(call(CloudSteps.INITIATE_FAILBACK, parameters(next)));
        }
        Map<String, Object> before = status();
        boolean fenced = ((List<?>) before.get("proxies"))
                .stream().allMatch(each -> "fenced".equals(((Map<?, ?>) each).get("traffic")));
        return fenced
                ? answer(call(CloudSteps.INITIATE_FAILBACK, with(parameters(next), "fenceProvenAt", before.get("at"))))
                : answer(Map.of("notSent", true));
    }

    Map<String, Object> traffic(Map<String, Object> given) {
        return call(FailbackSteps.REDIRECT_PROXY, with(given, "proxies", List.of(PROXY)));
    }

    @SuppressWarnings("unchecked") // as the contract gives it
    private static Map<String, Object> parameters(Map<String, Object> next) {
        return (Map<String, Object>) next.get("parameters");
    }

    private Map<String, Object> call(StepContract step, Map<String, ?> given) {
        CompletableFuture<Map<String, Object>> end = step.run(step.arguments(given), environment(), new Host());
        world.runUntil(end::isDone);
        try {
            return end.join();
        } catch (CompletionException e) {
            if (Futures.cause(e) instanceof StepFailedException failed) {
                throw failed;
            }
            throw e;
        }
    }

    /** Of one step. */
    private final class Host implements StepHost {

        private Progress progress = Progress.NEW;

        @Override
        public Progress progress() {
            return progress;
        }

        @Override
        public CompletableFuture<Void> save(Progress next) {
            progress = next;
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public Optional<String> driver() {
            return Optional.of(driver);
        }

        @Override
        public RecordFile openRecord(String originalPrimaryId, String activeId, boolean isUnderWay) throws IOException {
            return isUnderWay
                    ? RecordFile.reopen(directory)
                    : RecordFile.open(directory, originalPrimaryId, activeId, driver, time);
        }

        @Override
        public CompletableFuture<List<SeenProxy>> atProxies(ProxyErrand errand) {
            return errand.at(description -> proxy);
        }
    }

    FailbackRecord record() {
        try {
            return RecordFile.read(RecordFile.newest(directory).orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
