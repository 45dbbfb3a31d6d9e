package io.jenkins.plugins.cockroachdb.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A Runtime API behind a Unix or TCP socket, with a connection for each command. */
final class RuntimeSocket implements RuntimeApi {

    /** A session is a line of some 350 bytes, and a busy HAProxy has a hundred thousand. */
    private static final int LONGEST_REPLY = 1 << 26;

    private final RuntimeAddress address;
    private final Deadline deadline;

    RuntimeSocket(RuntimeAddress address, Deadline deadline) {
        this.address = address;
        this.deadline = deadline;
    }

    @Override
    public String ask(String command) throws ProxyFailure {
        String reply;
        try {
            reply = exchange(command);
        } catch (IOException e) {
            throw new ProxyFailure(
                    "HAProxy at " + address + " did not answer \"" + command + "\" (" + ProxyFailure.words(e) + ").",
                    "Check that HAProxy runs, that this is its stats socket and that this user may open it.");
        }
        // An empty line ends every reply, and is all of one that has nothing to say.
        if (!reply.endsWith("\n\n") && !reply.equals("\n")) {
            throw new ProxyFailure(
                    "HAProxy at " + address + " broke off its answer to \"" + command + "\" after " + reply.length()
                            + " characters.",
                    "Check that this is HAProxy's stats socket, and that HAProxy runs.");
        }
        return reply.substring(0, reply.length() - 1);
    }

    private String exchange(String command) throws IOException {
        SocketAddress where = address.socketAddress();
        if (where instanceof InetSocketAddress unresolved && unresolved.isUnresolved()) {
            throw new IOException("its name cannot be resolved");
        }
        try (SocketChannel channel =
                address.isUnixSocket() ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open()) {
            deadline.guard(channel);
            channel.connect(where);
            ByteBuffer line = ByteBuffer.wrap((command + "\n").getBytes(UTF_8));
            while (line.hasRemaining()) {
                channel.write(line);
            }
            // The master's socket answers until its client has nothing more to say.
            channel.shutdownOutput();
            return readToEnd(channel);
        }
    }

    private static String readToEnd(SocketChannel channel) throws IOException {
        ByteArrayOutputStream reply = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 14);
        while (channel.read(buffer) >= 0) {
            reply.write(buffer.array(), 0, buffer.position());
            buffer.clear();
            if (reply.size() > LONGEST_REPLY) {
                throw new IOException("more than " + LONGEST_REPLY + " bytes came");
            }
        }
        return reply.toString(UTF_8);
    }
}
