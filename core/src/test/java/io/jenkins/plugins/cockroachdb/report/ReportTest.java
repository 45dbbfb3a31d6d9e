package io.jenkins.plugins.cockroachdb.report;

import static io.jenkins.plugins.cockroachdb.report.TestRecord.T0;
import static io.jenkins.plugins.cockroachdb.report.TestRecord.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.io.StringReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportTest {

    private static final String HOSTILE =
            "<script>alert('x')</script> \"q\" & ]]> `c` | **b**\n# h\u0000\u001b\u202e\ud800";

    @Test
    void aPageIsWellFormedAndLoadsNothing() throws Exception {
        String page = HtmlReport.of(TestRecord.home());

        parsed(page);
        assertThat(page).doesNotContain("<script", "http:", "https:", "src=", "href=", "url(", "@import");
    }

    @Test
    void aPageCanBeReadByEars() throws Exception {
        Document page = parsed(HtmlReport.of(TestRecord.home()));

        assertThat(page.getElementsByTagName("h1").getLength()).isEqualTo(1);
        assertThat(page.getElementsByTagName("main").getLength()).isEqualTo(1);
        int tables = page.getElementsByTagName("table").getLength();
        assertThat(tables).isPositive();
        assertThat(page.getElementsByTagName("caption").getLength()).isEqualTo(tables);
        NodeList heads = page.getElementsByTagName("th");
        for (int i = 0; i < heads.getLength(); i++) {
            assertThat(((Element) heads.item(i)).getAttribute("scope")).isIn("col", "row");
        }
        Element chart = (Element) page.getElementsByTagName("svg").item(0);
        assertThat(chart.getAttribute("role")).isEqualTo("img");
        assertThat(chart.getAttribute("aria-labelledby")).isEqualTo("lag-title lag-desc");
    }

    @Test
    void aPageHasEverythingThatTheDesignAsksFor() throws Exception {
        String page = parsed(HtmlReport.of(new TestRecord()
                        .named()
                        .then(new Entry.Examined(
                                at(2), List.of(new Check("clock", Check.Verdict.WARN, "4 s off.", "Set it."))))
                        .cuttingOver()
                        .resumed(190)
                        .released()
                        .verified(210)
                        .ended(211, Outcome.COMPLETED)
                        .record()))
                .getDocumentElement()
                .getTextContent();

        assertThat(page)
                .contains("Failback to orders-east: completed")
                .contains("orders-east serves.")
                .contains("That is all.")
                .contains("orders-east (p-1)", "orders-west (a-1)")
                .contains("cli 0.1.0, from 2026-03-01 10:00:00 UTC")
                .contains("jenkins 0.2.0, resumed at 2026-03-01 10:03:10 UTC")
                .contains("WARN", "clock", "4 s off.", "Set it.")
                .contains("approved by lead, for cluster orders-east (p-1).")
                .contains("fence proxy edge")
                .contains("It took effect after 10 s.")
                .contains("Recovery time (RTO)1 min 38 s")
                .contains("Lost writes (RPO)at most 47 s")
                .contains("no run watched the fence")
                .contains("Changefeeds", "DNS and connection strings")
                .contains("Clients that bypass the proxies are not covered");
    }

    @Test
    void aFailbackThatIsNotHomeSaysWhatToDoAndNothingOfRoles() {
        FailbackRecord record =
                new TestRecord().named().ended(10, Outcome.FAILED).record();

        assertThat(HtmlReport.of(record)).contains("What to do next").doesNotContain("Roles have changed");
        assertThat(MarkdownSummary.of(record)).contains("- **Next:** ").doesNotContain("Changefeeds");
    }

    @Test
    void theChartHasEveryPointAlsoOfWhatTheTimelineFolds() throws Exception {
        TestRecord record = new TestRecord();
        for (long second = 60; second <= 600; second += 30) {
            record.seen(second, "REPLICATING", second - 20, "on A");
        }
        String page = HtmlReport.of(record.record());

        Element line = (Element) parsed(page).getElementsByTagName("polyline").item(0);
        assertThat(line.getAttribute("points").split(" ")).hasSize(19);
        assertThat(page).containsOnlyOnce("replicated_time advanced").contains("in 18 steps");
    }

    @Test
    void oneLagIsAPoint() throws Exception {
        Document document = parsed(HtmlReport.of(
                new TestRecord().seen(60, "REPLICATING", 30L, "on A").record()));
        assertThat(document.getElementsByTagName("circle").getLength()).isEqualTo(1);
        assertThat(document.getElementsByTagName("desc").item(0).getTextContent())
                .isEqualTo("Seen 1 time, at most 30 s, at the end 30 s.");
    }

    @Test
    void theShortestRecord() throws Exception {
        FailbackRecord record = new TestRecord().record();

        assertThat(Measures.of(record).outcome()).isNull();
        assertThat(parsed(HtmlReport.of(record)).getElementsByTagName("svg").getLength())
                .isZero();
        assertThat(MarkdownSummary.of(record)).startsWith("## Failback: not ended\n");
    }

    @Test
    void theSummaryOfAFailbackThatIsHome() {
        assertThat(MarkdownSummary.of(TestRecord.home()).lines())
                .startsWith(
                        "## Failback: completed",
                        "",
                        "- **Verdict:** Home. orders-east serves. No write was lost.",
                        "- **In short:** That is all.",
                        "- **Home (P):** orders-east \\(p-1\\)",
                        "- **Active before (A):** orders-west \\(a-1\\)")
                .anyMatch(line -> line.startsWith("- **Changefeeds:** "));
    }

    @Test
    void foreignTextOfEveryKindOfEntryStaysText() throws Exception {
        List<Entry> hostile = new ArrayList<>(List.of(new Entry.Began(T0, HOSTILE, HOSTILE, HOSTILE)));
        for (Class<?> type : Entry.class.getPermittedSubclasses()) {
            if (type != Entry.Began.class && type != Entry.Ended.class) {
                hostile.add(hostile(type));
            }
        }
        hostile.add(new Entry.Seen(T0, HOSTILE, "COMPLETED", null, null, HOSTILE));
        for (Outcome outcome : Outcome.values()) {
            List<Entry> ended = new ArrayList<>(hostile);
            ended.add(new Entry.Ended(T0, outcome, HOSTILE));
            FailbackRecord record = FailbackRecord.of(ended);

            String page = HtmlReport.of(record);
            assertThat(parsed(page).getElementsByTagName("script").getLength()).isZero();
            assertThat(page).contains("[U+0000]", "[U+202E]", "[U+D800]").doesNotContain("\u202e");
            assertThat(MarkdownSummary.of(record)).doesNotContain("<", "\n# h", " `c`", " **b**", "\u001b");
            assertThat(MarkdownSummary.of(record).lines().skip(2)).allMatch(line -> line.startsWith("- **"));
        }
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
