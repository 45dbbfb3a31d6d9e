package io.jenkins.plugins.cockroachdb.failback.step;

import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.proxy.ProxyErrand;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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

    /**
     * The record of the failback that this pipeline drives. Whoever opens it closes it.
     *
     * @param isUnderWay whether this run has opened it before: then it is that one, even if it has ended since
     * @throws IOException with a message for a person if it cannot be read or written
     * @throws UnsupportedOperationException if this host keeps none
     */
    default RecordFile openRecord(String originalPrimaryId, String activeId, boolean isUnderWay) throws IOException {
        throw new UnsupportedOperationException("no record is kept here");
    }

    /**
     * Who drives the failback, for its record: another text than before when whatever was watched may have gone unwatched in between,
     * as after a restart. Empty when nobody says.
     */
    default Optional<String> driver() {
        return Optional.empty();
    }

    /** How long clients could not write in the last failback of this pair that is known here; empty when none is. */
    default Optional<Duration> lastWritePause(String originalPrimaryId, String activeId) {
        return Optional.empty();
    }

    /**
     * Does an errand where the proxies can be reached. The future ends with every proxy of it; one that could not be asked, because
     * nobody is there any more, is unknown. Ends exceptionally only for a defect.
     *
     * @throws UnsupportedOperationException if this host reaches no proxy
     */
    default CompletableFuture<List<SeenProxy>> atProxies(ProxyErrand errand) {
        throw new UnsupportedOperationException("no proxy is reached from here");
    }

    /** Something that a person who reads the log should know, in a sentence. Must be quick. */
    default void note(String sentence) {}
}
