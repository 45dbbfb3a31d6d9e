package io.jenkins.plugins.cockroachdb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HookDescriptionTest {

    private static HookDescription read(String text) {
        return (HookDescription) ProxyDescription.parse(text);
    }

    @Test
    void aTextSaysEverything() {
        HookDescription hook =
                read("hook:/opt/move%20it?name=orders-lb&agent=edge&standby=a.example.com&primary=[::1]:5432"
                        + "&clients=db.example.com:6432&env=KUBECONFIG,AWS_PROFILE&targetGroup=a%26b&empty=");

        assertThat(hook)
                .isEqualTo(new HookDescription(
                        "orders-lb",
                        Optional.of("edge"),
                        Path.of("/opt/move%20it"),
                        Optional.of(new PgAddress("a.example.com", 26257)),
                        Optional.of(new PgAddress("::1", 5432)),
                        Optional.of(new PgAddress("db.example.com", 6432)),
                        List.of("KUBECONFIG", "AWS_PROFILE"),
                        Map.of("targetGroup", "a&b", "empty", "")));
    }

    @Test
    void thePathAloneIsEnough() {
        HookDescription hook = read("hook:/usr/local/bin/move-traffic");

        assertThat(hook.name()).isEqualTo("move-traffic");
        assertThat(hook.agent()).isEmpty();
        assertThat(hook.clients()).isEmpty();
        assertThat(hook.parameters()).isEmpty();
    }

    @Test
    void anApproverSeesWhatWillBeCalled() {
        HookDescription hook = read("hook:/opt/move it?targetGroup=it's a&namespace=orders");

        assertThat(hook.commands(Verb.FENCE))
                .containsExactly(
                        "HOOK_NAMESPACE=orders HOOK_TARGET_GROUP='it'\\''s a' '/opt/move it' fence",
                        "HOOK_NAMESPACE=orders HOOK_TARGET_GROUP='it'\\''s a' '/opt/move it' status"
                                + " (has to say traffic=fenced and sessionsActive=0)");
        assertThat(hook.commands(Verb.UNFENCE).get(1)).endsWith("status (has to say traffic=active)");
        assertThat(hook.commands(Verb.RELEASE).get(1)).endsWith("status (has to say traffic=primary)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    hook:move-traffic                         | not an absolute path
                    hook:./move-traffic                       | not an absolute path
                    hook:/m?clients=nowhere:99999             | 99999 is not a port
                    hook:/m?clients=a:b:c                     | "a:b:c" is not HOST:PORT
                    hook:/m?standby=h:1&primary=H:1           | both for the active cluster and for the original primary
                    hook:/m?target-group=x                    | a parameter "target-group"
                    hook:/m?targetGroup=x&target_group=y      | both be HOOK_TARGET_GROUP
                    hook:/m?a=x%0Ay                           | control character in its parameter a
                    hook:/m?env=A,,B                          | not the name of a variable
                    hook:/m?env=PGPASSWORD                    | PGPASSWORD, which is a secret by its name
                    hook:/m?a=1&a=2                           | it has a twice
                    """)
    void whatMakesNoSenseIsRefused(String text, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProxyDescription.parse(text))
                .withMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({
        "apiToken=odd-value",
        "password=odd-value",
        "where=postgresql://app:odd-value@db/orders",
        "what=CCDB1_odd"
    })
    void aSecretIsRefusedAndNotRepeated(String parameter) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("hook:/m?" + parameter))
                .withMessageContaining("has a secret in its parameter")
                .withMessageNotContaining("odd");
    }

    @Test
    void whereASecretIsIsNoSecret() {
        HookDescription hook = read("hook:/m?tokenFile=/run/token&env=AWS_WEB_IDENTITY_TOKEN_FILE");

        assertThat(hook.parameters()).containsEntry("tokenFile", "/run/token");
        assertThat(HookDescription.variable("tokenFile")).isEqualTo("HOOK_TOKEN_FILE");
    }
}
