package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/** The entries of a record by their places, because their times may be equal, or set back. */
final class Entries {

    private final List<Entry> list;
    private final List<Attempt> attempts;

    Entries(List<Entry> list) {
        this.list = list;
        attempts = Attempt.in(list);
    }

    int size() {
        return list.size();
    }

    Entry get(int place) {
        return list.get(place);
    }

    Instant at(int place) {
        return list.get(place).at();
    }

    /** The calls of one kind, in the order in which they were begun. */
    List<Attempt> attempts(Call call) {
        return attempts.stream().filter(attempt -> attempt.isOf(call)).toList();
    }

    /** The first place from this one on, or -1. */
    int first(int from, Predicate<Entry> which) {
        for (int i = from; i < list.size(); i++) {
            if (which.test(list.get(i))) {
                return i;
            }
        }
        return -1;
    }

    /** The last place before this one, or -1. */
    int last(int before, Predicate<Entry> which) {
        for (int i = before - 1; i >= 0; i--) {
            if (which.test(list.get(i))) {
                return i;
            }
        }
        return -1;
    }

    /** Where a call of this kind was last begun before this place, unless it is known to have had no effect; or -1. */
    int lastBegun(Call call, int before) {
        return attempts(call).stream()
                .filter(Attempt::mayHaveHadEffect)
                .mapToInt(Attempt::begun)
                .filter(begun -> begun < before)
                .max()
                .orElse(-1);
    }

    static boolean isSeen(Entry entry, Traffic... traffic) {
        return entry instanceof Entry.Seen seen
                && List.of(traffic).stream().anyMatch(one -> one.words().equals(seen.traffic()));
    }

    static boolean isSeen(Entry entry, StreamStatus... status) {
        return entry instanceof Entry.Seen seen
                && List.of(status).stream().anyMatch(one -> one.name().equals(seen.status()));
    }

    /** Never negative, for clocks are set back at times. */
    static Duration span(Instant from, Instant to) {
        return to.isBefore(from) ? Duration.ZERO : Duration.between(from, to);
    }
}
