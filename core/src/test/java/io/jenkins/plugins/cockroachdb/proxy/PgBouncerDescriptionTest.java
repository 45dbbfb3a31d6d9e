package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PgBouncerDescriptionTest {

    private static final String SHORT = "pgbouncer:127.0.0.1?database=app&file=/etc/pgbouncer/databases.ini"
            + "&primary=p.example.com&standby=a.example.com";

    @Test
    void whatIsNotSaidIsUsual() {
        assertThat(ProxyDescription.parse(SHORT))
                .isEqualTo(new PgBouncerDescription(
                        "pgbouncer-app",
                        Optional.empty(),
                        List.of(new PgAddress("127.0.0.1", 6432)),
                        Path.of("/etc/pgbouncer/databases.ini"),
                        "app",
                        new PgAddress("a.example.com", 26257),
                        new PgAddress("p.example.com", 26257),
                        "pgbouncer",
                        new PasswordPlace("PGBOUNCER_PASSWORD", Optional.empty()),
                        new PgTls(PgTls.Mode.PREFER, Optional.empty()),
                        Duration.ofSeconds(120)));
    }

    @Test
    void everythingCanBeSaid() {
        assertThat(ProxyDescription.parse("pgbouncer:/run/one,/run/two:6433,[::1]:6434,edge.example.com:6435"
                        + "?database=app&file=/etc/data%26bases.ini&primary=[2001:db8::1]:5001&standby=10.0.0.2:5002"
                        + "&user=failback&passwordEnv=EDGE_PASSWORD&passwordFile=/run/secrets/edge"
                        + "&sslmode=verify-full&sslrootcert=/etc/ca.crt&expectedPause=300&name=edge&agent=edge+1"))
                .isEqualTo(new PgBouncerDescription(
                        "edge",
                        Optional.of("edge+1"),
                        List.of(
                                new PgAddress("/run/one", 6432),
                                new PgAddress("/run/two", 6433),
                                new PgAddress("::1", 6434),
                                new PgAddress("edge.example.com", 6435)),
                        Path.of("/etc/data&bases.ini"),
                        "app",
                        new PgAddress("10.0.0.2", 5002),
                        new PgAddress("2001:db8::1", 5001),
                        "failback",
                        new PasswordPlace("EDGE_PASSWORD", Optional.of(Path.of("/run/secrets/edge"))),
                        new PgTls(PgTls.Mode.VERIFY_FULL, Optional.of(Path.of("/etc/ca.crt"))),
                        Duration.ofSeconds(300)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "&database=app|&database=|it lacks database",
                "&file=/etc/d.ini||it lacks file",
                "&primary=p:5001||it lacks primary",
                "&standby=a:5002||it lacks standby",
                "/run/p|/run/p,|the console: \"\" is not HOST:PORT",
                "/run/p|/run/p,/run/p|proxy pgbouncer-app names a console twice",
                "/run/p|edge:99999|the console: 99999 is not a port",
                "a:5002|a:b|standby: \"a:b\" is not HOST:PORT",
                "a:5002|p:5001|has p:5001 both for the active cluster and for the original primary",
                "a:5002|/fenced-by-cockroachdb-failback:1|cannot have a cluster at /fenced-by-cockroachdb-failback:1",
                "=app|=pgbouncer|pgbouncer is the console",
                "=app|=a b|letters, digits, underscore, dot and hyphen name one",
                "&file|&sslmode=always&file|sslmode is \"always\", none of disable, prefer, require, verify-ca and verify-full",
                "&file|&expectedPause=2m&file|expectedPause=2m is not a number of seconds",
                "&file|&port=6432&file|a pgbouncer has no parameter port",
                "&file|&user=a&user=b&file|it has user twice",
            })
    void aMistakeIsNamed(String right, String wrong, String error) {
        String text = "pgbouncer:/run/p?name=pgbouncer-app&database=app&file=/etc/d.ini&primary=p:5001&standby=a:5002";
        assertThatThrownBy(() -> ProxyDescription.parse(text.replace(right, wrong == null ? "" : wrong)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("is wrong: ", error, "Write KIND:PLACE?PARAMETER=VALUE&...");
    }

    @Test
    void aPasswordThatSomebodyPutsThereIsNotRepeated() {
        assertThatThrownBy(() -> ProxyDescription.parse(SHORT + "&password=hunter2&passwordEnv=EDGE"))
                .hasMessageContainingAll("a pgbouncer has no parameter password", "password=***&passwordEnv=EDGE")
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> ProxyDescription.parse(SHORT + "&password=100%hunter2"))
                .hasMessageContaining("password has a % that is not followed by two hexadecimal digits")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void whatAVerbWillDoIsSaidCommandByCommand() {
        ProxyDescription description = ProxyDescription.parse(
                SHORT.replace("127.0.0.1", "/run/one,/run/two").replace("p.example.com", "p:1"));

        assertThat(description.commands(Verb.FENCE))
                .containsExactly(
                        "at /run/one:6432, /run/two:6432: PAUSE \"app\"; after the drain, KILL \"app\" if a transaction still"
                                + " runs",
                        "in /etc/pgbouncer/databases.ini: app = host=/fenced-by-cockroachdb-failback port=1",
                        "at /run/one:6432, /run/two:6432: RELOAD; SHOW DATABASES; SHOW SERVERS");
        assertThat(description.commands(Verb.RELEASE))
                .containsExactly(
                        "in /etc/pgbouncer/databases.ini: app = host=p port=1",
                        "at /run/one:6432, /run/two:6432: RELOAD; SHOW DATABASES; RESUME \"app\";"
                                + " SET server_login_retry = 0, and back");
        assertThat(description.commands(Verb.UNFENCE))
                .first()
                .isEqualTo("in /etc/pgbouncer/databases.ini: app = host=a.example.com port=26257");
    }
}
