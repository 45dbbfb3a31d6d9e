package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The simulator as a command: it tells where it is, serves, and stops. */
@Timeout(60)
class SimulateTest {

    @TempDir
    Path directory;

    @Test
    void printsTheSettingsThatLeadStatusToItUntilItIsStopped() throws Exception {
        PipedInputStream printed = new PipedInputStream();
        PrintStream out = new PrintStream(new PipedOutputStream(printed), false, StandardCharsets.UTF_8);
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        FutureTask<Integer> command = new FutureTask<>(() ->
                Main.run(new String[] {"simulate", "--time-scale=60"}, Map.of(), directory, out, Run.printer(err)));
        Thread thread = new Thread(command, "simulate");
        thread.start();

        Map<String, String> settings = exported(printed);
        assertThat(settings)
                .containsOnlyKeys(
                        "COCKROACH_API_URL", "COCKROACH_API_SECRET_KEY", "PRIMARY_CLUSTER_ID", "STANDBY_CLUSTER_ID");
        assertThat(settings.get("COCKROACH_API_URL")).startsWith("http://127.0.0.1:");
        assertThat(Run.of(settings, directory, "status").out())
                .contains("Original primary: orders-east", "Active: orders-west");

        thread.interrupt();
        assertThat(command.get()).isZero();
        assertThat(Run.text(err)).contains("until it is stopped").doesNotContain("CCDB1_");
        URI uri = URI.create(settings.get("COCKROACH_API_URL"));
        assertThatThrownBy(() -> new Socket(uri.getHost(), uri.getPort()).close())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void aPortThatIsTakenIsAFailureInOneLine() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Run run = Run.of(Map.of(), directory, "simulate", "--port", String.valueOf(taken.getLocalPort()));
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.out()).isEmpty();
            assertThat(run.err().lines())
                    .singleElement()
                    .asString()
                    .startsWith("Cannot listen on port " + taken.getLocalPort());
        }
    }

    private static Map<String, String> exported(PipedInputStream printed) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(printed, StandardCharsets.UTF_8));
        List<String> four = new ArrayList<>();
        while (four.size() < 4) {
            four.add(lines.readLine());
        }
        Map<String, String> settings = new HashMap<>();
        for (String line : four) {
            assertThat(line).matches("export [A-Z_]+=[A-Za-z0-9_:/.-]+");
            String[] assignment = line.substring("export ".length()).split("=", 2);
            settings.put(assignment[0], assignment[1]);
        }
        return settings;
    }
}
