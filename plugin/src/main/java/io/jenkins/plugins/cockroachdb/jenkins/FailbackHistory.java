package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.Extension;
import hudson.model.Action;
import hudson.model.InvisibleAction;
import hudson.model.Job;
import hudson.model.Run;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import jenkins.model.TransientActionFactory;

/** What the newest failbacks of a job cost, as a picture on its page: recovery time and lost writes, one pair of bars each. */
public final class FailbackHistory extends InvisibleAction {

    /** How many builds are looked at, with or without a failback. */
    private static final int BUILDS = 30;

    private static final int BASE = 150;
    private static final int HIGHEST = 110;
    private static final int LEFT = 70;
    private static final int STEP = 96;
    private static final int BAR = 26;
    private static final int GAP = 5;

    private final Job<?, ?> job;

    FailbackHistory(Job<?, ?> job) {
        this.job = job;
    }

    /** The picture; null when there is nothing in it. */
    public Picture getPicture() throws IOException {
        List<Point> points = new ArrayList<>();
        int looked = 0;
        for (Run<?, ?> run : job.getBuilds()) {
            if (++looked > BUILDS) {
                break;
            }
            FailbackAction failbacks = run.getAction(FailbackAction.class);
            if (failbacks != null) {
                List<FailbackReport> reports = new ArrayList<>(failbacks.getReports());
                Collections.reverse(reports);
                reports.forEach(report -> points.add(new Point(run, report)));
            }
        }
        Collections.reverse(points);
        return points.isEmpty() ? null : new Picture(points);
    }

    private record Point(Run<?, ?> run, FailbackReport report) {}

    /** The picture, drawn to a scale of its own. */
    public static final class Picture {

        private final List<Column> columns = new ArrayList<>();

        Picture(List<Point> points) {
            double scale = points.stream()
                    .mapToDouble(
                            point -> Math.max(seconds(point.report.recoveryTime()), seconds(point.report.lostTime())))
                    .max()
                    .orElse(0);
            for (Point point : points) {
                columns.add(new Column(point, LEFT + STEP * columns.size(), HIGHEST / Math.max(1, scale)));
            }
        }

        /** In units of the drawing. */
        public int getWidth() {
            return LEFT + STEP * columns.size() + BAR;
        }

        /** The line on which the bars stand. */
        public int getBase() {
            return BASE;
        }

        /** The oldest first. */
        public List<Column> getColumns() {
            return columns;
        }

        private static double seconds(Duration duration) {
            return duration == null ? 0 : duration.toMillis() / 1000.0;
        }

        /** One failback. */
        public static final class Column {

            private final Point point;
            private final int x;
            private final double scale;

            Column(Point point, int x, double scale) {
                this.point = point;
                this.x = x;
                this.scale = scale;
            }

            /** Where it is, from the page of the job. */
            public String getUrl() {
                return point.run.getNumber() + "/cockroachdb-failback/";
            }

            /** Which build. */
            public String getBuild() {
                return "#" + point.run.getNumber();
            }

            /** What it came to. */
            public FailbackReport getReport() {
                return point.report;
            }

            /** The middle of it. */
            public int getMiddle() {
                return x + STEP / 2;
            }

            /** The recovery time. */
            public Bar getRecovery() {
                return new Bar(getMiddle() - BAR - GAP, point.report.recoveryTime(), scale);
            }

            /** The lost writes. */
            public Bar getLostWrites() {
                return new Bar(getMiddle() + GAP, point.report.lostTime(), scale);
            }
        }

        /** A bar. */
        public static final class Bar {

            private final int x;
            private final Duration value;
            private final double scale;

            Bar(int x, Duration value, double scale) {
                this.x = x;
                this.value = value;
                this.scale = scale;
            }

            /** What stands above it: seconds, or a question mark for what was not measured. */
            public String getLabel() {
                return value == null ? "?" : String.format(Locale.ROOT, "%.0f s", seconds(value));
            }

            /** Its left edge. */
            public int getX() {
                return x;
            }

            /** The middle of it. */
            public int getMiddle() {
                return x + BAR / 2;
            }

            /** Its upper edge. */
            public String getY() {
                return String.format(Locale.ROOT, "%.1f", BASE - height());
            }

            /** A little more than nothing for nothing, so that it can be seen. */
            public String getHeight() {
                return String.format(Locale.ROOT, "%.1f", height());
            }

            /** Where the label stands. */
            public String getLabelY() {
                return String.format(Locale.ROOT, "%.1f", BASE - height() - 5);
            }

            private double height() {
                return value == null ? 0 : Math.max(2, seconds(value) * scale);
            }
        }
    }

    /** Adds it to every job; where no build has a failback, it shows nothing. */
    @Extension
    public static final class Factory extends TransientActionFactory<Job<?, ?>> {

        @Override
        @SuppressWarnings({"unchecked", "rawtypes"})
        public Class<Job<?, ?>> type() {
            return (Class) Job.class;
        }

        @Override
        public Collection<? extends Action> createFor(Job<?, ?> job) {
            return List.of(new FailbackHistory(job));
        }
    }
}
