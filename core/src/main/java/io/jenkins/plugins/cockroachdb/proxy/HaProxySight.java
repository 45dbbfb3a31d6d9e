package io.jenkins.plugins.cockroachdb.proxy;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was seen at one HAProxy.
 *
 * @param active the servers of A
 * @param originalPrimary the servers of P
 * @param others every other server of the backend
 * @param old what workers from before a reload still hold
 */
record HaProxySight(
        List<HaProxyServer> active,
        List<HaProxyServer> originalPrimary,
        List<HaProxyServer> others,
        HaProxyOldWorkers.Sight old) {

    /** Whom a server stands for. */
    enum Cluster {
        ACTIVE("A", Traffic.ON_ACTIVE),
        ORIGINAL_PRIMARY("P", Traffic.ON_ORIGINAL_PRIMARY);

        private final String letter;
        private final Traffic traffic;

        Cluster(String letter, Traffic traffic) {
            this.letter = letter;
            this.traffic = traffic;
        }

        /** As a person reads it. */
        String letter() {
            return letter;
        }

        /** When clients reach this one alone. */
        Traffic traffic() {
            return traffic;
        }

        Cluster other() {
            return this == ACTIVE ? ORIGINAL_PRIMARY : ACTIVE;
        }
    }

    List<HaProxyServer> servers(Cluster cluster) {
        return cluster == Cluster.ACTIVE ? active : originalPrimary;
    }

    int sessions(Cluster cluster) {
        return servers(cluster).stream().mapToInt(HaProxyServer::sessions).sum()
                + old.sessions(cluster).size();
    }

    /** Whether it gets no new clients until somebody says otherwise. */
    boolean isShut(Cluster cluster) {
        return servers(cluster).stream().allMatch(HaProxyServer::isShut);
    }

    /** Whether new clients are sent to it now. */
    boolean isUp(Cluster cluster) {
        return servers(cluster).stream().anyMatch(HaProxyServer::isUp);
    }

    /** The servers that are neither A's nor P's and that clients may be sent to. */
    List<HaProxyServer> strangers() {
        return others.stream().filter(server -> !server.isShut()).toList();
    }

    /** By what somebody told HAProxy, because what a health check closes it opens again. */
    Traffic traffic() {
        if (!strangers().isEmpty()) {
            return Traffic.MIXED;
        }
        if (isLeft(Cluster.ACTIVE)) {
            return isLeft(Cluster.ORIGINAL_PRIMARY) ? Traffic.FENCED : only(Cluster.ORIGINAL_PRIMARY);
        }
        return isLeft(Cluster.ORIGINAL_PRIMARY) ? only(Cluster.ACTIVE) : Traffic.MIXED;
    }

    /** Whether it gets no new clients and has none left. */
    boolean isLeft(Cluster cluster) {
        return isShut(cluster) && sessions(cluster) == 0;
    }

    /** Sessions on servers that get no new ones are on their way out, and not out. */
    private Traffic only(Cluster cluster) {
        return servers(cluster).stream().anyMatch(HaProxyServer::takesClients) ? cluster.traffic() : Traffic.MIXED;
    }

    /** For a person. */
    String words() {
        return Stream.of(
                        words(active, Cluster.ACTIVE.letter()),
                        words(originalPrimary, Cluster.ORIGINAL_PRIMARY.letter()),
                        words(strangers(), "neither A nor P"),
                        old.words().stream())
                .flatMap(each -> each)
                .collect(Collectors.joining("; "));
    }

    private static Stream<String> words(List<HaProxyServer> servers, String whose) {
        return servers.stream().map(server -> "server " + server.name() + " (" + whose + ") is " + server.words());
    }
}
