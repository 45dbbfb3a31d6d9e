package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;

/** Who runs a step: keeps its progress, and shows people what it sees. Called by one thread at a time. */
public interface StepHost {

    /** What was saved last; {@link Progress#NEW} for a step that begins. */
    Progress progress();

    /**
     * Keeps how far the step is. When this returns, it survives a crash of process and machine. Whatever it throws ends the
     * step before anything more is sent: so a host stops a step that is over for everybody else.
     */
    void save(Progress progress);

    /** The stream as it was just read. Must be quick. */
    default void seen(Answer<ReplicationStream> stream) {}

    /** Something that a person who reads the log should know, in a sentence. Must be quick. */
    default void note(String sentence) {}
}
