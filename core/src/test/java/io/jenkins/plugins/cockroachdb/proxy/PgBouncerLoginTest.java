package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cockroachdb.servers.LocalServer;
import io.jenkins.plugins.cockroachdb.servers.ServerCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways into a real PgBouncer's console. */
class PgBouncerLoginTest extends DrivenPgBouncer {

    private String overTcp(String host, String... parameters) {
        return text(host + ":" + pgBouncer.port(), "app", pgBouncer.databasesFile(), parameters);
    }

    private void assertLetIn(String text) throws Exception {
        ProxyStatus status = get(proxy(text).status(LIMIT));
        assertThat(status.traffic()).as(status.detail()).isEqualTo(Traffic.ON_ACTIVE);
    }

    private void assertRefused(String text, String password, String... words) {
        assertThat(refused(proxy(text, password).fence(DRAIN, LIMIT))).hasMessageContainingAll(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"trust", "any", "plain", "md5", "scram-sha-256"})
    void everyWayToProveWhoWeAre(String authType) throws Exception {
        configure(Map.of("auth_type", authType));

        assertLetIn(text());
        assertLetIn(overTcp("127.0.0.1"));
        if (!authType.equals("trust") && !authType.equals("any")) {
            assertRefused(text(), "wrong", "refused the login of failback", "Check user name and password");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"md5", "scram-sha-256", "password"})
    void everyWayOfAnHbaFile(String method) throws Exception {
        Path hba = Files.writeString(directory.resolve("pgbouncer/hba.conf"), "local all all " + method + "\n");
        configure(Map.of("auth_type", "hba", "auth_hba_file", hba.toString()));

        assertLetIn(text());
        assertRefused(text(), "wrong", "refused the login of failback");
        assertRefused(overTcp("127.0.0.1"), "any", "refused the login of failback");
    }

    @ParameterizedTest
    @CsvSource({
        "disable, disable, true",
        "disable, prefer, true",
        "disable, require, false",
        "allow, disable, true",
        "allow, prefer, true",
        "allow, require, true",
        "prefer, disable, true",
        "prefer, require, true",
        "require, disable, false",
        "require, prefer, true",
        "require, require, true"
    })
    void withAndWithoutTls(String ofPgBouncer, String ours, boolean letIn) throws Exception {
        configure(Map.of("client_tls_sslmode", ofPgBouncer));

        if (letIn) {
            assertLetIn(overTcp("127.0.0.1", "sslmode=" + ours));
        } else if (ours.equals("disable")) {
            assertRefused(overTcp("127.0.0.1", "sslmode=disable"), "any", "SSL required", "Use sslmode=require");
        } else {
            assertRefused(overTcp("127.0.0.1", "sslmode=require"), "any", "has no TLS", "Set client_tls_sslmode");
        }
    }

    @Test
    void aServerIsVerifiedByItsCaAndItsName() throws Exception {
        Path ca = directory.resolve("pgbouncer").resolve(ServerCertificate.CA);
        Path another = Files.createDirectory(directory.resolve("another"));
        ServerCertificate.of("localhost").writeTo(another);
        Path stranger = another.resolve(ServerCertificate.CA);

        assertLetIn(overTcp("localhost", "sslmode=verify-full", "sslrootcert=" + ca));
        assertLetIn(overTcp("127.0.0.1", "sslmode=verify-full", "sslrootcert=" + ca));
        assertLetIn(overTcp("127.0.0.1", "sslmode=verify-ca", "sslrootcert=" + ca));
        for (String mode : new String[] {"require", "verify-ca", "verify-full"}) {
            assertRefused(
                    overTcp("localhost", "sslmode=" + mode, "sslrootcert=" + stranger),
                    "any",
                    "could not be trusted",
                    "Check the CA file, the name in the server's certificate and sslmode.");
        }
        assertRefused(overTcp("localhost", "sslmode=verify-full"), "any", "could not be trusted"); // no CA of the world
        assertRefused(
                overTcp("localhost", "sslmode=verify-ca", "sslrootcert=" + pgBouncer.databasesFile()),
                "any",
                "The CA file " + pgBouncer.databasesFile() + " could not be used");
    }

    @Test
    void aCertificateForAnotherNameIsRefusedOnlyWhereNamesCount() throws Exception {
        Path own = directory.resolve("pgbouncer");
        ServerCertificate.of("another.example.com").writeTo(own);
        LocalServer.giveAway(own);
        pgBouncer.restart();
        Path ca = own.resolve(ServerCertificate.CA);

        assertRefused(overTcp("localhost", "sslmode=verify-full", "sslrootcert=" + ca), "any", "could not be trusted");
        assertLetIn(overTcp("localhost", "sslmode=verify-ca", "sslrootcert=" + ca));
        assertLetIn(overTcp("localhost", "sslmode=require"));
    }
}
