package io.jenkins.plugins.cockroachdb.disasters;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.EchoClient;
import io.jenkins.plugins.cockroachdb.servers.EchoServer;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import io.jenkins.plugins.cockroachdb.servers.RealHaProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The model of HAProxy against HAProxy: the same random commands to both, and after each of them the same to be seen. */
@NeedsPrograms("haproxy")
class HaProxyAgreesTest {

    /** As many as the build has time for; {@code -Ddisasters.sequences=500} for all that is promised. */
    private static final int SEQUENCES = Integer.getInteger("disasters.sequences", 40);

    private static final int COMMANDS = 22;
    private static final int SEQUENCES_FOR_EACH_RESTART = 10;
    private static final String BACKEND = "cockroach_backend";

    /** A is open at its start, and nothing else decides about a server than what it is told. */
    private static final UnaryOperator<String> PLAIN =
            example -> example.replaceAll("(?m)^( *server standby .*) disabled$", "$1")
                    .replaceAll("(?m)^( *default-server) check.*$", "$1 init-addr libc,last,none");

    private static final UnaryOperator<String> WITHOUT_STATE_FILE =
            example -> example.replaceAll("(?m)^ *(load-)?server-state.*\n", "");

    private record Client(EchoClient real, int modelled) {}

    private final HaProxyModel model = new HaProxyModel(BACKEND, disabled());
    private final List<Client> clients = new ArrayList<>();
    private final List<String> said = new ArrayList<>();
    private Optional<String> saved = Optional.empty();
    private RealHaProxy real;
    private Random random;

    private static Map<String, Boolean> disabled() {
        Map<String, Boolean> disabled = new LinkedHashMap<>();
        disabled.put("primary", true);
        disabled.put("standby", false);
        return disabled;
    }

    /** Without a state file it forgets what it was told. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theSameCommandsLeadToTheSame(boolean hasStateFile, @TempDir Path directory) throws Exception {
        long seed = Long.getLong("disasters.seed", System.nanoTime());
        System.out.println("HAProxy and its model: -Ddisasters.seed=" + seed + ", " + SEQUENCES + " sequences");
        random = new Random(seed);
        try (EchoServer active = EchoServer.start("standby");
                EchoServer original = EchoServer.start("primary");
                RealHaProxy started = RealHaProxy.start(
                        directory,
                        active.port(),
                        original.port(),
                        example -> PLAIN.apply(hasStateFile ? example : WITHOUT_STATE_FILE.apply(example)))) {
            real = started;
            for (int i = 0; i < SEQUENCES; i++) {
                sequence(hasStateFile, i % SEQUENCES_FOR_EACH_RESTART == SEQUENCES_FOR_EACH_RESTART - 1);
            }
        }
    }

    private void sequence(boolean hasStateFile, boolean restart) throws IOException {
        said.clear();
        int restartAt = restart ? random.nextInt(COMMANDS) : -1;
        for (int i = 0; i < COMMANDS; i++) {
            if (i == restartAt) {
                restart();
            } else if (hasStateFile && random.nextInt(10) == 0) {
                save();
            } else {
                step();
            }
            compare();
        }
        for (Client client : clients) {
            client.real().close();
            model.disconnect(client.modelled());
        }
        clients.clear();
        for (String server : disabled().keySet()) { // whatever was left is gone before the next sequence begins
            both("shutdown sessions server " + BACKEND + "/" + server);
        }
    }

    private void save() throws IOException {
        said.add("(the states are saved)");
        Files.writeString(real.stateFile(), real.ask("show servers state"));
        saved = Optional.of(model.ask("show servers state"));
    }

    private void restart() throws IOException {
        said.add("(restart)");
        real.kill();
        real.start();
        model.restart(saved);
    }

    private void step() throws IOException {
        switch (random.nextInt(8)) {
            case 0, 1 -> connect();
            case 2 -> both("shutdown sessions server " + BACKEND + "/" + server(random));
            case 3 -> both(random.nextBoolean() ? odd(random) : switched(random));
            default -> both("set server " + BACKEND + "/" + server(random) + " state "
                    + List.of("ready", "drain", "maint").get(random.nextInt(3)));
        }
    }

    private static String server(Random random) {
        return random.nextBoolean() ? "primary" : "standby";
    }

    private static String switched(Random random) {
        return (random.nextBoolean() ? "enable" : "disable") + " server " + BACKEND + "/" + server(random);
    }

    private static String odd(Random random) {
        return List.of(
                        "set server " + BACKEND + "/tertiary state maint",
                        "set server other/primary state maint",
                        "set server primary state maint",
                        "set server " + BACKEND + "/primary state closed",
                        "shutdown sessions server " + BACKEND + "/tertiary",
                        "show servers state other")
                .get(random.nextInt(6));
    }

    private void both(String command) {
        said.add(command);
        assertThat(model.ask(command).strip())
                .as("%s", said)
                .isEqualTo(real.ask(command).strip());
    }

    /** With two servers open the proxy chooses, and the model goes along. */
    private void connect() throws IOException {
        said.add("(a client connects)");
        EchoClient client = EchoClient.connect(real.port());
        if (client.server().isEmpty()) {
            assertThat(model.open()).as("%s", said).isEmpty();
            client.close();
            return;
        }
        assertThat(model.open()).as("%s", said).contains(client.server().get());
        clients.add(new Client(client, model.connect(client.server().get())));
    }

    private void compare() throws IOException {
        List<String> states = List.of(
                "be_id",
                "be_name",
                "srv_id",
                "srv_name",
                "srv_op_state",
                "srv_admin_state",
                "srv_uweight",
                "srv_agent_state");
        String command = "show servers state " + BACKEND;
        assertThat(HaProxyModel.columns(model.ask(command), states))
                .as("%s", said)
                .isEqualTo(HaProxyModel.columns(real.ask(command), states));
        for (Client client : clients) {
            boolean served = model.isServed(client.modelled());
            assertThat(served).as("%s", said).isEqualTo(client.real().isServed());
        }
        // The proxy counts a session until it has closed its side, which is a little later than its client sees.
        List<String> counts = List.of("svname", "scur", "qcur");
        String expected = HaProxyModel.columns(model.ask("show stat"), counts);
        String seen = "";
        for (int i = 0; i < 2000 && !seen.equals(expected); i++) {
            seen = HaProxyModel.columns(serversOnly(real.ask("show stat")), counts);
        }
        assertThat(seen).as("%s", said).isEqualTo(expected);
    }

    private static String serversOnly(String statistics) {
        StringBuilder servers = new StringBuilder();
        statistics
                .lines()
                .filter(line -> line.startsWith("# ")
                        || line.startsWith(BACKEND + ",") && !line.startsWith(BACKEND + ",BACKEND"))
                .forEach(line -> servers.append(line).append('\n'));
        return servers.toString();
    }
}
