package io.jenkins.plugins.cockroachdb.jenkins;

import static org.assertj.core.api.Assertions.assertThat;

import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.domains.Domain;
import com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl;
import hudson.model.Label;
import hudson.model.Result;
import io.jenkins.plugins.cockroachdb.servers.LocalServer;
import io.jenkins.plugins.cockroachdb.servers.NeedsPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real PgBouncer, as docs/examples has it but for TLS, at whose console an agent logs in with credentials of Jenkins. */
@NeedsPrograms("pgbouncer")
class PgBouncerLoginTest extends OnJenkins {

    private static final Path EXAMPLE = Path.of("../docs/examples/pgbouncer");
    private static final String PASSWORD = "change-me-failback";

    @TempDir
    private Path directory;

    private LocalServer start(int port) throws Exception {
        Files.createDirectories(directory.resolve("run"));
        Files.copy(EXAMPLE.resolve("userlist.txt"), directory.resolve("userlist.txt"));
        Files.copy(EXAMPLE.resolve("databases.ini"), directory.resolve("databases.ini"));
        Files.writeString(
                directory.resolve("pgbouncer.ini"),
                Files.readString(EXAMPLE.resolve("pgbouncer.ini"))
                        .replace("/etc/pgbouncer/", directory + "/")
                        .replace("/run/postgresql", directory.resolve("run").toString())
                        .replace("/var/log/postgresql/", directory + "/")
                        .replace("listen_port = 6432", "listen_port = " + port)
                        .lines()
                        .filter(line -> !line.contains("_tls_"))
                        .collect(Collectors.joining("\n", "", "\n")));
        LocalServer.giveAway(directory);
        return LocalServer.start(
                directory,
                "process up",
                LocalServer.notAsRoot(List.of(
                        LocalServer.find("pgbouncer").orElseThrow().toString(), directory + "/pgbouncer.ini")));
    }

    @Test
    void anAgentLogsInWithCredentialsOfJenkins() throws Exception {
        for (String id : List.of("right", "wrong")) {
            store(jenkins.jenkins)
                    .addCredentials(
                            Domain.global(),
                            new UsernamePasswordCredentialsImpl(
                                    CredentialsScope.GLOBAL, id, "", "failback", id.equals("right") ? PASSWORD : id));
        }
        int port = LocalServer.freePort();
        String redirect = "redirectProxy(proxies: ['pgbouncer:" + directory.resolve("run") + ":" + port
                + "?database=app&name=pool&file=" + directory.resolve("databases.ini")
                + "&primary=primary.example.com:26257&standby=standby.example.com:26257'], drainSeconds: 0, ";
        jenkins.createOnlineSlave(Label.get("edge"));
        try (LocalServer pgBouncer = start(port)) {
            WorkflowRun run = run(
                    Result.SUCCESS,
                    "node('edge') {\n"
                            + "  for (each in [['right', 'status'], ['right', 'fence'], ['wrong', 'status']]) {\n"
                            + "    def pool = " + redirect
                            + "proxyCredentialsId: each[0], action: each[1]).proxies[0]\n"
                            + "    echo \"${each} ${pool.traffic}\"\n"
                            + "  }\n}");

            jenkins.assertLogContains("[right, status] on A", run);
            jenkins.assertLogContains("[right, fence] fenced", run);
            jenkins.assertLogContains("[wrong, status] unknown", run);
            assertThat(Files.readString(directory.resolve("databases.ini"))).contains("/fenced-by-cockroachdb-failback");
        }
        assertThat(Homes.filesThatHold(jenkins.jenkins.getRootDir(), PASSWORD)).isEmpty();
    }
}
