package io.jenkins.plugins.cockroachdb.jenkins;

import hudson.console.HyperlinkNote;
import hudson.model.TaskListener;
import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.CloudClient;
import io.jenkins.plugins.cockroachdb.cloud.Redaction;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.cloud.StreamStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jenkinsci.plugins.workflow.actions.LabelAction;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/**
 * Tells people what a step sees: a line in the log for every change and at most one a minute beside that, and a label in the
 * flow graph. Names and sentences from outside are shown as one line of plain text.
 */
final class StepNarrator {

    private static final Logger LOGGER = Logger.getLogger(StepNarrator.class.getName());

    private static final Duration HEARTBEAT = Duration.ofMinutes(1);

    private final StepContext context;
    private final CloudSessions.Place place;
    private final CloudSession session;
    private final InstantSource clock;

    // Guarded by this.
    private Answer<ReplicationStream> last;
    private String told;
    private Instant toldAt;
    private boolean ended;

    StepNarrator(StepContext context, CloudSessions.Place place, CloudSession session, InstantSource clock) {
        this.context = context;
        this.place = place;
        this.session = session;
        this.clock = clock;
    }

    /** A stream as it was just read. */
    void seen(Answer<ReplicationStream> answer) {
        synchronized (this) {
            last = answer;
        }
        session.clusterNames().thenAccept(this::tell);
    }

    /** A line of its own. */
    void note(String sentence) {
        print(context, labelled(place, Redaction.printable(sentence)));
    }

    /** The label for what a step returned, if it was anything but a stream that was seen. */
    void returned(Map<String, Object> result) {
        if (result.get("health") != null) {
            mark(result.get("name") + ": " + result.get("health"));
        } else if (result.get("ok") != null) {
            mark(Boolean.TRUE.equals(result.get("ok")) ? "ready" : "not ready");
        } else if (result.get("status") != null) {
            Map<String, String> names = session.clusterNames().getNow(Map.of());
            mark(name(names, (String) result.get("primaryClusterId")) + " to "
                    + name(names, (String) result.get("standbyClusterId")) + ": " + result.get("status"));
        }
    }

    /** What was seen last, in a phrase. */
    synchronized String phrase() {
        if (last == null) {
            return labelled(place, "stream not seen yet");
        }
        return labelled(place, "stream " + last.value().id() + " " + state(last));
    }

    /** Tells what was seen and not told yet, and no more after that: names that arrive late find the build complete. */
    synchronized void end() {
        if (last != null && told == null) {
            tell(Map.of());
        }
        ended = true;
    }

    private synchronized void tell(Map<String, String> names) {
        if (ended) {
            return;
        }
        Answer<ReplicationStream> answer = last;
        String state = answer.value().statusName() + answer.value().caughtUpTo().isPresent();
        boolean changed = !state.equals(told);
        Instant now = clock.instant();
        if (!changed && now.isBefore(toldAt.plus(HEARTBEAT))) {
            return;
        }
        told = state;
        toldAt = now;
        ReplicationStream stream = answer.value();
        print(
                context,
                labelled(
                        place,
                        "Stream " + stream.id() + " from " + link(names, stream.primaryClusterId()) + " to "
                                + link(names, stream.standbyClusterId()) + (changed ? " is " : " is still ")
                                + state(answer)
                                + "."));
        if (changed) {
            mark(name(names, stream.primaryClusterId()) + " to " + name(names, stream.standbyClusterId()) + ": "
                    + stream.statusName());
        }
    }

    private static String state(Answer<ReplicationStream> answer) {
        ReplicationStream stream = answer.value();
        String status = Redaction.printable(stream.statusName());
        if (stream.status() == StreamStatus.REPLICATING) {
            return status
                    + stream.caughtUpTo()
                            .map(upTo -> " up to " + upTo
                                    + stream.lag(answer.cloudTime())
                                            .map(lag -> ", lag " + lag.toSeconds() + " s")
                                            .orElse(""))
                            .orElse(", the first copy is under way");
        }
        return stream.failoverAt() == null || stream.status() != StreamStatus.FAILING_OVER
                ? status
                : status + " to " + stream.failoverAt();
    }

    private static String name(Map<String, String> names, String clusterId) {
        return Redaction.printable(names.getOrDefault(clusterId, clusterId));
    }

    /** To the cluster in the Cloud Console. */
    private String link(Map<String, String> names, String clusterId) {
        String name = name(names, clusterId);
        return place.simulated() || !CloudClient.isId(clusterId)
                ? name
                : HyperlinkNote.encodeTo(place.url() + "/cluster/" + clusterId, name);
    }

    /** What is simulated says so, wherever it is shown. */
    static String labelled(CloudSessions.Place place, String text) {
        return place != null && place.simulated() ? "[simulated] " + text : text;
    }

    /** Labels the step in the flow graph. */
    private void mark(String text) {
        try {
            FlowNode node = context.get(FlowNode.class);
            if (node != null) {
                node.addOrReplaceAction(new LabelAction(labelled(place, Redaction.printable(text))));
            }
        } catch (IOException e) {
            LOGGER.log(Level.FINE, "the build is gone", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes a line to the log of a build, if that is still there. */
    static void print(StepContext context, String line) {
        try {
            TaskListener listener = context.get(TaskListener.class);
            if (listener != null) {
                listener.getLogger().println(line);
            }
        } catch (IOException e) {
            LOGGER.log(Level.FINE, "the build is gone", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
