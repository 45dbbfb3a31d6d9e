package io.jenkins.plugins.cockroachdb.proxy;

import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.FORGETFUL;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.LIMIT;
import static io.jenkins.plugins.cockroachdb.proxy.HaProxyRig.NO_DRAIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found at a real HAProxy before a fence. */
@NeedsPrograms("haproxy")
class HaProxyFindingsTest {

    @TempDir
    private Path directory;

    private HaProxyRig rig;

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private List<ProxyFinding> find(String parameters) throws Exception {
        return rig.proxy(parameters).findings(LIMIT).get();
    }

    private List<ProxyFinding> findIn(UnaryOperator<String> change) throws Exception {
        rig = HaProxyRig.start(directory, change);
        rig.haproxy.ask("set server cockroach_backend/standby state ready");
        Files.writeString(rig.haproxy.stateFile(), rig.haproxy.ask("show servers state"));
        return find("stateFile=" + rig.haproxy.stateFile());
    }

    private static UnaryOperator<String> with(String pattern, String replacement) {
        return example -> {
            String changed = example.replaceFirst("(?m)" + pattern, replacement);
            assertThat(changed).as("the example has " + pattern).isNotEqualTo(example);
            return changed;
        };
    }

    @Test
    void nothingSpeaksAgainstTheExample() throws Exception {
        rig = HaProxyRig.start(directory);

        assertThat(rig.proxy.findings(LIMIT).get()).isEmpty();
    }

    @Test
    void nothingIsChangedByLooking() throws Exception {
        rig = HaProxyRig.start(directory);
        String states = rig.haproxy.ask("show servers state").replaceAll(" \\d+ \\d+ \\d+ \\d+ \\d+ 0 0 0 - ", " ");
        String saved = Files.readString(rig.haproxy.stateFile());
        try (EchoClient session = rig.client()) {
            find("");

            assertThat(session.isServed()).isTrue();
            assertThat(rig.haproxy.ask("show servers state").replaceAll(" \\d+ \\d+ \\d+ \\d+ \\d+ 0 0 0 - ", " "))
                    .isEqualTo(states);
            assertThat(Files.readString(rig.haproxy.stateFile())).isEqualTo(saved);
        }
    }

    @Test
    void nobodySavesTheState() throws Exception {
        rig = HaProxyRig.start(directory);

        assertThat(find(""))
                .containsExactly(ProxyFinding.warning(
                        "A restart of HAProxy undoes a fence: nobody saves the states of the servers.",
                        "Set server-state-file in \"global\" and load-server-state-from-file global for the backend, as in"
                                + " docs/examples/haproxy, and name that file with stateFile=."));
    }

    @Test
    void noStateFileInTheConfiguration() throws Exception {
        assertThat(findIn(with("^ *server-state-file .*$", "")))
                .singleElement()
                .matches(finding -> !finding.prevents())
                .extracting(ProxyFinding::what)
                .isEqualTo("HAProxy does not read " + rig.haproxy.stateFile()
                        + " when it starts, so a restart undoes a fence.");
    }

    @Test
    void aStateFileThatTheBackendDoesNotLoad() throws Exception {
        assertThat(findIn(with("^backend .*$", "$0\n    load-server-state-from-file none")))
                .extracting(ProxyFinding::what)
                .containsExactly("HAProxy does not read " + rig.haproxy.stateFile()
                        + " when it starts, so a restart undoes a fence.");
    }

    @Test
    void anotherStateFile() throws Exception {
        assertThat(findIn(with(
                        "^ *server-state-file .*$", "    server-state-base /var/lib\n    server-state-file other")))
                .extracting(ProxyFinding::what)
                .containsExactly("HAProxy does not read " + rig.haproxy.stateFile()
                        + " when it starts, but /var/lib/other, so a restart undoes a fence.");
    }

    @Test
    void aStateFileThatIsOutOfDate() throws Exception {
        rig = HaProxyRig.start(directory);
        rig.haproxy.ask("set server cockroach_backend/standby state maint");

        assertThat(rig.proxy.findings(LIMIT).get())
                .extracting(ProxyFinding::what)
                .containsExactly("The state file " + rig.haproxy.stateFile()
                        + " does not say what HAProxy does now, so a restart would move clients.");
    }

    @Test
    void aDirectoryWhereNobodyMayWrite() throws Exception {
        rig = HaProxyRig.start(directory);

        assertThat(find("stateFile=" + directory + "/missing/server-state")).anySatisfy(finding -> {
            assertThat(finding.prevents()).isTrue();
            assertThat(finding.what()).contains("this user may not write in " + directory + "/missing");
        });
    }

    @Test
    void aConfigurationThatCannotBeSeen() throws Exception {
        rig = HaProxyRig.start(directory);

        assertThat(find("stateFile=" + rig.haproxy.stateFile() + "&config=/nowhere/haproxy.cfg"))
                .singleElement()
                .extracting(ProxyFinding::what)
                .isEqualTo("The configuration of the backend cockroach_backend cannot be seen from here"
                        + " (there is no /nowhere/haproxy.cfg), and with it whether a restart undoes a fence.");
    }

    /** What {@code option persist} does to a fence is shown here too, because it is why the finding is an obstacle. */
    @Test
    void clientsThatAreSentToServersInMaintenance() throws Exception {
        List<ProxyFinding> findings =
                findIn(with("^backend .*$", "$0\n    option persist\n    use-server standby if TRUE"));

        assertThat(findings)
                .containsExactly(ProxyFinding.obstacle(
                        "The backend cockroach_backend has \"option persist\", which sends clients to servers in"
                                + " maintenance, past every fence.",
                        "Remove it from haproxy.cfg and reload."));
        rig.proxy.fence(NO_DRAIN, LIMIT).get();
        assertThat(rig.whoAnswers()).contains("A");
    }

    @Test
    void aWayPastTheBackend() throws Exception {
        rig = HaProxyRig.start(
                directory,
                example -> FORGETFUL.apply(example)
                        + "\nbackend reports\n    server again \"${STANDBY_ADDR}\"\n    server closed \"${PRIMARY_ADDR}\" disabled\n"
                        + "    server elsewhere 127.0.0.1:1\n");

        assertThat(find(""))
                .extracting(ProxyFinding::what)
                .contains("Clients reach the same clusters past this backend through reports/again.");
    }

    @Test
    void anAgentThatMayOpenAServer() throws Exception {
        rig = HaProxyRig.start(directory, example -> FORGETFUL
                .apply(example)
                .replaceFirst("(?m)^( *server standby .*)$", "$1 agent-check agent-port 1"));

        assertThat(find("")).anySatisfy(finding -> {
            assertThat(finding.what())
                    .isEqualTo("The agent of cockroach_backend/standby may open it in the middle of a fence.");
            assertThat(finding.whatToDo()).contains("disable agent cockroach_backend/standby");
        });
        rig.haproxy.ask("disable agent cockroach_backend/standby");
        assertThat(find("")).extracting(ProxyFinding::what).noneMatch(what -> what.contains("agent of"));
    }

    @Test
    void aServerThatWouldGetNobody() throws Exception {
        rig = HaProxyRig.start(directory, example -> FORGETFUL
                .apply(example)
                .replaceFirst("(?m)^( *server primary )\\S+", "$1nowhere.invalid:26257"));
        rig.haproxy.ask("set server cockroach_backend/standby weight 0");

        assertThat(find(""))
                .extracting(ProxyFinding::what)
                .contains(
                        "cockroach_backend/standby has weight 0, so it gets no client when it is open.",
                        "The name of cockroach_backend/primary was not resolved, so it gets no client when it is open.");
        assertThat(rig.traffic()).as("A gets nobody").isEqualTo(Traffic.MIXED);
    }
}
