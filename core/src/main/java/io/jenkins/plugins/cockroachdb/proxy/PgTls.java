package io.jenkins.plugins.cockroachdb.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * How a console is reached over TCP: the modes are those of libpq's sslmode. A Unix socket never has TLS.
 *
 * @param mode never null
 * @param caFile certificates in PEM that are trusted instead of those that come with Java
 */
public record PgTls(Mode mode, Optional<Path> caFile) {

    /** libpq's sslmode. */
    public enum Mode {
        /** Never. */
        DISABLE,
        /** When the server offers it; nobody is verified. */
        PREFER,
        /** Always; verified only against a CA file, if there is one. */
        REQUIRE,
        /** Always, with a certificate that is trusted, whatever its name. */
        VERIFY_CA,
        /** Always, with a certificate that is trusted and names the host. */
        VERIFY_FULL
    }

    public PgTls {
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(caFile, "caFile");
    }

    /** From {@code sslmode} and {@code sslrootcert}; as in libpq, PREFER without them. */
    static PgTls of(DescriptionText text) {
        Optional<Path> caFile = text.take("sslrootcert").map(Path::of);
        String mode = text.take("sslmode").orElse("prefer");
        return Arrays.stream(Mode.values())
                .filter(each ->
                        each.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(mode))
                .findFirst()
                .map(each -> new PgTls(each, caFile))
                .orElseThrow(() -> text.wrong(
                        "sslmode is \"" + mode + "\", none of disable, prefer, require, verify-ca and verify-full"));
    }

    /** What suits a console over a Unix socket or on the loopback interface. */
    public static PgTls disabled() {
        return new PgTls(Mode.DISABLE, Optional.empty());
    }

    /** Always, with whoever answers. */
    static PgTls withAnybody() {
        return new PgTls(Mode.REQUIRE, Optional.empty());
    }

    /** Whether nothing is said without TLS. */
    boolean isDemanded() {
        return mode != Mode.DISABLE && mode != Mode.PREFER;
    }

    /** Whether the server's certificate is verified, once there is TLS. */
    boolean verifiesServer() {
        return caFile.isPresent() || mode == Mode.VERIFY_CA || mode == Mode.VERIFY_FULL;
    }

    /**
     * Puts TLS on a connection, after the server agreed to it.
     *
     * @throws SSLException if the server could not be trusted or the two found no common ground
     * @throws ProxyFailure if the CA file cannot be used
     */
    SSLSocket secure(Socket plain, PgAddress address) throws IOException, ProxyFailure {
        SSLSocket secured =
                (SSLSocket) context().getSocketFactory().createSocket(plain, address.host(), address.port(), true);
        if (mode == Mode.VERIFY_FULL) {
            SSLParameters parameters = secured.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secured.setSSLParameters(parameters);
        }
        secured.startHandshake();
        return secured;
    }

    private SSLContext context() throws ProxyFailure {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new ProxyFailure(
                    "The CA file " + caFile.map(Path::toString).orElse("of Java") + " could not be used ("
                            + ProxyFailure.words(e) + ").",
                    "Give a readable file of certificates in PEM.");
        }
    }

    /** Null is Java's own. */
    private TrustManager[] trust() throws IOException, GeneralSecurityException {
        if (caFile.isEmpty()) {
            return verifiesServer() ? null : new TrustManager[] {new Anybody()};
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(caFile.get())) {
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca" + store.size(), each);
            }
        }
        if (store.size() == 0) {
            throw new IOException("it holds no certificate");
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** For the modes that encrypt and verify nobody, as libpq does. */
    private static final class Anybody extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
