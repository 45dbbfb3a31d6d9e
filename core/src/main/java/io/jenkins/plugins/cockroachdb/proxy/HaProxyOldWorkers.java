package io.jenkins.plugins.cockroachdb.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The workers that a reload left behind. They keep their sessions for as long as clients like, no command to the stats socket
 * reaches them, and to {@code set server} and {@code shutdown sessions server} they answer "Proxy is disabled.". Through
 * the socket of the master process their sessions can be seen, and cut one by one.
 */
final class HaProxyOldWorkers {

    private static final Pattern OLD_WORKERS = Pattern.compile("(?ms)^# old workers\\n(.*?)(?:^#|\\z)");
    private static final Pattern WORKER = Pattern.compile("(?m)^(\\d+)\\s+worker\\s");
    private static final Pattern SESSION = Pattern.compile("(?m)^(0x[0-9a-f]+): .*? fe=(\\S+) be=(\\S+) srv=(\\S+)");
    private static final String UNDECIDED = "<NONE>";
    private static final String THE_API_ITSELF = "GLOBAL";

    /**
     * One session of an old worker.
     *
     * @param worker its process id
     * @param id what HAProxy calls it
     */
    record Session(String worker, String id) {}

    /**
     * What was seen of them.
     *
     * @param toActive sessions on A, or on their way to nobody knows where
     * @param toOriginal sessions on P
     * @param unseen why nothing could be seen; empty when it could
     */
    record Sight(List<Session> toActive, List<Session> toOriginal, Optional<ProxyFailure> unseen) {

        List<Session> sessions(HaProxySight.Cluster cluster) {
            return cluster == HaProxySight.Cluster.ACTIVE ? toActive : toOriginal;
        }

        /** For a person; empty when there is nothing to say. */
        Optional<String> words() {
            if (unseen.isPresent()) {
                return Optional.of("old workers of a reload could not be seen");
            }
            int sessions = toActive.size() + toOriginal.size();
            return sessions == 0
                    ? Optional.empty()
                    : Optional.of("old workers of a reload hold " + toActive.size() + " more sessions on A and "
                            + toOriginal.size() + " on P");
        }
    }

    private final HaProxyDescription description;
    private final RuntimeApi master;

    HaProxyOldWorkers(HaProxyDescription description, RuntimeApi master) {
        this.description = description;
        this.master = master;
    }

    /** @throws ProxyFailure if the master does not say which there are, or one does not say what it holds */
    Sight look() throws ProxyFailure {
        List<Session> toActive = new ArrayList<>();
        List<Session> toOriginal = new ArrayList<>();
        for (String worker : pids()) {
            String sessions;
            try {
                sessions = ask(worker, "show sess");
            } catch (ProxyFailure e) {
                if (!pids().contains(worker)) {
                    continue; // its last session ended meanwhile, and it with it
                }
                throw e;
            }
            for (MatchResult session : SESSION.matcher(sessions).results().toList()) {
                boolean ours = session.group(3).equals(description.backend())
                        || session.group(3).equals(UNDECIDED)
                                && !session.group(2).equals(THE_API_ITSELF);
                if (ours) {
                    boolean original = description.originalPrimary().contains(session.group(4));
                    (original ? toOriginal : toActive).add(new Session(worker, session.group(1)));
                }
            }
        }
        return new Sight(toActive, toOriginal, Optional.empty());
    }

    /** Cuts sessions that are still there. */
    void cut(List<Session> sessions) throws ProxyFailure {
        for (Session session : sessions) {
            try {
                ask(session.worker(), "shutdown session " + session.id());
            } catch (ProxyFailure e) {
                if (pids().contains(session.worker())) {
                    throw e;
                }
            }
        }
    }

    private List<String> pids() throws ProxyFailure {
        String processes = master.ask("show proc");
        if (!processes.contains("worker")) {
            throw new ProxyFailure(
                    "The master socket answered \"show proc\" with \"" + processes.strip() + "\".",
                    "Name the socket that HAProxy was started with (-S) as master=.");
        }
        return OLD_WORKERS
                .matcher(processes)
                .results()
                .flatMap(section -> WORKER.matcher(section.group(1)).results())
                .map(worker -> worker.group(1))
                .toList();
    }

    private String ask(String worker, String command) throws ProxyFailure {
        return master.ask("@!" + worker + " " + command);
    }
}
