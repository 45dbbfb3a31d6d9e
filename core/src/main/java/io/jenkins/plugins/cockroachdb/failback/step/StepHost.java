package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import java.util.concurrent.CompletableFuture;

/** Who runs a step: keeps its progress, and shows people what it sees. Called by one thread at a time. */
public interface StepHost {

    /** What was saved last; {@link Progress#NEW} for a step that begins. */
    Progress progress();

    /**
     * Keeps how far the step is. Blocks no thread.
     *
     * @return ends once it survives a crash of process and machine; the step sends nothing before. With whatever it fails, or
     *     this throws, the step ends: so a host stops a step that is over for everybody else. Canceled when the step is
     *     stopped meanwhile
     */
    CompletableFuture<Void> save(Progress progress);

    /** The stream as it was just read. Must be quick. */
    default void seen(Answer<ReplicationStream> stream) {}

    /** Something that a person who reads the log should know, in a sentence. Must be quick. */
    default void note(String sentence) {}
}
