package io.jenkins.plugins.cockroachdb.proxy;

import java.io.Closeable;
import java.util.List;
import java.util.Map;

/** A login at a console that speaks SQL. Every call blocks. */
interface PgSession extends Closeable {

    /** Where consoles are found. Connections in production; a model of PgBouncer in a simulation. */
    interface Network {
        /**
         * Logs in. After the deadline everything fails.
         *
         * @throws ProxyFailure if nobody answers there, the server cannot be trusted or it refuses us
         */
        PgSession at(PgAddress address, Deadline deadline) throws ProxyFailure;
    }

    /**
     * What a query was answered.
     *
     * @param rows by column name; a NULL is the empty text
     * @param tag the command tag
     */
    record Reply(List<Map<String, String>> rows, String tag) {}

    /** What the server calls itself; a PgBouncer ends with "/bouncer". */
    String serverVersion();

    /**
     * Asks and waits for the answer.
     *
     * @throws ProxyFailure if the connection broke or the server refused
     */
    default Reply query(String sql) throws ProxyFailure {
        ask(sql);
        return answer(sql);
    }

    /**
     * Asks without waiting; {@link #answer} does.
     *
     * @throws ProxyFailure if the connection broke
     */
    void ask(String sql) throws ProxyFailure;

    /**
     * The answer to what was asked.
     *
     * @param sql what was asked, for messages
     * @throws ProxyFailure if the connection broke or the server refused
     */
    Reply answer(String sql) throws ProxyFailure;

    /** Also while somebody waits for an answer, who is then told so. */
    @Override
    void close();
}
