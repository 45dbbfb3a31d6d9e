package io.jenkins.plugins.cockroachdb.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import okhttp3.tls.HeldCertificate;

/** A server's certificate and the CA behind it. */
public final class ServerCertificate {

    /** The file of the CA's certificate. */
    public static final String CA = "cluster-ca.crt";

    /** The file of the server's certificate. */
    public static final String CERTIFICATE = "server.crt";

    /** The file of the server's private key. */
    public static final String KEY = "server.key";

    private final HeldCertificate ca =
            new HeldCertificate.Builder().certificateAuthority(0).build();
    private final HeldCertificate server;

    private ServerCertificate(String... names) {
        HeldCertificate.Builder builder =
                new HeldCertificate.Builder().signedBy(ca).commonName(names[0]);
        for (String name : names) {
            builder.addSubjectAlternativeName(name);
        }
        this.server = builder.build();
    }

    /** One for these host names and IP addresses, by a CA of its own. */
    public static ServerCertificate of(String... names) {
        return new ServerCertificate(names);
    }

    /** Puts the three files into a directory. */
    public void writeTo(Path directory) {
        try {
            Files.writeString(directory.resolve(CA), ca.certificatePem());
            Files.writeString(directory.resolve(CERTIFICATE), server.certificatePem());
            Path key = directory.resolve(KEY);
            Files.writeString(key, server.privateKeyPkcs8Pem());
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
