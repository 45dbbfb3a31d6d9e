package io.jenkins.plugins.cockroachdb.proxy;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The product's own work at a proxy, for whoever puts a model at the other end of the line. */
public final class ModelledProxies {

    private ModelledProxies() {}

    /**
     * A line to a model. Closed while somebody waits for an answer, it has none.
     *
     * @param <T> an answer
     */
    public interface Line<T> extends Closeable {

        /** @throws IOException if nobody is at the other end */
        void say(String command) throws IOException;

        /**
         * Waits for the answer to what was said first and not yet answered.
         *
         * @throws IOException if there will be none
         */
        T hear() throws IOException;

        @Override
        void close();
    }

    /**
     * What a console answers.
     *
     * @param refusal its words when it refuses; null when it does not
     */
    public record ConsoleReply(List<Map<String, String>> rows, String tag, String refusal) {}

    /** @param lines one for each command */
    public static Proxy haProxy(
            HaProxyDescription description, ProxyEnvironment environment, Supplier<Line<String>> lines) {
        return description.connect(environment, (address, deadline) -> command -> {
            try (Line<String> line = lines.get()) {
                deadline.guard(line);
                line.say(command);
                return line.hear();
            } catch (IOException e) {
                throw new ProxyFailure(
                        "HAProxy at " + address + " did not answer \"" + command + "\" (" + e.getMessage() + ").",
                        "Look at HAProxy.");
            }
        });
    }

    /** @param lines one for each login */
    public static Proxy pgBouncer(
            PgBouncerDescription description, ProxyEnvironment environment, Supplier<Line<ConsoleReply>> lines) {
        return description.connect(environment, (address, deadline) -> {
            Session session = new Session(address, lines.get());
            try {
                deadline.guard(session);
            } catch (IOException e) {
                throw session.broken(e);
            }
            session.query("(the login)");
            return session;
        });
    }

    private record Session(PgAddress address, Line<ConsoleReply> line) implements PgSession {

        @Override
        public String serverVersion() {
            return "1.18.0/bouncer";
        }

        @Override
        public void ask(String sql) throws ProxyFailure {
            try {
                line.say(sql);
            } catch (IOException e) {
                throw broken(e);
            }
        }

        @Override
        public Reply answer(String sql) throws ProxyFailure {
            try {
                ConsoleReply reply = line.hear();
                if (reply.refusal() != null) {
                    throw new ProxyFailure(
                            "The console at " + address + " refused " + sql + ": \"" + reply.refusal() + "\".",
                            "Look at PgBouncer.");
                }
                return new Reply(reply.rows(), reply.tag());
            } catch (IOException e) {
                throw broken(e);
            }
        }

        private ProxyFailure broken(IOException cause) {
            return new ProxyFailure(
                    "The console at " + address + " cannot be talked to (" + cause.getMessage() + ").",
                    "Look at PgBouncer.");
        }

        @Override
        public void close() {
            line.close();
        }
    }
}
