package io.jenkins.plugins.cockroachdb.proxy;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a PostgreSQL or PgBouncer listens.
 *
 * @param host a name, an IP address, or, as everywhere in PostgreSQL, the absolute path of the directory of a Unix socket
 * @param port also part of the name of a Unix socket
 */
public record PgAddress(String host, int port) {

    private static final Pattern TEXT = Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([^:\\[\\]]+))(?::([0-9]{1,5}))?");

    /** @throws IllegalArgumentException if there is no host, or no such port */
    public PgAddress {
        Objects.requireNonNull(host, "host");
        if (host.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || c == '\'' || c == '"' || c == 0x7f)) {
            throw new IllegalArgumentException("\"" + host + "\" is not a host");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException(port + " is not a port");
        }
    }

    /**
     * Reads {@code HOST:PORT}, {@code [IPV6]:PORT}, {@code HOST} or {@code /DIRECTORY:PORT}.
     *
     * @param otherwise the port when there is none
     * @throws IllegalArgumentException if it is none of these
     */
    static PgAddress of(String text, int otherwise) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is not HOST:PORT");
        }
        String host = parts.group(1) != null ? parts.group(1) : parts.group(2);
        return new PgAddress(host, parts.group(3) == null ? otherwise : Integer.parseInt(parts.group(3)));
    }

    /** Whether it is a Unix socket. */
    boolean isUnixSocket() {
        return host.startsWith("/");
    }

    /** Whether both name the same place: host names know no case. */
    boolean isSameAs(PgAddress other) {
        return port == other.port && host.equalsIgnoreCase(other.host);
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
