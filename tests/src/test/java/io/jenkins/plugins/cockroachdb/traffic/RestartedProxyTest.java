package io.jenkins.plugins.cockroachdb.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.traffic.FailbackUnderLoad.Around;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A proxy that is killed, by {@code kill -9}, and started again between fence and release, while clients write. */
@NeedsPrograms({"haproxy", "pgbouncer", "postgres"})
class RestartedProxyTest extends OnRealPair {

    private static final List<String> BEFORE_THE_CUTOVER = List.of("Called FENCE", "FenceProven");

    private static final List<String> CUTOVER = List.of(
            "Calling INITIATE_CUTOVER",
            "Called INITIATE_CUTOVER",
            "Seen FAILING_OVER",
            "Seen COMPLETED",
            "Calling RELEASE");

    static Stream<Arguments> everyPoint() {
        return Stream.concat(pointsBeforeTheCutover(), pointsOfTheCutover());
    }

    static Stream<Arguments> pointsBeforeTheCutover() {
        return ofEachKind(BEFORE_THE_CUTOVER);
    }

    static Stream<Arguments> pointsOfTheCutover() {
        return ofEachKind(CUTOVER);
    }

    private static Stream<Arguments> ofEachKind(List<String> points) {
        return Stream.of(RealProxy.Kind.values())
                .flatMap(kind -> points.stream().map(point -> Arguments.of(kind, point)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("everyPoint")
    void configuredAsInTheExamplesItStaysFenced(RealProxy.Kind kind, String point) throws Exception {
        try (FailbackUnderLoad failback = new FailbackUnderLoad(pair, kind::start, directory, 1)) {
            Action.Finish end = failback.run(once(point, failback.proxy::restart));

            failback.assertHomeAndNothingLost(end);
            // At some points somebody looks meanwhile, and may find that it does not answer.
            assertThat(failback.record().entries())
                    .noneMatch(entry -> entry instanceof Entry.FenceOpened opened
                            && !opened.detail().startsWith(Traffic.UNKNOWN.words()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whileItIsDownNobodyGetsThroughAndTheFailbackGoesOnWhenItIsBack(RealProxy.Kind kind) throws Exception {
        try (FailbackUnderLoad failback = new FailbackUnderLoad(pair, kind::start, directory, 1)) {
            AtomicBoolean down = new AtomicBoolean();
            Action.Finish end = failback.run(Around.entries(entry -> {
                if (entry instanceof Entry.FenceProven && down.compareAndSet(false, true)) {
                    failback.proxy.kill();
                } else if (entry instanceof Entry.Seen seen
                        && Traffic.UNKNOWN.words().equals(seen.traffic())) {
                    failback.proxy.start();
                }
            }));

            failback.assertHomeAndNothingLost(end);
            assertThat(failback.record().entries()).anyMatch(Entry.FenceOpened.class::isInstance);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("pointsBeforeTheCutover")
    void openedByItsConfigurationItIsFencedAgainAndNothingIsLost(RealProxy.Kind kind, String point) throws Exception {
        try (FailbackUnderLoad failback = new FailbackUnderLoad(pair, kind::startForgetful, directory, 1)) {
            Action.Finish end = failback.run(once(point, () -> {
                failback.proxy.restart();
                failback.ledger.awaitMore(Writers.COUNT);
            }));

            failback.assertHomeAndNothingLost(end);
            assertThat(end.message()).doesNotContain("lost");
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("pointsOfTheCutover")
    void openedByItsConfigurationDuringTheCutoverItIsFencedAgainAndTheLossReported(RealProxy.Kind kind, String point)
            throws Exception {
        try (FailbackUnderLoad failback = new FailbackUnderLoad(pair, kind::startForgetful, directory, 1)) {
            AtomicReference<Instant> opened = new AtomicReference<>();
            Action.Finish end = failback.run(once(point, () -> {
                opened.set(Instant.now());
                failback.proxy.restart();
                failback.ledger.awaitMore(Writers.COUNT);
            }));

            assertThat(end.outcome()).as(end.message()).isEqualTo(Outcome.COMPLETED);
            assertThat(end.message()).contains("Writes may have been lost");
            failback.endWriters();
            failback.assertReplicated();
            assertThat(failback.lost())
                    .as("no more than what A acknowledged while it was open")
                    .isSubsetOf(failback.acknowledgedByActiveAfter(opened.get()));
            assertThat(failback.acknowledgedBehindTheFence()).isEmpty();
        }
    }

    /** Something is done the first time that the failback is at a point. */
    private static Around once(String point, Runnable what) {
        List<String> reached = new ArrayList<>();
        return Around.entries(entry -> {
            String name = Points.name(entry);
            if (name.equals(point) && !reached.contains(name)) {
                reached.add(name);
                what.run();
            }
        });
    }
}
