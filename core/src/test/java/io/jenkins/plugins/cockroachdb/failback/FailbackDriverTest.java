package io.jenkins.plugins.cockroachdb.failback;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.simulator.CloudSettings;
import io.jenkins.plugins.cockroachdb.simulator.Fault;
import io.jenkins.plugins.cockroachdb.simulator.FaultKind;
import io.jenkins.plugins.cockroachdb.simulator.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole failbacks against the simulated cloud on virtual time, with a writer whose acknowledged writes are counted. */
class FailbackDriverTest extends DrivenFailback {

    @Test
    void goesHomeWithoutLosingAWrite() {
        keepWriting();

        Action.Finish finish = run(journal());

        assertThat(finish.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(asked).extracting(Gatekeeper.Question::gate).containsExactly(Gate.ERASE, Gate.CUT_OVER);
        assertThat(asked).extracting(Gatekeeper.Question::clusterName).containsOnly("orders-east");
        assertOneWriteOfEachKind();
        assertNothingLost();
    }

    @Test
    void goesHomeWithoutProxiesAndSaysThatTrafficIsUnknown() {
        Action.Finish finish = run(new MemoryJournal(began()), List.of());

        assertThat(finish.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(finish.message()).contains("traffic unknown");
    }

    @Test
    void takesFewRequestsAndLittleLongerThanTheCloudItself() {
        Instant begin = world.time.instant();

        run(journal());

        CloudSettings pace = cloud.settings();
        Duration inherent = pace.starting()
                .plus(pace.initialScan())
                .plus(settings.drain())
                .plus(pace.stride()) // until everything up to the fence has arrived, at most
                .plus(pace.strideTransit())
                .plus(pace.revert());
        assertThat(Duration.between(begin, world.time.instant())).isLessThan(inherent.plusSeconds(20));
    }

    static Stream<Arguments> everyCrashPoint() {
        FailbackDriverTest undisturbed = new FailbackDriverTest();
        MemoryJournal journal = undisturbed.journal();
        undisturbed.run(journal);
        int appends = journal.record().entries().size() - 1;
        assertThat(appends).isGreaterThan(20);
        return IntStream.range(0, appends)
                .boxed()
                .flatMap(i -> Stream.of(Arguments.of(i, false), Arguments.of(i, true)));
    }

    @ParameterizedTest(name = "at entry {0}, kept: {1}")
    @MethodSource("everyCrashPoint")
    void i6AfterACrashAnywhereARerunEndsWhereAnUndisturbedRunEnds(int append, boolean afterwards) {
        keepWriting();
        MemoryJournal first = journal();
        first.crashAt(append, afterwards);
        assertThat(world.failure(driver(first, List.of(proxy)).run())).isInstanceOf(MemoryJournal.Crash.class);
        world.time.advance(Duration.ofSeconds(45));

        MemoryJournal second = new MemoryJournal(first.record());
        if (second.record().end().isEmpty()) {
            second.append(new Entry.Resumed(world.time.instant(), "test"));
        }
        Action.Finish finish = run(second);

        assertThat(finish.outcome()).isEqualTo(Outcome.COMPLETED);
        assertOneWriteOfEachKind();
        assertNothingLost();
    }

    @Test
    void whatIsRefusedAtAGateLeavesTrafficOnA() {
        gatekeeper = question ->
                CompletableFuture.completedFuture(new Gatekeeper.Reply(question.gate() != Gate.CUT_OVER, "lead"));

        Action.Finish finish = run(journal());

        assertThat(finish.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(proxy.toActive).isTrue();
        assertThat(world.endpoint.received(Operation.UPDATE_STREAM)).isZero();
    }

    @Test
    void aGateThatNobodyAnswersTimesOut() {
        gatekeeper = question -> new CompletableFuture<>();
        Instant begin = world.time.instant();

        assertThat(run(journal()).outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(Duration.between(begin, world.time.instant()))
                .isBetween(Duration.ofMinutes(60), Duration.ofMinutes(61));
        assertThat(world.endpoint.received(Operation.CREATE_STREAM)).isZero();
    }

    @Test
    void anAbortUnderTheFencePutsTrafficBack() {
        MemoryJournal journal = journal();
        FailbackDriver driver = driver(journal, List.of(proxy));
        CompletableFuture<Action.Finish> run = driver.run();
        world.runUntil(() -> journal.record().fence().isPresent());

        driver.abort("lead");
        world.runUntil(run::isDone);

        assertThat(run.join().outcome()).isEqualTo(Outcome.ABORTED);
        assertThat(proxy.toActive).isTrue();
        assertThat(proxy.toOriginal).isFalse();
        assertThat(world.endpoint.received(Operation.UPDATE_STREAM)).isZero();
    }

    @Test
    void anAbortDuringTheCutoverLeavesTheFenceAndARerunGoesHome() {
        keepWriting();
        MemoryJournal journal = journal();
        FailbackDriver driver = driver(journal, List.of(proxy));
        CompletableFuture<Action.Finish> run = driver.run();
        world.runUntil(() -> world.endpoint.received(Operation.UPDATE_STREAM) == 1);
        world.time.advance(Duration.ofSeconds(10));

        driver.abort("lead");
        world.runUntil(run::isDone);
        assertThat(run.join().outcome()).isEqualTo(Outcome.IN_DOUBT);
        assertThat(proxy.toActive).isFalse();
        assertThat(proxy.toOriginal).isFalse();

        journal.append(new Entry.Resumed(world.time.instant(), "test"));
        assertThat(run(journal).outcome()).isEqualTo(Outcome.COMPLETED);
        assertNothingLost();
    }

    @Test
    void aProxyThatOpensByItselfUnderTheFenceIsClosedAgainAndFIsTakenAnew() {
        keepWriting();
        MemoryJournal journal = journal();
        CompletableFuture<Action.Finish> run = driver(journal, List.of(proxy)).run();
        world.runUntil(() -> journal.record().fence().isPresent());
        proxy.toActive = true;
        world.runUntil(run::isDone);

        assertThat(run.join().outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(journal.record().entries()).anyMatch(Entry.FenceOpened.class::isInstance);
        assertNothingLost();
    }

    @Test
    void anAmbiguousPatchIsReadAndTheFenceKept() {
        keepWriting();
        world.faults.on(Operation.UPDATE_STREAM, 1, Fault.of(FaultKind.RESET_AFTER_EFFECT));

        assertThat(run(journal()).outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(actions).noneMatch(Action.Unfence.class::isInstance);
        assertThat(world.endpoint.received(Operation.UPDATE_STREAM)).isEqualTo(1);
        assertNothingLost();
    }

    @Test
    void anAmbiguousPatchThatHadNoEffectIsSentAgain() {
        keepWriting();
        world.faults.on(Operation.UPDATE_STREAM, 1, Fault.of(FaultKind.RESET_BEFORE_EFFECT));

        assertThat(run(journal()).outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(world.endpoint.received(Operation.UPDATE_STREAM)).isEqualTo(2);
        assertNothingLost();
    }

    @Test
    void anAmbiguousPostIsFoundByReading() {
        world.faults.on(Operation.CREATE_STREAM, 1, Fault.of(FaultKind.GATEWAY_TIMEOUT_AFTER_EFFECT));

        assertThat(run(journal()).outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(world.endpoint.received(Operation.CREATE_STREAM)).isEqualTo(1);
    }

    @Test
    void anAmbiguousPostThatHadNoEffectEndsInDoubtAndIsNotRepeated() {
        world.faults.on(Operation.CREATE_STREAM, 1, Fault.of(FaultKind.RESET_BEFORE_EFFECT));

        assertThat(run(journal()).outcome()).isEqualTo(Outcome.IN_DOUBT);
        assertThat(world.endpoint.received(Operation.CREATE_STREAM)).isEqualTo(1);
        assertThat(proxy.toActive).isTrue();
    }

    @Test
    void twoRunsWithoutASharedRecordMakeOneStream() {
        MemoryJournal one = journal();
        MemoryJournal other = journal();
        CompletableFuture<Action.Finish> first = driver(one, List.of(proxy)).run();
        CompletableFuture<Action.Finish> second = driver(other, List.of(proxy)).run();
        world.runUntil(() -> first.isDone() && second.isDone());

        assertThat(cloud.streamIds(world.scene.activeId(), world.scene.originalPrimaryId()))
                .hasSize(1);
        assertThat(List.of(first.join().outcome(), second.join().outcome())).contains(Outcome.COMPLETED);
        assertThat(proxy.toOriginal).isTrue();
    }

    @Test
    void reProtectsWhenAskedTo() {
        settings = settings.toBuilder().reProtect(true).build();

        Action.Finish finish = run(journal());

        assertThat(finish.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(finish.message()).contains("It is protected by stream");
        assertThat(asked).extracting(Gatekeeper.Question::gate).endsWith(Gate.RE_PROTECT);
        assertThat(asked.get(2).clusterName()).isEqualTo("orders-west");
    }
}
