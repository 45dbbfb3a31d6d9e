package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.RolesChanged;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A failback as one page that needs nothing else: no script, no other resource. It is well-formed XML as well, so that a machine
 * can read it. What matters most comes first: how it stands, what to do, what it cost; the whole record comes last.
 */
public final class HtmlReport {

    private static final String HEAD =
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
            <style>
            :root { color-scheme: light dark; --line: #8886; --quiet: #5c5c5c; --good: #14703c; --warn: #8a5a00; --bad: #b3261e;
              --mark: #1a5fb4; }
            @media (prefers-color-scheme: dark) {
              :root { --quiet: #ababab; --good: #6fce95; --warn: #f0b64d; --bad: #ff8a80; --mark: #78aeed; } }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 1.5rem auto; padding: 0 1rem; }
            h1 { margin-bottom: .5rem; } h2 { margin-top: 2.2rem; }
            .verdict { font-size: 1.3rem; font-weight: 600; border-left: .5rem solid; padding: .3rem .8rem; margin: .5rem 0; }
            .good { border-color: var(--good); } .warn { border-color: var(--warn); } .bad { border-color: var(--bad); }
            .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem; }
            .cards div { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
            .cards dd { font-size: 1.2rem; font-weight: 600; }
            .facts { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
            .facts dt { grid-column: 1; } .facts dd { grid-column: 2; }
            dt, .seen, small { color: var(--quiet); }
            dd { margin: 0; overflow-wrap: anywhere; }
            table { border-collapse: collapse; width: 100%; }
            th, td { text-align: left; vertical-align: top; padding: .35rem .5rem; border-bottom: 1px solid var(--line); }
            caption { text-align: left; }
            tbody th { font-weight: 600; overflow-wrap: break-word; }
            td { overflow-wrap: anywhere; white-space: pre-line; }
            td:first-child { white-space: nowrap; font-variant-numeric: tabular-nums; }
            .run, .gate, .fail td:first-child { font-weight: 600; }
            .alarm td:first-child, .fail td:first-child { border-left: 4px solid var(--bad); }
            .warned td:first-child { border-left: 4px solid var(--warn); }
            .gate td:first-child { border-left: 4px solid var(--mark); }
            .loss { border-left: 4px solid var(--bad); padding-left: .8rem; }
            td small { display: block; font-size: .9rem; font-weight: 400; }
            svg { width: 100%; height: auto; font-size: 13px; fill: currentColor; }
            .axis { fill: none; stroke: var(--line); } .mark { stroke: var(--bad); stroke-dasharray: 4 3; }
            .lag { fill: none; stroke: var(--mark); stroke-width: 2; } .point { fill: var(--mark); }
            @media (max-width: 40rem) {
              body { margin: .5rem auto; } .facts { display: block; } .facts dt { margin-top: .5rem; }
              td:first-child { white-space: normal; min-width: 5.5rem; } th, td { padding: .3rem .25rem; } svg { font-size: 22px; } }
            @media print {
              :root { color-scheme: light; --quiet: #444; --good: #14703c; --warn: #8a5a00; --bad: #b3261e; --mark: #1a5fb4; }
              body { max-width: none; margin: 0; font-size: 10pt; } h2 { break-after: avoid; }
              tr, svg, .cards div, .verdict { break-inside: avoid; } }
            </style>
            """;

    private final FailbackRecord record;
    private final Measures measures;
    private final Names names;
    private final List<Line> lines;
    private final StringBuilder html = new StringBuilder(HEAD);

    private HtmlReport(FailbackRecord record) {
        this.record = record;
        measures = Measures.of(record);
        names = Names.in(record);
        lines = Line.of(record);
    }

    /** The page of a failback, which need not be over. */
    public static String of(FailbackRecord record) {
        return new HtmlReport(record).page();
    }

    private String page() {
        String title = Headline.title(record, measures);
        add("<title>" + escaped(title) + "</title>\n</head>\n<body>\n<main>\n<h1>" + escaped(title) + "</h1>\n");
        verdict();
        costs();
        facts();
        rolesChanged();
        checks();
        gates();
        calls();
        heading("Lag");
        add(LagChart.of(record));
        timeline();
        return html.append("</main>\n</body>\n</html>\n").toString();
    }

    private void verdict() {
        Verdict verdict = Verdict.of(record, measures);
        add("<p class=\"verdict " + lowerCase(verdict.mood()) + "\">" + escaped(verdict.line()) + "</p>\n");
        if (measures.outcome() != null) {
            paragraph(lines.get(lines.size() - 1).detail());
        }
        if (!verdict.next().isEmpty()) {
            heading("What to do next");
            add(verdict.next().stream()
                    .map(next -> "<li>" + escaped(next) + "</li>\n")
                    .collect(Collectors.joining("", "<ol>\n", "</ol>\n")));
        }
    }

    private void costs() {
        heading("What it cost");
        add("<dl class=\"cards\">\n");
        card("Recovery time (RTO)", Words.rto(measures.recovery()));
        card("Lost writes (RPO)", Words.rpo(measures.rpo()));
        card("Write pause", Words.writePause(measures));
        int windows = measures.lossWindows().size();
        card("Loss windows", windows == 0 ? "none" : "" + windows);
        add("</dl>\n");
        measures.lossWindows().forEach(loss -> add("<p class=\"loss\">" + escaped(loss) + "</p>\n"));
        if (measures.rpo().span() == null) { // else it is one of the loss windows
            paragraph(measures.rpo().because());
        }
    }

    private void card(String name, String value) {
        add("<div><dt>" + name + "</dt><dd>" + escaped(value) + "</dd></div>\n");
    }

    private void facts() {
        heading("This failback");
        add("<dl class=\"facts\">\n");
        fact("Home: original primary (P)", List.of(names.full(names.originalPrimaryId())));
        fact("Active before (A)", List.of(names.full(names.activeId())));
        fact("Began", List.of(Words.time(measures.began())));
        fact(measures.outcome() == null ? "Last entry" : "Ended", List.of(Words.time(measures.lastEntry())));
        fact("Duration", List.of(Words.duration(measures.duration())));
        fact("Driven by", Words.drivers(record));
        add("</dl>\n");
    }

    private void fact(String name, List<String> values) {
        add("<dt>" + name + "</dt>");
        values.forEach(value -> add("<dd>" + escaped(value) + "</dd>"));
        add("\n");
    }

    private void rolesChanged() {
        RolesChanged.of(record).ifPresent(roles -> {
            heading("Roles have changed: what to change by hand");
            table(
                    "What no cutover moves",
                    List.of("What", "How it is, and what to do"),
                    roles.items().stream()
                            .map(item -> "<tr><th scope=\"row\">" + escaped(item.topic()) + "</th>"
                                    + cell(item.words(), "") + "</tr>")
                            .toList());
        });
    }

    private void checks() {
        heading("Checks");
        Words.lastExamination(record)
                .ifPresentOrElse(
                        examined -> table(
                                "The last examination, of " + Words.time(examined.at()),
                                List.of("Verdict", "Check", "What was found, and what to do"),
                                examined.checks().stream().map(HtmlReport::row).toList()),
                        () -> paragraph("No prerequisite was examined."));
    }

    private static String row(Check check) {
        String tone = check.failed() ? "fail" : check.verdict() == Check.Verdict.WARN ? "warned" : "passed";
        return "<tr class=\"" + tone + "\">" + cell(check.verdict().name(), "") + "<th scope=\"row\">"
                + escaped(check.name()) + "</th>" + cell(check.reason(), check.remedy()) + "</tr>";
    }

    private void gates() {
        heading("Gates and decisions");
        List<Line> gates =
                lines.stream().filter(line -> line.tone() == Line.Tone.GATE).toList();
        if (gates.isEmpty()) {
            paragraph("Nobody was asked, and nobody intervened.");
        } else {
            lines("What people decided", gates);
        }
    }

    private void calls() {
        heading("Calls");
        List<Attempt> attempts = Attempt.in(record.entries());
        if (attempts.isEmpty()) {
            paragraph("Nothing was changed.");
            return;
        }
        table(
                "Everything that was changed, or was meant to be",
                List.of("When", "Call", "Answer"),
                attempts.stream().map(this::row).toList());
    }

    private String row(Attempt attempt) {
        String answer = attempt.called() == null
                ? "No answer is recorded: its fate is unknown."
                : "It " + Line.result(attempt.called().result())
                        + attempt.took()
                                .map(took -> " after " + Words.duration(took))
                                .orElse("")
                        + ".";
        return "<tr class=\"" + (attempt.isDone() ? "call" : "alarm") + "\"><td>"
                + time(attempt.calling().at()) + "</td>" + cell(Line.call(attempt.calling(), names), "")
                + cell(answer, attempt.called() == null ? "" : attempt.called().detail()) + "</tr>";
    }

    private void timeline() {
        heading("Timeline");
        lines("The whole record", lines);
    }

    private void lines(String caption, List<Line> some) {
        table(
                caption,
                List.of("When", "What"),
                some.stream()
                        .map(line -> "<tr class=\"" + lowerCase(line.tone()) + "\"><td>" + time(line.at()) + "</td>"
                                + cell(line.text(), line.detail()) + "</tr>")
                        .toList());
    }

    private void table(String caption, List<String> heads, List<String> rows) {
        add("<table>\n<caption><small>" + escaped(caption) + "</small></caption>\n<thead><tr>");
        heads.forEach(head -> add("<th scope=\"col\">" + head + "</th>"));
        add("</tr></thead>\n<tbody>\n" + String.join("\n", rows) + "\n</tbody>\n</table>\n");
    }

    private static String cell(String text, String detail) {
        boolean plain = detail != null && detail.isEmpty();
        return "<td>" + escaped(text) + (plain ? "" : "<small>" + escaped(detail) + "</small>") + "</td>";
    }

    private void heading(String text) {
        add("<h2>" + text + "</h2>\n");
    }

    private void paragraph(String text) {
        add("<p>" + escaped(text) + "</p>\n");
    }

    private static String time(Instant at) {
        return "<time datetime=\"" + at + "\">" + Words.time(at) + "</time>";
    }

    private static String lowerCase(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }

    private void add(String markup) {
        html.append(markup);
    }

    private static String escaped(String text) {
        return Words.visible(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
