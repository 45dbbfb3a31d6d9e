package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackTurn;
import io.jenkins.plugins.cockroachdb.failback.Gatekeeper;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a pipeline says came of the action that it was told to do.
 *
 * @param turn the number that came with the action; 0 when there was none, or nothing has to be written down of it
 * @param result what a step returned, or how a gate was answered; empty when there was nothing, or an error came
 * @param error how it failed; empty when it did not
 */
record LastTurn(int turn, Map<?, ?> result, Optional<Error> error) {

    /**
     * An error that a pipeline caught.
     *
     * @param kind the outcome's word; empty for whatever came from elsewhere, of which nobody can tell what it means
     * @param by who interrupted or refused; never null
     * @param message for a person; never null
     */
    record Error(Optional<Outcome> kind, String by, String message) {

        static Error of(Map<?, ?> map) {
            return new Error(
                    Stream.of(Outcome.values())
                            .filter(outcome -> outcome.kind().equals(map.get("kind")))
                            .findFirst(),
                    text(map.get("by")),
                    text(map.get("message")));
        }

        boolean is(Outcome outcome) {
            return kind.equals(Optional.of(outcome));
        }
    }

    static LastTurn of(Optional<Map<String, Object>> given) {
        Map<?, ?> map = given.orElse(Map.of());
        return new LastTurn(
                map.get("turn") instanceof Integer turn ? turn : 0,
                map.get("result") instanceof Map<?, ?> result ? result : Map.of(),
                map.get("error") instanceof Map<?, ?> error ? Optional.of(Error.of(error)) : Optional.empty());
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }

    /** Who interrupted the pipeline; empty when nobody did. */
    Optional<String> abortedBy() {
        return error.filter(caught -> caught.is(Outcome.ABORTED))
                .map(caught -> caught.by().isEmpty() ? "an interruption" : caught.by());
    }

    /**
     * Writes down what came of what was begun last.
     *
     * @param begun the entries that tell of it: a gate that was asked, or calls
     */
    void settle(List<Entry> begun, FailbackTurn turn) {
        for (Entry entry : begun) {
            if (entry instanceof Entry.Asked asked) {
                answer(asked, turn);
            } else if (entry instanceof Entry.Calling calling) {
                called(calling, turn);
            }
        }
    }

    private void answer(Entry.Asked asked, FailbackTurn turn) {
        if (abortedBy().isPresent()) {
            return; // the end of the run, not an answer
        }
        boolean timedOut = error.map(caught -> caught.is(Outcome.TIMED_OUT)).orElse(isTrue("timedOut"));
        String by = error.map(Error::by).orElse(text(result.get("by")));
        turn.answered(
                asked.gate(),
                asked.streamId(),
                asked.clusterId(),
                timedOut ? null : new Gatekeeper.Reply(isTrue("approved"), by));
    }

    /** What a pipeline was loaded with after a restart is another object than {@link Boolean#TRUE}. */
    private boolean isTrue(String key) {
        return Boolean.TRUE.equals(result.get(key));
    }

    private void called(Entry.Calling calling, FailbackTurn turn) {
        if (error.isPresent() && !isTrue("notSent")) {
            turn.called(
                    calling.call(),
                    calling.target(),
                    result(calling.call(), error.get()),
                    error.get().message());
            return;
        }
        switch (calling.call()) {
            case FENCE, UNFENCE, RELEASE -> moved(calling, turn);
            case CREATE_REVERSE_STREAM, CREATE_FORWARD_STREAM, INITIATE_CUTOVER -> stream(calling, turn);
        }
    }

    private void moved(Entry.Calling calling, FailbackTurn turn) {
        List<?> proxies = result.get("proxies") instanceof List<?> list ? list : List.of();
        proxies.stream()
                .flatMap(proxy -> SeenProxy.ofMap(proxy).stream())
                .filter(proxy -> proxy.name().equals(calling.target()))
                .findFirst()
                .ifPresentOrElse(
                        proxy -> turn.moved(calling.call(), proxy.seen()),
                        () -> turn.called(
                                calling.call(), calling.target(), Entry.Result.UNKNOWN, "Nobody saw what came of it."));
    }

    private void stream(Entry.Calling calling, FailbackTurn turn) {
        if (result.get("id") != null) {
            turn.called(
                    calling.call(),
                    calling.target(),
                    Entry.Result.DONE,
                    "Stream " + result.get("id") + " is " + result.get("status") + ".");
        } else if (isTrue("notSent")) {
            turn.called(
                    calling.call(),
                    calling.target(),
                    Entry.Result.NOT_TAKEN,
                    "Not sent: " + error.map(Error::message).orElse("not every proxy was fenced right before it."));
        } else {
            turn.called(calling.call(), calling.target(), Entry.Result.UNKNOWN, "Nobody saw what came of it.");
        }
    }

    /** What an error says of a call. Only what our own steps say is definite. */
    private static Entry.Result result(Call call, Error error) {
        boolean refused = error.is(Outcome.REFUSED);
        boolean failed = error.is(Outcome.FAILED);
        return switch (call) {
            case CREATE_REVERSE_STREAM, CREATE_FORWARD_STREAM -> refused || failed
                    ? Entry.Result.REFUSED
                    : Entry.Result.UNKNOWN;
                // What the step itself found not ready, or its proof of the fence too old, may be right the next time.
            case INITIATE_CUTOVER -> refused
                    ? Entry.Result.NOT_TAKEN
                    : failed ? Entry.Result.REFUSED : Entry.Result.UNKNOWN;
                // The stream forbade it, or could not be read.
            case UNFENCE, RELEASE -> refused || failed ? Entry.Result.REFUSED : Entry.Result.UNKNOWN;
            case FENCE -> Entry.Result.UNKNOWN;
        };
    }
}
