package io.jenkins.plugins.cockroachdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cockroachdb.cloud.OkHttpTransport.Connection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where settings come from, and which are refused. */
class SettingsTest {

    private static final String SECRET = "a-key-of-another-shape";

    @TempDir
    Path directory;

    private final Map<String, String> environment = new HashMap<>();
    private final ConnectionOptions options = new ConnectionOptions();

    @BeforeEach
    void whatIsRequired() {
        environment.put("COCKROACH_API_SECRET_KEY", SECRET);
        environment.put("PRIMARY_CLUSTER_ID", "east");
        environment.put("STANDBY_CLUSTER_ID", "west");
    }

    @Test
    void theRestHasDefaults() {
        Settings settings = settings();
        assertThat(settings.url()).hasToString("https://cockroachlabs.cloud");
        assertThat(settings.originalPrimaryId()).isEqualTo("east");
        assertThat(settings.activeId()).isEqualTo("west");
        assertThat(settings.connection()).isEqualTo(Connection.DEFAULT);
    }

    @Test
    void everythingThatIsMissingIsNamedAtOnce() {
        environment.remove("COCKROACH_API_SECRET_KEY");
        environment.put("STANDBY_CLUSTER_ID", " ");
        assertRefused("Not set: COCKROACH_API_SECRET_KEY, STANDBY_CLUSTER_ID.");
    }

    @Test
    void theSameClusterTwiceIsNoPair() {
        environment.put("STANDBY_CLUSTER_ID", "EAST");
        assertRefused("PRIMARY_CLUSTER_ID and STANDBY_CLUSTER_ID are the same cluster");
    }

    @Test
    void aFileNextToTheUserSetsWhatTheEnvironmentDoesNot() throws IOException {
        environment.remove("PRIMARY_CLUSTER_ID");
        environment.remove("STANDBY_CLUSTER_ID");
        Files.writeString(
                directory.resolve(".env"),
                """
                # The pair of the shop
                export PRIMARY_CLUSTER_ID='from # file'
                STANDBY_CLUSTER_ID = "quoted" # serves now
                HEALTH_CHECK_TIMEOUT=30  # seconds
                COCKROACH_API_SECRET_KEY=
                PCR_STREAM_ID
                """);
        Settings settings = settings();
        assertThat(settings.originalPrimaryId()).isEqualTo("from # file");
        assertThat(settings.activeId()).isEqualTo("quoted");
        assertThat(settings.connection().readLimit()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void theEnvironmentWinsOverTheFile() throws IOException {
        Files.writeString(directory.resolve(".env"), "PRIMARY_CLUSTER_ID=other\n");
        assertThat(settings().originalPrimaryId()).isEqualTo("east");
    }

    @Test
    void aDirectoryNamedLikeTheFileIsLeftAlone() throws IOException {
        Files.createDirectory(directory.resolve(".env"));
        assertThat(settings().originalPrimaryId()).isEqualTo("east");
    }

    @Test
    void theOptionWinsOverTheEnvironment() {
        environment.put("COCKROACH_API_URL", "https://one.example.com/");
        assertThat(settings().url()).hasToString("https://one.example.com");
        options.apiUrl = "https://two.example.com";
        assertThat(settings().url()).hasToString("https://two.example.com");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://example.com", "example.com", "https://user@example.com", "not a url"})
    void theKeyIsNotSentJustAnywhere(String url) {
        environment.put("COCKROACH_API_URL", url);
        assertRefused("COCKROACH_API_URL: The API URL ");
    }

    @Test
    void aKeyThatNoHeaderCanHoldIsRefusedUnseen() {
        environment.put("COCKROACH_API_SECRET_KEY", "two words");
        assertRefused("COCKROACH_API_SECRET_KEY: The API key holds a space");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "3601", "99999999999", "soon"})
    void aTimeoutIsANumberOfSeconds(String text) {
        environment.put("HEALTH_CHECK_TIMEOUT", text);
        assertRefused("HEALTH_CHECK_TIMEOUT is \"" + text + "\"");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            textBlock =
                    """
                    https://cockroachlabs.cloud, -,                         true
                    https://cockroachlabs.cloud, cloud,                     false
                    https://cockroachlabs.cloud, 'a.com, .CockroachLabs.cloud', false
                    https://cockroachlabs.cloud, labs.cloud,                true
                    https://cockroachlabs.cloud, *,                         false
                    http://localhost:8080,       -,                         false
                    http://127.0.0.1:8080,       -,                         false
                    http://[::1]:8080,           -,                         false
                    """)
    void theProxyLeadsOutsideOnly(String url, String noProxy, boolean throughProxy) {
        environment.put("https_proxy", "http://proxy.example.com:3128");
        environment.put("COCKROACH_API_URL", url);
        if (noProxy != null) {
            environment.put("NO_PROXY", noProxy);
        }
        Proxy proxy = settings().connection().proxies().select(URI.create(url)).get(0);
        assertThat(proxy)
                .isEqualTo(
                        throughProxy
                                ? new Proxy(
                                        Proxy.Type.HTTP, InetSocketAddress.createUnresolved("proxy.example.com", 3128))
                                : Proxy.NO_PROXY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://user:s3cret@proxy.example.com:3128",
                "socks5://proxy.example.com:1080",
                "http://proxy.example.com",
                "http://proxy.example.com:99999",
                "s3cret and more"
            })
    void aProxyThatCannotBeUsedIsRefusedUnseen(String proxy) {
        environment.put("HTTPS_PROXY", proxy);
        assertThatThrownBy(this::settings)
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("HTTPS_PROXY is not an address")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void theCaFileIsLookedForInTheCurrentDirectory() throws IOException {
        options.caFile = Path.of("company.pem");
        assertRefused("company.pem does not exist or cannot be read.");
        Files.writeString(directory.resolve("company.pem"), "no certificate");
        assertRefused("company.pem");
    }

    private Settings settings() {
        return Settings.of(shell(), options);
    }

    private Shell shell() {
        ByteArrayOutputStream nowhere = new ByteArrayOutputStream();
        return new Shell(environment, directory, new Console(Run.printer(nowhere), Run.printer(nowhere)));
    }

    private void assertRefused(String message) {
        assertThatThrownBy(this::settings)
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining(SECRET);
        Run run = Run.of(environment, directory, statusArguments());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(message).doesNotContain("\tat ", SECRET);
    }

    private String[] statusArguments() {
        return options.caFile == null
                ? new String[] {"status"}
                : new String[] {"status", "--ca-file", options.caFile.toString()};
    }
}
