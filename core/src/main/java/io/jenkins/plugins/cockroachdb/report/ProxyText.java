package io.jenkins.plugins.cockroachdb.report;

import io.jenkins.plugins.cockroachdb.proxy.ProxyStatus;
import io.jenkins.plugins.cockroachdb.proxy.Traffic;

/** What was seen at a proxy, for a person. A is the active cluster, P the original primary. */
public final class ProxyText {

    private ProxyText() {}

    /** In one line. */
    public static String of(ProxyStatus proxy) {
        return "Proxy " + proxy.name() + ": " + traffic(proxy)
                + (proxy.traffic() == Traffic.UNKNOWN
                        ? ""
                        : ", sessions on A: " + count(proxy.sessionsActive()) + ", on P: "
                                + count(proxy.sessionsOriginal()))
                + "." + (proxy.detail().isEmpty() ? "" : " " + proxy.detail());
    }

    /** Where its clients are. */
    public static String traffic(ProxyStatus proxy) {
        return switch (proxy.traffic()) {
            case ON_ACTIVE, ON_ORIGINAL_PRIMARY -> "clients are "
                    + proxy.traffic().words();
            case FENCED, MIXED, UNKNOWN -> proxy.traffic().words();
        };
    }

    /** A number of sessions. */
    public static String count(int sessions) {
        return sessions < 0 ? "unknown" : String.valueOf(sessions);
    }
}
