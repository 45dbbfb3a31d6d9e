package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Forecast;
import io.jenkins.plugins.cockroachdb.failback.Gatekeeper;
import io.jenkins.plugins.cockroachdb.failback.Pair;
import io.jenkins.plugins.cockroachdb.failback.Situation;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.Verb;
import io.jenkins.plugins.cockroachdb.report.CallsToCome;
import io.jenkins.plugins.cockroachdb.report.GateText;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One step of a plan.
 *
 * @param kind what sort of step it is
 * @param words a sentence for a person
 * @param type the name to be typed at a gate; null for every other step
 * @param request what is sent; null for a step that sends nothing that changes something
 * @param commands what is done at the proxies; empty for every other step
 * @param atMost how long it may take; null where nothing limits it, or it takes no time
 */
record PlanStep(
        Kind kind, String words, String type, UnsentRequests.Unsent request, List<String> commands, Duration atMost) {

    PlanStep {
        commands = List.copyOf(commands);
    }

    /** The sorts of steps, as a program reads them. */
    enum Kind {
        /** Reads, and changes nothing. */
        READ,
        /** Asks a person. */
        GATE,
        /** Changes something in the cloud. */
        CALL,
        /** Changes where clients can go. */
        TRAFFIC,
        /** Waits. */
        WAIT,
        /** Ends the run. */
        END
    }

    /** Puts a step of a run into words. */
    static PlanStep of(Forecast.Step step, Pair pair, UnsentRequests requests, List<Proxy> proxies) {
        String p = pair.originalPrimary().name();
        String a = pair.active().name();
        Action action = step.action();
        if (action instanceof Action.Examine) {
            return of(Kind.READ, "Read every prerequisite again. What has changed for the worse ends the run.");
        } else if (action instanceof Action.Ask ask) {
            return gate(ask, step.situation(), pair);
        } else if (action instanceof Action.Adopt adopt) {
            return of(Kind.READ, "Use the live reverse stream " + adopt.streamId() + ".");
        } else if (action instanceof Action.CreateReverseStream create) {
            return call(
                    "Create the reverse stream from " + a + " to " + p + ", which erases " + p + ".",
                    requests.of(api -> api.createStream(create.stream())));
        } else if (action instanceof Action.CreateForwardStream create) {
            return call(
                    "Create the forward stream from " + p + " to " + a + ", which erases " + a + ".",
                    requests.of(api -> api.createStream(create.stream())));
        } else if (action instanceof Action.Initiate initiate) {
            return call(
                    "Cut over: " + p + " becomes a cluster of its own. There is no way back from here.",
                    requests.of(api -> api.updateStream(initiate.streamId(), initiate.update())));
        } else if (action instanceof Action.Await await) {
            String words = "Wait for stream " + await.streamId() + " to be "
                    + await.condition().words() + ".";
            return new PlanStep(
                    Kind.WAIT,
                    words,
                    null,
                    null,
                    List.of(),
                    Duration.between(step.situation().now(), await.deadline()));
        } else if (action instanceof Action.Look look) {
            return of(Kind.WAIT, look.why());
        } else if (action instanceof Action.Fence fence) {
            return traffic(Verb.FENCE, fence.proxies(), proxies, ": no client can write to " + a + ".");
        } else if (action instanceof Action.ProveFence) {
            return of(Kind.READ, "Prove every fence, and read the cloud's time.");
        } else if (action instanceof Action.Unfence unfence) {
            return traffic(Verb.UNFENCE, unfence.proxies(), proxies, ": clients go to " + a + ".");
        } else if (action instanceof Action.Release release) {
            return traffic(Verb.RELEASE, release.proxies(), proxies, ": clients go to " + p + ".");
        } else if (action instanceof Action.Verify) {
            return of(Kind.READ, "See whether " + p + " serves.");
        } else if (action instanceof Action.Finish finish) {
            return of(Kind.END, "End: " + finish.outcome().kind() + ". " + finish.message());
        }
        throw new IllegalStateException("unknown action " + action);
    }

    /** In the words in which a run asks. */
    private static PlanStep gate(Action.Ask ask, Situation situation, Pair pair) {
        String name = pair.nameOf(ask.clusterId());
        String question = GateText.of(new Gatekeeper.Question(ask.gate(), name, situation), Optional.empty(), List.of())
                .question();
        return new PlanStep(
                Kind.GATE,
                "Gate: " + question + " To be typed: " + name + ".",
                name,
                null,
                List.of(),
                situation.settings().gateLimit());
    }

    private static PlanStep of(Kind kind, String words) {
        return new PlanStep(kind, words, null, null, List.of(), null);
    }

    private static PlanStep call(String words, UnsentRequests.Unsent request) {
        return new PlanStep(Kind.CALL, words, null, request, List.of(), null);
    }

    private static PlanStep traffic(Verb verb, List<String> names, List<Proxy> proxies, String so) {
        String word = verb.word().substring(0, 1).toUpperCase(Locale.ROOT)
                + verb.word().substring(1);
        return new PlanStep(
                Kind.TRAFFIC,
                word + " " + listed(names) + so,
                null,
                null,
                CallsToCome.commands(verb, names, proxies),
                null);
    }

    private static String listed(List<String> proxies) {
        return "proxy " + String.join(", proxy ", proxies);
    }
}
