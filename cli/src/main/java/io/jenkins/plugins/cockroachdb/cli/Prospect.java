package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.cloud.CloudApi;
import io.jenkins.plugins.cockroachdb.cloud.CloudException;
import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Check;
import io.jenkins.plugins.cockroachdb.failback.Examination;
import io.jenkins.plugins.cockroachdb.failback.FailbackRecord;
import io.jenkins.plugins.cockroachdb.failback.Forecast;
import io.jenkins.plugins.cockroachdb.failback.Observer;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.Sight;
import io.jenkins.plugins.cockroachdb.failback.Situation;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/**
 * What a failback would meet, and what it would do, if it began now: for the commands that only look.
 *
 * @param cloud what the cloud showed
 * @param proxies every named proxy as it was seen
 * @param checks every prerequisite, judged
 * @param steps what a run would do; see {@link Forecast#of}
 */
record Prospect(Sight.Cloud cloud, List<ProxyStatus> proxies, List<Check> checks, List<Forecast.Step> steps) {

    /**
     * Reads everything and changes nothing. Blocks until it is read.
     *
     * @param record what a run would go on from
     * @param proxies every proxy that clients use
     * @throws UsageException if an id cannot be one
     * @throws CloudException if clusters or streams cannot be read
     */
    static Prospect of(
            CloudApi api,
            FailbackRecord record,
            io.jenkins.plugins.cockroachdb.failback.Settings settings,
            List<Proxy> proxies,
            InstantSource clock)
            throws CloudException, InterruptedException {
        Examination examination = examine(api, record, settings, proxies, clock);
        Sight sight = examination.sight();
        if (sight.failure().isPresent()) {
            throw sight.failure().get();
        }
        Situation situation = new Situation(clock.instant(), settings, record, sight, Optional.of(examination));
        return new Prospect(sight.cloud().orElseThrow(), sight.proxies(), examination.checks(), Forecast.of(situation));
    }

    private static Examination examine(
            CloudApi api,
            FailbackRecord record,
            io.jenkins.plugins.cockroachdb.failback.Settings settings,
            List<Proxy> proxies,
            InstantSource clock)
            throws InterruptedException {
        String originalPrimaryId = record.beginning().originalPrimaryId();
        String activeId = record.beginning().activeId();
        try {
            return new Observer(api, originalPrimaryId, activeId, proxies, clock)
                    .examine(settings)
                    .get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Whether a failback could run now: no check fails, and a run would lead home. */
    boolean canRun() {
        return checks.stream().noneMatch(Check::failed) && leadsHome();
    }

    private boolean leadsHome() {
        return steps.stream()
                .anyMatch(step -> step.action() instanceof Action.Finish end
                        && (end.outcome() == Outcome.COMPLETED || end.outcome() == Outcome.UNPROTECTED));
    }

    /** What the command ends with. */
    int exitCode() {
        return (canRun() ? Outcome.COMPLETED : Outcome.REFUSED).exitCode();
    }

    /** A sentence: whether a failback could run now. */
    String verdict() {
        if (canRun()) {
            return "A failback could run now.";
        }
        return "A failback could not run now: " + (leadsHome() ? "a check fails." : "a run would not lead home.");
    }
}
