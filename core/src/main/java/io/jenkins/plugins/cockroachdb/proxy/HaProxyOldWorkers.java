package io.jenkins.plugins.cockroachdb.proxy;

import java.time.Duration;
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
     * @param seen whether there was a master to ask
     */
    record Sight(List<Session> toActive, List<Session> toOriginal, boolean seen) {

        static final Sight NOTHING = new Sight(List.of(), List.of(), false);

        List<Session> sessions(HaProxySight.Cluster cluster) {
            return cluster == HaProxySight.Cluster.ACTIVE ? toActive : toOriginal;
        }

        /** For a person; empty when there is nothing to say. */
        Optional<String> words() {
            if (!seen) {
                return Optional.of("old workers of a reload could not be seen");
            }
            int sessions = toActive.size() + toOriginal.size();
            return sessions == 0
                    ? Optional.empty()
                    : Optional.of("old workers of a reload hold " + toActive.size() + " more sessions on A and "
                            + toOriginal.size() + " on P");
        }
    }

    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
    private static final Duration LINGER = Duration.ofMillis(2);

    private final HaProxyDescription description;
    private final RuntimeApi master;
    private final Deadline deadline;

    HaProxyOldWorkers(HaProxyDescription description, RuntimeApi master, Deadline deadline) {
        this.description = description;
        this.master = master;
        this.deadline = deadline;
    }

    /** @throws ProxyFailure if the master does not say which there are, or one does not say what it holds */
    Sight look() throws ProxyFailure {
        List<Session> toActive = new ArrayList<>();
        List<Session> toOriginal = new ArrayList<>();
        for (String worker : pids()) {
            String sessions = ask(worker, "show sess").orElse("");
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
        return new Sight(toActive, toOriginal, true);
    }

    /** Cuts sessions that are still there. */
    void cut(List<Session> sessions) throws ProxyFailure {
        for (Session session : sessions) {
            ask(session.worker(), "shutdown session " + session.id());
        }
    }

    private List<String> pids() throws ProxyFailure {
        String processes = processes();
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

    /** While it reloads, the master starts itself anew and answers nobody; just then there is something to see. */
    private String processes() throws ProxyFailure {
        while (true) {
            try {
                return master.ask("show proc");
            } catch (ProxyFailure e) {
                if (!deadline.pause(LOOK_AGAIN)) {
                    throw e;
                }
            }
        }
    }

    /** Empty when the worker is gone: it ends with its last session, and is listed for a moment longer than it answers. */
    private Optional<String> ask(String worker, String command) throws ProxyFailure {
        while (true) {
            try {
                return Optional.of(master.ask("@!" + worker + " " + command));
            } catch (ProxyFailure e) {
                if (!pids().contains(worker)) {
                    return Optional.empty();
                }
                if (!deadline.pause(LINGER)) {
                    throw e;
                }
            }
        }
    }
}
