package io.jenkins.plugins.cockroachdb.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.traffic.FailbackUnderLoad.Around;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole failbacks while 16 clients write. The timing of each is random; {@code -Dtraffic.seed=N} repeats the one whose failure
 * names this seed.
 */
@NeedsPrograms({"haproxy", "pgbouncer", "postgres"})
class SwitchUnderLoadTest extends OnRealPair {

    private static final int RUNS = 20;

    /** Longer than any transaction of a client. */
    private static final Duration PATIENT = Duration.ofSeconds(20);

    static LongStream seeds() {
        return Seeds.of(RUNS);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void behindHaProxyNothingIsLost(long seed, TestReporter reporter) throws Exception {
        try (FailbackUnderLoad failback = new FailbackUnderLoad(pair, RealProxy.Kind.HAPROXY::start, directory, seed)) {
            failback.assertHomeAndNothingLost(failback.run());
            reporter.publishEntry(failback.ledger.toString());
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void behindPgBouncerNothingIsLostAndNoClientSeesAnError(long seed, TestReporter reporter) throws Exception {
        try (FailbackUnderLoad failback =
                new FailbackUnderLoad(pair, RealProxy.Kind.PGBOUNCER::start, directory, seed)) {
            Action.Finish end =
                    failback.with(settings -> settings.drain(PATIENT)).run();

            failback.assertHomeAndNothingLost(end);
            assertThat(failback.ledger.errors()).as(failback.ledger.toString()).isEmpty();
            reporter.publishEntry(failback.ledger.toString());
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void controlWithoutTheFenceWritesAreLost(RealProxy.Kind kind, TestReporter reporter) throws Exception {
        try (FailbackUnderLoad failback = new FailbackUnderLoad(pair, kind::start, directory, 1)) {
            Action.Finish end = failback.run(Around.proxy(LateSwitch::new));

            assertThat(end.outcome()).as(end.message()).isEqualTo(Outcome.COMPLETED);
            failback.endWriters();
            failback.assertReplicated();
            assertThat(failback.lost()).as(failback.ledger.toString()).isNotEmpty();
            reporter.publishEntry(failback.lost().size() + " lost; " + failback.ledger);
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void controlWithoutTheWaitForTheFenceInstantWritesAreLost(RealProxy.Kind kind, TestReporter reporter)
            throws Exception {
        try (FailbackUnderLoad failback = new FailbackUnderLoad(
                pair, kind::start, directory, 1, cloud -> cloud.withStrideTransit(Duration.ofSeconds(60)))) {
            Action.Finish end = failback.run(Around.entries(entry -> {
                if (entry instanceof Entry.FenceProven) {
                    failback.cutOverAtOnce();
                }
            }));

            assertThat(end.outcome()).as(end.message()).isEqualTo(Outcome.COMPLETED);
            failback.endWriters();
            failback.assertReplicated();
            assertThat(failback.lost()).as(failback.ledger.toString()).isNotEmpty();
            reporter.publishEntry(failback.lost().size() + " lost; " + failback.ledger);
            assertThat(failback.acknowledgedBehindTheFence()).isEmpty();
        }
    }
}
