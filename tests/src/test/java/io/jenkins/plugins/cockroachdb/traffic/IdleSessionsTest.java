package io.jenkins.plugins.cockroachdb.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.failback.Action;
import io.jenkins.plugins.cockroachdb.failback.Call;
import io.jenkins.plugins.cockroachdb.failback.Entry;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.traffic.FailbackUnderLoad.Around;
import io.jenkins.plugins.cockroachdb.traffic.HaProxyUnderLoad.Sessions;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** HAProxy leaves sessions where they are, whatever becomes of their server: a fence has to cut them. */
@NeedsPrograms({"haproxy", "pgbouncer", "postgres"})
class IdleSessionsTest extends OnRealPair {

    private static final String ACTIVE = "standby";
    private static final String ORIGINAL_PRIMARY = "primary";
    private static final int IDLE = 20;
    private static final int SECONDS = 10;

    @Test
    void noSessionHoweverIdleStaysOnTheOldServerAndNobodyReachesPBeforeTheRelease() throws Exception {
        try (FailbackUnderLoad failback = new FailbackUnderLoad(pair, RealProxy.Kind.HAPROXY::start, directory, 1)) {
            HaProxyUnderLoad haProxy = (HaProxyUnderLoad) failback.proxy;
            List<Connection> idle = new ArrayList<>();
            for (int i = 0; i < IDLE; i++) {
                Connection client = haProxy.connect();
                client.setAutoCommit(i % 2 == 0);
                assertThat(client.createStatement().execute("SELECT 1")).isTrue();
                idle.add(client);
            }
            Map<String, Sessions> atFence = new HashMap<>();
            Map<String, Sessions> beforeRelease = new HashMap<>();

            Action.Finish end = failback.run(Around.entries(entry -> {
                if (entry instanceof Entry.FenceProven) {
                    note(haProxy, atFence);
                } else if (entry instanceof Entry.Calling calling && calling.call() == Call.RELEASE) {
                    note(haProxy, beforeRelease);
                }
            }));

            failback.assertHomeAndNothingLost(end);
            for (Map<String, Sessions> then : List.of(atFence, beforeRelease)) {
                assertThat(then.get(ACTIVE).total()).isGreaterThanOrEqualTo(Writers.COUNT + IDLE);
                assertThat(then.get(ACTIVE).now()).isZero();
                assertThat(then.get(ORIGINAL_PRIMARY).total()).isZero();
            }
            assertThat(beforeRelease.get(ACTIVE).total())
                    .as("clients that came while it was fenced")
                    .isEqualTo(atFence.get(ACTIVE).total());
            assertThat(failback.ledger.errors()).as("there were such").hasSizeGreaterThan(Writers.COUNT);
            for (Connection client : idle) {
                assertThat(client.isValid(SECONDS)).isFalse();
            }
            pair.active.awaitNoSessions();
            assertThat(haProxy.sessions(ORIGINAL_PRIMARY).total()).isPositive();
        }
    }

    private static void note(HaProxyUnderLoad haProxy, Map<String, Sessions> sessions) {
        for (String server : List.of(ACTIVE, ORIGINAL_PRIMARY)) {
            sessions.put(server, haProxy.sessions(server));
        }
    }
}
