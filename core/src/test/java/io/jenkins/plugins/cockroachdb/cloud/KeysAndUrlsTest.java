package io.jenkins.plugins.cockroachdb.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysAndUrlsTest {

    private static final String KEY = "CCDB1_" + "a".repeat(22) + "_" + "b".repeat(40);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://cockroachlabs.cloud",
                "https://cockroachlabs.cloud/",
                "https://proxy.example:8443/cockroach",
                "http://localhost:8080",
                "http://127.0.0.1:8080",
                "http://127.9.9.9",
                "http://[::1]:8080"
            })
    void theKeyMayTravelEncryptedOrWithinThisMachine(String url) {
        assertThat(ApiUrl.of(url).toString()).isEqualTo(url.replaceAll("/$", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://cockroachlabs.cloud",
                "http://127.0.0.1.example.com",
                "http://localhost.example.com",
                "http://2130706433",
                "ftp://cockroachlabs.cloud",
                "https://user:password@cockroachlabs.cloud",
                "https://cockroachlabs.cloud?x=y",
                "https://cockroachlabs.cloud#x",
                "https:cockroachlabs.cloud",
                "cockroachlabs.cloud",
                "https://",
                "not a url",
                ""
            })
    void anythingElseIsRefusedBeforeTheKeyTravels(String url) {
        assertThatThrownBy(() -> ApiUrl.of(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("The API URL ")
                .hasMessageEndingWith("Nothing was sent.");
    }

    /** It would be asked for /api/v1/api/v1/..., and its 404 would tell that the cluster is missing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://cockroachlabs.cloud/api/v1",
                "https://cockroachlabs.cloud/api/v1/",
                "https://cockroachlabs.cloud/API/V1/clusters",
                "http://127.0.0.1:8080/cockroach/api/v1"
            })
    void thePathOfTheApiIsNotPartOfItsUrl(String url) {
        assertThatThrownBy(() -> ApiUrl.of(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The API URL must end before /api/v1, which is added to it. Nothing was sent.");
    }

    @Test
    void aRefusedUrlIsNotShownBecauseItMayHoldThePassword() {
        assertThatThrownBy(() -> ApiUrl.of("https://user:sesame@cockroachlabs.cloud"))
                .message()
                .doesNotContain("sesame");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "two words", "line\nbreak", "ключ"})
    void whatNoHeaderCanCarryIsNoKey(String text) {
        assertThatThrownBy(() -> ApiKey.of(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aKeyDoesNotShowItself() {
        assertThat(ApiKey.of(KEY + "\n").toString()).isEqualTo("API key CCDB1_***");
        assertThatThrownBy(() -> ApiKey.of(KEY + "\u0001" + KEY)).message().doesNotContain("aaaa");
    }

    @Test
    void everyKeyIsMaskedWhateverStandsAroundIt() {
        assertThat(Redaction.maskKeys("bearer " + KEY + ", twice: " + KEY + "!"))
                .isEqualTo("bearer CCDB1_***, twice: CCDB1_***!");
    }

    @Test
    void aKeyCutSomewhereIsMaskedToo() {
        assertThat(Redaction.maskKeys("log: " + KEY.substring(0, 50))).isEqualTo("log: CCDB1_***");
    }

    @Test
    void theVeryKeyInUseIsMaskedWhateverItsShape() {
        assertThat(Redaction.line("token s3cr3t-token is wrong", ApiKey.of("s3cr3t-token")))
                .isEqualTo("token CCDB1_*** is wrong");
    }

    @Test
    void theMaskComesBeforeTheCap() {
        String line = Redaction.line("x".repeat(Redaction.LONGEST - 5) + " s3cr3t-token", ApiKey.of("s3cr3t-token"));

        assertThat(line).doesNotContain("s3cr").endsWith("...");
    }

    @Test
    void foreignTextCannotForgeLinesOrSteerATerminal() {
        assertThat(Redaction.line("bad\r\nINFO all is well \u001b[2J\u202egnp", null))
                .isEqualTo("bad INFO all is well  [2J gnp");
    }

    @Test
    void aRequestDoesNotShowItsHeaders() {
        Transport.Request request = new Transport.Request(
                "GET",
                URI.create("https://cockroachlabs.cloud/api/v1/organization"),
                Map.of("Authorization", "Bearer " + KEY),
                null);

        assertThat(request.toString()).isEqualTo("GET https://cockroachlabs.cloud/api/v1/organization");
    }
}
