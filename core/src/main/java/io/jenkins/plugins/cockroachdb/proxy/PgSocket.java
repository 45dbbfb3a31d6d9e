package io.jenkins.plugins.cockroachdb.proxy;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/**
 * What carries a {@link PgConnection}: a Unix socket, TCP or TLS.
 *
 * @param raw closes it at once, whoever reads or writes
 * @param isPrivate whether nobody else can listen, or be at the other end: what may be said there in clear text
 */
record PgSocket(Closeable raw, InputStream in, OutputStream out, boolean isPrivate) implements Closeable {

    private static final int SSL_REQUEST = 80877103;

    /**
     * Connects, with TLS where it has to be or can be.
     *
     * @throws ProxyFailure if TLS is demanded and not offered, or its CA file cannot be used
     */
    static PgSocket open(PgAddress address, PgTls tls, Deadline deadline) throws IOException, ProxyFailure {
        return address.isUnixSocket() ? overUnixSocket(address, deadline) : overTcp(address, tls, deadline);
    }

    private static PgSocket overUnixSocket(PgAddress address, Deadline deadline) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            deadline.guard(channel);
            channel.connect(UnixDomainSocketAddress.of(address.host() + "/.s.PGSQL." + address.port()));
            return new PgSocket(channel, Channels.newInputStream(channel), Channels.newOutputStream(channel), true);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static PgSocket overTcp(PgAddress address, PgTls tls, Deadline deadline) throws IOException, ProxyFailure {
        Socket plain = new Socket();
        try {
            deadline.guard(plain);
            plain.setTcpNoDelay(true);
            plain.connect(new InetSocketAddress(address.host(), address.port()));
            boolean isLocal = plain.getInetAddress().isLoopbackAddress();
            if (tls.mode() == PgTls.Mode.DISABLE || !agreesToTls(plain)) {
                if (tls.isDemanded()) {
                    throw new ProxyFailure(
                            "The console at " + address + " has no TLS.",
                            "Set client_tls_sslmode in pgbouncer.ini, or sslmode=disable here if nobody can listen.");
                }
                return new PgSocket(plain, plain.getInputStream(), plain.getOutputStream(), isLocal);
            }
            Socket secured = tls.secure(plain, address);
            return new PgSocket(
                    plain, secured.getInputStream(), secured.getOutputStream(), isLocal || tls.verifiesServer());
        } catch (ProxyFailure | IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    /** Reads no more than the one byte of the answer: what somebody slips in behind it must not count as said under TLS. */
    static boolean agreesToTls(Socket plain) throws IOException {
        plain.getOutputStream()
                .write(ByteBuffer.allocate(8).putInt(8).putInt(SSL_REQUEST).array());
        int answer = plain.getInputStream().read();
        if (answer < 0) {
            throw new EOFException("it closed the connection");
        }
        if (answer != 'S' && answer != 'N') {
            throw new IOException("its answer to a request for TLS is none of PostgreSQL's");
        }
        return answer == 'S';
    }

    @Override
    public void close() throws IOException {
        raw.close();
    }
}
