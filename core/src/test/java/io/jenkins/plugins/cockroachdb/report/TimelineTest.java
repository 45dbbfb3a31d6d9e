package io.jenkins.plugins.cockroachdb.report;

import static io.jenkins.plugins.cockroachdb.report.TestRecord.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimelineTest {

    private final TestRecord record = new TestRecord();

    private List<String> texts() {
        return Line.of(record.record()).stream().skip(1).map(Line::text).toList();
    }

    private static Check check(String name, Check.Verdict verdict, String reason) {
        return new Check(name, verdict, reason, "");
    }

    @Test
    void whatOnlyAdvancedIsOneLine() {
        record.seen(60, "REPLICATING", 30L, "on A")
                .seen(90, "REPLICATING", 55L, "on A")
                .seen(120, "REPLICATING", 100L, "on A")
                .seen(150, "REPLICATING", 125L, "on A")
                .seen(160, "REPLICATING", 125L, "fenced")
                .seen(180, "REPLICATING", 160L, "fenced");

        assertThat(texts())
                .containsExactly(
                        "Stream s-1 is REPLICATING, replicated up to 2026-03-01 10:00:30 UTC, lag 30 s. Traffic is on A.",
                        "replicated_time advanced from 2026-03-01 10:00:30 UTC to 2026-03-01 10:02:05 UTC in 3 steps, lag"
                                + " between 20 s and 35 s, until 2026-03-01 10:02:30 UTC.",
                        "Stream s-1 is REPLICATING, replicated up to 2026-03-01 10:02:05 UTC, lag 35 s. Traffic is fenced.",
                        "replicated_time advanced from 2026-03-01 10:02:05 UTC to 2026-03-01 10:02:40 UTC in 1 step, lag 20 s.");
    }

    @Test
    void theFirstReplicatedTimeAndOneThatFellBackAreNoProgress() {
        record.seen(60, "REPLICATING", null, null)
                .seen(90, "REPLICATING", 55L, null)
                .seen(95, "REPLICATING", 50L, null);

        assertThat(texts())
                .hasSize(3)
                .allMatch(text -> text.startsWith("Stream s-1 is REPLICATING"))
                .first()
                .isEqualTo("Stream s-1 is REPLICATING, nothing replicated yet.");
    }

    @Test
    void anotherRunOrABlindTimeInterruptsTheProgress() {
        record.seen(60, "REPLICATING", 30L, null)
                .resumed(80)
                .seen(90, "REPLICATING", 55L, null)
                .then(new Entry.Blind(at(100), "No answer."))
                .seen(120, "REPLICATING", 100L, null);

        assertThat(texts()).hasSize(5).noneMatch(text -> text.contains("advanced"));
        assertThat(texts().get(4)).startsWith("The cloud can be read again. Stream s-1");
    }

    @Test
    void callsOnSeveralProxiesAreToldWithTheirOwnAnswers() {
        record.named()
                .then(new Entry.Calling(at(100), Call.FENCE, "edge"))
                .then(new Entry.Calling(at(101), Call.FENCE, "core"))
                .then(new Entry.Calling(at(102), Call.FENCE, "batch"))
                .then(new Entry.Called(at(105), Call.FENCE, "core", Entry.Result.DONE, "core is fenced"))
                .then(new Entry.Called(at(108), Call.FENCE, "edge", Entry.Result.UNKNOWN, "edge is mixed"));

        assertThat(texts().subList(1, 6))
                .containsExactly(
                        "Call: fence proxy edge.",
                        "Call: fence proxy core.",
                        "Call: fence proxy batch. No answer is recorded: its fate is unknown.",
                        "Answer: fence proxy core took effect after 4 s.",
                        "Answer: fence proxy edge has an unknown fate after 8 s.");
    }

    @Test
    void anUnfenceThatTheStreamForbadeIsToldAsNone() {
        record.named().call(100, 101, Call.UNFENCE, "edge", Entry.Result.REFUSED);

        assertThat(texts())
                .contains(
                        "Answer: put clients back on orders-west at proxy edge was refused and had no effect after 1 s.");
    }

    @Test
    void clustersHaveTheirNamesBesideTheirIds() {
        record.named()
                .then(new Entry.Approved(at(2), Gate.ERASE, null, "p-1", "lead"))
                .call(3, 4, Call.CREATE_REVERSE_STREAM, "a-1 -> p-1", Entry.Result.DONE);

        assertThat(texts())
                .contains(
                        "The original primary (P) is orders-east (p-1), the active cluster (A) orders-west (a-1).",
                        "Gate \"erase the original primary and replicate to it\": approved by lead, for cluster"
                                + " orders-east (p-1).",
                        "Call: create the reverse stream orders-west (a-1) -> orders-east (p-1).");
    }

    @Test
    void aGateThatWasNotPassedTellsWhy() {
        record.then(new Entry.NotApproved(at(1), Gate.CUT_OVER, "s-1", true, ""))
                .then(new Entry.NotApproved(at(2), Gate.CUT_OVER, "s-1", false, ""))
                .then(new Entry.NotApproved(at(3), Gate.CUT_OVER, "s-1", false, "lead"));

        assertThat(texts())
                .extracting(text -> text.substring(text.lastIndexOf(':')))
                .containsExactly(": nobody answered in time.", ": nobody could be asked.", ": refused by lead.");
    }

    @Test
    void anExaminationTellsWhatChangedSinceTheOneBefore() {
        Check plan = check("plan", Check.Verdict.PASS, "Both are ADVANCED.");
        Check health = check("health", Check.Verdict.WARN, "One node is down.");
        record.then(new Entry.Examined(at(1), List.of(plan, health, check("clock", Check.Verdict.PASS, "0.1 s off."))))
                .then(new Entry.Examined(
                        at(2), List.of(plan, health, check("clock", Check.Verdict.PASS, "0.2 s off."))))
                .then(new Entry.Examined(at(3), List.of(plan, check("clock", Check.Verdict.FAIL, "9 s off."))));

        List<Line> lines = Line.of(record.record());
        assertThat(lines.get(1).text()).isEqualTo("3 prerequisites examined: 0 failed, 1 to know about.");
        assertThat(lines.get(1).detail()).isEqualTo("WARN health: One node is down.");
        assertThat(lines.get(2).detail()).isEqualTo("As in the examination before.");
        assertThat(lines.get(3).tone()).isEqualTo(Line.Tone.ALARM);
        assertThat(lines.get(3).detail()).isEqualTo("Was PASS: FAIL clock: 9 s off.\nNot examined any more: health");
    }
}
