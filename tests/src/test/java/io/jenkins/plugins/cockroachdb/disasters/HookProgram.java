package io.jenkins.plugins.cockroachdb.disasters;

import io.jenkins.plugins.cockroachdb.disasters.Edge.Cluster;
import io.jenkins.plugins.cockroachdb.disasters.HookEdge.Server;
import io.jenkins.plugins.cockroachdb.proxy.Proxy;
import io.jenkins.plugins.cockroachdb.proxy.ProxyException;
import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The program by which a proxy's owner has one driver move it: command by command, each of which can fail. */
final class HookProgram implements Proxy {

    private static final Duration POLL = Duration.ofMillis(500);

    private final HookEdge edge;
    private final Life life;

    HookProgram(HookEdge edge, Life life) {
        this.edge = edge;
        this.life = life;
    }

    @Override
    public String name() {
        return edge.name;
    }

    @Override
    public CompletableFuture<ProxyStatus> status(Duration limit) {
        Verb verb = new Verb("status", limit);
        return verb.ends(verb.show()).exceptionally(failure -> ProxyStatus.unknown(name(), "it does not answer"));
    }

    @Override
    public CompletableFuture<ProxyStatus> fence(Duration drain, Duration limit) {
        Verb verb = new Verb("fence", drain.plus(limit));
        Instant drained = life.instant().plus(drain);
        return verb.ends(verb.tell("close P", () -> edge.set(Cluster.ORIGINAL_PRIMARY, Server.CLOSED))
                .thenCompose(done -> verb.tell("cut P", () -> edge.leave(Cluster.ORIGINAL_PRIMARY)))
                .thenCompose(done -> verb.tell("drain A", () -> edge.set(Cluster.ACTIVE, Server.DRAIN)))
                .thenCompose(done -> verb.drained(drained))
                .thenCompose(done -> verb.tell("close A", () -> edge.set(Cluster.ACTIVE, Server.CLOSED)))
                .thenCompose(done -> verb.tell("cut A", () -> edge.leave(Cluster.ACTIVE)))
                .thenCompose(done -> verb.show()));
    }

    @Override
    public CompletableFuture<ProxyStatus> unfence(Duration limit) {
        Verb verb = new Verb("unfence", limit);
        return verb.ends(verb.tell("close P", () -> edge.set(Cluster.ORIGINAL_PRIMARY, Server.CLOSED))
                .thenCompose(done -> verb.tell("cut P", () -> edge.leave(Cluster.ORIGINAL_PRIMARY)))
                .thenCompose(done -> verb.tell("open A", () -> edge.set(Cluster.ACTIVE, Server.READY)))
                .thenCompose(done -> verb.show()));
    }

    @Override
    public CompletableFuture<ProxyStatus> release(Duration limit) {
        Verb verb = new Verb("release", limit);
        return verb.ends(verb.show()
                .thenCompose(status -> status.sessionsActive() == 0
                        ? verb.tell("open P", () -> edge.set(Cluster.ORIGINAL_PRIMARY, Server.READY))
                        : refused("release: clients reach A."))
                .thenCompose(done -> verb.show())
                .thenCompose(status -> status.traffic() == Traffic.ON_ORIGINAL_PRIMARY
                        ? CompletableFuture.completedFuture(status)
                        : refused("release: clients are " + status.traffic().words() + ".")));
    }

    private <T> CompletableFuture<T> refused(String words) {
        return CompletableFuture.failedFuture(new ProxyException(edge.name, words, "Look at it."));
    }

    /** One verb at work, until its time is over. */
    private final class Verb {
        private final String name;
        private final CompletableFuture<ProxyStatus> result = new CompletableFuture<>();

        Verb(String name, Duration limit) {
            this.name = name;
            life.schedule(
                    () -> result.completeExceptionally(new ProxyException(
                            edge.name, name + " was not done within " + limit.toMillis() + " ms.", "Look at it.")),
                    limit.toNanos(),
                    TimeUnit.NANOSECONDS);
        }

        CompletableFuture<ProxyStatus> ends(CompletionStage<ProxyStatus> end) {
            end.whenComplete((status, failure) -> {
                if (failure != null) {
                    result.completeExceptionally(failure);
                } else {
                    result.complete(status);
                }
            });
            return result;
        }

        CompletableFuture<Void> tell(String words, Runnable effect) {
            Runnable order = edge.order(life, effect);
            return ask(name + ": " + words, () -> {
                order.run();
                return null;
            });
        }

        CompletableFuture<ProxyStatus> show() {
            return ask(
                    name + ": show",
                    () -> new ProxyStatus(
                            edge.name,
                            edge.traffic(),
                            edge.holds(Cluster.ACTIVE) ? 1 : 0,
                            edge.holds(Cluster.ORIGINAL_PRIMARY) ? 1 : 0,
                            ""));
        }

        CompletableFuture<Void> drained(Instant until) {
            return show().thenCompose(status -> {
                if (status.sessionsActive() == 0 || !life.instant().isBefore(until)) {
                    return CompletableFuture.completedFuture(null);
                }
                CompletableFuture<Void> pause = new CompletableFuture<>();
                life.schedule(() -> pause.complete(null), POLL.toNanos(), TimeUnit.NANOSECONDS);
                return pause.thenCompose(done -> drained(until));
            });
        }

        private <T> CompletableFuture<T> ask(String words, Supplier<T> effect) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            if (!result.isDone() && life.isAlive()) {
                edge.command(
                        life,
                        words,
                        () -> Edge.done(effect.get()),
                        answer::complete,
                        () -> answer.completeExceptionally(
                                new ProxyException(edge.name, words + " was refused.", "Look at it.")),
                        () -> answer.completeExceptionally(
                                new ProxyException(edge.name, words + " found nobody.", "Look at it.")));
            }
            return answer;
        }
    }
}
