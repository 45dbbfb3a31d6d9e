package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import java.util.List;
import java.util.Locale;

/**
 * A failback as one page that needs nothing else: no script, no other resource. It is well-formed XML as well, so that a machine
 * can read it.
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
            <title>Failback</title>
            <style>
            :root { color-scheme: light dark; --line: #8886; --quiet: #777; --good: #2b7de1; --bad: #d33; }
            body { font: 15px/1.45 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
            .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem; }
            .cards div { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
            .cards b { display: block; font-size: 1.25rem; }
            dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
            dt, .seen, small { color: var(--quiet); }
            dd { margin: 0; overflow-wrap: anywhere; }
            table { border-collapse: collapse; width: 100%; }
            th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid var(--line); }
            td { overflow-wrap: anywhere; white-space: pre-line; }
            td:first-child { white-space: nowrap; font-variant-numeric: tabular-nums; }
            .run, .gate { font-weight: 600; }
            .alarm td:first-child { border-left: 4px solid var(--bad); }
            .gate td:first-child { border-left: 4px solid var(--good); }
            .loss { border-left: 4px solid var(--bad); padding-left: .8rem; }
            td small { display: block; font-weight: 400; }
            svg { width: 100%; height: auto; font-size: 13px; fill: currentColor; }
            .axis { fill: none; stroke: var(--line); } .mark { stroke: var(--bad); stroke-dasharray: 4 3; }
            .lag { fill: none; stroke: var(--good); stroke-width: 2; } .point { fill: var(--good); }
            @media print { body { max-width: none; margin: 0; } tr, svg, .cards div { break-inside: avoid; } }
            </style>
            </head>
            <body>
            """;

    private HtmlReport() {}

    /** The page of a failback, which need not be over. */
    public static String of(FailbackRecord record) {
        Measures measures = Measures.of(record);
        List<Line> lines = Line.of(record);
        return HEAD + summary(record, measures, lines)
                + "<h2>Gates and decisions</h2>\n"
                + table(lines.stream()
                        .filter(line -> line.tone() == Line.Tone.GATE)
                        .toList())
                + "<h2>Lag</h2>\n" + LagChart.of(record)
                + "<h2>Timeline</h2>\n" + table(lines) + "</body>\n</html>\n";
    }

    private static String summary(FailbackRecord record, Measures measures, List<Line> lines) {
        Entry.Began began = record.beginning();
        StringBuilder html = new StringBuilder();
        html.append("<h1>Failback: ").append(Words.outcome(measures.outcome())).append("</h1>\n");
        if (measures.outcome() != null) {
            html.append("<p>")
                    .append(escaped(lines.get(lines.size() - 1).detail()))
                    .append("</p>\n");
        }
        html.append("<div class=\"cards\">\n");
        card(html, "Recovery time (RTO)", Words.rto(measures));
        card(html, "Lost writes (RPO)", Words.rpo(measures.rpo()));
        card(html, "Write pause", Words.writePause(measures));
        card(
                html,
                "Loss windows",
                measures.lossWindows().isEmpty()
                        ? "none"
                        : "" + measures.lossWindows().size());
        html.append("</div>\n");
        measures.lossWindows()
                .forEach(loss ->
                        html.append("<p class=\"loss\">").append(escaped(loss)).append("</p>\n"));
        html.append("<dl>\n");
        term(html, "Home: original primary (P)", began.originalPrimaryId());
        term(html, "Active before (A)", began.activeId());
        term(html, "Began", Words.time(measures.began()));
        term(html, measures.outcome() == null ? "Last entry" : "Ended", Words.time(measures.lastEntry()));
        term(html, "Duration", Words.duration(measures.duration()));
        term(html, "Driven by", began.driver());
        term(
                html,
                "About lost writes",
                measures.rpo().because() + " Clients that bypass the proxies are not covered by any of this.");
        return html.append("</dl>\n").toString();
    }

    private static void card(StringBuilder html, String name, String value) {
        html.append("<div>").append(name).append("<b>").append(escaped(value)).append("</b></div>\n");
    }

    private static void term(StringBuilder html, String name, String value) {
        html.append("<dt>")
                .append(name)
                .append("</dt><dd>")
                .append(escaped(value))
                .append("</dd>\n");
    }

    private static String table(List<Line> lines) {
        if (lines.isEmpty()) {
            return "<p>None.</p>\n";
        }
        StringBuilder html =
                new StringBuilder("<table>\n<thead><tr><th>When</th><th>What</th></tr></thead>\n<tbody>\n");
        for (Line line : lines) {
            html.append("<tr class=\"")
                    .append(line.tone().name().toLowerCase(Locale.ROOT))
                    .append("\"><td>")
                    .append(Words.time(line.at()))
                    .append("</td><td>")
                    .append(escaped(line.text()));
            if (line.detail() == null || !line.detail().isEmpty()) {
                html.append("<small>").append(escaped(line.detail())).append("</small>");
            }
            html.append("</td></tr>\n");
        }
        return html.append("</tbody>\n</table>\n").toString();
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
