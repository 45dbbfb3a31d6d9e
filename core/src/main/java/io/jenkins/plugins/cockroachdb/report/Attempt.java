package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A call and its answer. Several may be under way at once, as on several proxies; an answer belongs to the latest call of its kind
 * on its target that had none.
 *
 * @param begun the place of the call in the record
 * @param answered the place of the answer; -1 when none is recorded
 * @param called the answer; null when none is recorded
 */
record Attempt(int begun, Entry.Calling calling, int answered, Entry.Called called) {

    /** Every attempt, in the order in which they were begun. */
    static List<Attempt> in(List<Entry> entries) {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i) instanceof Entry.Calling calling) {
                attempts.add(new Attempt(i, calling, -1, null));
            } else if (entries.get(i) instanceof Entry.Called called) {
                for (int open = attempts.size() - 1; open >= 0; open--) {
                    Attempt attempt = attempts.get(open);
                    if (attempt.called == null && attempt.isAnsweredBy(called)) {
                        attempts.set(open, new Attempt(attempt.begun, attempt.calling, i, called));
                        break;
                    }
                }
            }
        }
        return attempts;
    }

    private boolean isAnsweredBy(Entry.Called answer) {
        return calling.call() == answer.call() && calling.target().equals(answer.target());
    }

    boolean isOf(Call call) {
        return calling.call() == call;
    }

    boolean isDone() {
        return called != null && called.result() == Entry.Result.DONE;
    }

    /** Whether it changed something, or may have: not when it was answered that it had no effect. */
    boolean mayHaveHadEffect() {
        return called == null || !called.result().isWithoutEffect();
    }

    /** How long the answer took; empty without one, or when the clock was set back meanwhile. */
    Optional<Duration> took() {
        return called == null || called.at().isBefore(calling.at())
                ? Optional.empty()
                : Optional.of(Duration.between(calling.at(), called.at()));
    }
}
