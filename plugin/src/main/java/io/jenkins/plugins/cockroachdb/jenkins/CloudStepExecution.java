package io.jenkins.plugins.cockroachdb.jenkins;

import com.google.common.util.concurrent.ListenableFuture;
import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.SuppressFBWarnings;
import hudson.AbortException;
import hudson.model.Result;
import hudson.model.Run;
import hudson.util.Secret;
import io.jenkins.plugins.cockroachdb.cloud.Answer;
import io.jenkins.plugins.cockroachdb.cloud.Redaction;
import io.jenkins.plugins.cockroachdb.cloud.ReplicationStream;
import io.jenkins.plugins.cockroachdb.failback.Futures;
import io.jenkins.plugins.cockroachdb.failback.Outcome;
import io.jenkins.plugins.cockroachdb.failback.RecordFile;
import io.jenkins.plugins.cockroachdb.failback.step.Arguments;
import io.jenkins.plugins.cockroachdb.failback.step.Progress;
import io.jenkins.plugins.cockroachdb.failback.step.StepContract;
import io.jenkins.plugins.cockroachdb.failback.step.StepEnvironment;
import io.jenkins.plugins.cockroachdb.failback.step.StepFailedException;
import io.jenkins.plugins.cockroachdb.failback.step.StepHost;
import io.jenkins.plugins.cockroachdb.failback.step.WrongParameterException;
import io.jenkins.plugins.cockroachdb.proxy.ProxyErrand;
import io.jenkins.plugins.cockroachdb.proxy.SeenProxy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/**
 * A step in a build, from its start to its end, restarts of Jenkins included. What it does is in its {@link StepContract}; here
 * it is given a key and a place to keep its progress, and its end is told to the build once.
 *
 * <p>It holds no thread. It is persisted as what it was given and how far it is; a successor of that begins a new {@link Life}.
 */
abstract class CloudStepExecution extends StepExecution {

    private static final long serialVersionUID = 1L;

    private static final Logger LOGGER = Logger.getLogger(CloudStepExecution.class.getName());

    /** How often a step that waits looks whether its credentials are still the same. Not final, for the script console. */
    @SuppressFBWarnings(value = "MS_SHOULD_BE_FINAL", justification = "for the script console")
    static Duration credentialsCheck = Duration.ofMinutes(3);

    /** How long Jenkins may take to save the build. Not final, for the script console. */
    @SuppressFBWarnings(value = "MS_SHOULD_BE_FINAL", justification = "for the script console")
    static Duration saveLimit = Duration.ofMinutes(1);

    private final HashMap<String, Object> given;
    private volatile HashMap<String, String> progress = new HashMap<>(Progress.NEW.toMap());
    private volatile boolean tracked;

    /** How far the step is for sure; {@link #progress} is ahead of it while that is being saved. Null after a restart. */
    private transient volatile Progress reached;

    // Guarded by this.
    private transient Life life;
    private transient boolean over;

    /** @throws AbortException if a parameter is wrong */
    CloudStepExecution(StepContext context, HashMap<String, Object> given) throws AbortException {
        super(context);
        this.given = given;
        try {
            arguments();
        } catch (WrongParameterException e) {
            throw new AbortException(e.getMessage());
        }
    }

    abstract StepContract contract();

    /** What the pipeline gave, and the cloud. */
    final Map<String, Object> given() {
        return given;
    }

    /** See {@link StepHost#openRecord}. */
    RecordFile openRecord(String originalPrimaryId, String activeId, boolean isUnderWay) throws IOException {
        throw new UnsupportedOperationException(contract().name() + " keeps no record");
    }

    /** See {@link StepHost#driver}. */
    Optional<String> driver() {
        return Optional.empty();
    }

    /** See {@link StepHost#lastWritePause}. */
    Optional<Duration> lastWritePause(String originalPrimaryId, String activeId) {
        return Optional.empty();
    }

    /** See {@link StepHost#atProxies}. */
    CompletableFuture<List<SeenProxy>> atProxies(ProxyErrand errand) {
        throw new UnsupportedOperationException(contract().name() + " reaches no proxy");
    }

    /** Says in a result that it comes from the simulated cloud. */
    void label(Map<String, Object> result) {
        result.put("simulated", true);
    }

    private Arguments arguments() {
        return contract().arguments(given);
    }

    @Override
    public boolean start() throws Exception {
        String wanted = (String) given.get("cloud");
        CloudSessions.Place place = CloudConfiguration.get()
                .place(wanted)
                .orElseThrow(
                        () -> new AbortException(contract().name() + ": " + noCloud(wanted) + " Nothing was sent."));
        given.put("cloud", place.name()); // whatever the default becomes, this step goes on where it began
        begin();
        return false;
    }

    @Override
    public void onResume() {
        begin();
    }

    private static String noCloud(String wanted) {
        String there = String.join(", ", CloudConfiguration.get().names());
        return (wanted == null ? "No cloud is configured." : "There is no cloud \"" + wanted + "\".")
                + (there.isEmpty()
                        ? " An administrator adds one under \"CockroachDB Cloud\" in Manage Jenkins, System."
                        : " There are: " + there + ".");
    }

    @Override
    public void stop(@NonNull Throwable cause) {
        Life ended = over();
        if (ended == null) {
            return;
        }
        ended.leave();
        StepNarrator.print(getContext(), StepNarrator.labelled(ended.place, leftBehind()));
        getContext().onFailure(cause);
    }

    @Override
    public String getStatus() {
        Life now;
        synchronized (this) {
            now = life;
        }
        if (now == null || now.narrator == null) {
            return "beginning";
        }
        Progress at = progress();
        return now.narrator.phrase()
                + switch (at.phase()) {
                    case NEW -> "";
                    case WAITING -> now.nextPoll() + ", until " + at.deadline();
                    case SENDING -> ", its write is under way, until " + at.deadline();
                    case ANSWERED -> ", its write was answered";
                };
    }

    private Progress progress() {
        Progress sure = reached;
        return sure == null ? Progress.ofMap(progress) : sure;
    }

    private String leftBehind() {
        return contract().leftBehind(arguments(), progress());
    }

    /** Begins a life, off the thread of the build. */
    private void begin() {
        Life next = new Life();
        synchronized (this) {
            if (over) {
                return;
            }
            life = next;
        }
        CloudSessions.get().execute(next::begin);
    }

    /** The life that ends with the step; null for everybody but the first who asks. */
    private synchronized Life over() {
        if (over) {
            return null;
        }
        over = true;
        return life == null ? new Life() : life;
    }

    private void fail(Outcome outcome, String message) {
        synchronized (this) {
            if (life != null && life.sessions.isClosed()) {
                return; // the shutdown is what made it fail; the step resumes with the next Jenkins
            }
        }
        Life ended = over();
        if (ended != null) {
            ended.leave();
            getContext()
                    .onFailure(new FlowInterruptedException(
                            Result.FAILURE,
                            false,
                            new StepFailureCause(
                                    outcome, StepNarrator.labelled(ended.place, Redaction.printable(message)))));
        }
    }

    /** For what goes wrong around the step: how that leaves things depends on how far the step is. */
    private void failAround(String why) {
        boolean mayHaveWritten =
                switch (progress().phase()) {
                    case SENDING, ANSWERED -> true;
                    case NEW, WAITING -> false;
                };
        fail(mayHaveWritten ? Outcome.IN_DOUBT : Outcome.FAILED, why + " " + leftBehind());
    }

    /**
     * The step in this process and with this key, until it ends, the process ends, or there is another key to go on with. Then
     * a new life goes on from the progress.
     */
    private final class Life implements StepHost {

        private final CloudSessions sessions = CloudSessions.get();
        private CloudSessions.Place place;
        private KeyLookup lookup;
        private Secret key;
        private volatile CloudSession session;
        private volatile StepNarrator narrator;
        private volatile CompletableFuture<Map<String, Object>> run;
        private volatile Future<?> check;
        private boolean left; // guarded by this

        void begin() {
            try {
                place = CloudConfiguration.get()
                        .place((String) given.get("cloud"))
                        .orElse(null);
                if (place == null) {
                    failAround(noCloud((String) given.get("cloud")));
                    return;
                }
                lookup = new KeyLookup(getContext().get(Run.class), place, (String) given.get("credentialsId"));
                key = lookup.key();
                if (!tracked) {
                    lookup.track();
                    tracked = true;
                }
                join();
            } catch (KeyLookup.NoKeyException e) {
                failAround(e.getMessage());
            } catch (IOException | RuntimeException e) {
                unexpected(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // Jenkins is shutting down
            }
        }

        private void join() {
            CloudSession joined = sessions.acquire(place, key);
            synchronized (this) {
                if (left) {
                    sessions.release(joined);
                    return;
                }
                session = joined;
                narrator = new StepNarrator(getContext(), place, joined, InstantSource.system());
            }
            if (!progress().equals(Progress.NEW)) {
                narrator.note("It goes on from " + progress().phase() + ".");
            }
            run = contract()
                    .run(
                            arguments(),
                            new StepEnvironment(
                                    joined.client(lookup::key),
                                    joined.watcher(),
                                    InstantSource.system(),
                                    sessions.timer()),
                            this);
            checkLater();
            run.whenComplete(this::ended);
            synchronized (this) {
                if (left) {
                    run.cancel(true);
                }
            }
        }

        /** Ends it without an end of the step. */
        void leave() {
            CloudSession mine;
            synchronized (this) {
                mine = left ? null : session;
                left = true;
            }
            if (mine != null) {
                sessions.release(mine);
            }
            if (check != null) {
                check.cancel(false);
            }
            if (run != null) {
                run.cancel(true);
            }
            if (narrator != null) {
                narrator.end();
            }
        }

        private void ended(Map<String, Object> result, Throwable failure) {
            try {
                Throwable cause = failure == null ? null : Futures.cause(failure);
                if (cause instanceof CancellationException) {
                    return; // by us, or because Jenkins is shutting down
                }
                if (cause == null) {
                    succeed(result);
                } else if (isWaiting() && !lookup.key().equals(key)) {
                    goOnWithAnotherKey();
                } else if (cause instanceof StepFailedException expected) {
                    fail(expected.outcome(), expected.getMessage());
                } else if (cause instanceof NotSavedException || cause instanceof KeyLookup.NoKeyException) {
                    failAround(cause.getMessage());
                } else {
                    unexpected(cause);
                }
            } catch (KeyLookup.NoKeyException e) {
                failAround(e.getMessage());
            } catch (RuntimeException e) {
                unexpected(e);
            }
        }

        private void succeed(Map<String, Object> result) {
            if (over() == null) {
                return;
            }
            if (result != null) {
                narrator.returned(result);
                if (place.simulated()) {
                    label(result);
                }
            }
            leave();
            getContext().onSuccess(result);
        }

        private boolean isWaiting() {
            return progress().phase() == Progress.Phase.WAITING;
        }

        /** Goes on with the key that the credentials hold now. */
        private void goOnWithAnotherKey() {
            narrator.note("The credentials hold another key now: it goes on with that.");
            leave();
            CloudStepExecution.this.begin();
        }

        private void checkLater() {
            try {
                check = sessions.timer().schedule(this::check, credentialsCheck.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOGGER.log(Level.FINE, "Jenkins is shutting down; the step resumes with the next one", e);
            }
        }

        /** While it waits; whatever else it does looks for the key itself. */
        private void check() {
            try {
                if (isWaiting() && !lookup.key().equals(key)) {
                    goOnWithAnotherKey();
                } else {
                    checkLater();
                }
            } catch (KeyLookup.NoKeyException e) {
                failAround(e.getMessage());
            } catch (RuntimeException e) {
                LOGGER.log(Level.WARNING, "cannot look for the credentials of a step; it is tried again", e);
                checkLater();
            }
        }

        private void unexpected(Throwable fault) {
            if (sessions.isClosed()) {
                LOGGER.log(Level.FINE, "Jenkins is shutting down; the step resumes with the next one", fault);
                return;
            }
            LOGGER.log(Level.WARNING, "a step ended unexpectedly", fault);
            failAround("An unexpected error ended the step: " + fault + ". The log of Jenkins has more.");
        }

        private String nextPoll() {
            return session.watcher()
                    .nextLook((String) given.get("streamId"))
                    .map(next -> ", next poll in "
                            + Math.max(0, Duration.between(Instant.now(), next).toSeconds()) + " s")
                    .orElse("");
        }

        @Override
        public Progress progress() {
            return CloudStepExecution.this.progress();
        }

        @Override
        public CompletableFuture<Void> save(Progress next) {
            Progress before = progress();
            if (before.equals(Progress.NEW)) {
                warnUnlessDurable();
            }
            // What was answered is known, and what is being saved is not sent before it is saved.
            reached = next.phase() == Progress.Phase.ANSWERED ? next : before;
            progress = new HashMap<>(next.toMap());
            return saved().thenRun(() -> reached = next);
        }

        /** Ends on the timer when the build is saved, or when that takes too long. */
        private CompletableFuture<Void> saved() {
            CompletableFuture<Void> end = new CompletableFuture<>();
            NotSavedException late = new NotSavedException("it takes more than " + saveLimit.toSeconds() + " s");
            Future<?> limit = sessions.timer()
                    .schedule(() -> end.completeExceptionally(late), saveLimit.toMillis(), TimeUnit.MILLISECONDS);
            ListenableFuture<Void> save = getContext().saveState();
            save.addListener(
                    () -> {
                        limit.cancel(false);
                        try {
                            end.complete(save.get());
                        } catch (ExecutionException e) {
                            end.completeExceptionally(
                                    new NotSavedException(e.getCause().toString()));
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt(); // Jenkins is shutting down
                        }
                    },
                    sessions::execute);
            return end;
        }

        private void warnUnlessDurable() {
            try {
                FlowNode node = getContext().get(FlowNode.class);
                if (node != null && !node.getExecution().getDurabilityHint().isPersistWithEveryStep()) {
                    note("This pipeline is not saved with every step: a crash of Jenkins would lose the build."
                            + " Choose the durability MAX_SURVIVABILITY for it.");
                }
            } catch (IOException e) {
                LOGGER.log(Level.FINE, "the build is gone", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // Jenkins is shutting down
            }
        }

        @Override
        public RecordFile openRecord(String originalPrimaryId, String activeId, boolean isUnderWay)
                throws IOException {
            return CloudStepExecution.this.openRecord(originalPrimaryId, activeId, isUnderWay);
        }

        @Override
        public Optional<String> driver() {
            return CloudStepExecution.this.driver();
        }

        @Override
        public Optional<Duration> lastWritePause(String originalPrimaryId, String activeId) {
            return CloudStepExecution.this.lastWritePause(originalPrimaryId, activeId);
        }

        @Override
        public CompletableFuture<List<SeenProxy>> atProxies(ProxyErrand errand) {
            return CloudStepExecution.this.atProxies(errand);
        }

        @Override
        public void seen(Answer<ReplicationStream> stream) {
            narrator.seen(stream);
        }

        @Override
        public void note(String sentence) {
            narrator.note(sentence);
        }
    }

    private static final class NotSavedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotSavedException(String why) {
            super("Jenkins could not save the build (" + why + "), without which no step goes on.");
        }
    }
}
