package io.jenkins.plugins.cockroachdb.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a Runtime API listens.
 *
 * @param host the absolute path of a Unix socket, or a host name or IP address
 * @param port 0 for a Unix socket
 */
public record RuntimeAddress(String host, int port) {

    private static final Pattern TCP =
            Pattern.compile("(?:ipv[46]@)?(?:\\[([0-9a-fA-F:.]+)]|([^:\\[\\]]+)):([0-9]{1,5})");

    /** @throws IllegalArgumentException if there is no such place */
    public RuntimeAddress {
        Objects.requireNonNull(host, "host");
        if (host.isEmpty() || host.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw new IllegalArgumentException("\"" + host + "\" is neither a host nor a path");
        }
        if (port < 0 || port > 65535 || (port == 0) != host.startsWith("/")) {
            throw new IllegalArgumentException(host + " with port " + port + " is neither a Unix socket nor HOST:PORT");
        }
    }

    /**
     * Reads {@code /PATH}, {@code HOST:PORT} or {@code [IPV6]:PORT}, also as HAProxy writes them: {@code unix@/PATH},
     * {@code ipv4@HOST:PORT}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    static RuntimeAddress of(String text) {
        String path = text.startsWith("unix@") ? text.substring("unix@".length()) : text;
        if (path.startsWith("/")) {
            return new RuntimeAddress(path, 0);
        }
        Matcher parts = TCP.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is neither the path of a socket nor HOST:PORT");
        }
        String host = parts.group(1) != null ? parts.group(1) : parts.group(2);
        return new RuntimeAddress(host, Integer.parseInt(parts.group(3)));
    }

    boolean isUnixSocket() {
        return port == 0;
    }

    /** For TCP this asks the resolver, which may block. */
    SocketAddress socketAddress() {
        return isUnixSocket() ? UnixDomainSocketAddress.of(host) : new InetSocketAddress(host, port);
    }

    /** Whether somebody else's machine may command HAProxy there, because nothing but the network stands before it. */
    boolean isRemote() {
        if (isUnixSocket()) {
            return false;
        }
        InetAddress address = new InetSocketAddress(host, port).getAddress();
        return address == null || !address.isLoopbackAddress();
    }

    @Override
    public String toString() {
        return isUnixSocket() ? host : (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
