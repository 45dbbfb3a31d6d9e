package io.jenkins.plugins.cockroachdb.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A failback that is killed, by {@code kill -9}, while clients write; then it is run again. */
@NeedsPrograms({"haproxy", "pgbouncer", "postgres"})
class KilledFailbackUnderLoadTest extends OnRealPair {

    private static final long PATIENCE_SECONDS = 60;

    private static final Duration SHORT = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofMinutes(1);

    /** At a proxy. "Before" what was called: it is done, and not recorded. */
    private static final List<String> AT_THE_PROXY = List.of(
            "after Calling FENCE",
            "before Called FENCE",
            "after Called FENCE",
            "after Calling RELEASE",
            "before Called RELEASE",
            "after Called RELEASE");

    /** Between record and cloud, where the kind of proxy makes no difference. */
    private static final List<String> ELSEWHERE = List.of(
            "after Approved CUT_OVER",
            "after FenceProven",
            "after Calling INITIATE_CUTOVER",
            "before Called INITIATE_CUTOVER",
            "after Called INITIATE_CUTOVER",
            "after Seen FAILING_OVER",
            "after Seen COMPLETED",
            "before Ended");

    static Stream<Arguments> everyPoint() {
        return Stream.concat(
                Stream.of(RealProxy.Kind.values())
                        .flatMap(kind -> AT_THE_PROXY.stream().map(point -> Arguments.of(kind, point))),
                ELSEWHERE.stream().map(point -> Arguments.of(RealProxy.Kind.HAPROXY, point)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("everyPoint")
    void runAgainItBringsClientsHomeAndNothingIsLost(RealProxy.Kind kind, String point) throws Exception {
        try (FailbackUnderLoad failback = new FailbackUnderLoad(pair, kind::start, directory, 1)) {
            kill(failback, point);

            failback.assertHomeAndNothingLost(failback.run());
        }
    }

    @ParameterizedTest
    @EnumSource
    void killedWhileItClosesTheFenceItGoesOnFromWhatItFinds(RealProxy.Kind kind) throws Exception {
        try (FailbackUnderLoad failback = new FailbackUnderLoad(pair, kind::start, directory, 1);
                Connection client = failback.proxy.connect()) {
            client.setAutoCommit(false);
            client.createStatement().executeUpdate("INSERT INTO writes VALUES (0)");
            Process run = start(failback, LONG, "never");
            failback.awaitTraffic(traffic -> traffic != Traffic.ON_ACTIVE);
            run.destroyForcibly().waitFor();
            client.commit();
            failback.ledger.acknowledged(0, 0, pair.active.name());

            failback.assertHomeAndNothingLost(failback.run());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFenceWhoseRecordIsGoneIsWatchedAndOpenedAndTheFailbackBeginsAnew(RealProxy.Kind kind) throws Exception {
        try (FailbackUnderLoad failback = new FailbackUnderLoad(pair, kind::start, directory, 1)) {
            kill(failback, "after FenceProven");

            Action.Finish end = failback.with(settings ->
                            settings.fenceLimit(Duration.ofMinutes(2)).proxyLimit(Duration.ofSeconds(10)))
                    .runWithoutRecord();

            failback.assertHomeAndNothingLost(end);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCutoverWhoseRecordIsGoneIsFollowedToItsEnd(RealProxy.Kind kind) throws Exception {
        try (FailbackUnderLoad failback = new FailbackUnderLoad(pair, kind::start, directory, 1)) {
            kill(failback, "after Called INITIATE_CUTOVER");

            Action.Finish end = failback.runWithoutRecord();

            assertThat(end.outcome()).as(end.message()).isEqualTo(Outcome.COMPLETED);
            failback.endWriters();
            failback.assertReplicated();
            assertThat(failback.lost()).isEmpty();
        }
    }

    private void kill(FailbackUnderLoad failback, String point) throws Exception {
        Process run = start(failback, SHORT, point);
        assertThat(run.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("it died")
                .isTrue();
        assertThat(run.exitValue()).as(Files.readString(log())).isEqualTo(KilledRun.KILLED);
    }

    private Process start(FailbackUnderLoad failback, Duration drain, String point) throws Exception {
        return KilledRun.start(failback.driven(), drain, point, log());
    }

    private Path log() {
        return directory.resolve("killed.log");
    }
}
