package io.jenkins.plugins.cockroachdb.pipeline;

import io.jenkins.plugins.cockroachdb.simulator.VirtualTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The agents of a Jenkins: one for each who asks, as long as there are any. */
final class Agents {

    /** An agent while somebody holds it. */
    static final class Agent {
        final String label;
        boolean lost;
        boolean released;

        private Agent(String label) {
            this.label = label;
        }

        void release() {
            released = true;
        }
    }

    private final VirtualTime time;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private final List<Agent> given = new ArrayList<>();
    private boolean none;

    Agents(VirtualTime time) {
        this.time = time;
    }

    CompletableFuture<Agent> acquire(String label) {
        CompletableFuture<Agent> agent = new CompletableFuture<>();
        Runnable give = () -> {
            if (!agent.isDone()) {
                given.add(new Agent(label));
                agent.complete(given.get(given.size() - 1));
            }
        };
        if (none) {
            waiting.add(give);
        } else {
            time.schedule(give, 1, TimeUnit.SECONDS);
        }
        return agent;
    }

    /** From now on nobody gets one. */
    void vanish() {
        none = true;
    }

    /** There are agents again, for those who wait too. */
    void comeBack() {
        none = false;
        while (!waiting.isEmpty()) {
            waiting.poll().run();
        }
    }

    /** The connection to every agent that somebody holds is lost for good. */
    void loseThoseInUse() {
        given.stream().filter(agent -> !agent.released).forEach(agent -> agent.lost = true);
    }

    /** All that were ever given, the oldest first. */
    List<Agent> given() {
        return given;
    }
}
