package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.failback.Pair;
import io.jenkins.plugins.cockroachdb.report.ProxyText;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** A plan for a person. */
final class PlanText {

    private static final String CONTINUED = " ".repeat(6);

    private final Plan plan;
    private final List<String> lines = new ArrayList<>();

    private PlanText(Plan plan) {
        this.plan = plan;
    }

    /** Not yet fit for a terminal. */
    static List<String> of(Plan plan) {
        PlanText text = new PlanText(plan);
        text.addClusters();
        text.addProxies();
        text.addChecks();
        text.addStream();
        text.addSteps();
        text.addLimits();
        text.heading("Loss window");
        text.lines.add("  " + plan.lossWindow());
        text.heading(plan.prospect().verdict() + " Nothing was changed.");
        return text.lines;
    }

    private void addClusters() {
        Pair pair = plan.pair();
        StatusText clusters =
                new StatusText(pair.originalPrimary().id(), pair.active().id());
        clusters.addOriginalPrimary(pair.originalPrimary());
        clusters.addActive(pair.active());
        lines.addAll(clusters.lines());
    }

    private void addProxies() {
        if (!plan.prospect().proxies().isEmpty()) {
            heading("Proxies");
            plan.prospect().proxies().forEach(proxy -> lines.add("  " + ProxyText.of(proxy)));
        }
    }

    private void addChecks() {
        heading("Checks");
        plan.prospect().checks().forEach(check -> lines.addAll(StatusText.check(check)));
    }

    private void addStream() {
        String found = plan.reverseStream()
                .map(stream -> stream.id() + " is " + stream.statusName())
                .orElse("none");
        heading("Reverse stream: " + found + "; "
                + switch (plan.streamUse()) {
                    case CREATE -> "a run would create one.";
                    case ADOPT -> "a run would adopt it.";
                    case GO_ON -> "a run would go on with it.";
                    case NOTHING -> "a run would change nothing about that.";
                });
        plan.interruptedSince()
                .ifPresent(began -> lines.add("  A run would go on from the record of the failback that began at "
                        + began.truncatedTo(ChronoUnit.SECONDS) + "."));
    }

    private void addSteps() {
        heading("What a run would do");
        int number = 0;
        for (PlanStep step : plan.steps()) {
            number++;
            lines.add("%4d  %s".formatted(number, step.words()) + limit(step));
            if (step.kind() == PlanStep.Kind.GATE && plan.gatesWaived()) {
                lines.add(CONTINUED + "Waived by --yes.");
            }
            step.commands().forEach(command -> lines.add(CONTINUED + command));
            if (step.request() != null) {
                lines.add(CONTINUED + step.request().method() + " "
                        + step.request().path());
                lines.add(CONTINUED + step.request().body());
            }
        }
    }

    private static String limit(PlanStep step) {
        return step.atMost() == null ? "" : " At most " + words(step.atMost()) + ".";
    }

    private void addLimits() {
        heading("Limits");
        plan.limits().forEach((option, limit) -> lines.add("  %-20s%s".formatted(option, words(limit))));
        heading("Waived: " + (plan.waived().isEmpty() ? "nothing" : String.join(", ", plan.waived())));
    }

    private void heading(String text) {
        lines.add("");
        lines.add(text);
    }

    /** As an option takes it when it is short, otherwise as people say it. */
    private static String words(Duration duration) {
        return duration.toSeconds() < 120
                ? duration.toSeconds() + " s"
                : Durations.words(duration).replaceAll("( 0 min)? 0 s$", "");
    }
}
