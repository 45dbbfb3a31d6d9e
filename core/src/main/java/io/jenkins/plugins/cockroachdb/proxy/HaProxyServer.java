package io.jenkins.plugins.cockroachdb.proxy;

import io.jenkins.plugins.cockroachdb.proxy.HaProxyDescription.ServerState;
import java.util.Map;

/**
 * What HAProxy does with one server of a backend. Bits and numbers are those of HAProxy's management guide, {@code show servers
 * state}.
 *
 * @param name its name in the backend
 * @param address its IP address and port
 * @param admin srv_admin_state: what somebody told HAProxy to do with it
 * @param operational srv_op_state: what came of it, health checks included
 * @param weight srv_uweight; with 0 it gets no new client
 * @param agent srv_agent_state: whether an agent may change any of that
 * @param counted in the worker that answered
 */
record HaProxyServer(String name, String address, int admin, int operational, int weight, int agent, Sessions counted) {

    /**
     * What is counted of a server's sessions.
     *
     * @param now on it, or in its queue
     * @param last how many seconds ago the last one began; "-1" when none did since this worker began, empty when HAProxy does not say
     */
    record Sessions(int now, String last) {
        static final Sessions NONE = new Sessions(0, "");
    }

    /** In maintenance because somebody said so. */
    private static final int FORCED_MAINT = 1;

    /** In maintenance because the server that it tracks is. */
    private static final int INHERITED_MAINT = 2;

    /** Draining because somebody said so, or because the server that it tracks does. */
    private static final int DRAIN = 8 | 16;

    /** In maintenance because its name was not resolved. */
    private static final int UNRESOLVED = 32;

    private static final int STARTING = 1;
    private static final int RUNNING = 2;
    private static final int CHECK_ENABLED = 4;

    /** @param state its row in {@code show servers state} */
    static HaProxyServer of(Map<String, String> state, Sessions counted) throws ProxyFailure {
        return new HaProxyServer(
                HaProxyTable.text(state, "srv_name"),
                HaProxyTable.text(state, "srv_addr") + ":" + state.getOrDefault("srv_port", "0"),
                HaProxyTable.number(state, "srv_admin_state"),
                HaProxyTable.number(state, "srv_op_state"),
                HaProxyTable.number(state, "srv_uweight"),
                HaProxyTable.number(state, "srv_agent_state"),
                counted);
    }

    /**
     * Whether it stays shut until somebody says otherwise. Down by a health check, without an address or in maintenance with
     * another server is not shut: it opens by itself. Nor is "disabled" in the configuration, once somebody said ready.
     */
    boolean isShut() {
        return (admin & FORCED_MAINT) != 0;
    }

    /** Whether new clients are sent to it, as far as those decide who command HAProxy. */
    boolean takesClients() {
        return !isShut() && (admin & DRAIN) == 0 && weight > 0;
    }

    /** Whether new clients are sent to it now. */
    boolean isUp() {
        return takesClients()
                && (admin & (INHERITED_MAINT | UNRESOLVED)) == 0
                && (operational == RUNNING || operational == STARTING);
    }

    boolean isUnresolved() {
        return (admin & UNRESOLVED) != 0;
    }

    boolean hasAgent() {
        return (agent & CHECK_ENABLED) != 0;
    }

    /** What somebody told HAProxy to do with it. */
    ServerState told() {
        if (isShut()) {
            return ServerState.MAINT;
        }
        return (admin & DRAIN) != 0 ? ServerState.DRAIN : ServerState.READY;
    }

    /** For a person. */
    String words() {
        String state;
        if (isShut()) {
            state = "in maintenance";
        } else if ((admin & INHERITED_MAINT) != 0) {
            state = "in maintenance with the server that it tracks";
        } else if (isUnresolved()) {
            state = "without an address, because its name was not resolved";
        } else {
            state = ((admin & DRAIN) != 0 ? "draining" : weight == 0 ? "ready with weight 0" : "ready")
                    + (operational == RUNNING || operational == STARTING ? " and up" : " and down");
        }
        return state + ", " + sessions() + (sessions() == 1 ? " session" : " sessions")
                + (sessions() > 0 ? "" : earlier());
    }

    /** On it, or in its queue. */
    int sessions() {
        return counted.now();
    }

    /** Whether anybody was there before, which tells after a fence whether somebody got through. */
    private String earlier() {
        return switch (counted.last()) {
            case "" -> "";
            case "-1" -> ", none since HAProxy was started";
            default -> ", the last began " + counted.last() + " s ago";
        };
    }
}
