package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replies that the installed HAProxy does not give: other versions, and what is no HAProxy. */
class HaProxyRepliesTest {

    private static final String STATE_COLUMNS =
            "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_agent_state srv_port\n";
    private static final String ON_ACTIVE = "1\n"
            + STATE_COLUMNS
            + "3 cockroach_backend 1 primary 10.0.0.1 0 1 1 0 26257\n"
            + "3 cockroach_backend 2 standby 10.0.0.2 2 0 1 0 26257\n";
    private static final String COUNTED =
            "# pxname,svname,qcur,scur\n" + "cockroach_backend,primary,0,0\n" + "cockroach_backend,standby,0,7\n";

    @TempDir
    private Path directory;

    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final Deadline deadline = new Deadline(timer, Duration.ofSeconds(20));
    private final Map<String, String> replies = new HashMap<>(Map.of(
            "show servers state cockroach_backend",
            ON_ACTIVE,
            "show stat 3 4 -1",
            COUNTED,
            "show env HAPROXY_MASTER_CLI",
            "Variable not found\n",
            "show cli level",
            "admin\n",
            "show info",
            "Name: HAProxy\nNbproc: 1\nPid: 1\n"));

    @AfterEach
    void stop() {
        deadline.close();
        timer.shutdownNow();
    }

    private HaProxyWork work() {
        return new HaProxyWork(
                (HaProxyDescription) ProxyDescription.parse("haproxy:/model"),
                (address, until) -> command -> replies.getOrDefault(command, "Unknown command: '" + command + "'\n"),
                timer,
                deadline);
    }

    @Test
    void columnsAreFoundByTheirNames() throws Exception {
        replies.put(
                "show servers state cockroach_backend",
                "1\n# srv_port srv_name new be_name srv_admin_state srv_op_state be_id srv_uweight srv_agent_state srv_addr\n"
                        + "26257 standby x cockroach_backend 0 2 3 1 0 10.0.0.2\n"
                        + "26257 primary x cockroach_backend 1 0 3 1 0 10.0.0.1\n");
        replies.put(
                "show stat 3 4 -1",
                "# scur,svname,\"check,desc\",pxname,qcur\n"
                        + "7,standby,\"a \"\"quoted\"\", text\",cockroach_backend,0\n0,primary,,cockroach_backend,0\n");

        ProxyStatus status = work().status();

        assertThat(status.traffic()).isEqualTo(Traffic.ON_ACTIVE);
        assertThat(status.sessionsActive()).isEqualTo(7);
    }

    @Test
    void aTableWithoutAColumnIsAnErrorAndNotAZero() {
        replies.put("show stat 3 4 -1", COUNTED.replace("scur", "other"));

        assertThatThrownBy(() -> work().status())
                .isInstanceOf(ProxyFailure.class)
                .hasMessageContaining("has no column scur");
    }

    @Test
    void aServerThatIsNotCountedIsAnErrorAndNotAZero() {
        replies.put("show stat 3 4 -1", COUNTED.replaceAll("(?m)^cockroach_backend,standby.*\n", ""));

        assertThatThrownBy(() -> work().status())
                .hasMessageContaining("does not count the sessions of cockroach_backend/standby");
    }

    @Test
    void aNumberThatIsNoneIsAnError() {
        replies.put("show stat 3 4 -1", COUNTED.replace(",7", ",many"));

        assertThatThrownBy(() -> work().status()).hasMessageContaining("column scur holds \"many\"");
    }

    @Test
    void anotherFormatOfStatesIsAnError() {
        replies.put("show servers state cockroach_backend", ON_ACTIVE.replaceFirst("1\n", "2\n"));

        assertThatThrownBy(() -> work().status()).hasMessageContaining("\"show servers state cockroach_backend\"");
    }

    @Test
    void severalProcessesAreRefusedBeforeAnythingIsChanged() {
        replies.put("show info", "Name: HAProxy\nNbproc: 4\n");

        assertThatThrownBy(() -> work().fence(Duration.ZERO))
                .hasMessageContaining("is one of 4 processes")
                .hasMessageContaining("nbthread");
    }

    @Test
    void aYesThatChangesNothingIsNoFence() {
        replies.put("set server cockroach_backend/standby state drain", "");
        replies.put("set server cockroach_backend/standby state maint", "");
        replies.put("set server cockroach_backend/standby state ready", "");

        assertThatThrownBy(() -> work().fence(Duration.ZERO))
                .hasMessageContaining("A should be in maintenance, and is not")
                .hasMessageContaining("Clients were put back to where they were before the fence.");
    }

    @Test
    void whatCannotBePutBackIsSaid() {
        replies.put("set server cockroach_backend/standby state drain", "");
        replies.put("set server cockroach_backend/standby state maint", "Out of memory.\n");

        assertThatThrownBy(() -> work().fence(Duration.ZERO))
                .hasMessageContaining(
                        "answered \"set server cockroach_backend/standby state maint\" with \"Out of memory.\".")
                .hasMessageContaining("It was not put back everywhere, so clients may be shut out:");
    }

    @Test
    void whatChangesWhileItIsSavedIsSavedToo() throws Exception {
        Path file = directory.resolve("server-state");
        String fenced = ON_ACTIVE.replace("2 0 1 0 26257", "0 1 1 0 26257");
        Deque<String> states = new ArrayDeque<>(List.of(ON_ACTIVE, fenced, fenced));
        HaProxyControl control = new HaProxyControl(
                (HaProxyDescription) ProxyDescription.parse("haproxy:/model"),
                (address, until) -> command -> states.remove(),
                deadline);

        new HaProxyStateFile(file).save(control, deadline);

        assertThat(file).hasContent(fenced.strip());
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void anAnswerThatBreaksOffIsAnErrorAlsoWhereSilenceMeansYes() throws Exception {
        for (String answer : new String[] {"", "1\n# be_id", "HTTP/1.1 400 Bad Request\r\n"}) {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Thread thread = new Thread(() -> answerOnce(server, answer));
                thread.start();
                RuntimeSocket socket =
                        new RuntimeSocket(new RuntimeAddress("127.0.0.1", server.getLocalPort()), deadline);

                assertThatThrownBy(() -> socket.ask("set server b/s state maint"))
                        .as("\"" + answer + "\"")
                        .isInstanceOf(ProxyFailure.class)
                        .hasMessageContaining("broke off its answer to \"set server b/s state maint\"");
                thread.join();
            }
        }
    }

    private static void answerOnce(ServerSocket server, String answer) {
        try (Socket client = server.accept()) {
            client.getInputStream().readAllBytes();
            client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
