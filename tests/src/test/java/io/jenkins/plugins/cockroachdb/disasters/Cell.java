package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import java.util.ArrayList;
import java.util.List;

/** Where in the runbook's table a decision was made, as the record shows it. */
final class Cell {

    static final List<String> ROWS = List.of("1", "1b", "2", "3", "4", "5", "6");
    static final List<String> COLUMNS = List.of("on A", "fenced", "on P", "mixed", "unknown", "no proxies");

    private Cell() {}

    /** Every cell of the table. */
    static List<String> all() {
        List<String> all = new ArrayList<>();
        ROWS.forEach(row -> COLUMNS.forEach(column -> all.add(name(row, column))));
        return all;
    }

    static String of(FailbackRecord record, Settings settings, boolean withoutProxies) {
        Entry.Seen seen = null;
        for (Entry entry : record.entries()) {
            if (entry instanceof Entry.Seen latest) {
                seen = latest;
            } else if (entry instanceof Entry.Blind || entry instanceof Entry.Resumed) {
                seen = null;
            }
        }
        if (seen == null) {
            return "blind";
        }
        return name(row(record, settings, seen), withoutProxies ? "no proxies" : seen.traffic());
    }

    private static String name(String row, String column) {
        return row + ", " + column;
    }

    private static String row(FailbackRecord record, Settings settings, Entry.Seen seen) {
        if (seen.status() == null) {
            return "1";
        }
        return switch (seen.status()) {
            case "CANCELED" -> wasSeenLive(record, seen.streamId()) ? "1b" : "1";
            case "STARTING" -> "2";
            case "REPLICATING" -> isReady(settings, seen) ? "3" : "2";
            case "FAILING_OVER" -> "4";
            case "COMPLETED" -> isOurs(record, seen.streamId()) ? "5" : "6";
            default -> "unknown status";
        };
    }

    private static boolean wasSeenLive(FailbackRecord record, String stream) {
        return record.entries().stream()
                .anyMatch(entry -> entry instanceof Entry.Seen earlier
                        && stream.equals(earlier.streamId())
                        && !"CANCELED".equals(earlier.status()));
    }

    private static boolean isReady(Settings settings, Entry.Seen seen) {
        return seen.replicatedTime() != null
                && seen.lagSeconds() != null
                && (settings.waiveLag()
                        || seen.lagSeconds() <= settings.maxLag().toSeconds());
    }

    private static boolean isOurs(FailbackRecord record, String stream) {
        return record.entries().stream()
                .anyMatch(entry -> entry instanceof Entry.Approved approved
                                && approved.gate() == Gate.CUT_OVER
                                && stream.equals(approved.streamId())
                        || entry instanceof Entry.Calling calling
                                && calling.call() == Call.INITIATE_CUTOVER
                                && stream.equals(calling.target()));
    }
}
