package io.jenkins.plugins.cockroachdb.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With the example of RFC 7677, section 3. */
class PgScramTest {

    private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String BOTH_NONCES = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String SERVER_FIRST = "r=" + BOTH_NONCES + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    private final PgScram scram = new PgScram("user", NONCE);

    @Test
    void theClientProvesThatItKnowsThePassword() throws Exception {
        assertThat(scram.first()).asString(UTF_8).isEqualTo("n,,n=user,r=" + NONCE);
        assertThat(scram.answer(SERVER_FIRST.getBytes(UTF_8), "pencil"))
                .asString(UTF_8)
                .isEqualTo("c=biws,r=" + BOTH_NONCES + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    }

    @Test
    void theServerHasToProveItToo() throws Exception {
        scram.answer(SERVER_FIRST.getBytes(UTF_8), "pencil");

        scram.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=".getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "v=", "v=?", "e=other-error", ""})
    void aServerThatCannotIsNotBelieved(String last) throws Exception {
        scram.answer(SERVER_FIRST.getBytes(UTF_8), "pencil");

        assertThatThrownBy(() -> scram.verify(last.getBytes(UTF_8))).isInstanceOf(ProxyFailure.class);
    }

    @Test
    void aServerThatSignsBeforeItIsAskedIsNotBelieved() {
        assertThatThrownBy(() -> scram.verify("v=".getBytes(UTF_8))).isInstanceOf(ProxyFailure.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", // somebody else's nonce
                "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", // nothing of its own
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2000000000", // would cost an hour
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=many",
                "r=rOprNGfwEbeRWgbNEkqOx,s=?,i=4096",
                "r=rOprNGfwEbeRWgbNEkqOx,i=4096",
                ""
            })
    void aMessageWithoutSenseIsRefused(String first) {
        assertThatThrownBy(() -> scram.answer(first.getBytes(UTF_8), "pencil"))
                .isInstanceOf(ProxyFailure.class)
                .hasMessageContaining("makes no sense");
    }

    /** RFC 4013 by way of NFKC: the same letter, typed as one character or as two. */
    @Test
    void aPasswordIsTheSameHoweverItIsComposed() throws Exception {
        byte[] composed = scram.answer(SERVER_FIRST.getBytes(UTF_8), "caf\u00e9");
        byte[] decomposed = scram.answer(SERVER_FIRST.getBytes(UTF_8), "cafe\u0301");

        assertThat(composed).isEqualTo(decomposed);
    }
}
