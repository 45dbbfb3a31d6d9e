package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.simulator.Scene;
import io.jenkins.plugins.cockroachdb.simulator.Write;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The application of a rehearsal: it writes all the time and remembers what was acknowledged. */
final class RehearsedApplication {

    private final Scene scene;
    private final RehearsedWay way;
    private final List<String> acknowledged = new ArrayList<>();
    private int attempts;

    RehearsedApplication(Scene scene, RehearsedWay way) {
        this.scene = scene;
        this.way = way;
    }

    /** Tries to write once, wherever the proxy leads. */
    synchronized void write() {
        String value = "order " + ++attempts;
        if (way.write(value)) {
            acknowledged.add(value);
        }
    }

    /** What became of the writes that were acknowledged. */
    synchronized Tally tally() {
        Set<String> home = new HashSet<>();
        scene.cloud().writes(scene.originalPrimaryId()).stream()
                .map(Write::value)
                .forEach(home::add);
        int arrived = (int) acknowledged.stream().filter(home::contains).count();
        return new Tally(attempts, acknowledged.size(), acknowledged.size() - arrived);
    }

    /**
     * Writes, counted.
     *
     * @param attempted how often the clients tried to write
     * @param acknowledged how many of these a cluster acknowledged; the others met a fence, and clients know that they failed
     * @param lost how many of the acknowledged are missing on the original primary
     */
    record Tally(int attempted, int acknowledged, int lost) {
        String words() {
            return "Of " + attempted + " writes, " + acknowledged + " were acknowledged, and " + lost
                    + " of these are missing on the original primary. The others met the fence, as their clients know.";
        }
    }
}
