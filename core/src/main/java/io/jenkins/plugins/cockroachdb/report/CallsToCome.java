package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Forecast;
import io.jenkins.plugins.cockroachdb.failback.Pair;
import io.jenkins.plugins.cockroachdb.failback.Sight;
import io.jenkins.plugins.cockroachdb.failback.Situation;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.Verb;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Every call that changes something and follows from here on, in words: nobody should approve less than he knows. */
public final class CallsToCome {

    private static final String STREAMS = "/api/v1/physical-replication-streams";

    private CallsToCome() {}

    /**
     * The calls until the end of the run, if everybody approves and every call works.
     *
     * @param proxies whose commands are told, each as literal as it can be said beforehand
     */
    public static List<String> from(Situation situation, List<Proxy> proxies) {
        return situation
                .sight()
                .cloud()
                .map(Sight.Cloud::pair)
                .map(pair -> calls(situation, pair, proxies))
                .orElse(List.of());
    }

    private static List<String> calls(Situation situation, Pair pair, List<Proxy> proxies) {
        String p = pair.originalPrimary().name();
        String a = pair.active().name();
        boolean proxied = !situation.sight().proxies().isEmpty();
        List<String> calls = new ArrayList<>();
        for (Forecast.Step step : Forecast.of(situation)) {
            Action action = step.action();
            if (action instanceof Action.CreateReverseStream) {
                calls.add(
                        "create the stream from " + a + " to " + p + ", which erases " + p + " (POST " + STREAMS + ")");
            } else if (action instanceof Action.CreateForwardStream) {
                calls.add("create the forward stream from " + p + " to " + a + ", which erases " + a + " (POST "
                        + STREAMS + ")");
            } else if (action instanceof Action.Fence fence) {
                calls.add("fence " + names(fence.proxies()) + ": no client can write to " + a);
                calls.addAll(commands(Verb.FENCE, fence.proxies(), proxies));
            } else if (action instanceof Action.Unfence unfence) {
                calls.add("un-fence " + names(unfence.proxies()) + ": clients go to " + a);
                calls.addAll(commands(Verb.UNFENCE, unfence.proxies(), proxies));
            } else if (action instanceof Action.Release release) {
                calls.add("release " + names(release.proxies()) + ": clients go to " + p);
                calls.addAll(commands(Verb.RELEASE, release.proxies(), proxies));
            } else if (action instanceof Action.Initiate initiate) {
                Instant time = initiate.update().failoverAt();
                if (!proxied) {
                    calls.add("no fence: what clients write to " + a + " after the cutover time is lost");
                }
                calls.add("cut over to " + (time == null ? "the latest time" : time) + " (PATCH " + STREAMS
                        + "/{id} to FAILING_OVER)");
                if (!proxied) {
                    calls.add("none for traffic: send clients to " + p + " yourself, once the cutover is completed");
                }
            }
        }
        return List.copyOf(calls);
    }

    /** What a verb does at these proxies, command by command. */
    public static List<String> commands(Verb verb, List<String> names, List<Proxy> proxies) {
        return proxies.stream()
                .filter(proxy -> names.contains(proxy.name()))
                .flatMap(proxy -> proxy.commands(verb).stream().map(command -> proxy.name() + ": " + command))
                .toList();
    }

    private static String names(List<String> proxies) {
        return String.join(", ", proxies);
    }
}
