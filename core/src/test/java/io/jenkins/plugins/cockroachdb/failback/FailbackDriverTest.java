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
import java.util.concurrent.TimeUnit;
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

    static Stream<Arguments> everyCrashPointAndLaterRerun() {
        List<Duration> later =
                List.of(Duration.ofSeconds(45), Duration.ofMinutes(5), Duration.ofMinutes(35), Duration.ofMinutes(70));
        return everyCrashPoint()
                .flatMap(point -> later.stream().map(pause -> Arguments.of(point.get()[0], point.get()[1], pause)));
    }

    @ParameterizedTest(name = "at entry {0}, kept: {1}, {2} later")
    @MethodSource("everyCrashPointAndLaterRerun")
    void i6AfterACrashAnywhereARerunEndsWhereAnUndisturbedRunEnds(int append, boolean afterwards, Duration later) {
        keepWriting();

        Action.Finish finish = run(crashedAt(append, afterwards, List.of(proxy), later));

        assertThat(finish.outcome()).isEqualTo(Outcome.COMPLETED);
        assertOneWriteOfEachKind();
        assertNothingLost();
    }

    @ParameterizedTest(name = "at entry {0}, kept: {1}")
    @MethodSource("everyCrashPoint")
    void i6AProxyThatIsSilentForAMomentChangesNothing(int append, boolean afterwards) {
        MemoryProxy other = new MemoryProxy("slow", world.time);
        keepWriting();
        keepWriting(other);
        MemoryJournal journal = crashedAt(append, afterwards, List.of(proxy, other), Duration.ofSeconds(45));
        other.answers = false;
        world.time.schedule(() -> other.answers = true, 20, TimeUnit.SECONDS);

        assertThat(run(journal, List.of(proxy, other)).outcome()).isEqualTo(Outcome.COMPLETED);
        assertOneWriteOfEachKind();
        assertThat(other.toOriginal).isTrue();
        assertNothingLost();
    }

    @ParameterizedTest(name = "at entry {0}, kept: {1}")
    @MethodSource("everyCrashPoint")
    void i4AProxyThatStaysSilentEndsTheRunWithoutLoss(int append, boolean afterwards) {
        MemoryProxy silent = new MemoryProxy("silent", world.time);
        keepWriting();
        keepWriting(silent);
        MemoryJournal journal = crashedAt(append, afterwards, List.of(proxy, silent), Duration.ofSeconds(45));
        silent.answers = false;
        Instant begin = world.time.instant();

        Action.Finish finish = run(journal, List.of(proxy, silent));

        assertThat(Duration.between(begin, world.time.instant())).isLessThan(Duration.ofHours(2));
        if (!journal.record().mayHaveHadEffect(Call.INITIATE_CUTOVER)) {
            assertThat(proxy.toActive || finish.outcome() == Outcome.STRANDED)
                    .as("%s", finish)
                    .isTrue();
            assertThat(proxy.toOriginal).isFalse();
        } else {
            assertThat(proxy.toActive).as("%s", finish).isFalse();
            boolean sent = world.endpoint.received(Operation.UPDATE_STREAM) > 0;
            if (sent) { // otherwise P is a standby still
                assertNothingLost();
            }
        }
    }

    /** The record of a run that crashed there, taken up again a while later. */
    private MemoryJournal crashedAt(int append, boolean afterwards, List<MemoryProxy> proxies, Duration later) {
        MemoryJournal first = journal();
        first.crashAt(append, afterwards);
        assertThat(world.failure(driver(first, proxies).run())).isInstanceOf(MemoryJournal.Crash.class);
        world.time.advance(later);
        MemoryJournal second = new MemoryJournal(first.record());
        if (second.record().end().isEmpty()) {
            second.append(new Entry.Resumed(world.time.instant(), "test"));
        }
        return second;
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
    void aProxyThatOpensRightBeforeItsReleaseIsFencedFirstAndTheLossReported() {
        keepWriting();
        MemoryJournal journal = journal();
        CompletableFuture<Action.Finish> run = driver(journal, List.of(proxy)).run();
        world.runUntil(() -> journal.record().entries().stream()
                .anyMatch(entry -> entry instanceof Entry.Calling calling && calling.call() == Call.RELEASE));
        proxy.toActive = true;
        world.runUntil(run::isDone);

        assertThat(run.join().outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(run.join().message()).contains("Writes may have been lost");
        assertOneWriteOfEachKind();
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

    /** Whatever is written to A then is lost: nobody may finish in peace. */
    @Test
    void r4AnOpeningDuringTheCutoverIsClosedWithoutADrainAndReported() {
        MemoryJournal journal = journal();
        CompletableFuture<Action.Finish> run = driver(journal, List.of(proxy)).run();
        world.runUntil(() -> journal.record().mayHaveHadEffect(Call.INITIATE_CUTOVER));
        proxy.toActive = true;
        Instant opened = world.time.instant();
        world.runUntil(() -> !proxy.toActive);

        assertThat(Duration.between(opened, world.time.instant())).isLessThan(Duration.ofSeconds(3));
        world.runUntil(run::isDone);
        assertThat(run.join().outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(journal.record().lossWindows()).isNotEmpty();
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
