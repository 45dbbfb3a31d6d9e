package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.Settings;
import io.jenkins.plugins.cockroachdb.report.Phase;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What is shown of a run: lines, a block that is redrawn, JSON. */
class DisplayTest extends DrivenPair {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");

    @Test
    void aLogHasALineForEachEventAndTheResultOnStandardOutput() {
        Run run = run("full", "--yes");
        List<String> lines =
                run.err().lines().filter(line -> !line.startsWith("  ")).toList();
        assertThat(lines).allMatch(line -> line.matches("20[0-9T:-]+Z  .*"));
        assertThat(lines.subList(1, lines.size()))
                .as("no event twice")
                .zipSatisfy(lines.subList(0, lines.size() - 1), (line, before) -> assertThat(line)
                        .isNotEqualTo(before));
        assertThat(run.err())
                .containsSubsequence(
                        "Looking at every prerequisite.",
                        "There is no such stream yet.",
                        "Approved by --yes",
                        "Call: create the stream (",
                        "Answer: create the stream: DONE.",
                        "Call: cut over (",
                        "Answer: cut over: DONE.",
                        "is COMPLETED");
        assertThat(run.out().lines().toList().get(0)).startsWith("Outcome: completed. ");
    }

    @Test
    void jsonIsOneObjectOnEachLineAndEndsWithTheOutcome() throws Exception {
        Run run = run("full", "--yes", "--output", "json");
        List<JsonNode> events = json(run);
        assertThat(run.err()).isEmpty();
        assertThat(events).allSatisfy(event -> {
            assertThat(event.path("event").asText()).isNotEmpty();
            assertThat(Instant.parse(event.path("at").asText())).isBefore(time.instant());
        });
        assertThat(events.stream().map(event -> event.path("event").asText()))
                .containsSubsequence(
                        "Examined", "Asked", "Approved", "Calling", "Called", "Doing", "Seen", "Ended", "Outcome");
        JsonNode gate = event(events, "Asked");
        assertThat(gate.path("gate").asText()).isEqualTo("ERASE");
        assertThat(gate.path("clusterName").asText()).isEqualTo("orders-east");
        assertThat(gate.path("evidence")).isNotEmpty();
        JsonNode outcome = events.get(events.size() - 1);
        assertThat(outcome.path("code").asInt(-1)).isZero();
        assertThat(outcome.path("kind").asText()).isEqualTo("completed");
        assertThat(outcome.path("message").asText()).contains("traffic unknown");
        assertThat(outcome.path("recordFile").asText())
                .isEqualTo(records().resolve("000001.jsonl").toString());
        assertThat(outcome.path("reportFile").asText())
                .isEqualTo(records().resolve("000001.html").toString());
    }

    @Test
    void jsonTellsAnOutcomeAlsoWhereNothingWasDone() throws Exception {
        environment.put("FAILOVER_TO_LATEST", "maybe");
        Run run = run("full", "--output=json");
        assertThat(run.exitCode()).isEqualTo(2);
        JsonNode outcome = json(run).get(0);
        assertThat(outcome.path("code").asInt()).isEqualTo(2);
        assertThat(outcome.path("kind").asText()).isEqualTo("usage");
        assertThat(outcome.path("recordFile").isNull()).isTrue();
    }

    @Test
    void aTerminalShowsEveryPhaseAndWhatIsToGo() {
        Progress progress = new Progress(
                "failback full",
                Phase.of(Settings.DEFAULT, false),
                Phase.CATCH_UP,
                NOON.minusSeconds(3723),
                "Stream s1 is REPLICATING, lag 31 s.",
                "Waiting for stream s1.",
                NOON.plusSeconds(125));
        assertThat(String.join("\n", LiveDisplay.block(progress, NOON)))
                .isEqualTo(
                        """

                        failback full, for 1 h 2 min 3 s
                          [x] prerequisites
                          [x] creating the stream
                          [x] stream starting
                          [>] first copy and catching up, at most 2 min 5 s to go
                          [ ] approval to cut over
                          [ ] cutover
                          Stream s1 is REPLICATING, lag 31 s.
                          Waiting for stream s1.""");
    }

    @Test
    void onATerminalTheBlockIsDrawnOverAndNothingIsLeftOfItInTheEnd() {
        Screen screen = new Screen();
        Run run = onTerminal(Map.of("TERM", "xterm"));
        screen.print(run.err());
        assertThat(run.err()).contains("\u001b[");
        assertThat(screen.lines())
                .anyMatch(line -> line.contains("Gate: May this run erase"))
                .anyMatch(line -> line.contains("is COMPLETED"))
                .noneMatch(line -> line.contains("[>]") || line.contains("[x]"));
        assertThat(run.err()).contains("[>] creating the stream", "[>] cutover").doesNotContain("\u001b[?25");
    }

    @Test
    void whereTheTerminalCannotOrShallNotBeDrawnOnThereAreLines() {
        assertThat(onTerminal(Map.of("TERM", "dumb")).err()).doesNotContain("\u001b");
        assertThat(onTerminal(Map.of("TERM", "xterm", "NO_COLOR", "1")).err()).doesNotContain("\u001b");
    }

    @Test
    void aQuestionInterruptsTheBlockUntilItIsAnswered() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        LiveDisplay display = new LiveDisplay(new Console(Run.printer(err), Run.printer(err)), () -> NOON);
        Progress progress = new Progress("failback full", List.of(Phase.CREATION), Phase.CREATION, NOON, "", "", null);
        display.show(progress);
        display.show(new Event.Asked(NOON, "ERASE", "May it?", "east", List.of("evidence")));
        int asked = err.size();
        display.show(progress);
        assertThat(err.size()).as("what was drawn below the question").isEqualTo(asked);
        display.show(new Event.Doing(NOON, "Going on.", null));
        Screen screen = new Screen();
        screen.print(Run.text(err));
        assertThat(screen.lines())
                .containsSubsequence(
                        "2026-03-10T12:00:00Z  Gate: May it?",
                        "  evidence",
                        "2026-03-10T12:00:00Z  Going on.",
                        "failback full, for 0 s",
                        "  [>] creating the stream");
    }

    @Test
    void aTerminalThatTakesNothingAnyMoreDoesNotHoldTheRunUp() {
        CountDownLatch stuck = new CountDownLatch(1);
        List<String> shown = new ArrayList<>();
        Display display = new BackgroundDisplay(new Display() {
            @Override
            public void show(Event event) {
                try {
                    stuck.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                shown.addAll(event.lines());
            }

            @Override
            public void conclude(Conclusion conclusion) {
                shown.add(conclusion.message());
            }
        });
        display.show(new Event.Doing(NOON, "one", null));
        display.show(new Event.Doing(NOON, "two", null));
        stuck.countDown();
        display.conclude(Conclusion.of(Outcome.COMPLETED, "end"));
        assertThat(shown).containsExactly("one", "two", "end");
    }

    @Test
    void whatTheCloudSaysCannotSteerTheTerminal() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        LiveDisplay display = new LiveDisplay(new Console(Run.printer(err), Run.printer(err)), () -> NOON);
        display.show(new Event.Doing(NOON, "bad \u001b[2J word", null));
        assertThat(Run.text(err)).contains("bad  [2J word").doesNotContain("\u001b[2J");
    }

    @Test
    void aRunThatHasNothingToTellSaysOnceAMinuteThatItIsAlive() {
        List<Event> events = new ArrayList<>();
        Instant[] now = {NOON};
        Narrator narrator = new Narrator(
                null,
                () -> now[0],
                new Display() {
                    @Override
                    public void show(Event event) {
                        events.add(event);
                    }

                    @Override
                    public void conclude(Conclusion conclusion) {}
                },
                new Progress("full", List.of(Phase.START), Phase.START, NOON, "It starts.", "", null));
        for (int second = 0; second < 150; second++) {
            now[0] = NOON.plusSeconds(second);
            narrator.tick();
        }
        assertThat(events).hasSize(2).allMatch(event -> event.lines().equals(List.of("Still at it. It starts.")));
    }

    private Run onTerminal(Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(variables);
        environment.clear();
        environment.putAll(all);
        Terminal terminal = new Terminal() {
            @Override
            public String readLine(String prompt) {
                throw new AssertionError("nobody is asked");
            }

            @Override
            public boolean showsProgress() {
                return true;
            }
        };
        return Run.of(
                shell -> shell.withTerminal(Optional.of(terminal)).withTime(time, time::timer),
                environment,
                directory,
                "full",
                "--yes");
    }

    private static List<JsonNode> json(Run run) throws Exception {
        List<JsonNode> objects = new ArrayList<>();
        for (String line : run.out().lines().toList()) {
            objects.add(new ObjectMapper().readTree(line));
        }
        return objects;
    }

    private static JsonNode event(List<JsonNode> events, String name) {
        return events.stream()
                .filter(event -> event.path("event").asText().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
