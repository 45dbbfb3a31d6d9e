package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.disasters.Twist.Manner;
import io.jenkins.plugins.cockroachdb.failback.Gate;
import io.jenkins.plugins.cockroachdb.failback.Gatekeeper;
import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Whoever is asked at the gates: they answer soon and with yes, but for what the schedule says. */
final class People {

    /**
     * A yes.
     *
     * @param record whose run asked
     * @param clusterName what was typed
     */
    record Approval(String record, Gate gate, String clusterName, Instant at) {}

    private final Schedule schedule;
    private final Duration gateLimit;
    private final VirtualTime time;
    private final SplittableRandom random;
    private final Trace trace;
    private final Coverage coverage;
    private final Map<Gate, Integer> asked = new EnumMap<>(Gate.class);
    private final Map<Life, CompletableFuture<Gatekeeper.Reply>> atGate = new HashMap<>();
    private final Map<Life, Instant> answered = new HashMap<>();
    final List<Approval> approvals = new ArrayList<>();
    private boolean calm;

    People(
            Schedule schedule,
            Duration gateLimit,
            VirtualTime time,
            SplittableRandom random,
            Trace trace,
            Coverage coverage) {
        this.schedule = schedule;
        this.gateLimit = gateLimit;
        this.time = time;
        this.random = random;
        this.trace = trace;
        this.coverage = coverage;
    }

    /** From now on everybody answers soon and with yes. */
    void calmDown() {
        calm = true;
    }

    boolean areAskedBy(Life life) {
        return atGate.containsKey(life) && !atGate.get(life).isDone();
    }

    /** When that driver's latest question was over. */
    Optional<Instant> answered(Life life) {
        return Optional.ofNullable(answered.get(life));
    }

    Gatekeeper askedBy(Life life, String record) {
        return question -> {
            int occurrence = asked.merge(question.gate(), 1, Integer::sum);
            coverage.reach(Expected.GATES, question.gate());
            Manner manner = schedule.all(Twist.Person.class)
                    .filter(person -> !calm && person.gate() == question.gate() && person.occurrence() == occurrence)
                    .map(Twist.Person::manner)
                    .findFirst()
                    .orElse(null);
            trace.line(
                    life.name,
                    () -> "asks " + question.gate() + " " + question.clusterName()
                            + (manner == null ? "" : ", which the person " + manner));
            if (manner != null) {
                coverage.reach(Expected.PEOPLE, question.gate() + " " + manner);
            }
            CompletableFuture<Gatekeeper.Reply> reply = new CompletableFuture<>();
            atGate.put(life, reply);
            reply.whenComplete((answer, failure) -> answered.put(life, time.instant()));
            boolean yes = manner != Manner.REFUSES;
            if (manner != Manner.NEVER_ANSWERS) {
                after(
                        delay(manner),
                        () -> life.run(() -> {
                            if (!reply.isDone() && yes) {
                                approvals.add(
                                        new Approval(record, question.gate(), question.clusterName(), time.instant()));
                            }
                            reply.complete(
                                    yes ? Gatekeeper.Reply.approvedBy("lead") : Gatekeeper.Reply.refusedBy("lead"));
                            if (manner == Manner.ANSWERS_TWICE) {
                                reply.complete(Gatekeeper.Reply.refusedBy("deputy"));
                            }
                        }));
            }
            return reply;
        };
    }

    private Duration delay(Manner manner) {
        if (manner == Manner.ANSWERS_TOO_LATE) {
            return gateLimit.plusSeconds(1 + random.nextInt(600));
        }
        if (manner == Manner.TAKES_TIME) {
            return Duration.ofSeconds(60 + random.nextInt((int) gateLimit.toSeconds() - 120));
        }
        return Duration.ofMillis(500 + random.nextInt(15_000));
    }

    private void after(Duration delay, Runnable task) {
        time.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
}
