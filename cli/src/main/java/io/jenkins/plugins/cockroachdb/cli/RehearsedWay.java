package io.jenkins.plugins.cockroachdb.cli;

import io.jenkins.plugins.cockroachdb.proxy.Proxy;

/** The way of a rehearsal's clients to the two simulated clusters, through one proxy. */
interface RehearsedWay extends AutoCloseable {

    Proxy proxy();

    /** Which proxy it is, for a person; follows "through". */
    String words();

    /** Writes through the proxy, and tells whether a cluster acknowledged it. */
    boolean write(String value);

    @Override
    void close();
}
