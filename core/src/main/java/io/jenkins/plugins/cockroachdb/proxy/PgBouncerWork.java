package io.jenkins.plugins.cockroachdb.proxy;

import io.jenkins.plugins.cockroachdb.proxy.PgBouncerSight.Destination;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;

/**
 * One verb at work at one database of one PgBouncer. Several processes are paused at the same time, because each waits for its own
 * longest transaction.
 *
 * <p>While fenced the file leads to {@link PgBouncerDescription#NOBODY}, so that a restarted PgBouncer lets nobody through; {@link
 * #release} makes it lead to P before anything else happens. A fence that fails, runs out of time or is canceled resumes what
 * it paused and leaves clients as it found them. The other verbs only go forward: repeat them. WAIT_CLOSE is never used, because
 * after it PAUSE no longer waits.
 */
final class PgBouncerWork implements ProxyWork {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final PgBouncerDescription description;
    private final PgSession.Network network;
    private final ScheduledExecutorService timer;
    private final Deadline deadline;
    private final PgBouncerFile file;
    private final List<PgBouncerConsole> consoles = new ArrayList<>();

    PgBouncerWork(
            PgBouncerDescription description,
            PgSession.Network network,
            ScheduledExecutorService timer,
            Deadline deadline) {
        this.description = description;
        this.network = network;
        this.timer = timer;
        this.deadline = deadline;
        this.file = new PgBouncerFile(description);
    }

    @Override
    public ProxyStatus status() throws ProxyFailure {
        connect();
        return seen("");
    }

    /**
     * Pauses, makes the file lead to nobody and has it read, so that neither a restart nor a RESUME opens the fence. What
     * fails half way is put back as it was found.
     */
    @Override
    public ProxyStatus fence(Duration drain) throws ProxyFailure {
        return fence(drain, true);
    }

    @Override
    public ProxyStatus fenceAtOnce() throws ProxyFailure {
        return fence(Duration.ZERO, false);
    }

    private ProxyStatus fence(Duration drain, boolean putsBack) throws ProxyFailure {
        PgBouncerFile.Content before = file.read();
        connect();
        List<PgBouncerSight> found = look(before);
        for (PgBouncerConsole console : consoles) {
            PgBouncerSettings settings = console.settings();
            if (settings.isShared()) {
                throw settings.shared();
            }
        }
        // The change is on disk before the first client waits: a file that cannot be written stops nobody.
        try (PgBouncerFile.Edit edit = file.prepare(before, PgBouncerDescription.NOBODY)) {
            try {
                int cut = close(found, drain);
                if (before.destination() != Destination.NOBODY) {
                    edit.apply();
                }
                for (int i = 0; i < consoles.size(); i++) {
                    PgBouncerSight now = readFileAgain(consoles.get(i), found.get(i), Destination.NOBODY);
                    if (!now.isClosed()) {
                        // A client that was new to PgBouncer may have had it connect once more, to log in and for no
                        // query.
                        awaitClosed(consoles.get(i), deadline);
                    }
                }
                return demand(Traffic.FENCED, cut);
            } catch (ProxyFailure e) {
                throw putsBack ? new ProxyFailure(e.whatHappened() + putBack(found, edit), e.whatToDo()) : e;
            } catch (RuntimeException e) {
                if (putsBack) {
                    putBack(found, edit);
                }
                throw e;
            }
        }
    }

    @Override
    public ProxyStatus unfence() throws ProxyFailure {
        return lead(Destination.ACTIVE);
    }

    @Override
    public ProxyStatus release() throws ProxyFailure {
        return lead(Destination.ORIGINAL_PRIMARY);
    }

    /**
     * Sends clients to a cluster. The file comes first, so that from then on a process that starts, or is started again, goes
     * there too, and a process that does not answer holds up no other. Clients that are somewhere else are waited for and
     * not cut: that is what a fence is for.
     */
    private ProxyStatus lead(Destination to) throws ProxyFailure {
        PgBouncerFile.Content before = file.read();
        ProxyFailure failure = connectWhatAnswers();
        List<PgBouncerSight> found = look(before);
        if (to == Destination.ORIGINAL_PRIMARY) {
            for (PgBouncerSight sight : found) {
                if (sight.reachesActive()) {
                    throw ProxyWork.isOpen(sight.words());
                }
            }
        }
        if (before.destination() != to) {
            try (PgBouncerFile.Edit edit = file.prepare(before, description.address(to))) {
                edit.apply();
            }
        }
        try {
            leaveElsewhere(found, to);
            for (int i = 0; i < consoles.size(); i++) {
                try {
                    letIn(consoles.get(i), found.get(i), to);
                } catch (ProxyFailure e) {
                    failure = e;
                }
            }
            if (failure != null) {
                throw failure;
            }
            return demand(to == Destination.ACTIVE ? Traffic.ON_ACTIVE : Traffic.ON_ORIGINAL_PRIMARY, 0);
        } catch (ProxyFailure e) {
            throw new ProxyFailure(
                    e.whatHappened() + " Clients may be waiting. The databases file leads to " + to.words()
                            + ", so a PgBouncer that is started sends clients there.",
                    e.whatToDo());
        }
    }

    private void leaveElsewhere(List<PgBouncerSight> found, Destination to) throws ProxyFailure {
        List<PgBouncerConsole> elsewhere = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            if (!found.get(i).isAt(to) && !found.get(i).isClosed()) {
                elsewhere.add(consoles.get(i));
            }
        }
        if (!pause(elsewhere, deadline)) {
            throw new ProxyFailure(
                    "Transactions of clients that are not on " + to.words() + " did not end in time.",
                    "Fence first, which cuts them after the drain.");
        }
    }

    private void letIn(PgBouncerConsole console, PgBouncerSight found, Destination to) throws ProxyFailure {
        if (readFileAgain(console, found, to).paused()) {
            console.resume();
        }
        console.retryNow();
    }

    @Override
    public List<ProxyFinding> findings() throws ProxyFailure {
        connect();
        List<ProxyFinding> findings = new ArrayList<>();
        try {
            file.prepare(file.read(), PgBouncerDescription.NOBODY).close();
        } catch (ProxyFailure e) {
            findings.add(ProxyFinding.obstacle(e.whatHappened(), e.whatToDo()));
        }
        for (PgBouncerConsole console : consoles) {
            findings.addAll(console.settings().findings(description));
            if (console.look().disabled()) {
                findings.add(ProxyFinding.warning(
                        "PgBouncer at " + console.address() + " refuses new clients of " + description.database()
                                + ", because somebody has disabled it.",
                        "ENABLE " + description.database() + " in its console, unless it is meant so."));
            }
        }
        return findings;
    }

    private void connect() throws ProxyFailure {
        ProxyFailure failure = connectWhatAnswers();
        if (failure != null) {
            throw failure;
        }
    }

    /** The last failure, or null. */
    private ProxyFailure connectWhatAnswers() {
        ProxyFailure failure = null;
        for (PgAddress address : description.consoles()) {
            try {
                consoles.add(console(address));
            } catch (ProxyFailure e) {
                failure = e;
            }
        }
        return failure;
    }

    private PgBouncerConsole console(PgAddress address) throws ProxyFailure {
        return PgBouncerConsole.open(description, address, network, deadline);
    }

    /** Every process, as long as none does what we know nothing about. */
    private List<PgBouncerSight> look(PgBouncerFile.Content content) throws ProxyFailure {
        if (content.destination() == Destination.ELSEWHERE) {
            throw elsewhere("The databases file " + description.databasesFile(), content.address());
        }
        List<PgBouncerSight> sights = new ArrayList<>();
        for (PgBouncerConsole console : consoles) {
            PgBouncerSight sight = console.look();
            if (sight.destination() == Destination.ELSEWHERE) {
                throw elsewhere("PgBouncer at " + sight.console(), sight.address());
            }
            sights.add(sight);
        }
        return sights;
    }

    private ProxyFailure elsewhere(String who, String where) {
        return new ProxyFailure(
                who + " sends clients of " + description.database() + " to " + where
                        + ", which is neither the active cluster (" + description.active()
                        + ") nor the original primary (" + description.originalPrimary() + ").",
                "Correct the proxy's description, or the file, and RELOAD.");
    }

    /**
     * Lets queries end, cuts what has not ended after the drain, and proves that nothing is left.
     *
     * @return how many server connections were cut
     */
    private int close(List<PgBouncerSight> found, Duration drain) throws ProxyFailure {
        List<PgBouncerConsole> notClosed = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            if (!found.get(i).isClosed()) {
                notClosed.add(consoles.get(i));
            }
        }
        try (Deadline grace = new Deadline(timer, drain)) {
            if (pause(notClosed, grace)) {
                return 0;
            }
        }
        int cut = 0;
        for (PgBouncerConsole console : notClosed) {
            PgBouncerSight after = console.look();
            if (!after.isClosed()) {
                cut += after.toActive() + after.toOriginal();
                console.kill();
                awaitClosed(console, deadline);
            }
        }
        return cut;
    }

    /**
     * Pauses all of them at once. A PAUSE blocks its connection, so each has one of its own; the others serve to look, and to RESUME.
     *
     * @return whether each was seen to be closed before the time was over
     */
    private boolean pause(List<PgBouncerConsole> open, Deadline until) throws ProxyFailure {
        List<PgBouncerConsole> pausing = new ArrayList<>();
        try {
            for (PgBouncerConsole each : open) {
                pausing.add(console(each.address()));
            }
            for (PgBouncerConsole each : pausing) {
                until.guard(each);
                each.beginPause();
            }
            for (PgBouncerConsole each : pausing) {
                each.awaitPause();
            }
            // PgBouncer says so too early once there was a WAIT_CLOSE: what counts is what is seen.
            for (PgBouncerConsole each : open) {
                awaitClosed(each, until);
            }
            return !until.isOver();
        } catch (SocketTimeoutException e) {
            return false;
        } catch (ProxyFailure e) {
            if (until.isOver()) {
                return false;
            }
            throw e;
        } finally {
            pausing.forEach(PgBouncerConsole::close);
        }
    }

    private void awaitClosed(PgBouncerConsole console, Deadline until) throws ProxyFailure {
        boolean time = true;
        while (time && !console.look().isClosed()) {
            time = until.pause(LOOK_AGAIN);
        }
    }

    /**
     * Has a process read the file, unless it was found to have done so.
     *
     * @return what it does now
     */
    private PgBouncerSight readFileAgain(PgBouncerConsole console, PgBouncerSight found, Destination wanted)
            throws ProxyFailure {
        if (found.destination() != wanted) {
            console.reload();
        }
        PgBouncerSight after = console.look();
        if (after.destination() != wanted) {
            throw new ProxyFailure(
                    "PgBouncer at " + console.address() + " still sends clients to " + after.address()
                            + " after a RELOAD, and " + description.databasesFile() + " leads to " + wanted.words()
                            + ".",
                    "Check that its pgbouncer.ini includes this very file under [databases], and its log for errors.");
        }
        return after;
    }

    /**
     * With connections and a time of its own, because those of the fence may be why it failed, and because a RESUME has to come
     * from another connection than the PAUSE that it ends.
     *
     * @param found how each process was found
     * @return a sentence about how that went
     */
    private String putBack(List<PgBouncerSight> found, PgBouncerFile.Edit edit) {
        try (Deadline time = new Deadline(timer, PUT_BACK);
                PgBouncerWork again = new PgBouncerWork(description, network, timer, time)) {
            again.restore(found, edit);
            return " Clients were put back to where they were before the fence.";
        } catch (ProxyFailure e) {
            return " It was not put back everywhere, so clients may be waiting: " + e.whatHappened();
        }
    }

    private void restore(List<PgBouncerSight> found, PgBouncerFile.Edit edit) throws ProxyFailure {
        edit.undo();
        ProxyFailure failure = connectWhatAnswers();
        for (PgBouncerConsole console : consoles) {
            try {
                for (PgBouncerSight before : found) {
                    if (before.console().equals(console.address())) {
                        restore(console, before);
                    }
                }
            } catch (ProxyFailure e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void restore(PgBouncerConsole console, PgBouncerSight before) throws ProxyFailure {
        if (readFileAgain(console, console.look(), before.destination()).paused() && !before.paused()) {
            console.resume();
        }
        PgBouncerSight after = console.look();
        if (after.paused() != before.paused()) {
            throw new ProxyFailure("After RESUME " + after.words() + ".", "Look at the status again.");
        }
    }

    /** What is seen now, if it is what was wanted. */
    private ProxyStatus demand(Traffic wanted, int cut) throws ProxyFailure {
        ProxyStatus seen =
                seen(cut == 0 ? "" : " Cut after the drain: " + cut + " server connections and every client.");
        if (seen.traffic() != wanted) {
            throw new ProxyFailure(
                    "Clients should be " + wanted.words() + " and are "
                            + seen.traffic().words() + ": " + seen.detail(),
                    "Find out who else commands this PgBouncer, and try again.");
        }
        return seen;
    }

    private ProxyStatus seen(String addition) throws ProxyFailure {
        PgBouncerFile.Content content = file.read();
        List<PgBouncerSight> sights = new ArrayList<>();
        for (PgBouncerConsole console : consoles) {
            sights.add(console.look());
        }
        return new ProxyStatus(
                description.name(),
                Traffic.together(sights.stream()
                        .map(sight -> sight.traffic(content.destination()))
                        .toList()),
                sights.stream().mapToInt(PgBouncerSight::toActive).sum(),
                sights.stream().mapToInt(PgBouncerSight::toOriginal).sum(),
                sights.stream().map(PgBouncerSight::words).collect(Collectors.joining("; "))
                        + "; the databases file leads to " + content.address() + " ("
                        + content.destination().words()
                        + ")." + addition);
    }

    @Override
    public void close() {
        consoles.forEach(PgBouncerConsole::close);
    }
}
