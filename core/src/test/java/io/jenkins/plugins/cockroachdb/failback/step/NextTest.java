package io.jenkins.plugins.cockroachdb.failback.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A failback that a pipeline drives, turn by turn. */
class NextTest {

    @TempDir
    Path directory;

    private PlayedPipeline pipeline;

    @BeforeEach
    void begin() {
        pipeline = new PlayedPipeline(directory);
    }

    private List<String> actions() {
        return pipeline.told.stream().map(next -> (String) next.get("action")).toList();
    }

    private void assertHomeWithNothingLost() {
        assertThat(pipeline.posts()).isEqualTo(1);
        assertThat(pipeline.patches()).isEqualTo(1);
        assertThat(pipeline.proxy.toOriginal).isTrue();
        assertThat(pipeline.proxy.toActive).isFalse();
        assertNothingLost();
    }

    private void assertNothingLost() {
        Set<String> missing = new LinkedHashSet<>(pipeline.acknowledged);
        pipeline.cloud.writes(pipeline.original).forEach(write -> missing.remove(write.value()));
        assertThat(pipeline.acknowledged).hasSizeGreaterThan(100);
        assertThat(missing).isEmpty();
    }

    private void assertNothingMoved() {
        assertThat(pipeline.patches()).isZero();
        assertThat(pipeline.proxy.toActive).isTrue();
        assertThat(pipeline.proxy.toOriginal).isFalse();
    }

    private StepFailedException fails() {
        return catchThrowableOfType(StepFailedException.class, () -> pipeline.run());
    }

    @Test
    void goesHomeThroughBothGates() {
        Map<String, Object> end = pipeline.run();

        assertThat(end).containsEntry("outcome", "completed");
        assertHomeWithNothingLost();
        assertThat(actions().stream().distinct())
                .containsExactly("examine", "ask", "createStream", "await", "fence", "initiate", "release", "finish");
        assertThat(pipeline.told.stream().map(next -> next.get("stage")).distinct())
                .containsExactly(
                        "prerequisites",
                        "creating the stream",
                        "stream starting",
                        "first copy and catching up",
                        "approval to cut over",
                        "fence, and everything replicated",
                        "cutover",
                        "release of traffic");
        assertThat(end.get("measures"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("rpo", "ZERO")
                .containsEntry("rpoSeconds", 0);
    }

    @Test
    void aNodeIsHeldFromTheFenceToTheRelease() {
        pipeline.run();

        List<String> held = pipeline.told.stream()
                .filter(next -> next.get("fenced") == Boolean.TRUE)
                .map(next -> (String) next.get("action"))
                .distinct()
                .toList();
        assertThat(held).startsWith("fence").contains("initiate", "release").doesNotContain("ask");
    }

    @Test
    void aNodeThatReachesNoProxyIsNotHeldForLong() {
        pipeline.before = next -> {
            if (next.get("action").equals("initiate")) {
                pipeline.proxy.answers = false;
            }
            return Optional.empty();
        };

        StepFailedException end = fails();

        assertThat(end.outcome()).isEqualTo(Outcome.STRANDED);
        assertThat(pipeline.told.get(pipeline.told.size() - 1)).containsEntry("holdMinutes", 3);
        assertThat(pipeline.patches()).isZero();
    }

    @Test
    void theGatesShowTheEvidenceAndWhatHasToBeTyped() {
        pipeline.run();

        List<Map<String, Object>> asked = pipeline.told.stream()
                .filter(next -> next.get("action").equals("ask"))
                .toList();
        assertThat(asked).extracting(ask -> ask.get("gate")).containsExactly("ERASE", "CUT_OVER");
        assertThat(asked).extracting(ask -> ask.get("clusterName")).containsOnly("orders-east");
        assertThat((String) asked.get(1).get("evidence"))
                .contains("lag", "Last measured write pause: unknown", "To come: fence edge", "edge: fence in memory");
    }

    @Test
    void whoApprovedIsInTheRecord() {
        pipeline.run();

        assertThat(pipeline.record().entries())
                .filteredOn(Entry.Approved.class::isInstance)
                .extracting(entry -> ((Entry.Approved) entry).by())
                .containsExactly("lead", "lead");
    }

    @Test
    void withoutProxiesItGoesHomeAndSaysThatNobodyStoppedTheWriters() {
        pipeline.proxied = false;

        assertThat(pipeline.run()).containsEntry("outcome", "completed");
        assertThat(actions()).doesNotContain("examine", "fence", "release");
        assertThat(pipeline.posts()).isEqualTo(1);
        assertThat(pipeline.patches()).isEqualTo(1);
    }

    @Test
    void aGateThatIsRefusedEndsTheRunAndChangesNothing() {
        pipeline.people = ask -> PlayedPipeline.answer(Map.of("approved", false, "by", "lead"));

        StepFailedException end = fails();

        assertThat(end.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(end).hasMessageContaining("lead refused");
        assertThat(pipeline.posts()).isZero();
        assertNothingMoved();
    }

    @Test
    void aGateThatNobodyAnswersTimesOut() {
        pipeline.people = ask -> ask.get("gate").equals("CUT_OVER")
                ? PlayedPipeline.error(Outcome.TIMED_OUT, "", "the time is over")
                : PlayedPipeline.answer(Map.of("approved", true, "by", "lead"));

        assertThat(fails().outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertNothingMoved();
    }

    @Test
    void anApprovalThatComesTooLateIsAskedForAgain() {
        pipeline.settings.put("gateTimeoutMinutes", 5);
        int[] asked = {0};
        pipeline.people = ask -> {
            Map<String, Object> yes = PlayedPipeline.answer(Map.of("approved", true, "by", "lead"));
            asked[0]++;
            return yes;
        };
        // Approved, and then the pipeline stands still for an hour.
        pipeline.before = next -> {
            if (next.get("action").equals("fence") && asked[0] == 2) {
                asked[0]++;
                pipeline.time.advance(Duration.ofHours(1));
                return Optional.of(PlayedPipeline.error(Outcome.IN_DOUBT, "", "the agent was lost"));
            }
            return Optional.empty();
        };

        assertThat(pipeline.run()).containsEntry("outcome", "completed");
        assertThat(asked[0]).isGreaterThan(3);
        assertHomeWithNothingLost();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ask", "createStream", "await", "fence", "initiate", "release"})
    void anAbortBeforeTheCutoverPutsTrafficBackAndAfterItNothingDoes(String where) {
        boolean[] aborted = {false};
        pipeline.before = next -> {
            if (next.get("action").equals(where) && !aborted[0]) {
                aborted[0] = true;
                return Optional.of(PlayedPipeline.error(Outcome.ABORTED, "alice", "Aborted by alice"));
            }
            return Optional.empty();
        };

        StepFailedException end = fails();

        if (where.equals("createStream")) { // nobody can tell whether that was sent
            assertThat(end.outcome()).isEqualTo(Outcome.IN_DOUBT);
            assertNothingMoved();
        } else if (end == null || end.outcome() == Outcome.IN_DOUBT) {
            assertThat(pipeline.proxy.toActive).isFalse();
        } else {
            assertThat(end.outcome()).isEqualTo(Outcome.ABORTED);
            assertNothingMoved();
        }
        assertThat(pipeline.record().entries())
                .filteredOn(Entry.AbortRequested.class::isInstance)
                .extracting(entry -> ((Entry.AbortRequested) entry).by())
                .containsExactly("alice");
    }

    @Test
    void anAbortOfACutoverThatHadNotBegunPutsTrafficBack() {
        pipeline.before = next -> {
            if (!next.get("action").equals("initiate")) {
                return Optional.empty();
            }
            Map<String, Object> last =
                    new HashMap<>(PlayedPipeline.error(Outcome.ABORTED, "alice", "Aborted by alice"));
            last.putAll(PlayedPipeline.answer(Map.of("notSent", true)));
            return Optional.of(last);
        };

        assertThat(fails().outcome()).isEqualTo(Outcome.ABORTED);
        assertNothingMoved();
        assertThat(pipeline.record().entries())
                .filteredOn(Entry.Called.class::isInstance)
                .extracting(entry -> ((Entry.Called) entry).detail())
                .contains("Not sent: Aborted by alice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ask", "createStream", "await", "fence", "initiate", "release"})
    void anErrorOfWhichNobodyKnowsWhatItMeansEndsWithoutLoss(String where) {
        boolean[] happened = {false};
        pipeline.before = next -> {
            if (next.get("action").equals(where) && !happened[0]) {
                happened[0] = true;
                return Optional.of(Map.of("error", Map.of("by", "", "message", "java.io.IOException: disk full")));
            }
            return Optional.empty();
        };

        StepFailedException end = fails();

        if (end == null) {
            assertHomeWithNothingLost();
        } else {
            assertThat(pipeline.proxy.toOriginal).isFalse();
            assertThat(end).hasMessageNotContaining("null");
        }
    }

    @Test
    void aTurnThatIsTakenTwiceWritesNothingDownTwice() {
        Map<String, Object> first = pipeline.next(null);
        assertThat(first).containsEntry("action", "examine");
        Map<String, Object> last = null;
        Map<String, Object> next = first;
        while (!next.get("action").equals("ask")) {
            pipeline.before = any -> Optional.empty();
            last = Map.of("turn", next.get("turn"));
            next = pipeline.next(last);
            if (next.get("action").equals("examine")) {
                pipeline.examineNext(next);
            }
        }
        Map<String, Object> answered = SteppedWorld.with(
                PlayedPipeline.answer(Map.of("approved", true, "by", "lead")), "turn", next.get("turn"));

        pipeline.next(answered);
        pipeline.next(answered);

        assertThat(pipeline.record().entries())
                .filteredOn(Entry.Approved.class::isInstance)
                .hasSize(1);
    }

    @Test
    void afterARestartTheFenceIsProvenAnew() {
        pipeline.before = next -> {
            if (next.get("action").equals("initiate") && pipeline.driver.equals("a pipeline")) {
                pipeline.driver = "a pipeline, after a restart";
                return Optional.of(PlayedPipeline.answer(Map.of("notSent", true)));
            }
            return Optional.empty();
        };

        assertThat(pipeline.run()).containsEntry("outcome", "completed");
        assertHomeWithNothingLost();
        assertThat(pipeline.record().entries())
                .filteredOn(Entry.FenceProven.class::isInstance)
                .hasSize(2);
    }

    @Test
    void anotherRunGoesOnFromARecordThatIsOpen() {
        pipeline.before = next -> {
            if (next.get("action").equals("release")) {
                throw new IllegalStateException("the pipeline died");
            }
            return Optional.empty();
        };
        assertThat(catchThrowableOfType(IllegalStateException.class, pipeline::run))
                .isNotNull();
        pipeline.before = next -> Optional.empty();
        pipeline.driver = "the next build";

        assertThat(pipeline.run()).containsEntry("outcome", "completed");
        assertHomeWithNothingLost();
        assertThat(pipeline.record().entries())
                .filteredOn(Entry.Resumed.class::isInstance)
                .hasSize(1);
    }

    @Test
    void aDryRunTellsWhatWouldComeAndLeavesNoTrace() {
        pipeline.settings.put("dryRun", true);

        Map<String, Object> end = pipeline.run();

        assertThat((List<?>) end.get("plan"))
                .anyMatch(line -> line.toString().startsWith("PASS "))
                .anyMatch(line -> line.toString().startsWith("To come: fence edge"));
        assertThat(pipeline.posts()).isZero();
        assertNothingMoved();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void whatWasSeenLongAgoIsNotDecidedOn() {
        Map<String, Object> old = pipeline.status();
        pipeline.time.advance(Duration.ofMinutes(5));

        Map<String, Object> next = pipeline.nextWith(old);

        assertThat(next).containsEntry("action", "look").containsEntry("seconds", 0);
    }
}
