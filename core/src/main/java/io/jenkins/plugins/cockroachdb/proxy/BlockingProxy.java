package io.jenkins.plugins.cockroachdb.proxy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A proxy whose verbs block, each on a thread of its own for as long as its limit allows. */
final class BlockingProxy implements Proxy {

    /** What works at one kind of proxy. */
    interface Worker {
        ProxyWork begin(ProxyEnvironment environment, Deadline deadline);
    }

    private interface Task<T> {
        T with(ProxyWork work) throws ProxyFailure;
    }

    private final ProxyDescription description;
    private final ProxyEnvironment environment;
    private final Worker worker;

    BlockingProxy(ProxyDescription description, ProxyEnvironment environment, Worker worker) {
        this.description = description;
        this.environment = environment;
        this.worker = worker;
    }

    @Override
    public String name() {
        return description.name();
    }

    @Override
    public List<String> commands(Verb verb) {
        return description.commands(verb);
    }

    @Override
    public CompletableFuture<Optional<WhoAnswers>> whoAnswers(
            String activeSqlDns, String originalPrimarySqlDns, Duration limit) {
        return description
                .clients()
                .map(clients -> WhoAnswers.at(clients, activeSqlDns, originalPrimarySqlDns, environment, limit)
                        .thenApply(Optional::of))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    }

    @Override
    public CompletableFuture<ProxyStatus> status(Duration limit) {
        return run("status", limit, ProxyWork::status).exceptionally(failure -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (cause instanceof ProxyException unreadable) {
                return ProxyStatus.unknown(name(), unreadable.getMessage());
            }
            throw new CompletionException(cause);
        });
    }

    @Override
    public CompletableFuture<ProxyStatus> fence(Duration drain, Duration limit) {
        return run(Verb.FENCE.word(), drain.plus(limit), work -> work.fence(drain));
    }

    @Override
    public CompletableFuture<ProxyStatus> fenceAtOnce(Duration limit) {
        return run(Verb.FENCE.word(), limit, ProxyWork::fenceAtOnce);
    }

    @Override
    public CompletableFuture<ProxyStatus> unfence(Duration limit) {
        return run(Verb.UNFENCE.word(), limit, ProxyWork::unfence);
    }

    @Override
    public CompletableFuture<ProxyStatus> release(Duration limit) {
        return run(Verb.RELEASE.word(), limit, ProxyWork::release);
    }

    @Override
    public CompletableFuture<List<ProxyFinding>> findings(Duration limit) {
        return run("examination", limit, ProxyWork::findings);
    }

    private <T> CompletableFuture<T> run(String what, Duration limit, Task<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Deadline deadline = new Deadline(environment.timer(), limit);
        // Not everything that blocks is a connection: a resolver, for example, ends when it likes.
        Future<?> last = environment
                .timer()
                .schedule(
                        () -> result.completeExceptionally(late(
                                what,
                                limit,
                                new ProxyFailure(
                                        "There was no end of it.",
                                        "Check that the names of its addresses can be resolved."))),
                        limit.plus(ProxyWork.PUT_BACK).toNanos(),
                        TimeUnit.NANOSECONDS);
        result.whenComplete((value, failure) -> {
            last.cancel(false);
            if (result.isCancelled()) {
                deadline.cut();
            }
        });
        environment.io().execute(() -> {
            try (deadline;
                    ProxyWork work = worker.begin(environment, deadline)) {
                result.complete(task.with(work));
            } catch (ProxyFailure e) {
                result.completeExceptionally(
                        deadline.isOver()
                                ? late(what, limit, e)
                                : new ProxyException(name(), e.whatHappened(), e.whatToDo()));
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private ProxyException late(String what, Duration limit, ProxyFailure cause) {
        return new ProxyException(
                name(),
                what + " was not done within " + limit.toMillis() + " ms. " + cause.whatHappened(),
                cause.whatToDo());
    }
}
