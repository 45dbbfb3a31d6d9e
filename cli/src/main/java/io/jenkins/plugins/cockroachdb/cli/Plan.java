package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Forecast;
import io.jenkins.plugins.cockroachdb.failback.Pair;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a person should know before a failback begins.
 *
 * @param prospect what was read, and what a run would do
 * @param record what a run would go on from; its first entry alone when it would begin anew
 * @param settings what the run may take and tolerate
 * @param gatesWaived whether every gate is approved in advance
 * @param steps what a run would do, in words
 */
record Plan(Prospect prospect, FailbackRecord record, Settings settings, boolean gatesWaived, List<PlanStep> steps) {

    static Plan of(
            Prospect prospect,
            FailbackRecord record,
            Settings settings,
            boolean gatesWaived,
            UnsentRequests requests,
            List<Proxy> proxies) {
        List<PlanStep> steps = prospect.steps().stream()
                .map(step -> PlanStep.of(step, prospect.cloud().pair(), requests, proxies))
                .toList();
        return new Plan(prospect, record, settings, gatesWaived, steps);
    }

    Pair pair() {
        return prospect.cloud().pair();
    }

    /** The reverse stream of this failback; empty when there is none yet. */
    Optional<ReplicationStream> reverseStream() {
        return prospect.cloud().streams().reverseStream();
    }

    /** What a run would do about the reverse stream. */
    enum StreamUse {
        /** Create one, which erases the original primary. */
        CREATE,
        /** Use the live one that somebody else created. */
        ADOPT,
        /** Go on with the one that an interrupted run uses or created, or that cuts over already. */
        GO_ON,
        /** Nothing: a run would only look, and end. */
        NOTHING
    }

    StreamUse streamUse() {
        if (does(Action.CreateReverseStream.class)) {
            return StreamUse.CREATE;
        }
        if (does(Action.Adopt.class)) {
            return StreamUse.ADOPT;
        }
        boolean onlyLooks =
                steps.stream().allMatch(step -> step.kind() == PlanStep.Kind.READ || step.kind() == PlanStep.Kind.END);
        return onlyLooks ? StreamUse.NOTHING : StreamUse.GO_ON;
    }

    private boolean does(Class<? extends Action> action) {
        return prospect.steps().stream().map(Forecast.Step::action).anyMatch(action::isInstance);
    }

    /** When the interrupted failback began that a run would go on from; empty when it would begin anew. */
    Optional<Instant> interruptedSince() {
        return record.entries().size() > 1 ? Optional.of(record.beginning().at()) : Optional.empty();
    }

    /** The limits that apply: the option that sets each, and its value. */
    Map<String, Duration> limits() {
        Map<String, Duration> limits = new LinkedHashMap<>();
        limits.put("--max-lag", settings.maxLag());
        limits.put("--start-timeout", settings.startLimit());
        limits.put("--catch-up-timeout", settings.catchUpLimit());
        limits.put("--gate-timeout", settings.gateLimit());
        if (!prospect.proxies().isEmpty()) {
            limits.put("--drain", settings.drain());
            limits.put("--proxy-timeout", settings.proxyLimit());
        }
        limits.put("--fence-timeout", settings.fenceLimit());
        limits.put("--cutover-timeout", settings.cutoverLimit());
        limits.put("--max-skew", settings.maxSkew());
        return limits;
    }

    /** What the given options waive, each as a few words. */
    List<String> waived() {
        List<String> waived = new ArrayList<>();
        if (gatesWaived) {
            waived.add("every gate (--yes)");
        }
        if (settings.waiveLag()) {
            waived.add("the limit of the lag (--no-wait)");
        }
        if (settings.allowUnprovenRoles()) {
            waived.add("the last failover as a proof of who is who (--allow-unproven-roles)");
        }
        return waived;
    }

    /** Which writes may be lost. */
    String lossWindow() {
        String p = pair().originalPrimary().name();
        String a = pair().active().name();
        if (!does(Action.Initiate.class)) {
            return "A run would not cut over.";
        }
        if (!prospect.proxies().isEmpty()) {
            return settings.failoverAt() == null
                    ? "None of those that go through the named proxies. Clients that reach " + a
                            + " past them are not stopped, and their writes are lost."
                    : "What is written to " + a + " after " + settings.failoverAt() + " is discarded.";
        }
        String noProxy = "No proxy is named, so nothing stops clients that write to " + a + ": ";
        if (settings.failoverAt() == null) {
            return noProxy + "what they write after the cutover was asked for, or right before it, is missing on " + p
                    + ". Stop every writer before gate 2, and wait until the lag has passed.";
        }
        return noProxy + "what they write after " + settings.failoverAt() + " is missing on " + p
                + ". Stop every writer before that time.";
    }
}
