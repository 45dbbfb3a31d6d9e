package io.jenkins.plugins.cockroachdb.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** Whole records, by the second; what is expected of them is computed by hand. */
class ReportTest {

    private static final Instant T0 = Instant.parse("2026-03-01T10:00:00Z");
    private static final String HOSTILE =
            "<script>alert('x')</script> \"q\" & ]]> `c` | **b**\n# h\u0000\u001b\u202e\ud800";

    private final List<Entry> entries = new ArrayList<>(List.of(new Entry.Began(T0, "p-1", "a-1", "cli 0.1.0")));

    private static Instant at(long second) {
        return T0.plusSeconds(second);
    }

    private ReportTest seen(long second, String status, long replicated, String traffic) {
        entries.add(new Entry.Seen(at(second), "s-1", status, at(replicated), second - replicated, traffic));
        return this;
    }

    private ReportTest call(long from, long to, Call call, Entry.Result result) {
        entries.add(new Entry.Calling(at(from), call, "edge"));
        entries.add(new Entry.Called(at(to), call, "edge", result, "said"));
        return this;
    }

    private ReportTest proven(long second) {
        entries.add(new Entry.FenceProven(at(second), at(second + 2)));
        return this;
    }

    private ReportTest then(Entry entry) {
        entries.add(entry);
        return this;
    }

    private FailbackRecord ended(long second, Outcome outcome) {
        return then(new Entry.Ended(at(second), outcome, "That is all.")).record();
    }

    private FailbackRecord record() {
        return FailbackRecord.of(entries);
    }

    private ReportTest fencedAndProven() {
        return then(new Entry.Approved(at(5), Gate.CUT_OVER, "s-1", "p-1", "lead"))
                .seen(60, "REPLICATING", 30, "on A")
                .call(100, 110, Call.FENCE, Entry.Result.DONE)
                .seen(111, "REPLICATING", 90, "fenced")
                .proven(112);
    }

    private FailbackRecord home() {
        return fencedAndProven()
                .seen(150, "REPLICATING", 120, "fenced")
                .call(151, 152, Call.INITIATE_CUTOVER, Entry.Result.DONE)
                .seen(153, "FAILING_OVER", 120, "fenced")
                .seen(200, "COMPLETED", 120, "fenced")
                .call(201, 203, Call.RELEASE, Entry.Result.DONE)
                .seen(204, "COMPLETED", 120, "on P")
                .ended(205, Outcome.COMPLETED);
    }

    @Test
    void homeThroughProxies() {
        Measures measures = Measures.of(home());

        assertThat(measures.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(measures.rto()).isEqualTo(Duration.ofSeconds(203 - 112));
        assertThat(measures.rpo().kind()).isEqualTo(Rpo.Kind.ZERO);
        assertThat(measures.writePause()).isEqualTo(Duration.ofSeconds(204 - 100));
        assertThat(measures.duration()).isEqualTo(Duration.ofSeconds(205));
    }

    @Test
    void homeWithoutProxiesHasABound() {
        Measures measures = Measures.of(seen(60, "REPLICATING", 30, null)
                .call(61, 64, Call.INITIATE_CUTOVER, Entry.Result.DONE)
                .seen(90, "COMPLETED", 30, null)
                .ended(91, Outcome.COMPLETED));

        assertThat(measures.rto()).isNull();
        assertThat(measures.writePause()).isNull();
        assertThat(measures.rpo().atMost()).isEqualTo(Duration.ofSeconds(64 - 30));
        assertThat(measures.rpo().because()).contains("no proxy told");
    }

    @Test
    void abortedUnderTheFence() {
        Measures measures = Measures.of(fencedAndProven()
                .then(new Entry.AbortRequested(at(120), "lead"))
                .call(121, 123, Call.UNFENCE, Entry.Result.DONE)
                .seen(124, "REPLICATING", 120, "on A")
                .ended(125, Outcome.ABORTED));

        assertThat(measures.rto()).isNull();
        assertThat(measures.rpo().kind()).isEqualTo(Rpo.Kind.NO_CUTOVER);
        assertThat(measures.writePause()).isEqualTo(Duration.ofSeconds(24));
    }

    @Test
    void inDoubtIsStillFencedAndThenResumed() {
        fencedAndProven()
                .call(151, 152, Call.INITIATE_CUTOVER, Entry.Result.UNKNOWN)
                .ended(160, Outcome.IN_DOUBT);
        Measures inDoubt = Measures.of(record());
        assertThat(inDoubt.rpo().kind()).isEqualTo(Rpo.Kind.UNKNOWN);
        assertThat(inDoubt.fencedSince()).isEqualTo(at(100));

        Measures resumed = Measures.of(then(new Entry.Resumed(at(300), "cli 0.1.0"))
                .seen(301, "COMPLETED", 120, "fenced")
                .call(302, 303, Call.RELEASE, Entry.Result.DONE)
                .seen(304, "COMPLETED", 120, "on P")
                .ended(305, Outcome.COMPLETED));
        assertThat(resumed.rto()).isEqualTo(Duration.ofSeconds(303 - 112));
        assertThat(resumed.writePause()).isEqualTo(Duration.ofSeconds(204));
        assertThat(resumed.rpo().atMost()).isEqualTo(Duration.ofSeconds(301 - 90));
    }

    @Test
    void anOpeningDuringTheCutoverExtendsTheBoundToTheNextFence() {
        Measures measures = Measures.of(fencedAndProven()
                .seen(150, "REPLICATING", 120, "fenced")
                .call(151, 152, Call.INITIATE_CUTOVER, Entry.Result.DONE)
                .then(new Entry.FenceOpened(at(160), "edge", "came back"))
                .then(new Entry.LossWindow(at(161), "Clients could write."))
                .call(161, 165, Call.FENCE, Entry.Result.DONE)
                .record());

        assertThat(measures.lossWindows()).containsExactly("Clients could write.");
        assertThat(measures.rpo().atMost()).isEqualTo(Duration.ofSeconds(165 - 120));
        assertThat(measures.fencedSince()).isEqualTo(at(100));
    }

    @Test
    void anOpeningBeforeTheCutoverIsMadeGoodByANewProof() {
        Measures measures = Measures.of(fencedAndProven()
                .then(new Entry.FenceOpened(at(120), "edge", "came back"))
                .seen(120, "REPLICATING", 90, "on A")
                .call(121, 125, Call.FENCE, Entry.Result.DONE)
                .proven(126)
                .seen(160, "REPLICATING", 150, "fenced")
                .call(161, 162, Call.INITIATE_CUTOVER, Entry.Result.DONE)
                .seen(190, "COMPLETED", 150, "fenced")
                .call(191, 192, Call.RELEASE, Entry.Result.DONE)
                .seen(193, "COMPLETED", 150, "on P")
                .record());

        assertThat(measures.rpo().kind()).isEqualTo(Rpo.Kind.ZERO);
        assertThat(measures.rto()).isEqualTo(Duration.ofSeconds(192 - 126));
        assertThat(measures.writePause()).isEqualTo(Duration.ofSeconds(193 - 100));
    }

    @Test
    void oneLagIsAPoint() throws Exception {
        Document document =
                parsed(HtmlReport.of(seen(60, "REPLICATING", 30, "on A").record()));
        assertThat(document.getElementsByTagName("circle").getLength()).isEqualTo(1);
        assertThat(document.getElementsByTagName("desc").item(0).getTextContent())
                .isEqualTo("Seen 1 times, at most 30 s, at the end 30 s.");
    }

    @Test
    void anApprovedDiscardIsNeverNoLoss() {
        then(new Entry.Approved(at(4), Gate.DISCARD_WRITES, "s-1", "p-1", "lead"));
        assertThat(Measures.of(home()).rpo().kind()).isEqualTo(Rpo.Kind.UNKNOWN);
    }

    @Test
    void theShortestRecord() throws Exception {
        assertThat(Measures.of(record()).outcome()).isNull();
        assertThat(parsed(HtmlReport.of(record())).getElementsByTagName("svg").getLength())
                .isZero();
        assertThat(MarkdownSummary.of(record())).startsWith("## Failback: not ended\n");
    }

    @Test
    void aPageIsWellFormedAndLoadsNothing() throws Exception {
        String page = HtmlReport.of(home());

        Document document = parsed(page);
        assertThat(document.getElementsByTagName("tr").getLength()).isEqualTo(entries.size() + 1 + 2);
        assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(1);
        assertThat(page).doesNotContain("<script", "http:", "https:", "src=", "href=", "url(");
    }

    @Test
    void foreignTextOfEveryKindOfEntryStaysText() throws Exception {
        List<Entry> hostile = new ArrayList<>(List.of(new Entry.Began(T0, HOSTILE, HOSTILE, HOSTILE)));
        for (Class<?> type : Entry.class.getPermittedSubclasses()) {
            if (type != Entry.Began.class) {
                hostile.add(hostile(type));
            }
        }
        FailbackRecord record = FailbackRecord.of(hostile);

        String page = HtmlReport.of(record);
        assertThat(parsed(page).getElementsByTagName("script").getLength()).isZero();
        assertThat(page).contains("[U+0000]", "[U+202E]", "[U+D800]").doesNotContain("\u202e");
        assertThat(MarkdownSummary.of(record)).doesNotContain("<", "\n# h", " `c`", " **b**", "\u001b");
        assertThat(MarkdownSummary.of(record).lines().skip(2)).allMatch(line -> line.startsWith("- **"));
    }

    private static Entry hostile(Class<?> type) throws ReflectiveOperationException {
        Class<?>[] types = Arrays.stream(type.getRecordComponents())
                .map(component -> component.getType())
                .toArray(Class<?>[]::new);
        Object[] values = Arrays.stream(types)
                .map(one -> one == Instant.class
                        ? T0
                        : one == String.class
                                ? HOSTILE
                                : one == List.class
                                        ? List.of(new Check(HOSTILE, Check.Verdict.FAIL, HOSTILE, HOSTILE))
                                        : one == Long.class
                                                ? (Object) 1L
                                                : one == boolean.class ? false : one.getEnumConstants()[0])
                .toArray();
        var constructor = type.getDeclaredConstructor(types);
        return (Entry) constructor.newInstance(values);
    }

    private static Document parsed(String page) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    }
}
