package io.jenkins.plugins.cockroachdb.proxy;

import static io.jenkins.plugins.cockroachdb.proxy.HaProxySight.Cluster.ACTIVE;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxySight.Cluster.ORIGINAL_PRIMARY;

import io.jenkins.plugins.cockroachdb.proxy.HaProxyDescription.ServerState;
import io.jenkins.plugins.cockroachdb.proxy.HaProxySight.Cluster;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;

/**
 * One verb at work at one backend of one HAProxy. Whoever shall get no clients is shut first, and seen to be, because closing the one
 * server sends clients to the other. Maintenance leaves sessions where they are, so they are cut until none is left.
 *
 * <p>What was done is saved in the server-state-file before a verb ends, so that a restart does not undo it. A fence that fails,
 * runs out of time or is canceled leaves clients as it found them. The other verbs only go forward: repeat them.
 */
final class HaProxyWork implements ProxyWork {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    /** What is cut is gone within a millisecond, unless its thread is busy. */
    private static final Duration LINGER = Duration.ofMillis(2);

    private final HaProxyDescription description;
    private final RuntimeApi.Network network;
    private final ScheduledExecutorService timer;
    private final Deadline deadline;
    private final HaProxyControl control;
    private final Optional<HaProxyStateFile> stateFile;

    HaProxyWork(
            HaProxyDescription description,
            RuntimeApi.Network network,
            ScheduledExecutorService timer,
            Deadline deadline) {
        this.description = description;
        this.network = network;
        this.timer = timer;
        this.deadline = deadline;
        this.control = new HaProxyControl(description, network, deadline);
        this.stateFile = description.stateFile().map(HaProxyStateFile::new);
    }

    @Override
    public ProxyStatus status() throws ProxyFailure {
        return status(control.look(), survival());
    }

    @Override
    public ProxyStatus fence(Duration drain) throws ProxyFailure {
        HaProxySight found = control.look();
        if (found.traffic() != Traffic.FENCED) {
            Optional<ProxyFailure> obstacle = control.obstacle(found);
            if (obstacle.isPresent()) {
                throw obstacle.get();
            }
        }
        // A file that cannot be written stops nobody: it is found out before the first client is.
        save();
        try {
            return close(drain);
        } catch (ProxyFailure e) {
            throw new ProxyFailure(e.whatHappened() + putBack(found), e.whatToDo());
        } catch (RuntimeException e) {
            putBack(found);
            throw e;
        }
    }

    @Override
    public ProxyStatus fenceAtOnce() throws ProxyFailure {
        return close(Duration.ZERO);
    }

    private ProxyStatus close(Duration drain) throws ProxyFailure {
        shut(ORIGINAL_PRIMARY);
        drain(drain);
        shut(ACTIVE);
        int cut = cut(ACTIVE) + cut(ORIGINAL_PRIMARY);
        save();
        return demand(Traffic.FENCED, cut == 0 ? "" : " Cut after the drain: " + cut + " sessions.");
    }

    /** Nobody is to be on both: P is shut, and left by everybody, before A opens. */
    @Override
    public ProxyStatus unfence() throws ProxyFailure {
        HaProxySight found = control.look();
        if (found.traffic() == Traffic.ON_ACTIVE) {
            return open(ACTIVE, found, 0);
        }
        shut(ORIGINAL_PRIMARY);
        return open(ACTIVE, found, cut(ORIGINAL_PRIMARY));
    }

    /** Never shuts A: whoever opens it meanwhile is seen at the end, and not undone without a word. */
    @Override
    public ProxyStatus release() throws ProxyFailure {
        HaProxySight found = control.look();
        if (!found.isLeft(ACTIVE)) {
            throw ProxyWork.isOpen(found.words());
        }
        return open(ORIGINAL_PRIMARY, found, 0);
    }

    /**
     * @param found what was seen before anything was told
     * @param cut how many sessions were cut at the other cluster
     */
    private ProxyStatus open(Cluster cluster, HaProxySight found, int cut) throws ProxyFailure {
        if (found.traffic() != cluster.traffic()) {
            for (HaProxyServer server : found.servers(cluster)) {
                tell(server, ServerState.READY);
            }
        }
        awaitUp(cluster);
        save();
        return demand(cluster.traffic(), cut == 0 ? "" : " Cut: " + cut + " sessions.");
    }

    @Override
    public List<ProxyFinding> findings() throws ProxyFailure {
        return new HaProxyExamination(description, control).findings();
    }

    /** Maintenance for every server of a cluster, seen to hold. */
    private void shut(Cluster cluster) throws ProxyFailure {
        HaProxySight before = control.look();
        if (before.isShut(cluster)) {
            return;
        }
        for (HaProxyServer server : before.servers(cluster)) {
            tell(server, ServerState.MAINT);
        }
        requireShut(control.look(), cluster);
    }

    private void requireShut(HaProxySight sight, Cluster cluster) throws ProxyFailure {
        if (!sight.isShut(cluster)) {
            throw new ProxyFailure(
                    cluster.letter() + " should be in maintenance, and is not: " + sight.words() + ".",
                    "Find out who else commands this HAProxy, and try again.");
        }
    }

    private void tell(HaProxyServer server, ServerState state) throws ProxyFailure {
        if (server.told() != state) {
            control.tell(description.set(server.name(), state));
        }
    }

    /** Lets sessions on A end by themselves, for as long as they may. */
    private void drain(Duration drain) throws ProxyFailure {
        HaProxySight sight = control.look();
        if (sight.sessions(ACTIVE) == 0) {
            return;
        }
        for (HaProxyServer server : sight.active()) {
            if (server.told() == ServerState.READY) {
                tell(server, ServerState.DRAIN);
            }
        }
        try (Deadline grace = new Deadline(timer, drain)) {
            while (control.look().sessions(ACTIVE) > 0 && grace.pause(LOOK_AGAIN)) {
                // until nobody is left
            }
        }
    }

    /**
     * Cuts every session of a cluster that is shut, and returns when none is left.
     *
     * @return how many there were
     */
    private int cut(Cluster cluster) throws ProxyFailure {
        HaProxySight sight = control.look();
        int cut = sight.sessions(cluster);
        while (sight.sessions(cluster) > 0) {
            requireShut(sight, cluster);
            for (HaProxyServer server : sight.servers(cluster)) {
                if (server.sessions() > 0) {
                    control.tell(description.cut(server.name()));
                }
            }
            control.cut(sight.old().sessions(cluster));
            sight = control.look();
            if (sight.sessions(cluster) > 0 && !deadline.pause(LINGER)) {
                throw new ProxyFailure(
                        "Sessions are left on " + cluster.letter() + " although they were cut: " + sight.words() + ".",
                        "Look at \"show sess\" of this HAProxy.");
            }
        }
        return cut;
    }

    /** One server of several is enough: the others come as they can. */
    private void awaitUp(Cluster cluster) throws ProxyFailure {
        HaProxySight sight = control.look();
        while (!sight.isUp(cluster)) {
            if (!deadline.pause(LOOK_AGAIN)) {
                throw new ProxyFailure(
                        "No server of " + cluster.letter() + " came up: " + sight.words() + ".",
                        "Check that the cluster answers at the server's address, and HAProxy's health checks.");
            }
            sight = control.look();
        }
    }

    private void save() throws ProxyFailure {
        if (stateFile.isPresent()) {
            stateFile.get().save(control, deadline);
        }
    }

    /** What a restart would do to what is seen, if somebody should know; a sentence. */
    private String survival() throws ProxyFailure {
        if (stateFile.isEmpty() || stateFile.get().isCurrent(control.everyState())) {
            return "";
        }
        return " The state file says otherwise, so a restart would change this.";
    }

    /**
     * With connections and a time of its own, because those of the fence may be why it failed.
     *
     * @return a sentence about how that went
     */
    private String putBack(HaProxySight found) {
        try (Deadline time = new Deadline(timer, PUT_BACK);
                HaProxyWork again = new HaProxyWork(description, network, timer, time)) {
            return again.restore(found);
        } catch (ProxyFailure e) {
            return " It was not put back everywhere, so clients may be shut out: " + e.whatHappened();
        }
    }

    private String restore(HaProxySight found) throws ProxyFailure {
        Cluster cluster = found.isShut(ACTIVE) ? ORIGINAL_PRIMARY : ACTIVE;
        for (HaProxyServer before : found.servers(cluster)) {
            control.tell(description.set(before.name(), before.told()));
        }
        HaProxySight now = control.look();
        for (int i = 0; i < found.servers(cluster).size(); i++) {
            HaProxyServer wanted = found.servers(cluster).get(i);
            HaProxyServer server = now.servers(cluster).get(i);
            if (server.told() != wanted.told()) {
                throw new ProxyFailure(
                        "Server " + server.name() + " is " + server.words() + ".", "Look at the status again.");
            }
        }
        save();
        return found.isShut(cluster.other())
                ? " Clients were put back to where they were before the fence."
                : " Clients were put back to " + cluster.letter() + " alone; before the fence "
                        + cluster.other().letter() + " was open too.";
    }

    /** What is seen now, if it is what was wanted. */
    private ProxyStatus demand(Traffic wanted, String addition) throws ProxyFailure {
        HaProxySight seen = control.look();
        if (seen.traffic() != wanted) {
            throw new ProxyFailure(
                    "Clients should be " + wanted.words() + " and are "
                            + seen.traffic().words() + ": " + seen.words() + ".",
                    "Find out who else commands this HAProxy, and try again.");
        }
        return status(seen, addition);
    }

    private ProxyStatus status(HaProxySight seen, String addition) {
        return new ProxyStatus(
                description.name(),
                seen.traffic(),
                seen.sessions(ACTIVE),
                seen.sessions(ORIGINAL_PRIMARY),
                seen.words() + "." + addition);
    }

    @Override
    public void close() {
        // each command has closed its own connection
    }
}
