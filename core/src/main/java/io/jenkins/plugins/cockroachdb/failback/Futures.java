package io.jenkins.plugins.cockroachdb.failback;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** What CompletableFuture leaves to its users. */
public final class Futures {

    private Futures() {}

    /** Does it with each at once; the results come in the order of the list. */
    public static <T, R> CompletableFuture<List<R>> all(List<T> each, Function<T, CompletableFuture<R>> verb) {
        List<CompletableFuture<R>> futures = each.stream().map(verb).toList();
        return CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> futures.stream().map(CompletableFuture::join).toList());
    }

    /** What really went wrong. */
    public static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
