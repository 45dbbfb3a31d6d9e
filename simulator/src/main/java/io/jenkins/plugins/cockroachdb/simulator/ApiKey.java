package io.jenkins.plugins.cockroachdb.simulator;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Function;

/** What a key may do, and how often it has been used of late. */
final class ApiKey {

    private final Function<String, Optional<Role>> roles;
    private final Deque<Instant> answered = new ArrayDeque<>();

    /**
     * Makes a key.
     *
     * @param roles the key's role on a cluster, by the cluster's id; empty for none
     */
    ApiKey(Function<String, Optional<Role>> roles) {
        this.roles = roles;
    }

    /** The role on a cluster; empty for none. */
    Optional<Role> role(String clusterId) {
        return roles.apply(clusterId);
    }

    boolean sees(String clusterId) {
        return role(clusterId).isPresent();
    }

    boolean administers(String clusterId) {
        return role(clusterId).filter(Role.CLUSTER_ADMIN::equals).isPresent();
    }

    /** Counts one more request, unless there were enough within the last second. */
    boolean admit(Instant now, int perSecond) {
        Instant secondAgo = now.minusSeconds(1);
        while (!answered.isEmpty() && !answered.peekFirst().isAfter(secondAgo)) {
            answered.removeFirst();
        }
        if (answered.size() >= perSecond) {
            return false;
        }
        answered.addLast(now);
        return true;
    }
}
