package io.jenkins.plugins.cockroachdb.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The client's side of one SCRAM-SHA-256 login (RFC 5802, RFC 7677), without channel binding, which no PgBouncer offers.
 * It proves that we know the password, and has the server prove that it does.
 */
final class PgScram {

    static final String MECHANISM = "SCRAM-SHA-256";

    private static final String NO_CHANNEL_BINDING = "n,,";

    /** A thousand times what RFC 7677 asks for would still be an honest server; more is an attack on our processor. */
    private static final int MOST_ITERATIONS = 4096 * 1000;

    private final String nonce;
    private final String clientFirstBare;
    private byte[] expectedSignature;

    /**
     * @param user empty where the protocol named the user before, as PostgreSQL's does
     * @param nonce random, printable, without a comma
     */
    PgScram(String user, String nonce) {
        this.nonce = nonce;
        this.clientFirstBare = "n=" + user + ",r=" + nonce;
    }

    /** The first message to the server. */
    byte[] first() {
        return (NO_CHANNEL_BINDING + clientFirstBare).getBytes(UTF_8);
    }

    /**
     * The answer to the server's first message.
     *
     * @throws ProxyFailure if the message makes no sense
     */
    byte[] answer(byte[] serverFirst, String password) throws ProxyFailure {
        Map<String, String> parts = parts(serverFirst);
        String bothNonces = part(parts, "r");
        if (!bothNonces.startsWith(nonce) || bothNonces.length() == nonce.length()) {
            throw nonsense("it did not add to our nonce");
        }
        int iterations;
        byte[] salt;
        try {
            iterations = Integer.parseInt(part(parts, "i"));
            salt = Base64.getDecoder().decode(part(parts, "s"));
        } catch (IllegalArgumentException e) {
            throw nonsense("its salt or number of iterations cannot be read");
        }
        if (iterations < 1 || iterations > MOST_ITERATIONS || salt.length == 0) {
            throw nonsense("it asks for " + iterations + " iterations on " + salt.length + " bytes of salt");
        }
        String withoutProof =
                "c=" + Base64.getEncoder().encodeToString(NO_CHANNEL_BINDING.getBytes(UTF_8)) + ",r=" + bothNonces;
        byte[] authMessage =
                (clientFirstBare + "," + new String(serverFirst, UTF_8) + "," + withoutProof).getBytes(UTF_8);
        try {
            byte[] salted = salted(password, salt, iterations);
            byte[] clientKey = hmac(salted, "Client Key".getBytes(UTF_8));
            byte[] storedKey = MessageDigest.getInstance("SHA-256").digest(clientKey);
            byte[] proof = hmac(storedKey, authMessage);
            for (int i = 0; i < proof.length; i++) {
                proof[i] ^= clientKey[i];
            }
            expectedSignature = hmac(hmac(salted, "Server Key".getBytes(UTF_8)), authMessage);
            return (withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof)).getBytes(UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * Verifies the server's last message: whoever does not know the password, or what is derived from it, cannot sign.
     *
     * @throws ProxyFailure if the server could not prove itself
     */
    void verify(byte[] serverFinal) throws ProxyFailure {
        byte[] signature;
        try {
            signature = Base64.getDecoder().decode(part(parts(serverFinal), "v"));
        } catch (IllegalArgumentException e) {
            signature = new byte[0];
        }
        if (expectedSignature == null || !MessageDigest.isEqual(expectedSignature, signature)) {
            throw new ProxyFailure(
                    "The server could not prove that it knows the password's verifier.",
                    "Find out who answers at this address before you give it a password.");
        }
    }

    /**
     * PBKDF2 over the prepared password. RFC 4013 leaves ASCII as it is; of the rest NFKC is what matters, and as in
     * PostgreSQL what SASLprep would refuse is taken as it is.
     */
    private static byte[] salted(String password, byte[] salt, int iterations) throws GeneralSecurityException {
        char[] prepared = Normalizer.normalize(password, Normalizer.Form.NFKC).toCharArray();
        return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(new PBEKeySpec(prepared, salt, iterations, 256))
                .getEncoded();
    }

    private static byte[] hmac(byte[] key, byte[] text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text);
    }

    private static Map<String, String> parts(byte[] message) {
        Map<String, String> parts = new HashMap<>();
        for (String part : new String(message, UTF_8).split(",")) {
            if (part.length() >= 2 && part.charAt(1) == '=') {
                parts.put(part.substring(0, 1), part.substring(2));
            }
        }
        return parts;
    }

    private static String part(Map<String, String> parts, String name) throws ProxyFailure {
        String value = parts.get(name);
        if (value == null) {
            throw nonsense(parts.containsKey("e") ? "it says " + parts.get("e") : "it lacks \"" + name + "\"");
        }
        return value;
    }

    private static ProxyFailure nonsense(String why) {
        return new ProxyFailure(
                "The server's part of " + MECHANISM + " makes no sense: " + why + ".",
                "Check that a PgBouncer answers at this address.");
    }
}
