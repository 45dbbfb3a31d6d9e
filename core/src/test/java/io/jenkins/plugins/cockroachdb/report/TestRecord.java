package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Writes the record of a failback down, by the second. */
final class TestRecord {

    static final Instant T0 = Instant.parse("2026-03-01T10:00:00Z");

    private final List<Entry> entries = new ArrayList<>(List.of(new Entry.Began(T0, "p-1", "a-1", "cli 0.1.0")));

    static Instant at(long second) {
        return T0.plusSeconds(second);
    }

    TestRecord then(Entry entry) {
        entries.add(entry);
        return this;
    }

    TestRecord named() {
        return then(new Entry.Named(at(1), "orders-east", "orders-west"));
    }

    TestRecord seen(long second, String status, Long replicated, String traffic) {
        return then(new Entry.Seen(
                at(second),
                "s-1",
                status,
                replicated == null ? null : at(replicated),
                replicated == null ? null : second - replicated,
                traffic));
    }

    /** One call on one target. */
    TestRecord call(long from, long to, Call call, String target, Entry.Result result) {
        return then(new Entry.Calling(at(from), call, target))
                .then(new Entry.Called(at(to), call, target, result, "said"));
    }

    TestRecord cutover(long from, long to, Entry.Result result) {
        return call(from, to, Call.INITIATE_CUTOVER, "s-1", result);
    }

    /** A call on both proxies at once. */
    TestRecord both(long from, long to, Call call, Entry.Result result) {
        return then(new Entry.Calling(at(from), call, "edge"))
                .then(new Entry.Calling(at(from), call, "core"))
                .then(new Entry.Called(at(to - 1), call, "core", result, "said"))
                .then(new Entry.Called(at(to), call, "edge", result, "said"));
    }

    TestRecord proven(long second) {
        return then(new Entry.FenceProven(at(second), at(second + 2)));
    }

    TestRecord resumed(long second) {
        return then(new Entry.Resumed(at(second), "jenkins 0.2.0"));
    }

    /** Up to F, which is at 114. */
    TestRecord fenced() {
        return then(new Entry.Approved(at(5), Gate.CUT_OVER, "s-1", "p-1", "lead"))
                .seen(60, "REPLICATING", 30L, "on A")
                .both(100, 110, Call.FENCE, Entry.Result.DONE)
                .seen(111, "REPLICATING", 90L, "fenced")
                .proven(112);
    }

    /** Up to a cutover that was asked for when everything had arrived. */
    TestRecord cuttingOver() {
        return fenced().seen(150, "REPLICATING", 120L, "fenced")
                .cutover(151, 152, Entry.Result.DONE)
                .seen(153, "FAILING_OVER", null, "fenced");
    }

    /** From the completed cutover to clients on P. */
    TestRecord released() {
        return seen(200, "COMPLETED", null, "fenced")
                .both(201, 203, Call.RELEASE, Entry.Result.DONE)
                .seen(204, "COMPLETED", null, "on P");
    }

    TestRecord verified(long second) {
        return then(new Entry.Verified(at(second), true, "It answers."));
    }

    TestRecord verifiedNot(long second) {
        return then(new Entry.Verified(at(second), false, "It does not answer."));
    }

    TestRecord ended(long second, Outcome outcome) {
        return then(new Entry.Ended(at(second), outcome, "That is all."));
    }

    /** Home without a flaw. */
    static FailbackRecord home() {
        return new TestRecord()
                .named()
                .cuttingOver()
                .released()
                .verified(210)
                .ended(211, Outcome.COMPLETED)
                .record();
    }

    FailbackRecord record() {
        return FailbackRecord.of(entries);
    }

    Measures measures() {
        return Measures.of(record());
    }

    Rpo rpo() {
        return measures().rpo();
    }
}
