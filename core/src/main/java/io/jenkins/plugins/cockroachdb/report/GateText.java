package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Examination;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Gatekeeper;
import io.jenkins.plugins.cockroachdb.failback.Pair;
import io.jenkins.plugins.cockroachdb.failback.Sight;
import io.jenkins.plugins.cockroachdb.failback.Situation;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A gate in words: what is asked, and what to know before one answers.
 *
 * @param question a sentence
 * @param approval what typing the name does, to follow "to"
 */
public record GateText(String question, String approval, List<String> evidence) {

    public GateText {
        evidence = List.copyOf(evidence);
    }

    /**
     * @param lastWritePause how long clients could not write in the last failback of this pair; empty when nobody knows
     * @param proxies whose commands are shown
     */
    public static GateText of(Gatekeeper.Question question, Optional<Duration> lastWritePause, List<Proxy> proxies) {
        Situation situation = question.situation();
        Optional<Pair> pair = situation.sight().cloud().map(Sight.Cloud::pair);
        String action = pair.map(seen -> action(question.gate(), seen, situation))
                .orElse(question.gate().words());
        return new GateText(
                "May this run " + action + "?", action, evidence(question.gate(), situation, lastWritePause, proxies));
    }

    private static String action(Gate gate, Pair pair, Situation situation) {
        String p = pair.originalPrimary().name();
        String a = pair.active().name();
        return switch (gate) {
            case ERASE -> "erase " + p + " and copy " + a + " to it";
            case CUT_OVER -> proxied(situation) ? "stop writes to " + a + " and cut over to " + p : "cut over to " + p;
            case DISCARD_WRITES -> "discard every write to " + a + " after "
                    + situation.settings().failoverAt();
            case FOREIGN_FENCE -> "put clients back on " + a + ", whom somebody else fenced";
            case GO_HOME -> "move traffic to " + p;
            case RE_PROTECT -> "erase " + a + " and copy " + p + " to it";
        };
    }

    private static List<String> evidence(
            Gate gate, Situation situation, Optional<Duration> lastWritePause, List<Proxy> proxies) {
        List<String> evidence = new ArrayList<>();
        if (gate == Gate.ERASE || gate == Gate.CUT_OVER) {
            situation.examination().map(Examination::checks).orElse(List.of()).stream()
                    .filter(check -> gate == Gate.ERASE || check.verdict() != Check.Verdict.PASS)
                    .map(GateText::words)
                    .forEach(evidence::add);
        }
        situation.sight().cloud().ifPresent(cloud -> {
            cloud.streams()
                    .reverseStream()
                    .ifPresent(stream -> evidence.add("Stream " + stream.id() + " is " + stream.statusName()
                            + ", replicated up to "
                            + stream.caughtUpTo().map(String::valueOf).orElse("nothing yet") + ", lag "
                            + stream.lag(cloud.time())
                                    .map(lag -> lag.toSeconds() + " s")
                                    .orElse("unknown") + "."));
            if (gate == Gate.CUT_OVER) {
                evidence.add("Last measured write pause: "
                        + lastWritePause.map(Words::duration).orElse("unknown") + ".");
                situation.sight().proxies().stream().map(ProxyText::of).forEach(evidence::add);
                evidence.add(clients(cloud.pair(), situation));
            }
        });
        CallsToCome.from(situation, proxies).forEach(call -> evidence.add("To come: " + call));
        return evidence;
    }

    private static String clients(Pair pair, Situation situation) {
        String a = pair.active().name();
        return proxied(situation)
                ? "Clients that reach " + a + " past the proxies are not stopped, and their writes are lost."
                : "No proxy was named: nobody proved who serves, and nobody stops the writes to " + a + ".";
    }

    /** A check as a line. */
    private static String words(Check check) {
        return "%-4s  %s: %s".formatted(check.verdict(), check.name(), (check.reason() + " " + check.remedy()).strip());
    }

    private static boolean proxied(Situation situation) {
        return !situation.sight().proxies().isEmpty();
    }
}
