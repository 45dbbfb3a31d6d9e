package io.jenkins.plugins.cockroachdb.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What somebody reads who was woken up. */
class VerdictTest {

    private final TestRecord record = new TestRecord().named();

    private Verdict verdict() {
        return Verdict.of(record.record(), record.measures());
    }

    @Test
    void home() {
        Verdict verdict = Verdict.of(TestRecord.home(), Measures.of(TestRecord.home()));

        assertThat(verdict.line()).isEqualTo("Home. orders-east serves. No write was lost.");
        assertThat(verdict.mood()).isEqualTo(Verdict.Mood.GOOD);
        assertThat(verdict.next()).isEmpty();
    }

    @Test
    void homeWithoutProxiesDoesNotClaimThatAnybodyIsThere() {
        record.seen(60, "REPLICATING", 30L, null)
                .cutover(61, 64, Entry.Result.DONE)
                .seen(90, "COMPLETED", null, null)
                .ended(91, Outcome.COMPLETED);

        assertThat(verdict().line())
                .startsWith("Home. orders-east is a cluster of its own; nobody saw all clients there.")
                .contains("Writes of the 34 s before the cutover, and any after it, may be lost.");
        assertThat(verdict().mood()).isEqualTo(Verdict.Mood.WARN);
        assertThat(verdict().next()).singleElement().asString().startsWith("Before orders-west is erased");
    }

    @Test
    void alreadyHome() {
        record.seen(2, "COMPLETED", null, "on P").ended(3, Outcome.COMPLETED);

        assertThat(verdict().line())
                .isEqualTo("Home. orders-east serves. The cutover was not asked for by this failback.");
    }

    @Test
    void aCommandThatMovesNothingIsDoneAndNotHome() {
        record.seen(60, "REPLICATING", 30L, "on A").ended(61, Outcome.COMPLETED);

        assertThat(verdict().line()).isEqualTo("Done. Nothing was cut over. Clients are on orders-west.");
        assertThat(verdict().next()).isEmpty();
    }

    @Test
    void abortedTellsWhereClientsAreAndWhatTheLiveStreamMeans() {
        record.fenced()
                .both(121, 123, Call.UNFENCE, Entry.Result.DONE)
                .seen(124, "REPLICATING", 120L, "on A")
                .ended(125, Outcome.ABORTED);

        assertThat(verdict().line()).isEqualTo("Aborted, not home. Clients are on orders-west.");
        assertThat(verdict().next()).anyMatch(next -> next.contains("orders-east is a standby"));
        assertThat(verdict().next()).noneMatch(next -> next.contains("Do not put clients back"));
    }

    @Test
    void refusedByChecksSendsToTheChecks() {
        record.then(new Entry.Examined(
                        TestRecord.at(2), List.of(new Check("clock", Check.Verdict.FAIL, "9 s off.", "Set it."))))
                .ended(3, Outcome.REFUSED);

        assertThat(verdict().next()).first().asString().contains("failed checks below");
    }

    @Test
    void whatNobodyAnsweredNeedsSomebodyWhoDoes() {
        record.then(new Entry.NotApproved(TestRecord.at(2), Gate.ERASE, null, false, ""))
                .ended(3, Outcome.REFUSED);
        assertThat(verdict().next()).first().asString().contains("where somebody can answer its gates");

        record.then(new Entry.NotApproved(TestRecord.at(4), Gate.ERASE, null, false, "lead"))
                .ended(5, Outcome.REFUSED);
        assertThat(verdict().next()).first().asString().contains("with whoever said no");
    }

    @Test
    void afterACanceledCutoverClientsBelongOnA() {
        record.cuttingOver()
                .seen(160, "CANCELED", null, "fenced")
                .both(161, 162, Call.UNFENCE, Entry.Result.DONE)
                .seen(163, "CANCELED", null, "on A")
                .ended(164, Outcome.FAILED);

        assertThat(verdict().line()).isEqualTo("Failed, not home. Clients are on orders-west.");
        assertThat(verdict().next()).noneMatch(next -> next.contains("Do not put clients back"));
    }

    @Test
    void inDoubtUnderTheFenceIsUrgentAndForbidsTheWayBack() {
        record.fenced().cutover(151, 152, Entry.Result.UNKNOWN).ended(160, Outcome.IN_DOUBT);

        assertThat(verdict().mood()).isEqualTo(Verdict.Mood.BAD);
        assertThat(verdict().line()).endsWith("Clients cannot write since 2026-03-01 10:01:40 UTC.");
        assertThat(verdict().next().get(0)).startsWith("Run the failback again");
        assertThat(verdict().next().get(1)).startsWith("Do not put clients back on orders-west");
    }

    @Test
    void strandedSaysWhichWayClientsMayGo() {
        record.fenced().ended(160, Outcome.STRANDED);
        assertThat(verdict().line()).startsWith("ACT NOW");
        assertThat(verdict().next()).anyMatch(next -> next.contains("un-fence the proxies to orders-west"));

        TestRecord after = new TestRecord()
                .named()
                .cuttingOver()
                .seen(200, "COMPLETED", null, "fenced")
                .ended(300, Outcome.STRANDED);
        assertThat(Verdict.of(after.record(), after.measures()).next())
                .anyMatch(next -> next.startsWith("Release the proxies to orders-east"))
                .anyMatch(next -> next.startsWith("Do not put clients back on orders-west"));
    }

    @Test
    void unprotectedIsHomeButNotSafe() {
        record.cuttingOver().released().ended(300, Outcome.UNPROTECTED);

        assertThat(verdict().line()).isEqualTo("Home, but not safe yet. orders-east serves. No write was lost.");
        assertThat(verdict().next()).isNotEmpty();
    }

    @Test
    void everyOutcomeButCompletedSaysWhatToDoNext() {
        for (Outcome outcome : Outcome.values()) {
            TestRecord each = new TestRecord().ended(10, outcome);
            assertThat(Verdict.of(each.record(), each.measures()).next().isEmpty())
                    .as(outcome.kind())
                    .isEqualTo(outcome == Outcome.COMPLETED);
        }
        assertThat(verdict().next()).isNotEmpty();
    }
}
