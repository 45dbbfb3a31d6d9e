package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HaProxyDescriptionTest {

    private static HaProxyDescription parse(String text) {
        return (HaProxyDescription) ProxyDescription.parse(text);
    }

    @Test
    void theDefaultsAreThoseOfThePythonCLI() {
        assertThat(parse("haproxy:/var/run/haproxy/admin.sock"))
                .isEqualTo(new HaProxyDescription(
                        "haproxy-cockroach_backend",
                        Optional.empty(),
                        Optional.empty(),
                        new RuntimeAddress("/var/run/haproxy/admin.sock", 0),
                        "cockroach_backend",
                        List.of("standby"),
                        List.of("primary"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    @Test
    void everythingCanBeSaid() {
        assertThat(
                        parse(
                                "haproxy:10.0.0.5:9999?backend=sql&primary=east1,east2&standby=west&name=edge 1&agent=edge"
                                        + "&clients=db.example.com:5432"
                                        + "&stateFile=/var/lib/haproxy/server-state&master=/run/haproxy-master.sock&config=/etc/h%26.cfg"))
                .isEqualTo(new HaProxyDescription(
                        "edge 1",
                        Optional.of("edge"),
                        Optional.of(new PgAddress("db.example.com", 5432)),
                        new RuntimeAddress("10.0.0.5", 9999),
                        "sql",
                        List.of("west"),
                        List.of("east1", "east2"),
                        Optional.of(Path.of("/var/lib/haproxy/server-state")),
                        Optional.of(new RuntimeAddress("/run/haproxy-master.sock", 0)),
                        Optional.of(Path.of("/etc/h&.cfg"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "haproxy:                                   | it does not say where the proxy is",
                "haproxy:admin.sock                         | \"admin.sock\" is neither the path of a socket nor HOST:PORT",
                "haproxy:host:99999                         | neither a Unix socket nor HOST:PORT",
                "haproxy:host:0                             | neither a Unix socket nor HOST:PORT",
                "haproxy:/s?primary=a&standby=a             | names a server twice",
                "haproxy:/s?primary=a,&standby=b            | cannot have \"\"",
                "haproxy:/s?primary=a%3Bshutdown            | cannot have \"a;shutdown\"",
                "haproxy:/s?backend=a%0Ab                   | letters, digits, underscore, dot, colon and hyphen",
                "haproxy:/s?server=a                        | a haproxy has no parameter server",
            })
    void whatIsWrongIsSaid(String text, String why) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why)
                .hasMessageContaining("haproxy:/run/haproxy/admin.sock?backend=");
    }

    @Test
    void addressesAreWrittenAsPeopleAndHAProxyWriteThem() {
        assertThat(RuntimeAddress.of("/run/a b.sock")).hasToString("/run/a b.sock");
        assertThat(RuntimeAddress.of("unix@/run/a.sock")).hasToString("/run/a.sock");
        assertThat(RuntimeAddress.of("ipv4@127.0.0.1:9999")).hasToString("127.0.0.1:9999");
        assertThat(RuntimeAddress.of("[::1]:9999")).hasToString("[::1]:9999");
        assertThat(RuntimeAddress.of("[::1]:9999").isRemote()).isFalse();
        assertThat(RuntimeAddress.of("192.0.2.1:9999").isRemote()).isTrue();
    }

    @Test
    void commandsCanBeTypedAsTheyAreShown() {
        HaProxyDescription description = parse("haproxy:/s?primary=p1,p2&stateFile=/var/lib/state");

        assertThat(description.commands(Verb.FENCE))
                .containsExactly(
                        "at /s: set server cockroach_backend/p1 state maint",
                        "at /s: set server cockroach_backend/p2 state maint",
                        "at /s: set server cockroach_backend/standby state drain",
                        "at /s: set server cockroach_backend/standby state maint",
                        "at /s: shutdown sessions server cockroach_backend/standby",
                        "at /s: shutdown sessions server cockroach_backend/p1",
                        "at /s: shutdown sessions server cockroach_backend/p2",
                        "at /s: show servers state > /var/lib/state");
        assertThat(description.commands(Verb.RELEASE))
                .containsExactly(
                        "at /s: set server cockroach_backend/p1 state ready",
                        "at /s: set server cockroach_backend/p2 state ready",
                        "at /s: show servers state > /var/lib/state");
        assertThat(description.commands(Verb.UNFENCE))
                .contains("at /s: set server cockroach_backend/standby state ready")
                .noneMatch(command -> command.contains("p1 state ready"));
    }
}
