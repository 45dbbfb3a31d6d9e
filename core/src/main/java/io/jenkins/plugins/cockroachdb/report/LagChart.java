package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Lag over time as an inline SVG, which holds times and numbers only. */
final class LagChart {

    private static final int LEFT = 140;
    private static final int RIGHT = 880;
    private static final int TOP = 40;
    private static final int BOTTOM = 220;

    private final List<Entry> entries;
    private final List<Entry.Seen> points;
    private final Instant begin;
    private final Instant end;
    private final long highest;

    private LagChart(FailbackRecord record) {
        entries = record.entries();
        points = entries.stream()
                .filter(entry -> entry instanceof Entry.Seen seen && seen.lagSeconds() != null)
                .map(Entry.Seen.class::cast)
                .toList();
        begin = record.beginning().at();
        end = entries.get(entries.size() - 1).at();
        highest = Math.max(
                1, points.stream().mapToLong(Entry.Seen::lagSeconds).max().orElse(1));
    }

    /** The chart, or a sentence when there is nothing to draw. */
    static String of(FailbackRecord record) {
        LagChart chart = new LagChart(record);
        return chart.points.isEmpty() ? "<p>No lag was seen.</p>\n" : chart.draw();
    }

    private String draw() {
        String most = Words.duration(Duration.ofSeconds(highest));
        return "<svg viewBox=\"0 0 900 260\" role=\"img\" aria-labelledby=\"lag-title lag-desc\">\n"
                + "<title id=\"lag-title\">Replication lag over time</title>\n"
                + "<desc id=\"lag-desc\">Seen " + Words.count(points.size(), "time") + ", at most " + most
                + ", at the end "
                + Words.duration(
                        Duration.ofSeconds(points.get(points.size() - 1).lagSeconds())) + ".</desc>\n"
                + "<path class=\"axis\" d=\"M" + LEFT + " " + TOP + " V" + BOTTOM + " H" + RIGHT + "\"/>\n"
                + label(LEFT - 6, TOP + 5, "end", most) + label(LEFT - 6, BOTTOM, "end", "0 s")
                + label(LEFT, BOTTOM + 22, "start", Words.time(begin))
                + label(RIGHT, BOTTOM + 22, "end", Words.time(end))
                + streams().stream().map(this::line).collect(Collectors.joining())
                + mark(Call.FENCE, "fence", TOP - 22) + mark(Call.INITIATE_CUTOVER, "cutover", TOP - 6) + "</svg>\n";
    }

    /** The points of each stream: what the lag of one has to do with that of another is nothing that a line could show. */
    private Collection<List<Entry.Seen>> streams() {
        return points.stream()
                .collect(Collectors.groupingBy(
                        seen -> String.valueOf(seen.streamId()), LinkedHashMap::new, Collectors.toList()))
                .values();
    }

    private String line(List<Entry.Seen> stream) {
        if (stream.size() == 1) {
            return "<circle class=\"point\" r=\"4\" cx=\"" + x(stream.get(0).at()) + "\" cy=\""
                    + y(stream.get(0).lagSeconds()) + "\"/>\n";
        }
        return stream.stream()
                .map(seen -> x(seen.at()) + "," + y(seen.lagSeconds()))
                .collect(Collectors.joining(" ", "<polyline class=\"lag\" points=\"", "\"/>\n"));
    }

    /** The labels stand at different heights, for fence and cutover are close. */
    private String mark(Call call, String word, int height) {
        Optional<Instant> at = entries.stream()
                .filter(entry -> entry instanceof Entry.Calling calling && calling.call() == call)
                .map(Entry::at)
                .findFirst();
        return at.map(instant -> "<path class=\"mark\" d=\"M" + x(instant) + " " + TOP + " V" + BOTTOM + "\"/>\n"
                        + label(x(instant) - 5, height, "end", word))
                .orElse("");
    }

    private static String label(double x, int y, String anchor, String text) {
        return "<text x=\"" + x + "\" y=\"" + y + "\" text-anchor=\"" + anchor + "\">" + text + "</text>\n";
    }

    private double x(Instant at) {
        double all = Math.max(1, Duration.between(begin, end).toMillis());
        return rounded(LEFT
                + (RIGHT - LEFT)
                        * Math.min(1, Math.max(0, Duration.between(begin, at).toMillis() / all)));
    }

    private double y(long lag) {
        return rounded(BOTTOM - (BOTTOM - TOP) * Math.max(0.0, lag) / highest);
    }

    private static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.1f", value));
    }
}
